"""Files that are whole or not there, and what the system says when it refuses."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from engine.errors import OutputError

OUTPUT_PROBLEMS = {
    errno.ENOENT: "folder_missing",
    errno.ENOTDIR: "folder_missing",
    errno.EISDIR: "is_folder",
    errno.EACCES: "not_allowed",
    errno.EPERM: "not_allowed",
    errno.EROFS: "not_allowed",
    errno.ENOSPC: "disk_full",
    errno.EFBIG: "disk_full",
    getattr(errno, "EDQUOT", errno.ENOSPC): "disk_full",
}
"""The system's numbers, as the `problem` of an `OutputError`; what is not here is "failed"."""


@contextlib.contextmanager
def as_output_error(path: Path) -> Iterator[None]:
    """What the system refuses in the block is an `OutputError` about `path`."""
    try:
        yield
    except OSError as error:
        problem = OUTPUT_PROBLEMS.get(error.errno or 0, "failed")
        raise OutputError(problem, path, error.strerror or "") from error


def write_whole(path: Path, data: bytes, mode: int) -> None:
    """Replace what `path` holds: a reader or a power cut finds the old or the new, never a half.
    Raises `OutputError`."""
    beside: Path | None = None
    try:
        with as_output_error(path):
            descriptor, name = tempfile.mkstemp(prefix=f"{path.name}-", dir=path.parent)
            beside = Path(name)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            beside.chmod(mode)
            beside.replace(path)
            sync_folder(path.parent)
    except OutputError:
        if beside is not None:
            beside.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Return when the names in `folder` are on the disk. Raises OSError."""
    if sys.platform == "win32":
        return  # a folder cannot be opened there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def try_lock(descriptor: int) -> bool:
        """Whether this process now holds the open file alone; the system lets go of it however the process ends."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def try_lock(descriptor: int) -> bool:
        """Whether this process now holds the open file alone; the system lets go of it however the process ends."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
