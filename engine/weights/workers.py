"""Threads that bring files to their size, several at once, each as stubborn as the limits allow."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from engine.errors import EngineError, HubError
from engine.files.disk import as_output_error
from engine.weights.background import Background
from engine.weights.fetch import Connections, Source, fetch
from engine.weights.growth import Doing, FileProgress, Growth
from engine.weights.hub import ask_files
from engine.weights.part import BLOCK_BYTES, Checksum, Gate, Part, Stopped, drop_kept
from engine.weights.records import MarkedFile, RemoteFile, part_path, size_of

POLL_S = 0.05
FAREWELL_S = 0.1
"""How long a thread is waited for that may hang in the system; the gate holds whatever it would still write."""


class Workers:
    """Bring `files` in `folder` to their size in several threads, which start with the constructor.

    `progress` shows how far each file is, `ready` has those that are finished. `check` raises the threads' errors.
    After `end` no thread writes any more.
    """

    def __init__(self, source: Source, folder: Path, files: Iterable[RemoteFile]) -> None:
        self._source = source
        self._folder = folder
        self._gate = Gate()
        self._connections = Connections()
        self._stop = threading.Event()
        self._has_progress = threading.Event()
        self._errors: queue.SimpleQueue[EngineError | Exception] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[RemoteFile] = queue.SimpleQueue()
        self.progress: dict[str, FileProgress] = {}
        self.ready: dict[str, MarkedFile] = {}
        for file in sorted(files, key=lambda file: file.size_bytes, reverse=True):
            self.progress[file.name] = FileProgress(Doing.QUEUED, _held_bytes(folder, file))
            self._jobs.put(file)
        self._threads = [
            threading.Thread(target=self._work, name=f"download {i + 1}", daemon=True)
            for i in range(source.limits.n_workers)
        ]
        for thread in self._threads:
            thread.start()

    def wait(self, seconds: float) -> bool:
        """Wait until a file is ready or a thread has stopped since the last `check`, for `seconds` at most; return
        whether one has."""
        return self._has_progress.wait(seconds)

    def check(self) -> bool:
        """Return whether all files are ready. Raises what stopped a thread."""
        self._has_progress.clear()
        if not self._errors.empty():
            raise self._errors.get()
        return all(progress.doing is Doing.READY for progress in self.progress.values())

    def end(self) -> None:
        """Stop the threads, and return at once: one that hangs in the system is left behind."""
        self._stop.set()
        self._connections.cut()
        self._gate.close()
        deadline = time.monotonic() + FAREWELL_S
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    # --- in the threads

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                self._finish(self._jobs.get_nowait())
            except (queue.Empty, Stopped):
                return
            except Exception as error:  # noqa: BLE001  it is raised again where somebody waits
                self._errors.put(error)
                return
            finally:
                self._has_progress.set()

    def _finish(self, file: RemoteFile) -> None:
        sha256 = self._known(file)
        if sha256 is None:
            with Part(self._folder, file, self._gate) as part:
                sha256 = Growth(self, self._source, self._folder, file, part).run()
        with self._gate, as_output_error(self._folder):
            drop_kept(self._folder, file.name)
        self.ready[file.name] = MarkedFile(file.name, file.size_bytes, sha256)
        fetched = self.progress[file.name].fetched_bytes
        self.progress[file.name] = FileProgress(Doing.READY, file.size_bytes, fetched)

    def _known(self, file: RemoteFile) -> str | None:
        """The sha256 of the file itself, where it is in its place already and right."""
        path = self._folder / file.name
        if size_of(part_path(self._folder, file.name)) is not None or size_of(path) != file.size_bytes:
            return None
        checksum = Checksum(file)
        self.progress[file.name] = FileProgress(Doing.READING, file.size_bytes)
        try:
            with path.open("rb") as content:
                while data := content.read(BLOCK_BYTES):
                    self.pause()
                    checksum.add(data)
        except OSError:  # it cannot be read: another is put in its place
            return None
        return checksum.sha256 if checksum.is_right else None

    def pause(self, seconds: float = 0.0) -> None:
        """Wait for `seconds`. Raises `Stopped` as soon as the workers are to stop."""
        if self._stop.wait(seconds) if seconds else self._stop.is_set():
            raise Stopped

    def fetch(self, file: RemoteFile, part: Part, grown: Callable[[int], None]) -> None:
        """Append to `part` as `fetch.fetch` does, over a connection that `end` cuts."""
        fetch(self._source, file, part, grown, self._connections, self._stop)

    def is_promised_still(self, file: RemoteFile) -> bool:
        """Ask the Hub whether its list has the same content under the file's name as before. Raises `HubError`,
        `Stopped`."""
        source = self._source
        question = Background(lambda: ask_files(source.token, source.repository, source.revision))
        deadline = time.monotonic() + source.limits.stall_s
        while not question.wait(POLL_S):
            self.pause()
            if time.monotonic() > deadline:
                raise HubError("stalled")
        try:
            _, files = question.result()
        except HubError as error:
            if error.problem == "not_found":  # not even the commit
                return False
            raise
        return any(other.name == file.name and other.digest == file.digest for other in files)


def _held_bytes(folder: Path, file: RemoteFile) -> int:
    """Return what an earlier run left of `file`. It counts from the start, before it is read: progress does not go
    back."""
    part = size_of(part_path(folder, file.name))
    if part is not None:
        return min(part, file.size_bytes)
    return file.size_bytes if size_of(folder / file.name) == file.size_bytes else 0
