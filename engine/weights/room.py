"""Room on the disk, asked for before it is needed."""

from __future__ import annotations

import shutil
from pathlib import Path

from engine.errors import OutputError

SPARE_BYTES = 16 * 1024 * 1024
"""What a disk should have left: the records, and its file system's own needs."""


def expect_room(folder: Path, n_bytes: int, kept_bytes: int = 0) -> None:
    """Raises `OutputError` where so much more does not fit; `kept_bytes` are held by parts that may turn out useless.

    Raises OSError.
    """
    free = shutil.disk_usage(folder).free
    if n_bytes and n_bytes + SPARE_BYTES > free:
        needed = n_bytes + SPARE_BYTES
        raise OutputError("disk_full", folder, needed_bytes=needed, free_bytes=free, kept_bytes=kept_bytes)
