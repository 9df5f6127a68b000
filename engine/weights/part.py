"""A file that grows: `NAME.part`, its checksum so far, and the gate that keeps it from growing after the end."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.disk import as_output_error
from engine.weights.records import RemoteFile, part_path, size_of

BLOCK_BYTES = 1 << 20


class Stopped(Exception):  # noqa: N818  no error: somebody wants it to end
    """The download is over for this thread."""


class Gate:
    """What writes passes it; once it is closed, nothing is written by anyone, whatever thread was left behind."""

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
        with self._lock:
            self._is_closed = True


class Checksum:
    """What the Hub promises of a file, and sha256, of bytes as they come."""

    def __init__(self, file: RemoteFile) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._sha1 = None if file.sha256 else hashlib.sha1(b"blob %d\0" % file.size_bytes, usedforsecurity=False)

    def add(self, data: bytes | memoryview) -> None:
        self._sha256.update(data)
        if self._sha1 is not None:
            self._sha1.update(data)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def is_right(self) -> bool:
        found = self.sha256 if self._sha1 is None else self._sha1.hexdigest()
        return found == self._file.digest


class Part:
    """The part of `file` in `folder`; what an earlier run left of it is gone on with, after `read`.

    Each write goes to the system at once, so that a process that is killed has lost nothing it was given.
    """

    def __init__(self, folder: Path, file: RemoteFile, gate: Gate) -> None:
        self.path = part_path(folder, file.name)
        self._file = file
        self._gate = gate
        self.size_bytes = 0
        self.checksum = Checksum(file)
        with gate, as_output_error(self.path):
            self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        os.close(self._descriptor)

    def read(self) -> Iterator[int]:
        """Take in what is there already; yields its bytes so far. What is too long to be right is dropped."""
        if (size_of(self.path) or 0) > self._file.size_bytes:
            self.restart()
        while True:
            with as_output_error(self.path):
                data = os.read(self._descriptor, BLOCK_BYTES)
            if not data:
                return
            self.checksum.add(data)
            self.size_bytes += len(data)
            yield self.size_bytes

    def append(self, data: bytes) -> None:
        """Raises `OutputError`; what of `data` was written by then is still a part."""
        rest = memoryview(data)
        while rest:
            with self._gate, as_output_error(self.path):
                n_bytes = os.write(self._descriptor, rest)
            self.checksum.add(rest[:n_bytes])
            self.size_bytes += n_bytes
            rest = rest[n_bytes:]

    def restart(self) -> None:
        """From nothing. Raises `OutputError`."""
        with self._gate, as_output_error(self.path):
            os.ftruncate(self._descriptor, 0)
            os.lseek(self._descriptor, 0, os.SEEK_SET)
        self.size_bytes = 0
        self.checksum = Checksum(self._file)

    def sync(self) -> None:
        """Return when it is on the disk. Raises `OutputError`."""
        with as_output_error(self.path):
            os.fsync(self._descriptor)
