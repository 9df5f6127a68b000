"""Text to token ids (specification section 2)."""

from __future__ import annotations

from pathlib import Path

import tiktoken

from engine.errors import CheckpointError
from engine.files.checkpoint_files import reading

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
MAX_ENCODE_CHARS = 400_000  # what tiktoken takes in one call without running out of stack


class Tokenizer:
    """Byte-pair encoding plus the control tokens that only the prompt builder may use.

    A control token in a user's text is ordinary characters: nobody can end a prompt from a clipboard.
    """

    def __init__(self, ranks: dict[bytes, int], special_tokens: dict[str, int], path: Path) -> None:
        """Raises `CheckpointError` when the tokens the model lives on are absent or not in one run."""
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
        try:
            with reading():
                self.encoding = tiktoken.Encoding(
                    name="s1", pat_str=SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens=special_tokens
                )
        except ValueError as error:
            raise CheckpointError("tokenizer", path, found=str(error)) from error

    @property
    def semantic_end_id(self) -> int:
        """The last semantic token, itself included."""
        return self.semantic_begin_id + self.n_semantic - 1

    @property
    def n_vocab(self) -> int:
        return self.encoding.n_vocab

    def encode(self, text: str) -> list[int]:
        """Encode `text`, ids of tokens, as ordinary text, whatever it looks like."""
        ids: list[int] = []
        for start in range(0, len(text), MAX_ENCODE_CHARS):
            ids += self.encoding.encode_ordinary(text[start : start + MAX_ENCODE_CHARS])
        return ids
