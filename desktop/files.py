"""Files that are whole or not there at all."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from pathlib import Path

from engine import OutputError


def write_whole(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Replace what `path` holds: a reader, a second writer or a power cut finds the old or the new, never a half.

    Makes the folders above it, for the user alone. A symbolic link stays one; what it leads to is replaced.
    Waits for the disk (10 to 100 ms): not for the GUI thread. Raises `engine.OutputError`.
    """
    target = Path(os.path.realpath(path))  # not resolve(), which raises on a loop of links
    beside: Path | None = None
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.parent)
        beside = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.chmod(mode)
        beside.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        if beside is not None:
            beside.unlink(missing_ok=True)
        raise OutputError(_problem(error), path, detail=error.strerror or "") from error


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return  # a folder cannot be opened there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _problem(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "disk_full"
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return "not_allowed"
    return "is_folder" if isinstance(error, IsADirectoryError) else "failed"
