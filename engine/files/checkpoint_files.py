"""A checkpoint's files, and what the Hub sends, are foreign bytes: here is what their readers raise for damaged ones.

Whoever reads through this module catches `OSError` and `ValueError`, and nothing else comes, whatever the bytes are.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.files.foreign import Library, faults_of, reason_of
from engine.files.json_files import read_json


@contextmanager
def reading() -> Iterator[None]:
    """Turn what a reader raises in the block into ValueError; OSError and ValueError pass as they are.

    Only calls of the reader belong in the block: a mistake of our own would look like a damaged file.
    """
    try:
        yield
    except (OSError, ValueError):
        raise
    except faults_of(Library.ZIP) as error:
        raise ValueError(reason_of(error)) from error


def check_zip(path: Path, block_bytes: int) -> Iterator[int]:
    """Read every member of the archive `path`, which holds it against its checksum; yields the bytes of each block.

    Raises OSError and ValueError.
    """
    with reading(), zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            with archive.open(member) as file:
                while data := file.read(block_bytes):
                    yield len(data)


def check_form(path: Path, name: str, block_bytes: int) -> Iterator[int]:
    """Read `path` as what its `name` says it is: weights are zip archives, which hold the checksums of their members;
    settings are JSON. Yields the bytes of each block read. Raises OSError and ValueError."""
    if name.endswith(".json"):
        read_json(path)
    elif name.endswith(".pth"):
        yield from check_zip(path, block_bytes)


def zip_sizes(path: Path) -> dict[str, tuple[int, bool]]:
    """Return each member's size in bytes, unpacked, and whether it is stored without compression. Raises OSError and
    ValueError."""
    with reading(), zipfile.ZipFile(path) as archive:
        stored = zipfile.ZIP_STORED
        return {member.filename: (member.file_size, member.compress_type == stored) for member in archive.infolist()}
