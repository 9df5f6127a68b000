"""`tokenizer.tiktoken` and `special_tokens.json`, read strictly (specification section 2)."""

from __future__ import annotations

import binascii
from pathlib import Path

from engine.errors import CheckpointError
from engine.s1.checkpoint.config_files import MAX_SIZES, read_json_object
from engine.s1.model.tokenizer import Tokenizer

MAX_FILE_BYTES = 64 << 20
MAX_TOKENS = MAX_SIZES["vocab_size"]


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
