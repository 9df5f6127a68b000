"""One engine's place: its process, which may be absent, starting, ready or given up. No Qt here."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from enum import StrEnum, auto

import engine
import engine.host
from desktop.speech.start_progress import StartProgress
from engine import HostError
from engine.host import HostEnded, HostFailed, HostPong, HostProgress, HostReady, HostSaid

MAX_FAILURES = 3
"""In a row, without a segment spoken between them."""

SLEPT_S = 2.0
"""More sleep than this, and the engine is tried out before it is used."""


class SeatPhase(StrEnum):
    EMPTY = auto()
    STARTING = auto()
    CHECKING = auto()  # the computer slept: does the engine still work?
    READY = auto()
    FAILED = auto()


class EngineSeat:
    """Starts its engine's process, starts it again after a crash or a hang, and gives up in the end."""

    def __init__(
        self, start_process: Callable[[engine.host.Opener], engine.host.EngineProcess], slept_s: Callable[[], float]
    ) -> None:
        self.phase = SeatPhase.EMPTY
        self.progress = StartProgress()
        self.problem: engine.EngineError | None = None
        self._start_process, self._slept_s = start_process, slept_s
        self._opener: engine.host.Opener | None = None
        self._process: engine.host.EngineProcess | None = None
        self._n_failures = 0
        self._slept_before_s = 0.0

    @property
    def is_open(self) -> bool:
        """Whether there is a process, or a wish for one that failed."""
        return self.phase is not SeatPhase.EMPTY

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def status(self) -> engine.EngineStatus:
        assert self._process is not None
        return self._process.status()

    def open(self, opener: engine.host.Opener) -> None:
        """Start, with a clean record."""
        self.close()
        self._opener, self._n_failures, self.problem = opener, 0, None
        self._start()

    def close(self) -> None:
        """Nothing is left of the process, nor of its memory."""
        if self._process:
            self._process.close()
        self._process, self.phase = None, SeatPhase.EMPTY

    def check_after_sleep(self) -> None:
        """Before the engine is used: ready becomes checking when the computer has slept."""
        slept_s = self._slept_s()
        if self._process and self.phase is SeatPhase.READY and slept_s - self._slept_before_s > SLEPT_S:
            self._slept_before_s = slept_s
            self._process.ping()
            self.phase = SeatPhase.CHECKING

    def begin(self, request: engine.SpeechRequest, first_segment: int) -> None:
        assert self._process is not None
        assert self.phase is SeatPhase.READY
        self._process.begin(request, first_segment)

    def begin_work(self, work: engine.host.Work) -> None:
        assert self._process is not None
        assert self.phase is SeatPhase.READY
        self._process.begin_work(work)

    def cancel(self) -> None:
        if self._process and self.phase is SeatPhase.READY:
            self._process.cancel()

    def prove(self) -> None:
        """A segment was spoken: failures before it do not count any more."""
        self._n_failures = 0

    def take(self) -> HostSaid | HostEnded | HostFailed | None:
        """What the running request has to say. Raises `EngineError` when the process was lost; it is then
        starting again, or the phase is FAILED."""
        while self._process:
            try:
                reply = self._process.take()
                if isinstance(reply, HostFailed) and self.phase is not SeatPhase.READY:
                    raise reply.error
            except engine.EngineError as error:
                self._lose(error)
                raise
            match reply:
                case HostProgress():
                    self.progress = StartProgress(reply.fraction, reply.left_s, time.monotonic())
                case HostReady() | HostPong():
                    self.phase, self._slept_before_s = SeatPhase.READY, self._slept_s()
                case _:
                    return reply
        return None

    def _start(self) -> None:
        assert self._opener is not None
        self.phase, self.progress = SeatPhase.STARTING, StartProgress()
        self._process = self._start_process(self._opener)

    def _lose(self, error: engine.EngineError) -> None:
        assert self._process is not None
        logging.getLogger(__name__).warning("engine process %d is lost: %s", self._process.pid, error)
        was_starting = self.phase is SeatPhase.STARTING
        self._process.kill()
        self._process = None
        self._n_failures += 1
        # What is wrong with a checkpoint or a device is as wrong the next time; a crash may be chance.
        is_hopeless = was_starting and not isinstance(error, HostError)
        if is_hopeless or self._n_failures == MAX_FAILURES:
            self.phase, self.problem = SeatPhase.FAILED, error
        else:
            self._start()
