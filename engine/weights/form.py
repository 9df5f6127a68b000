"""What a file that came without a checksum can tell by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from engine.files.checkpoint_files import check_zip, read_json
from engine.weights.part import BLOCK_BYTES


def check_form(path: Path, name: str) -> Iterator[int]:
    """Read `path` as what its `name` says it is: weights are zip archives, which hold the checksums of their members;
    settings are JSON. Yields the bytes of each block read. Raises OSError and ValueError."""
    if name.endswith(".json"):
        read_json(path)
    elif name.endswith(".pth"):
        yield from check_zip(path, BLOCK_BYTES)
