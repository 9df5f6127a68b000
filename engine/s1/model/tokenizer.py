"""Text to token ids (specification section 2)."""

from __future__ import annotations

import binascii
from pathlib import Path

import tiktoken

from engine.errors import CheckpointError
from engine.files.checkpoint_files import reading
from engine.s1.model.config import MAX_SIZES, read_json_object

# The seventh alternative looks like a mistyped look-ahead. It is what the model was trained with.
SPLIT_PATTERN = "|".join(
    (
        r"(?i:'s|'t|'re|'ve|'m|'ll|'d)",
        r"\p{P}",
        r"[^\r\n\p{L}\p{N}]?\p{L}+",
        r"\p{N}",
        r" ?[^\s\p{L}\p{N}]+[\r\n]*",
        r"\s*[\r\n]+",
        r"\s+(\?!\S)",
        r"\s+",
    )
)
MAX_FILE_BYTES = 64 << 20
MAX_TOKENS = MAX_SIZES["vocab_size"]
MAX_ENCODE_CHARS = 400_000  # what tiktoken takes in one call without running out of stack


class Tokenizer:
    """Byte-pair encoding plus the control tokens that only the prompt builder may use.

    A control token in a user's text is ordinary characters: nobody can end a prompt from a clipboard.
    """

    def __init__(self, ranks: dict[bytes, int], special_tokens: dict[str, int], path: Path) -> None:
        """Raises `CheckpointError` when the tokens the model lives on are absent or not in one run."""
        try:
            with reading():
                self.encoding = tiktoken.Encoding(
                    name="s1", pat_str=SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens=special_tokens
                )
        except ValueError as error:
            raise CheckpointError("tokenizer", path, found=str(error)) from error
        for name in ("<|im_end|>", "<|interleave|>", "<|semantic:0|>"):
            if name not in special_tokens:
                raise CheckpointError("tokenizer", path, name=name, found="nothing", expected="a token id")
        self.im_end_id = special_tokens["<|im_end|>"]
        self.interleave_id = special_tokens["<|interleave|>"]
        self.semantic_begin_id = special_tokens["<|semantic:0|>"]
        self.n_semantic = sum(name.startswith("<|semantic:") for name in special_tokens)
        for code in range(self.n_semantic):
            name, expected = f"<|semantic:{code}|>", self.semantic_begin_id + code
            if special_tokens.get(name) != expected:
                raise CheckpointError(
                    "tokenizer", path, name=name, found=str(special_tokens.get(name)), expected=str(expected)
                )

    @property
    def semantic_end_id(self) -> int:
        """The last semantic token, itself included."""
        return self.semantic_begin_id + self.n_semantic - 1

    @property
    def n_vocab(self) -> int:
        return self.encoding.n_vocab

    def encode(self, text: str) -> list[int]:
        """Token ids of `text` as ordinary text, whatever it looks like."""
        ids: list[int] = []
        for start in range(0, len(text), MAX_ENCODE_CHARS):
            ids += self.encoding.encode_ordinary(text[start : start + MAX_ENCODE_CHARS])
        return ids


def read_tokenizer(folder: Path) -> Tokenizer:
    """Read `tokenizer.tiktoken` and `special_tokens.json`. Raises `CheckpointError`."""
    ranks_path, special_path = folder / "tokenizer.tiktoken", folder / "special_tokens.json"
    ranks = _read_ranks(ranks_path)
    special_tokens = read_json_object(special_path)
    taken = set(ranks.values())
    for name, token_id in special_tokens.items():
        if type(token_id) is not int or not 0 <= token_id < MAX_TOKENS or token_id in taken or not name:
            found = str(token_id)[:60]
            raise CheckpointError("tokenizer", special_path, name=name[:60], found=found, expected="a free token id")
        taken.add(token_id)
    if (first := min(special_tokens.values(), default=0)) != (after := max(ranks.values()) + 1):
        raise CheckpointError("tokenizer", special_path, name="the first id", found=str(first), expected=str(after))
    return Tokenizer(ranks, special_tokens, special_path)


def _read_ranks(path: Path) -> dict[bytes, int]:
    """{token bytes: rank} from lines of `base64 rank`."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError as error:
        raise CheckpointError("file_missing", path) from error
    except OSError as error:
        raise CheckpointError("unreadable", path, found=str(error)) from error
    if len(content) > MAX_FILE_BYTES:
        raise CheckpointError("tokenizer", path, found=f"more than {MAX_FILE_BYTES:,} bytes")
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(content.splitlines(), start=1):
        fields = line.split()
        if not fields or fields[0] == b"=":
            continue
        try:
            token, rank = fields
            ranks[binascii.a2b_base64(token, strict_mode=True)] = number_of = int(rank)
            if not 0 <= number_of < MAX_TOKENS:
                raise ValueError(rank)
        except (ValueError, binascii.Error) as error:
            raise CheckpointError("tokenizer", path, name=f"line {number}", found=repr(line[:60])) from error
    if len(set(ranks.values())) != len(ranks) or any(bytes([b]) not in ranks for b in range(256)):
        raise CheckpointError(
            "tokenizer",
            path,
            found=f"{len(ranks)} tokens",
            expected="distinct ranks, and every single byte",
        )
    return ranks
