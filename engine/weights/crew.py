"""Threads that bring files to their size, several at once, each as stubborn as the limits allow."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.errors import EngineError, HubError
from engine.weights.fetch import Lines, Source, fetch
from engine.weights.part import BLOCK_BYTES, Checksum, Gate, Part, Stopped
from engine.weights.records import MarkedFile, RemoteFile, part_path, size_of
from engine.weights.values import DownloadLimits

PASSES_BY_ITSELF = frozenset({"network", "proxy", "rate_limited", "server", "stalled"})
WORTH_NOTHING = frozenset({"changed", "corrupt"})
MAX_DOUBLINGS = 30
"""More than any limit on a wait needs, and no number that overflows."""
FAREWELL_S = 0.1
"""How long a thread is waited for that may hang in the system; the gate holds whatever it would still write."""


class Doing(StrEnum):
    QUEUED = "queued"
    READING = "reading"  # what an earlier run left
    FETCHING = "fetching"
    WAITING = "waiting"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class FileNews:
    """Where a file is. `fetched_bytes` came through the network in this run, what was fetched again included."""

    doing: Doing
    done_bytes: int = 0
    fetched_bytes: int = 0
    problem: HubError | None = None
    until_s: float = 0.0
    """When WAITING ends, by `time.monotonic`."""


def wait_s(error: HubError, n_failures: int, limits: DownloadLimits) -> float | None:
    """How long to wait after the n-th failure in a row; None where waiting is no use."""
    if error.problem not in PASSES_BY_ITSELF:
        return None
    if error.retry_after_s is None:
        return min(limits.first_wait_s * 2 ** min(n_failures - 1, MAX_DOUBLINGS), limits.max_wait_s)
    return error.retry_after_s if error.retry_after_s <= limits.max_retry_after_s else None


class Crew:
    """Works on `files` in `folder` from the moment it is made; `news` is what it is at, `ready` what it has finished.

    After `end` no thread of it writes. Errors come out of `check`.
    """

    def __init__(self, source: Source, folder: Path, files: Iterable[RemoteFile]) -> None:
        self._source = source
        self._folder = folder
        self._gate = Gate()
        self._lines = Lines()
        self._stop = threading.Event()
        self._is_news = threading.Event()
        self._errors: queue.SimpleQueue[EngineError | Exception] = queue.SimpleQueue()
        self._jobs: queue.SimpleQueue[RemoteFile] = queue.SimpleQueue()
        self.news: dict[str, FileNews] = {}
        self.ready: dict[str, MarkedFile] = {}
        for file in sorted(files, key=lambda file: file.size_bytes, reverse=True):
            self.news[file.name] = FileNews(Doing.QUEUED, _held_bytes(folder, file))
            self._jobs.put(file)
        self._threads = [
            threading.Thread(target=self._work, name=f"download {i + 1}", daemon=True)
            for i in range(source.limits.n_workers)
        ]
        for thread in self._threads:
            thread.start()

    def wait(self, seconds: float) -> bool:
        """Whether a file became ready, or a thread stopped, since the last `check`."""
        return self._is_news.wait(seconds)

    def check(self) -> bool:
        """Whether all is ready. Raises what stopped a thread."""
        self._is_news.clear()
        if not self._errors.empty():
            raise self._errors.get()
        return all(news.doing is Doing.READY for news in self.news.values())

    def end(self) -> None:
        """Stop and return, at once: a thread that hangs in the system is left behind."""
        self._stop.set()
        self._lines.cut()
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
                self._is_news.set()

    def _finish(self, file: RemoteFile) -> None:
        sha256 = self._known(file)
        if sha256 is None:
            with Part(self._folder, file, self._gate) as part:
                sha256 = _Growth(self, self._source, file, part).run()
        self.ready[file.name] = MarkedFile(file.name, file.size_bytes, sha256)
        fetched = self.news[file.name].fetched_bytes
        self.news[file.name] = FileNews(Doing.READY, file.size_bytes, fetched)

    def _known(self, file: RemoteFile) -> str | None:
        """The sha256 of the file itself, where it is in its place already and right."""
        path = self._folder / file.name
        if size_of(part_path(self._folder, file.name)) is not None or size_of(path) != file.size_bytes:
            return None
        checksum = Checksum(file)
        self.news[file.name] = FileNews(Doing.READING, file.size_bytes)
        try:
            with path.open("rb") as content:
                while data := content.read(BLOCK_BYTES):
                    self.pause()
                    checksum.add(data)
        except OSError:  # it cannot be read: another is put in its place
            return None
        return checksum.sha256 if checksum.is_right else None

    def pause(self, seconds: float = 0.0) -> None:
        """Wait, unless or until the crew is to stop. Raises `Stopped`."""
        if self._stop.wait(seconds) if seconds else self._stop.is_set():
            raise Stopped

    def fetch(self, file: RemoteFile, part: Part, grown: Callable[[int], None]) -> None:
        fetch(self._source, file, part, grown, self._lines, self._stop)


def _held_bytes(folder: Path, file: RemoteFile) -> int:
    """What an earlier run left of `file`. It counts from the start, before it is read: progress does not go back."""
    part = size_of(part_path(folder, file.name))
    if part is not None:
        return min(part, file.size_bytes)
    return file.size_bytes if size_of(folder / file.name) == file.size_bytes else 0


class _Growth:
    """One part on its way to its file's size and checksum."""

    def __init__(self, crew: Crew, source: Source, file: RemoteFile, part: Part) -> None:
        self._crew = crew
        self._limits = source.limits
        self._file = file
        self._part = part
        self._n_failures = 0
        self._was_corrupt = False
        self._fetched_bytes = 0

    def run(self) -> str:
        """The file's sha256, once the part has all of it, on the disk. Raises `HubError`, `OutputError`, `Stopped`."""
        self._tell(Doing.READING, self._crew.news[self._file.name].done_bytes)
        for _ in self._part.read():
            self._crew.pause()
        while not self._attempt():
            pass
        self._part.sync()
        return self._part.checksum.sha256

    def _attempt(self) -> bool:
        """Whether the part is whole and right now."""
        before = self._part.size_bytes
        self._tell(Doing.FETCHING, before)
        try:
            self._crew.fetch(self._file, self._part, self._grown)
            if not self._part.checksum.is_right:
                raise HubError("corrupt", self._file.name)
        except HubError as error:
            if self._part.size_bytes > before:
                self._n_failures = 0
            self._begin_again(error) if error.problem in WORTH_NOTHING else self._wait(error)
            return False
        return True

    def _grown(self, n_bytes: int) -> None:
        self._fetched_bytes += n_bytes
        self._tell(Doing.FETCHING, self._part.size_bytes)

    def _begin_again(self, error: HubError) -> None:
        """What a network spoils by chance is right the second time; what is another file now needs another plan."""
        self._part.restart()
        if self._was_corrupt or error.problem == "changed":
            raise error
        self._was_corrupt = True

    def _wait(self, error: HubError) -> None:
        self._n_failures += 1
        seconds = wait_s(error, self._n_failures, self._limits)
        if seconds is None or self._n_failures >= self._limits.max_attempts:
            raise error
        until_s = time.monotonic() + seconds
        self._tell(Doing.WAITING, self._part.size_bytes, error, until_s)
        self._crew.pause(seconds)

    def _tell(self, doing: Doing, done_bytes: int, problem: HubError | None = None, until_s: float = 0.0) -> None:
        news = FileNews(doing, done_bytes, self._fetched_bytes, problem, until_s)
        self._crew.news[self._file.name] = news
