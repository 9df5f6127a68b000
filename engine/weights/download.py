"""The download: a plan, threads that fill parts, then all files put in their places at once and marked as whole.

Until the last file is verified nothing but parts is in the folder, so that an older checkpoint there stays usable.
`find.py` says what counts as whole at each point.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeVar

from engine.errors import CheckpointError, HubError
from engine.files.disk import as_output_error, expect_room, move, sync_folder
from engine.types import CancelToken
from engine.weights.background import Background
from engine.weights.fetch import Source
from engine.weights.growth import Doing, FileProgress, wait_s
from engine.weights.hub import NEWEST, ask_plan, ask_repository
from engine.weights.lock import FolderLock
from engine.weights.part import Stopped, bring_back, kept_parts, kept_path, set_aside
from engine.weights.records import (
    PART,
    Mark,
    Plan,
    part_path,
    read_mark,
    read_plan,
    remove_mark,
    remove_plan,
    size_of,
    write_mark,
    write_plan,
)
from engine.weights.tokens import find_token
from engine.weights.values import DownloadLimits, DownloadProgress, DownloadStage
from engine.weights.verify import verify_checkpoint
from engine.weights.workers import Workers

T = TypeVar("T")

POLL_S = 0.05
MAX_PLANS = 3
"""How often the Hub may come up with other files while they are downloaded."""
SPEED_SPAN_S = 5.0
MIN_SPEED_SPAN_S = 1.0
"""What came in less time says nothing of what will come."""


def download_checkpoint(
    folder: Path,
    cancel: CancelToken,
    *,
    token: str | None = None,
    revision: str | None = None,
    limits: DownloadLimits | None = None,
) -> Iterator[DownloadProgress]:
    """Download S1 Mini into `folder`, going on where an earlier run stopped, and yield the progress; this blocks.

    A value comes at least four times a second. After the DONE one the folder is whole and marked as such; a cancelled
    run just ends, within 0.2 s, and what it has fetched stays. `token` None takes the environment's or the saved one.
    `revision` None is the one that is in the folder, or on its way there, else the newest; what is there already is
    verified, and only what is missing or damaged is fetched. Raises `HubError`, `OutputError`.
    """
    mark = read_mark(folder)
    if mark is not None and revision in (None, mark.revision):
        with suppress(CheckpointError):  # what is missing or damaged is fetched again
            yield from verify_checkpoint(folder, cancel)
            return
    download = _Download(folder, cancel, revision, limits or DownloadLimits())
    with suppress(Stopped):
        yield from download.run(token)


def unfinished_download(folder: Path) -> DownloadProgress | None:
    """Return how far an unfinished download in `folder` has come, which can be continued; None where there is none."""
    plan = read_plan(folder)
    if plan is None or (read_mark(folder) is not None and not _parts(folder)):
        return None
    done_bytes = 0
    for file in plan.files:
        part = size_of(part_path(folder, file.name))
        whole = size_of(folder / file.name)
        done_bytes += part if part is not None else file.size_bytes if whole == file.size_bytes else 0
    return DownloadProgress(DownloadStage.CHECKING, done_bytes, plan.size_bytes)


class _Download:
    """Download into `folder`, once. Its generators raise `Stopped` where `cancel` is set."""

    def __init__(self, folder: Path, cancel: CancelToken, revision: str | None, limits: DownloadLimits) -> None:
        self._folder = folder
        self._cancel = cancel
        self._revision = revision
        self._limits = limits
        self._meter = _Meter()

    def run(self, given: str | None) -> Iterator[DownloadProgress]:
        token = find_token(given)
        repository = yield from self._ask(lambda: ask_repository(token))
        with FolderLock(self._folder), ExitStack() as stack:
            stack.callback(_tidy, self._folder)
            n_plans = 1
            while True:
                begun = read_plan(self._folder) or self._what_is_here()
                plan = yield from self._ask(lambda begun=begun: ask_plan(token, repository, self._revision, begun))
                self._prepare(plan, begun)
                try:
                    yield from self._fill(Source(repository, plan.revision, token, self._limits), plan)
                    break
                except HubError as error:
                    if error.problem != "changed" or n_plans == MAX_PLANS:
                        raise
                n_plans += 1
        yield DownloadProgress(DownloadStage.DONE, plan.size_bytes, plan.size_bytes)

    def _what_is_here(self) -> Plan | None:
        """Take a finished download as the beginning of this one, so that mending it is no change to another
        revision."""
        mark = read_mark(self._folder)
        return Plan(mark.repo, NEWEST, mark.revision, ()) if mark and self._revision is None else None

    def _ask(self, call: Callable[[], T]) -> Generator[DownloadProgress, None, T]:
        """Return the result of a question to the Hub, which is asked again where that may help."""
        n_failures = 0
        while True:
            try:
                return (yield from self._ask_once(call))
            except HubError as error:
                n_failures += 1
                seconds = wait_s(error, n_failures, self._limits)
                if seconds is None or n_failures >= self._limits.max_questions:
                    raise
                until_s = time.monotonic() + seconds
                while (left_s := until_s - time.monotonic()) > 0:
                    yield DownloadProgress(DownloadStage.WAITING, problem=error, retry_in_s=left_s)
                    self._rest(min(left_s, self._limits.progress_every_s))

    def _ask_once(self, call: Callable[[], T]) -> Generator[DownloadProgress, None, T]:
        question = Background(call)
        deadline = time.monotonic() + self._limits.connect_s + self._limits.stall_s
        while True:
            yield DownloadProgress(DownloadStage.CHECKING)
            if self._rest(self._limits.progress_every_s, question.wait):
                return question.result()
            if time.monotonic() > deadline:
                raise HubError("stalled")

    def _rest(self, seconds: float, wait: Callable[[float], bool] | None = None) -> bool:
        """Wait for `seconds`, or until `wait` returns True, and return whether it did. Raises `Stopped` as soon as the
        run is cancelled."""
        until_s = time.monotonic() + seconds
        while True:
            if self._cancel.cancelled:
                raise Stopped
            step_s = min(POLL_S, until_s - time.monotonic())
            if step_s <= 0:
                return False
            if wait is None:
                time.sleep(step_s)
            elif wait(step_s):
                return True

    def _prepare(self, plan: Plan, begun: Plan | None) -> None:
        """Set the parts of other contents aside, write the plan, and see that there is room. Raises `OutputError`.

        Killed anywhere in between, a part still is of the content that the plan in the folder promises.
        """
        promised = {file.name: file.digest for file in begun.files} if begun else {}
        with as_output_error(self._folder):
            for file in plan.files:
                other = promised.get(file.name, file.digest)  # a part that no plan names is judged by its checksum
                if other != file.digest:
                    set_aside(self._folder, file.name, kept_path(self._folder, file.name, other))
            if plan != begun:
                write_plan(self._folder, plan)
            for file in plan.files:
                bring_back(self._folder, file.name, kept_path(self._folder, file.name, file.digest))
            _check_room(self._folder, plan)

    def _fill(self, source: Source, plan: Plan) -> Iterator[DownloadProgress]:
        workers = Workers(source, self._folder, plan.files)
        try:
            while not workers.check():
                yield self._meter.read(tuple(workers.progress.values()), plan.size_bytes)
                self._rest(self._limits.progress_every_s, workers.wait)
        finally:
            workers.end()
        yield DownloadProgress(DownloadStage.VERIFYING, plan.size_bytes, plan.size_bytes)
        if self._cancel.cancelled:
            raise Stopped
        mark = Mark(plan.repo, plan.revision, tuple(workers.ready[file.name] for file in plan.files))
        _put_in_place(self._folder, mark)


def _put_in_place(folder: Path, mark: Mark) -> None:
    """Make files of all parts, then mark the folder. Raises `OutputError`.

    Killed in between, it is a folder with a plan and without a mark: not whole, and continued from here.
    """
    with as_output_error(folder):
        remove_mark(folder)
        for file in mark.files:
            part = part_path(folder, file.name)
            if part.exists():
                move(part, folder / file.name)
        sync_folder(folder)
        write_mark(folder, mark)
        remove_plan(folder)


def _check_room(folder: Path, plan: Plan) -> None:
    """Raises `OutputError` where the rest of the plan does not fit."""
    needed = kept = 0
    for file in plan.files:
        part = size_of(part_path(folder, file.name))
        if part is not None or size_of(folder / file.name) != file.size_bytes:
            needed += max(0, file.size_bytes - (part or 0))
        kept += sum(size_of(path) or 0 for path in kept_parts(folder, file.name))
    expect_room(folder, needed, kept)


def _parts(folder: Path) -> list[Path]:
    """Those that grow, and those that were set aside."""
    return [path for path in folder.glob(f"*{PART}*") if path.is_file()]


def _tidy(folder: Path) -> None:
    """Leave nothing of a run that brought nothing; called while the folder is locked."""
    with suppress(OSError):
        for part in _parts(folder):
            if not size_of(part):
                part.unlink()
        plan = read_plan(folder)
        if plan is None or _parts(folder):
            return
        if read_mark(folder) is not None or not any((folder / file.name).exists() for file in plan.files):
            remove_plan(folder)


class _Meter:
    """Measure how fast bytes have come in the last seconds."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, int]] = deque()

    def read(self, progress: tuple[FileProgress, ...], total_bytes: int) -> DownloadProgress:
        """All files together."""
        now_s = time.monotonic()
        done_bytes = sum(file.done_bytes for file in progress)
        speed = self._bytes_per_s(now_s, sum(file.fetched_bytes for file in progress))
        doing = {file.doing for file in progress}
        left_s = (total_bytes - done_bytes) / speed if speed else None
        if Doing.FETCHING in doing or not doing & {Doing.READING, Doing.WAITING}:
            return DownloadProgress(DownloadStage.DOWNLOADING, done_bytes, total_bytes, speed, left_s)
        if Doing.READING in doing:
            return DownloadProgress(DownloadStage.VERIFYING, done_bytes, total_bytes)
        next_one = min((file for file in progress if file.doing is Doing.WAITING), key=lambda file: file.until_s)
        retry_in_s = max(0.0, next_one.until_s - now_s)
        return DownloadProgress(
            DownloadStage.WAITING, done_bytes, total_bytes, problem=next_one.problem, retry_in_s=retry_in_s
        )

    def _bytes_per_s(self, now_s: float, fetched_bytes: int) -> float:
        self._samples.append((now_s, fetched_bytes))
        while now_s - self._samples[0][0] > SPEED_SPAN_S:
            self._samples.popleft()
        first_s, first_bytes = self._samples[0]
        span_s = now_s - first_s
        return (fetched_bytes - first_bytes) / span_s if span_s >= MIN_SPEED_SPAN_S else 0.0
