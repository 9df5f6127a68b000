"""Parts that were set aside: nothing that was downloaded goes before other bytes have proven right.

A part is set aside when the Hub promises another content now (it may promise the earlier one again, or the promise was
somebody else's), or when it led to a wrong checksum (it may be right, and what came after it wrong). It goes when the
file is there, verified.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from engine.weights.records import part_path, size_of

_TAG_DIGITS = 12


def kept_path(folder: Path, name: str, digest: str, *, is_doubted: bool = False) -> Path:
    """Where the part of the content `digest` waits; of a part that is doubted there may be one more."""
    tag = hashlib.sha256(digest.encode()).hexdigest()[:_TAG_DIGITS]  # a mirror's ETag may be any text
    part = part_path(folder, name)
    return part.with_name(f"{part.name}-{tag}{'-doubted' if is_doubted else ''}")


def kept_parts(folder: Path, name: str) -> list[Path]:
    """All that were set aside for the file."""
    return sorted(folder.glob(f"{part_path(folder, name).name}-*"))


def set_aside(folder: Path, name: str, kept: Path) -> None:
    """Move the part to `kept`, unless there is a longer one there. Raises OSError."""
    part = part_path(folder, name)
    if (size_of(part) or 0) >= (size_of(kept) or 0):
        if part.exists():
            part.replace(kept)
    else:
        part.unlink(missing_ok=True)


def bring_back(folder: Path, name: str, kept: Path) -> None:
    """Go on with what waits in `kept`, if it is longer than the part. Raises OSError."""
    part = part_path(folder, name)
    if (size_of(kept) or 0) > (size_of(part) or 0):
        kept.replace(part)


def restore(folder: Path, name: str, kept: Path) -> None:
    """Put `kept` in the place of the part, which was no better. Raises OSError."""
    kept.replace(part_path(folder, name))


def drop_kept(folder: Path, name: str) -> None:
    """The file is there and right. Raises OSError."""
    for path in kept_parts(folder, name):
        path.unlink(missing_ok=True)
