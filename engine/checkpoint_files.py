"""A checkpoint's files, and what the Hub sends, are foreign bytes: here is what their readers raise for damaged ones.

Whoever reads through this module catches `OSError` and `ValueError`, and nothing else comes, whatever the bytes are.
"""

from __future__ import annotations

import json
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MAX_JSON_BYTES = 64 << 20
"""No settings of a model are so long."""

_DAMAGED = (
    *(ArithmeticError, AssertionError, AttributeError, BufferError, EOFError, LookupError, MemoryError, RuntimeError),
    *(TypeError, struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile, zipfile.LargeZipFile),
)
"""What Python's readers raise deep inside a damaged file; RecursionError and NotImplementedError are RuntimeErrors."""


@contextmanager
def reading() -> Iterator[None]:
    """Turn what a reader raises in the block into ValueError; OSError and ValueError pass as they are.

    Only calls of the reader belong in the block: a mistake of our own would be told as a damaged file.
    """
    try:
        yield
    except _DAMAGED as error:
        raise ValueError(_first_line(error) or "it is damaged") from error


def parse_json(data: bytes | str) -> Any:
    """Parse `data` (UTF-8). Raises ValueError, also for what is nested too deeply."""
    with reading():
        return json.loads(data)


def read_json(path: Path, max_bytes: int = MAX_JSON_BYTES) -> Any:
    """Parse the file `path`. Raises OSError and ValueError."""
    with path.open("rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ValueError(f"it has more than {max_bytes:,} bytes")
    return parse_json(data)


def check_zip(path: Path, block_bytes: int) -> Iterator[int]:
    """Read every member of the archive `path`, which holds it against its checksum; yields the bytes of each block.

    Raises OSError and ValueError.
    """
    with reading(), zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            with archive.open(member) as file:
                while data := file.read(block_bytes):
                    yield len(data)


def zip_sizes(path: Path) -> dict[str, tuple[int, bool]]:
    """Tell each member's size in bytes, unpacked, and whether it is stored as it is. Raises OSError and ValueError."""
    with reading(), zipfile.ZipFile(path) as archive:
        stored = zipfile.ZIP_STORED
        return {member.filename: (member.file_size, member.compress_type == stored) for member in archive.infolist()}


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:200]
