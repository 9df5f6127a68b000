"""The one thread that owns the engine, and the way of what it makes to the clients, who live in an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from engine.errors import EngineError, HostError
from engine.types import CancelToken, EngineStatus, SpeechEngine

T = TypeVar("T")
CLOSE_LIMIT_S = 10.0
POLL_S = 0.02  # how soon a cancelled work is noticed while it waits for its reader; a frame lasts 46 ms
USUAL_WORK_S = 2.0  # until something was measured

log = logging.getLogger(__name__)


class BusyError(Exception):
    """Refuse work because too much is waiting; `retry_after_s` is a guess."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(retry_after_s)
        self.retry_after_s = retry_after_s


class ReaderGone(Exception):  # noqa: N818 - not an error: it ends a piece of work early
    """End a piece of work early: nobody wants what is being made."""


class Channel(Generic[T]):
    """Carry items from the worker's thread to one reader in the event loop in which it was made.

    At most `max_unread` units are on the way: beyond, the worker waits, and when the reader has taken nothing for
    `stall_s` it counts as gone.
    """

    def __init__(self, max_unread: int, stall_s: float) -> None:
        self.cancel = CancelToken()
        self._max_unread, self._stall_s = max_unread, stall_s
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._changed = threading.Condition()
        self._items: deque[tuple[T, int]] = deque()
        self._n_unread = 0
        self._is_ended = False
        self._error: EngineError | None = None
        self._read_s = time.monotonic()

    # --- the worker's side

    def put(self, item: T, size: int = 1) -> None:
        """Put an item of `size` units, and wait for room. Raises `ReaderGone`."""
        with self._changed:
            self._read_s = time.monotonic()
            while self._n_unread >= self._max_unread and not self.cancel.cancelled:
                self._changed.wait(POLL_S)
                if time.monotonic() - self._read_s > self._stall_s:
                    self.cancel.cancel()
            if not self.cancel.cancelled:
                self._items.append((item, size))
                self._n_unread += size
        self._wake_reader()
        if self.cancel.cancelled:
            raise ReaderGone

    def end(self, error: EngineError | None = None) -> None:
        """End the channel, after its last item or with an error."""
        self._is_ended, self._error = True, error
        self._wake_reader()

    def _wake_reader(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody reads any more
            self._loop.call_soon_threadsafe(self._wake.set)

    # --- the reader's side

    async def get(self) -> T | None:
        """Return the next item, or None after the last.

        Raises the `EngineError` that ended it, and `ReaderGone` when the reader took so long that it was given up.
        """
        while True:
            self._wake.clear()
            with self._changed:
                if self._items:
                    item, size = self._items.popleft()
                    self._n_unread -= size
                    self._read_s = time.monotonic()
                    self._changed.notify()
                    return item
            if self._error is not None:
                raise self._error
            if self.cancel.cancelled:
                raise ReaderGone
            if self._is_ended:
                return None
            await self._wake.wait()

    async def given_up(self) -> None:
        """Wait until the reader counts as gone, though it may not know."""
        while not self.cancel.cancelled:
            await asyncio.sleep(1.0)

    def close(self) -> None:
        """Cancel the work, because the reader is gone."""
        self.cancel.cancel()
        self._wake.set()
        with self._changed:
            self._changed.notify()


Work = Callable[[SpeechEngine, Channel[Any]], None]


@dataclass(frozen=True, slots=True)
class _Job:
    work: Work
    channel: Channel[Any]


class EngineWorker:
    """Open an engine in a thread of its own and do one piece of work after the other, in the order they came."""

    def __init__(self, open_engine: Callable[[], SpeechEngine], max_waiting: int) -> None:
        self._open_engine, self._max_waiting = open_engine, max_waiting
        self._changed = threading.Condition()
        self._jobs: deque[_Job] = deque()
        self._running: _Job | None = None
        self._is_closed = False
        self._is_open = threading.Event()
        self._status: EngineStatus | None = None
        self._open_error: BaseException | None = None
        self._mean_s = USUAL_WORK_S
        self._thread = threading.Thread(target=self._run, name="lectern-worker", daemon=True)

    def start(self) -> EngineStatus:
        """Start the thread, and wait until the engine is open. Raises what opening it raises."""
        self._thread.start()
        while not self._is_open.wait(0.1):  # in short waits, so that Ctrl-C is heard everywhere
            pass
        if self._open_error is not None:
            raise self._open_error
        return self.status

    @property
    def status(self) -> EngineStatus:
        """Return the engine's status at the end of the last work."""
        assert self._status is not None
        return self._status

    @property
    def n_waiting(self) -> int:
        """Count the work that waits."""
        with self._changed:
            self._forget_cancelled()
            return len(self._jobs)

    @property
    def is_busy(self) -> bool:
        """Return whether work is being done."""
        return self._running is not None

    @property
    def has_room(self) -> bool:
        """Return whether `submit` would take more work."""
        return self.n_waiting < self._max_waiting

    def check_room(self) -> None:
        """Check that `submit` would take more work. Raises `BusyError`."""
        if not self.has_room:
            raise BusyError(max(1, round(self._mean_s * self._max_waiting)))

    def submit(self, work: Work, channel: Channel[Any], *, is_patient: bool = False) -> None:
        """Submit `work`; what it makes, and how it ends, comes through `channel`.

        Raises `BusyError`, unless it `is_patient`: whoever has a place already may bring more.
        """
        if not is_patient:
            self.check_room()
        with self._changed:
            assert not self._is_closed
            self._jobs.append(_Job(work, channel))
            self._changed.notify()

    def close(self) -> None:
        """End whatever runs or waits, and close the engine."""
        with self._changed:
            self._is_closed = True
            for job in (*self._jobs, *((self._running,) if self._running else ())):
                job.channel.cancel.cancel()
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(CLOSE_LIMIT_S)

    # --- in the thread

    def _run(self) -> None:
        try:
            engine = self._open_engine()
            self._status = engine.status()
        except BaseException as error:  # noqa: BLE001 - raised again for whoever waits in `start`
            self._open_error = error
            return
        finally:
            self._is_open.set()
        try:
            while (job := self._next()) is not None:
                self._do(job, engine)
                self._status = engine.status()
        finally:
            engine.close()

    def _next(self) -> _Job | None:
        with self._changed:
            self._running = None
            while True:
                self._forget_cancelled()
                if self._is_closed:
                    return None
                if self._jobs:
                    self._running = self._jobs.popleft()
                    return self._running
                self._changed.wait()

    def _do(self, job: _Job, engine: SpeechEngine) -> None:
        begun_s = time.monotonic()
        error: EngineError | None = None
        try:
            job.work(engine, job.channel)
        except ReaderGone:
            pass
        except EngineError as caught:
            error = caught
        except Exception:  # noqa: BLE001 - the top of the thread: the next client is not to suffer
            error = HostError("raised", traceback.format_exc())
            log.error("A request failed in a way that was not foreseen.\n%s", error.detail)
        self._mean_s += 0.2 * (time.monotonic() - begun_s - self._mean_s)
        job.channel.end(error)

    def _forget_cancelled(self) -> None:
        """Whoever went away takes no place in the queue."""
        for job in [job for job in self._jobs if job.channel.cancel.cancelled]:
            self._jobs.remove(job)
            job.channel.end()
