"""The child's side: opens an engine and works with it, one request at a time, until its owner is gone.

Three threads. The main thread works, because CUDA wants one thread for everything. The reader takes orders, so
that Cancel works whatever the main thread does, also while it waits for room in a full pipe. The third beats.
"""

from __future__ import annotations

import os
import signal
import threading
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection
from queue import SimpleQueue

from engine.errors import EngineError
from engine.host.protocol import (
    Beat,
    Broke,
    Cancel,
    Close,
    Do,
    HostEnded,
    HostFailed,
    HostPong,
    HostProgress,
    HostReady,
    HostReply,
    HostSaid,
    Order,
    Ping,
    Speak,
)
from engine.host.resume import speak_from
from engine.opening import Opener, StartStage, try_out
from engine.types import CancelToken, SpeechEngine


def run_child(orders: Connection, replies: Connection, opener: Opener, beat_s: float) -> None:
    """Run the child's part of an engine process, from its first to its last moment."""
    _ignore_interrupts()
    _Child(orders, replies, beat_s).run(opener)


def _ignore_interrupts() -> None:
    """Ctrl-C in a terminal reaches every process in it; only the owner decides when this one ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):  # blocked by the owner until now
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


class _Child:
    def __init__(self, orders: Connection, replies: Connection, beat_s: float) -> None:
        self._orders, self._replies, self._beat_s = orders, replies, beat_s
        self._sending = threading.Lock()
        self._is_working = threading.Event()
        self._steps = _Steps()
        self._tasks: SimpleQueue[tuple[Speak | Do | Ping, CancelToken] | None] = SimpleQueue()

    def run(self, opener: Opener) -> None:
        for work in (self._read_orders, self._beat):
            threading.Thread(target=work, daemon=True).start()
        try:
            self._is_working.set()
            try:
                engine = opener(self._report)
            except EngineError as error:
                self._send(HostFailed(0, error))
                return
            self._send(HostReady(engine.status()))
            self._is_working.clear()
            self._work(engine)
            engine.close()
            os._exit(0)  # Python would take a quarter of a second to forget all that was loaded
        except Exception:  # noqa: BLE001  the top of this process: whatever it is, its owner hears of it
            self._send(Broke(traceback.format_exc()))

    def _work(self, engine: SpeechEngine) -> None:
        while (task := self._tasks.get()) is not None:
            order, cancel = task
            if cancel.cancelled:
                continue
            self._is_working.set()
            try:
                self._do(engine, order, cancel)
            except EngineError as error:
                self._send(HostFailed(order.epoch, error))
            finally:
                self._is_working.clear()

    def _do(self, engine: SpeechEngine, order: Speak | Do | Ping, cancel: CancelToken) -> None:
        if isinstance(order, Ping):
            try_out(engine)
            self._send(HostPong(order.epoch, engine.status()))
            return
        if isinstance(order, Do):
            made = order.work(engine, cancel)
        else:
            made = speak_from(engine, order.request, order.first_segment, cancel)
        for event in made:
            self._send(HostSaid(order.epoch, event))
            self._steps.n += 1
        if not cancel.cancelled:
            self._send(HostEnded(order.epoch, engine.status()))

    def _report(self, stage: StartStage, fraction: float, left_s: float | None = None) -> None:
        self._steps.n += 1
        self._send(HostProgress(stage, fraction, left_s))

    def _send(self, message: HostReply | Beat | Broke) -> None:
        try:
            with self._sending:
                self._replies.send(message)
        except OSError:  # nobody is left to hear it
            os._exit(0)

    def _read_orders(self) -> None:
        latest: tuple[int, CancelToken] | None = None
        with suppress(EOFError, OSError):
            while True:
                order: Order = self._orders.recv()
                if latest and (not isinstance(order, Cancel) or order.epoch == latest[0]):
                    latest[1].cancel()
                if isinstance(order, Close):
                    self._tasks.put(None)
                elif not isinstance(order, Cancel):
                    latest = order.epoch, _CountingToken(self._steps)
                    self._tasks.put((order, latest[1]))
        os._exit(0)  # the owner is gone: end at once, in mid-word if need be

    def _beat(self) -> None:
        pause = threading.Event()
        while True:
            self._is_working.wait()
            self._send(Beat(self._steps.n))
            pause.wait(self._beat_s)


class _Steps:
    """Count how much was done; only differences matter."""

    def __init__(self) -> None:
        self.n = 0


class _CountingToken(CancelToken):
    """Each look at it is a step: engines look once a frame."""

    def __init__(self, steps: _Steps) -> None:
        super().__init__()
        self._steps = steps

    @property
    def cancelled(self) -> bool:
        self._steps.n += 1
        return self._event.is_set()
