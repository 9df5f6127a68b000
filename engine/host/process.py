"""The owner's side: `EngineProcess` is a `SpeechEngine` whose work is done in a child process."""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from queue import Empty, SimpleQueue
from typing import Any

from engine.errors import HostError
from engine.host.protocol import (
    Beat,
    Broke,
    Cancel,
    Close,
    Do,
    HostEnded,
    HostFailed,
    HostLimits,
    HostPong,
    HostProgress,
    HostReady,
    HostReply,
    HostSaid,
    Order,
    Ping,
    Speak,
    Work,
)
from engine.host.work import SpeakBatch
from engine.opening import Opener
from engine.types import CancelToken, EngineStatus, SpeechEvent, SpeechRequest

MAX_WAITING_REPLIES = 4  # a few seconds of sound; with more, the pipe fills and the child waits
CANCEL_POLL_S = 0.01  # a frame lasts 46 ms
KILL_LIMIT_S = 5.0  # a killed process that does not go hangs in a driver: nothing helps it


class EngineProcess:
    """Own an engine in a child process, which the constructor starts and does not wait for. Used by one thread.

    There are two ways to use it. A loop that watches several things calls `begin`, `begin_work`, `cancel`, `ping` and,
    whenever `news` is set, `take`. Everyone else calls `speak` or `do`, which wait; they are made of the same calls.
    """

    def __init__(self, opener: Opener, limits: HostLimits | None = None, news: threading.Event | None = None) -> None:
        """`news` is set whenever there may be something to `take`; it can be shared among processes."""
        self.limits = limits or HostLimits()
        self.news = news or threading.Event()
        self.is_ready = False
        self._status: EngineStatus | None = None
        self._last_epoch = self._epoch = 0  # the last one given, and the one whose replies are wanted
        self._watch: _Watch | None = _Watch(self.limits.start_silence_s, self.limits.start_stuck_s)
        self._replies: SimpleQueue[HostReply | Beat | Broke | None] = SimpleQueue()
        self._room = threading.Semaphore(MAX_WAITING_REPLIES)
        self._orders: SimpleQueue[Order | None] = SimpleQueue()
        self._is_closed = False
        context = multiprocessing.get_context("spawn")  # fork would copy locks that other threads hold
        child_orders, orders = context.Pipe(duplex=False)
        replies, child_replies = context.Pipe(duplex=False)
        arguments = (child_orders, child_replies, opener, self.limits.beat_s)
        self._process = context.Process(target=_run_child, args=arguments, name="lectern-engine", daemon=True)
        with _interrupts_blocked():
            self._process.start()
        child_orders.close()  # ours: with it open, the child's death would not be seen
        child_replies.close()
        self._threads = [
            threading.Thread(target=self._send_orders, args=(orders,), daemon=True),
            threading.Thread(target=self._receive, args=(replies,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        """Return the child's process id."""
        assert self._process.pid is not None
        return self._process.pid

    # --- for a loop

    def begin(self, request: SpeechRequest, first_segment: int = 0) -> None:
        """Have `request` spoken from its segment `first_segment` on, and nothing else any more."""
        self._watch = _Watch(self.limits.silence_s, self.limits.stuck_s)
        self._orders.put(Speak(self._next_epoch(), request, first_segment))

    def begin_work(self, work: Work) -> None:
        """Have `work` done, and nothing else any more."""
        self._watch = _Watch(self.limits.silence_s, self.limits.stuck_s)
        self._orders.put(Do(self._next_epoch(), work))

    def ping(self) -> None:
        """Have the engine use its device a little and answer `HostPong`, instead of whatever it does."""
        self._watch = _Watch(self.limits.silence_s, self.limits.ping_s)
        self._orders.put(Ping(self._next_epoch()))

    def cancel(self) -> None:
        """Stop whatever was begun: nothing more of it is taken."""
        if self._epoch:
            self._orders.put(Cancel(self._epoch))
            self._epoch, self._watch = 0, None

    def take(self) -> HostReply | None:
        """Return the next reply that is not stale, or None when there is none now; never waits.

        Raises `HostError` when the process crashed or hangs, after which only `close` makes sense.
        """
        while True:
            try:
                message = self._replies.get_nowait()
            except Empty:
                if self._watch and self._watch.is_over():
                    raise HostError("hung") from None
                return None
            self._room.release()
            if message is None:
                raise HostError("crashed", self._how_it_ended())
            if isinstance(message, Broke):
                raise HostError("raised", message.traceback)
            if self._watch:
                self._watch.hear(message)
            if not isinstance(message, Beat) and self._is_wanted(message):
                return message

    # --- SpeechEngine

    def wait_until_ready(self, cancel: CancelToken | None = None) -> bool:
        """Wait until the engine is ready; False when cancelled. Raises what the opener raises, and `HostError`."""
        cancel = cancel or CancelToken()
        while not self.is_ready:
            reply = self._next(cancel)
            if reply is None:
                return False
            if isinstance(reply, HostFailed):
                raise reply.error
        return True

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        """Speak as `SpeechEngine.speak` does. Also raises `HostError`."""
        if self.wait_until_ready(cancel):
            self.begin(request)
            yield from self._replies_to(self._epoch, cancel)

    @property
    def max_batch(self) -> int:
        """Return how many requests the engine speaks at once; 1 until it is ready."""
        return self._status.max_batch if self._status else 1

    def speak_batch(self, requests: Sequence[SpeechRequest], cancel: CancelToken) -> Iterator[tuple[int, SpeechEvent]]:
        """Speak as `BatchingEngine.speak_batch` does. Also raises `HostError`."""
        return self.do(SpeakBatch(tuple(requests)), cancel)

    def do(self, work: Work, cancel: CancelToken) -> Iterator[Any]:
        """Have `work` done by the engine in the child, and yield what it yields. Raises what it raises, and
        `HostError`."""
        if self.wait_until_ready(cancel):
            self.begin_work(work)
            yield from self._replies_to(self._epoch, cancel)

    def _replies_to(self, epoch: int, cancel: CancelToken) -> Iterator[Any]:
        """Yield what is said in answer to what was begun just now."""
        try:
            while (reply := self._next(cancel)) is not None:
                match reply:
                    case HostSaid():
                        yield reply.event
                    case HostFailed():
                        raise reply.error
                    case _:
                        return
        finally:
            if self._epoch == epoch:
                self.cancel()

    def status(self) -> EngineStatus:
        """Return the status as it was at the end of the last request, without asking the child. Known once the engine
        is ready."""
        assert self._status is not None
        return self._status

    def close(self) -> None:
        """End the child, politely if it listens; afterwards it is gone, and its memory is free."""
        self._end(self.limits.close_s)

    def kill(self) -> None:
        """End the child at once."""
        self._end(0.0)

    # --- inside

    def _next(self, cancel: CancelToken) -> HostReply | None:
        """Wait for a reply; None when cancelled."""
        while not cancel.cancelled:
            self.news.clear()
            if reply := self.take():
                return reply
            self.news.wait(CANCEL_POLL_S)
        return None

    def _next_epoch(self) -> int:
        self._last_epoch = self._epoch = self._last_epoch + 1
        return self._epoch

    def _is_wanted(self, message: HostReply) -> bool:
        """Return whether `message` is news to the owner; what it changes here is noted."""
        match message:
            case HostProgress():
                return True
            case HostReady():
                self._status, self.is_ready, self._watch = message.status, True, None
                return True
            case HostFailed(epoch=0):
                self._watch = None
                return True
        if isinstance(message, HostEnded | HostPong):
            self._status = message.status
        if message.epoch != self._epoch:
            return False
        if not isinstance(message, HostSaid):
            self._epoch, self._watch = 0, None
        return True

    def _send_orders(self, orders: Connection) -> None:
        """A thread, because a pipe to a child that hangs takes 64 kB and then blocks."""
        with orders, suppress(OSError):
            while (order := self._orders.get()) is not None:
                orders.send(order)

    def _receive(self, replies: Connection) -> None:
        """A thread, because a child that stops in the middle of a message would block whoever reads it."""
        with replies:
            while True:
                self._room.acquire()
                if self._is_closed:
                    return
                try:
                    message = replies.recv()
                except (EOFError, OSError):
                    message = None
                self._replies.put(message)
                self.news.set()
                if message is None:
                    return

    def _how_it_ended(self) -> str:
        self._process.join(KILL_LIMIT_S)
        code = self._process.exitcode
        if code is not None and code < 0:
            return f"signal {-code}"
        return f"exit code {code}"

    def _end(self, patience_s: float) -> None:
        if self._is_closed:
            return
        self._is_closed = True
        if patience_s > 0:
            self._orders.put(Close())
            self._room.release()  # it may wait for room to say its last words
            self._process.join(patience_s)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(KILL_LIMIT_S)
        self._orders.put(None)
        self._room.release()
        for thread in self._threads:
            thread.join(KILL_LIMIT_S)
        if self._process.exitcode is not None:
            self._process.close()


def _run_child(orders: Connection, replies: Connection, opener: Opener, beat_s: float) -> None:
    """Imports the child's part, and with it all about text, in the child only."""
    from engine.host.child import run_child

    run_child(orders, replies, opener, beat_s)


class _Watch:
    """Time how long nothing was heard from a child that has something to do, and how long it got nowhere."""

    def __init__(self, max_silence_s: float, max_stuck_s: float) -> None:
        self._max_silence_s, self._max_stuck_s = max_silence_s, max_stuck_s
        self._heard_s = self._moved_s = time.monotonic()
        self._n_steps = -1

    def hear(self, message: HostReply | Beat) -> None:
        self._heard_s = time.monotonic()
        if not isinstance(message, Beat) or message.n_steps != self._n_steps:
            self._moved_s = self._heard_s
        if isinstance(message, Beat):
            self._n_steps = message.n_steps

    def is_over(self) -> bool:
        now_s = time.monotonic()
        return now_s - self._heard_s > self._max_silence_s or now_s - self._moved_s > self._max_stuck_s


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """A child inherits the mask: Ctrl-C does not meet it before it has said that it ignores it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # the first child starts it, and its start unblocks the signal again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
