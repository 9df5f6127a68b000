"""A file that grows: `NAME.part`, its checksum so far, and the gate that keeps it from growing after the end.

A part is set aside when the Hub promises another content now (it may promise the earlier one again, or the promise was
somebody else's), or when it led to a wrong checksum (it may be right, and what came after it wrong). Nothing that was
downloaded goes before other bytes have proven right: what was set aside goes when the file is there, verified.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.files.disk import as_output_error, move
from engine.weights.records import RemoteFile, part_path, size_of

BLOCK_BYTES = 1 << 20
_TAG_DIGITS = 12


class Stopped(Exception):  # noqa: N818  no error: somebody wants it to end
    """End a download's thread, because somebody wants it to end."""


class Gate:
    """Let writes pass, as a context manager, until it is closed: then nothing is written by any thread that was left
    behind."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_closed = False

    def __enter__(self) -> None:
        self._lock.acquire()
        if self._is_closed:
            self._lock.release()
            raise Stopped

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._lock.release()

    def close(self) -> None:
        """Let nothing pass any more: entering raises `Stopped`."""
        with self._lock:
            self._is_closed = True


class Checksum:
    """Compute what the Hub promises of a file, and sha256, of bytes as they come."""

    def __init__(self, file: RemoteFile) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._sha1 = None
        if file.sha1 and not file.sha256:
            self._sha1 = hashlib.sha1(b"blob %d\0" % file.size_bytes, usedforsecurity=False)

    def copy(self) -> Checksum:
        """Copy it as it is now, whatever is added to this one later."""
        other = Checksum(self._file)
        other._sha256 = self._sha256.copy()
        other._sha1 = self._sha1.copy() if self._sha1 is not None else None
        return other

    def add(self, data: bytes | memoryview) -> None:
        """Add the file's next bytes."""
        self._sha256.update(data)
        if self._sha1 is not None:
            self._sha1.update(data)

    @property
    def sha256(self) -> str:
        """Return the sha256 of all bytes so far, as 64 hexadecimal digits."""
        return self._sha256.hexdigest()

    @property
    def is_right(self) -> bool:
        """Return whether it is what the Hub promised; True where it promised nothing."""
        if not self._file.has_checksum:
            return True
        found = self.sha256 if self._sha1 is None else self._sha1.hexdigest()
        return found == self._file.digest


@dataclass(frozen=True, slots=True)
class Seam:
    """Mark a place in a part where one answer's bytes end and another's may begin."""

    size_bytes: int
    checksum: Checksum


class Part:
    """Open the part of `file` in `folder`; what an earlier run left of it is continued, after `read`.

    Each write goes to the system at once, so that a process that is killed has lost nothing it was given.
    """

    def __init__(self, folder: Path, file: RemoteFile, gate: Gate) -> None:
        self.path = part_path(folder, file.name)
        self._file = file
        self._gate = gate
        self.size_bytes = 0
        self.n_differing = 0
        """How often a whole file has come that was another."""
        self.checksum = Checksum(file)
        with gate, as_output_error(self.path):
            self._descriptor = self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def _open(self) -> int:
        return os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)

    @property
    def is_too_long(self) -> bool:
        """Return whether the part on the disk is longer than the file, and so cannot be its beginning."""
        return (size_of(self.path) or 0) > self._file.size_bytes

    def read(self) -> Iterator[int]:
        """Read what is there already into the checksum; yields its size in bytes so far."""
        while True:
            with as_output_error(self.path):
                data = os.read(self._descriptor, BLOCK_BYTES)
            if not data:
                return
            self.checksum.add(data)
            self.size_bytes += len(data)
            yield self.size_bytes

    def append(self, data: bytes) -> None:
        """Append `data`. Raises `OutputError`; what of `data` was written by then is part of the file all the same."""
        rest = memoryview(data)
        while rest:
            with self._gate, as_output_error(self.path):
                n_bytes = os.write(self._descriptor, rest)
            self.checksum.add(rest[:n_bytes])
            self.size_bytes += n_bytes
            rest = rest[n_bytes:]
        self.n_differing = 0

    def seam(self) -> Seam:
        """Return the place where it ends now, to `cut` it back to."""
        return Seam(self.size_bytes, self.checksum.copy())

    def cut(self, seam: Seam) -> None:
        """Drop what came after `seam`. Raises `OutputError`."""
        with self._gate, as_output_error(self.path):
            os.ftruncate(self._descriptor, seam.size_bytes)
            os.lseek(self._descriptor, seam.size_bytes, os.SEEK_SET)
        self.size_bytes = seam.size_bytes
        self.checksum = seam.checksum.copy()

    def has(self, data: bytes, first: int) -> bool:
        """Return whether it holds exactly `data` from the byte `first` on. Raises `OutputError`."""
        with self._gate, as_output_error(self.path):
            os.lseek(self._descriptor, first, os.SEEK_SET)
            found = b""
            while len(found) < len(data) and (more := os.read(self._descriptor, len(data) - len(found))):
                found += more
            os.lseek(self._descriptor, self.size_bytes, os.SEEK_SET)
        return found == data

    def change_over(self, change: Callable[[], None]) -> None:
        """Let `change` put another file, or none, in the place of this one, and begin with nothing read of it.

        Raises `OutputError`.
        """
        with self._gate, as_output_error(self.path):
            os.close(self._descriptor)
            self._descriptor = -1
            change()
            self._descriptor = self._open()
        self.size_bytes = 0
        self.checksum = Checksum(self._file)

    def sync(self) -> None:
        """Return when it is on the disk. Raises `OutputError`."""
        with as_output_error(self.path):
            os.fsync(self._descriptor)


# --- parts that were set aside


def kept_path(folder: Path, name: str, digest: str, *, is_doubted: bool = False) -> Path:
    """Return the path where the part of the content `digest` is set aside; a doubted part of it may be there beside."""
    tag = hashlib.sha256(digest.encode()).hexdigest()[:_TAG_DIGITS]  # a mirror's ETag may be any text
    part = part_path(folder, name)
    return part.with_name(f"{part.name}-{tag}{'-doubted' if is_doubted else ''}")


def kept_parts(folder: Path, name: str) -> list[Path]:
    """List all parts that were set aside for the file `name`."""
    return sorted(folder.glob(f"{part_path(folder, name).name}-*"))


def set_aside(folder: Path, name: str, kept: Path) -> None:
    """Move the part to `kept`, unless there is a longer one there. Raises OSError."""
    part = part_path(folder, name)
    if (size_of(part) or 0) >= (size_of(kept) or 0):
        if part.exists():
            move(part, kept)
    else:
        part.unlink(missing_ok=True)


def bring_back(folder: Path, name: str, kept: Path) -> None:
    """Put `kept` back in the place of the part, if it is longer. Raises OSError."""
    part = part_path(folder, name)
    if (size_of(kept) or 0) > (size_of(part) or 0):
        move(kept, part)


def restore(folder: Path, name: str, kept: Path) -> None:
    """Put `kept` in the place of the part, which was no better. Raises OSError."""
    move(kept, part_path(folder, name))


def drop_kept(folder: Path, name: str) -> None:
    """Delete the parts that were set aside for `name`, which is there and right now. Raises OSError."""
    for path in kept_parts(folder, name):
        path.unlink(missing_ok=True)
