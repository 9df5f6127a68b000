"""One file on its way to its size and checksum: what to do when something else comes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from engine.errors import HubError
from engine.files.checkpoint_files import check_form
from engine.files.disk import as_output_error, expect_room
from engine.weights.fetch import Source
from engine.weights.part import BLOCK_BYTES, Part, Seam, kept_path, restore, set_aside
from engine.weights.records import RemoteFile, size_of
from engine.weights.values import DownloadLimits

PASSES_BY_ITSELF = frozenset({"network", "proxy", "rate_limited", "server", "stalled", "login_page", "wrong_answer"})
MAX_DOUBLINGS = 30
"""More than any limit on a wait needs, and no number that overflows."""


class Doing(StrEnum):
    """Name what happens to a file of a download."""

    QUEUED = "queued"
    READING = "reading"  # what an earlier run left
    FETCHING = "fetching"
    WAITING = "waiting"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class FileProgress:
    """Describe how far a file is. `fetched_bytes` came through the network in this run, what was fetched again
    included."""

    doing: Doing
    done_bytes: int = 0
    fetched_bytes: int = 0
    problem: HubError | None = None
    until_s: float = 0.0
    """When WAITING ends, by `time.monotonic`."""


def wait_s(error: HubError, n_failures: int, limits: DownloadLimits) -> float | None:
    """Return how many seconds to wait after the n-th failure in a row; None where waiting is of no use."""
    if error.problem not in PASSES_BY_ITSELF:
        return None
    if error.retry_after_s is None:
        return min(limits.first_wait_s * 2 ** min(n_failures - 1, MAX_DOUBLINGS), limits.max_wait_s)
    return error.retry_after_s if error.retry_after_s <= limits.max_retry_after_s else None


class FetchesFiles(Protocol):
    """Provide what a growing file needs: `workers.Workers` does."""

    progress: dict[str, FileProgress]

    def pause(self, seconds: float = 0.0) -> None:
        """Wait for `seconds`. Raises `Stopped` when the download is to end."""
        ...

    def fetch(self, file: RemoteFile, part: Part, grown: Callable[[int], None]) -> None:
        """Append to `part`, in one attempt, as `fetch.fetch` does."""
        ...

    def is_promised_still(self, file: RemoteFile) -> bool:
        """Ask the Hub whether it still has the same content under the file's name."""
        ...


class Growth:
    """Bring one part to its file's size and checksum.

    Whatever comes, what the part holds is kept until it is proven wrong: by other bytes that have the right checksum.
    """

    def __init__(self, workers: FetchesFiles, source: Source, folder: Path, file: RemoteFile, part: Part) -> None:
        self._workers = workers
        self._limits = source.limits
        self._folder = folder
        self._file = file
        self._part = part
        self._n_failures = 0
        self._fetched_bytes = 0
        self._seams: list[Seam] = []
        """Where each answer of this run began that brought bytes."""
        self._remedies: list[Callable[[], None]] | None = None
        """What is left to try against a wrong checksum."""

    def run(self) -> str:
        """Fetch until the part has all of the file, on the disk, and return its sha256. Raises `HubError`,
        `OutputError`, `Stopped`."""
        self._report(Doing.READING, self._workers.progress[self._file.name].done_bytes)
        if self._part.is_too_long:
            self._begin_anew()
        for _ in self._part.read():
            self._workers.pause()
        while not self._attempt():
            pass
        self._part.sync()
        return self._part.checksum.sha256

    def _attempt(self) -> bool:
        """Try once, and return whether the part is whole and right now."""
        before = self._part.seam()
        self._report(Doing.FETCHING, before.size_bytes)
        try:
            try:
                self._workers.fetch(self._file, self._part, self._grown)
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
                for _ in check_form(self._part.path, self._file.name, BLOCK_BYTES):
                    self._workers.pause()
            except (OSError, ValueError) as error:
                raise HubError("corrupt", self._file.name) from error

    def _get_over(self, error: HubError) -> None:
        """Wait, or go back, so that another attempt is of use; raises `error` where none is."""
        if error.problem == "corrupt":
            self._doubt(error)
            return
        if error.problem == "changed":
            error = self._second_opinion(error)
        self._wait(error)

    def _second_opinion(self, error: HubError) -> HubError:
        """Ask the Hub about an answer that says the file has changed, and return the error that it is: its list knows
        it, or nobody does."""
        try:
            if self._workers.is_promised_still(self._file):
                return HubError("wrong_answer", "another file under its name")
        except HubError as other:
            return other
        return error

    def _doubt(self, error: HubError) -> None:
        """Go back, because some bytes are wrong, and it is not known which. Those of the last answer go, and are asked
        for again; if that is no use, all of this run's go; then what is left is set aside, and all is fetched anew. If
        even that is wrong, what was set aside comes back, and `error` is raised."""
        seams, self._seams = self._seams, []
        n_doubted = self._part.size_bytes
        if seams:
            self._part.cut(seams[-1])
        if self._remedies is None:
            self._remedies = self._find_remedies(seams, n_doubted - self._part.size_bytes)
        if self._remedies:
            self._remedies.pop(0)()
            return
        doubted = self._doubted_path()
        if doubted.exists():
            self._part.change_over(lambda: restore(self._folder, self._file.name, doubted))
        raise error

    def _find_remedies(self, seams: list[Seam], n_cut: int) -> list[Callable[[], None]]:
        """In the order in which they cost: `n_cut` bytes are gone already."""
        held = self._part.size_bytes
        remedies: list[Callable[[], None]] = []
        if seams:
            remedies += [lambda: None] * (2 if n_cut <= held else 1)
            if 0 < (first := seams[0]).size_bytes < held:
                remedies.append(lambda: self._part.cut(first))
        if held and not self._doubted_path().exists():
            remedies.append(self._begin_anew)
        return remedies

    def _begin_anew(self) -> None:
        """Fetch all of it beside what there is. Raises `OutputError` where there is no room for both."""
        with as_output_error(self._folder):
            expect_room(self._folder, self._file.size_bytes, kept_bytes=size_of(self._part.path) or 0)
        doubted = self._doubted_path()
        self._part.change_over(lambda: set_aside(self._folder, self._file.name, doubted))

    def _doubted_path(self) -> Path:
        return kept_path(self._folder, self._file.name, self._file.digest, is_doubted=True)

    def _grown(self, n_bytes: int) -> None:
        self._fetched_bytes += n_bytes
        self._report(Doing.FETCHING, self._part.size_bytes)

    def _wait(self, error: HubError) -> None:
        self._n_failures += 1
        seconds = wait_s(error, self._n_failures, self._limits)
        if seconds is None or self._n_failures >= self._limits.max_attempts:
            raise error
        until_s = time.monotonic() + seconds
        self._report(Doing.WAITING, self._part.size_bytes, error, until_s)
        self._workers.pause(seconds)

    def _report(self, doing: Doing, done_bytes: int, problem: HubError | None = None, until_s: float = 0.0) -> None:
        progress = FileProgress(doing, done_bytes, self._fetched_bytes, problem, until_s)
        self._workers.progress[self._file.name] = progress
