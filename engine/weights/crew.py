"""Threads that bring files to their size, several at once, each as stubborn as the limits allow."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.disk import as_output_error
from engine.errors import EngineError, HubError
from engine.weights.background import Background
from engine.weights.fetch import Lines, Source, fetch
from engine.weights.form import check_form
from engine.weights.hub import ask_files
from engine.weights.kept import drop_kept, kept_path, restore, set_aside
from engine.weights.part import BLOCK_BYTES, Checksum, Gate, Part, Seam, Stopped
from engine.weights.records import MarkedFile, RemoteFile, part_path, size_of
from engine.weights.room import expect_room
from engine.weights.values import DownloadLimits

PASSES_BY_ITSELF = frozenset({"network", "proxy", "rate_limited", "server", "stalled", "login_page", "wrong_answer"})
POLL_S = 0.05
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
                sha256 = _Growth(self, self._source, self._folder, file, part).run()
        with self._gate, as_output_error(self._folder):
            drop_kept(self._folder, file.name)
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

    def is_promised_still(self, file: RemoteFile) -> bool:
        """Whether the Hub's list has the same content under the name as before. Raises `HubError`, `Stopped`."""
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
    """What an earlier run left of `file`. It counts from the start, before it is read: progress does not go back."""
    part = size_of(part_path(folder, file.name))
    if part is not None:
        return min(part, file.size_bytes)
    return file.size_bytes if size_of(folder / file.name) == file.size_bytes else 0


class _Growth:
    """One part on its way to its file's size and checksum. Whatever comes, what it holds is kept until it is proven
    wrong: by other bytes that have the right checksum."""

    def __init__(self, crew: Crew, source: Source, folder: Path, file: RemoteFile, part: Part) -> None:
        self._crew = crew
        self._limits = source.limits
        self._folder = folder
        self._file = file
        self._part = part
        self._n_failures = 0
        self._fetched_bytes = 0
        self._seams: list[Seam] = []
        """Where each answer of this run began that brought bytes."""
        self._ways_out: list[Callable[[], None]] | None = None
        """What is left to try against a wrong checksum."""

    def run(self) -> str:
        """The file's sha256, once the part has all of it, on the disk. Raises `HubError`, `OutputError`, `Stopped`."""
        self._tell(Doing.READING, self._crew.news[self._file.name].done_bytes)
        if self._part.is_too_long:
            self._begin_anew()
        for _ in self._part.read():
            self._crew.pause()
        while not self._attempt():
            pass
        self._part.sync()
        return self._part.checksum.sha256

    def _attempt(self) -> bool:
        """Whether the part is whole and right now."""
        before = self._part.seam()
        self._tell(Doing.FETCHING, before.size_bytes)
        try:
            try:
                self._crew.fetch(self._file, self._part, self._grown)
            finally:
                if self._part.size_bytes > before.size_bytes:
                    self._n_failures = 0
                    self._seams.append(before)
            self._expect_right()
        except HubError as error:
            self._get_over(error)
            return False
        return True

    def _expect_right(self) -> None:
        """Raises `HubError`."""
        if not self._part.checksum.is_right:
            raise HubError("corrupt", self._file.name)
        if not self._file.has_checksum:  # a mirror's: its own form is all that can be checked
            try:
                for _ in check_form(self._part.path, self._file.name):
                    self._crew.pause()
            except (OSError, ValueError) as error:
                raise HubError("corrupt", self._file.name) from error

    def _get_over(self, error: HubError) -> None:
        """Wait, or go back, so that another attempt is of use; raises `error` where none is."""
        if error.problem == "corrupt":
            self._doubt(error)
            return
        if error.problem == "changed":
            try:
                if not self._crew.is_promised_still(self._file):
                    raise error
                error = HubError("wrong_answer", "another file under its name")
            except HubError as other:
                error = other
        self._wait(error)

    def _doubt(self, error: HubError) -> None:
        """Which bytes are wrong is not known. Those of the last answer go, and are asked for again; if that is no use,
        all of this run's go; then what is left is set aside, and all is fetched anew. If even that is wrong, what was
        set aside comes back, and `error` is raised."""
        seams, self._seams = self._seams, []
        n_doubted = self._part.size_bytes
        if seams:
            self._part.cut(seams[-1])
        if self._ways_out is None:
            self._ways_out = self._find_ways_out(seams, n_doubted - self._part.size_bytes)
        if self._ways_out:
            self._ways_out.pop(0)()
            return
        doubted = self._doubted_path()
        if doubted.exists():
            self._part.change_over(lambda: restore(self._folder, self._file.name, doubted))
        raise error

    def _find_ways_out(self, seams: list[Seam], n_cut: int) -> list[Callable[[], None]]:
        """In the order in which they cost: `n_cut` bytes are gone already."""
        held = self._part.size_bytes
        ways: list[Callable[[], None]] = []
        if seams:
            ways += [lambda: None] * (2 if n_cut <= held else 1)
            if 0 < (first := seams[0]).size_bytes < held:
                ways.append(lambda: self._part.cut(first))
        if held and not self._doubted_path().exists():
            ways.append(self._begin_anew)
        return ways

    def _begin_anew(self) -> None:
        """Fetch all of it beside what there is. Raises `OutputError` where there is no room for both."""
        expect_room(self._folder, self._file.size_bytes, kept_bytes=size_of(self._part.path) or 0)
        doubted = self._doubted_path()
        self._part.change_over(lambda: set_aside(self._folder, self._file.name, doubted))

    def _doubted_path(self) -> Path:
        return kept_path(self._folder, self._file.name, self._file.digest, is_doubted=True)

    def _grown(self, n_bytes: int) -> None:
        self._fetched_bytes += n_bytes
        self._tell(Doing.FETCHING, self._part.size_bytes)

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
