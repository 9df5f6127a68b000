"""Files that are whole or not there, and what the system says when it refuses."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import shutil
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Self, TypeVar

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
SPARE_BYTES = 16 * 1024 * 1024
"""What a disk should have left: small files beside the large one, and its file system's own needs."""
WAITS_S = (0.01, 0.02, *(0.04,) * 50)
"""Between attempts: 2 s in all. A virus scanner or an indexer is done with a new file sooner. Never long: between
several programs that read and write it in turn there are but moments."""
_HELD_OPEN = (5, 32)
"""Windows' ERROR_ACCESS_DENIED and ERROR_SHARING_VIOLATION: what it says of a file that somebody has open."""
T = TypeVar("T")
_NO_UTF8 = re.compile("[\udc80-\udcff]+")


@contextlib.contextmanager
def as_output_error(path: Path) -> Iterator[None]:
    """Turn what the system refuses in the block into an `OutputError` about `path`."""
    try:
        yield
    except OSError as error:
        problem = OUTPUT_PROBLEMS.get(error.errno or 0, "failed")
        if problem == "not_allowed" and path.is_dir():  # what Windows says of a folder
            problem = "is_folder"
        raise OutputError(problem, path, error.strerror or "") from error


def move(source: Path, target: Path) -> Path:
    """Rename `source` to `target`, whose place it takes in one step, and return `target`.

    Windows refuses while any program has either of them open, so there it is tried for some time. Raises OSError.
    """
    return once_let_go(lambda: source.replace(target), is_hopeless=target.is_dir)


def read_whole(path: Path, max_bytes: int | None = None) -> bytes:
    """Read a file that others may replace meanwhile, which Windows lets nobody open in that moment. Raises OSError;
    ValueError where it has more than `max_bytes`."""
    if max_bytes is not None and path.stat().st_size > max_bytes:
        raise ValueError("it is too large")
    return once_let_go(path.read_bytes, is_hopeless=lambda: not path.is_file())


def once_let_go(do: Callable[[], T], is_hopeless: Callable[[], bool] = lambda: False) -> T:
    """Return what `do` returns, which uses a file: tried for 2 s while Windows says that somebody has it open, unless
    `is_hopeless`. Raises OSError."""
    for wait_s in WAITS_S:
        try:
            return do()
        except PermissionError as error:
            number = getattr(error, "winerror", None)
            is_held = sys.platform == "win32" if number is None else number in _HELD_OPEN  # `open` does not say which
            if not is_held or is_hopeless():
                raise
        time.sleep(wait_s)
    return do()


def set_aside(path: Path) -> Path | None:
    """Rename a file that cannot be used, in its folder, so that nothing writes over it, and return its new path; None
    where that is not allowed, or another process did it first."""
    now = datetime.now().strftime("%Y%m%d-%H%M%S")
    aside = path.with_name(f"{path.stem}.broken-{now}-{os.getpid()}{path.suffix}")
    try:
        move(path, aside)
    except OSError:
        return None
    return aside


def readable_name(name: str) -> str:
    """Return `name`, or words that hold one, as a person can read it: bytes of a file's name that are no UTF-8 are
    taken for Windows' Western letters, as old archives have them."""
    return _NO_UTF8.sub(lambda run: bytes(ord(sign) - 0xDC00 for sign in run[0]).decode("cp1252", "replace"), name)


class FileBeside:
    """A new file in the folder of `target`: `keep` has it take its place, `discard` or the end of a block has it go. It
    goes by itself once nobody knows it any more: a signal may come between any two steps, also before the block."""

    def __init__(self, target: Path) -> None:
        self._target = target
        self._opened: list[IO[bytes]] = []
        self.path = target.with_name(f".lectern-{secrets.token_hex(8)}.part")
        self.discard = weakref.finalize(self, _discard, self.path, self._opened)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()  # nothing, after `keep`

    def open(self, mode: int = 0o666) -> IO[bytes]:
        """Make the file, with as much of `mode` as the umask leaves, to be written and read. Raises OSError."""
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self._opened.append(os.fdopen(os.open(self.path, flags, mode), "w+b"))
        return self._opened[0]

    def keep(self) -> None:
        """Put what was written onto the disk, and then in its place. Raises OSError."""
        (file,) = self._opened
        file.flush()
        os.fsync(file.fileno())  # before the rename, or a power cut may leave an empty file by its name
        file.close()
        move(self.path, self._target)
        self.discard.detach()


def _discard(path: Path, opened: list[IO[bytes]]) -> None:
    for file in opened:
        with contextlib.suppress(OSError):  # a full disk lets the last flush fail; it is closed all the same
            file.close()
    with contextlib.suppress(OSError):  # where it could not be made either
        path.unlink()


def write_whole(path: Path, data: bytes, *, mode: int = 0o600, make_folders: bool = False) -> None:
    """Replace what `path` holds by `data`: a reader, a second writer or a power cut finds the old or the new, never a
    half.

    With `make_folders` those above it are made, for the user alone. A symbolic link stays one; what it leads to is
    replaced. Waits for the disk (10 to 100 ms): not for the GUI thread. Raises `OutputError`.
    """
    target = Path(os.path.realpath(path))  # not resolve(), which raises on a loop of links
    with as_output_error(path):
        if make_folders:
            _make_folder(target.parent, path)
        with FileBeside(target) as beside:
            beside.open(0o600).write(data)
            beside.path.chmod(mode)
            beside.keep()
        sync_folder(target.parent)


def _make_folder(folder: Path, path: Path) -> None:
    """Raises OSError, and `OutputError` "failed" where a file stands in the way: nobody could create that folder."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except NotADirectoryError as error:
        raise OutputError("failed", path, error.strerror or "") from error


def expect_room(folder: Path, n_bytes: int, kept_bytes: int = 0) -> None:
    """Check that the disk of `folder` has room for `n_bytes` more, and `SPARE_BYTES` beside.

    For 0 bytes nothing is asked of it. `kept_bytes` are held there by what may turn out useless, and could be freed.
    Raises `OutputError` ("disk_full") with all of these numbers, and OSError.
    """
    free_bytes = shutil.disk_usage(folder).free
    needed_bytes = n_bytes + SPARE_BYTES
    if n_bytes and needed_bytes > free_bytes:
        raise OutputError("disk_full", folder, needed_bytes=needed_bytes, free_bytes=free_bytes, kept_bytes=kept_bytes)


def sync_folder(folder: Path) -> None:
    """Return when the names in `folder` are on the disk. Raises OSError."""
    if sys.platform == "win32":
        return  # a folder cannot be opened there
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


# --- locks: the system lets go of them however the process ends

if sys.platform == "win32":
    import msvcrt

    @contextlib.contextmanager
    def turn_in(folder: Path) -> Iterator[None]:
        """Hold `folder`, which exists, while programs that change it take turns; waits ten seconds at most.

        Raises OSError.
        """
        descriptor = os.open(folder / ".turn", os.O_RDWR | os.O_CREAT, 0o600)  # a folder cannot be locked there
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            yield
        finally:
            os.close(descriptor)

    def try_lock(descriptor: int) -> bool:
        """Take the open file `descriptor` for this process alone, and return whether that was possible."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    let_go = os.close
else:
    import fcntl

    @contextlib.contextmanager
    def turn_in(folder: Path) -> Iterator[None]:
        """Hold `folder`, which exists, while programs that change it take turns; the others write only a file each.

        Raises OSError.
        """
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            let_go(descriptor)

    def try_lock(descriptor: int) -> bool:
        """Take the open file `descriptor` for this process alone, and return whether that was possible."""
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def let_go(descriptor: int) -> None:
        """Close what `try_lock` took. Closing alone would leave it taken for as long as a process that another thread
        is starting has a copy."""
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)
