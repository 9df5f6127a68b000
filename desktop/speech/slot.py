"""One engine's slot: its process, which may be absent, starting, ready or given up. No Qt here."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto

import engine
import engine.host
from engine import HostError, SegmentDone
from engine.host import HostEnded, HostFailed, HostPong, HostProgress, HostReady, HostSaid
from engine.opening import Opener

MAX_FAILURES = 3
"""In a row, without a segment spoken between them."""

SLEPT_S = 2.0
"""More sleep than this, and the engine is tried out before it is used."""

ALMOST = 0.99
"""Of a start; only the process knows when it is ready."""

NEW_SHARE = 0.3
"""Of the last sentence, in the measured speed."""


class SlotPhase(StrEnum):
    EMPTY = auto()
    STARTING = auto()
    CHECKING = auto()  # the computer slept: does the engine still work?
    READY = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class StartProgress:
    """Estimates how far a start is, between the times at which its process says so: `fraction` was done at `at_s`
    (monotonic seconds); `left_s` was about what was left, None when unknown."""

    fraction: float = 0.0
    left_s: float | None = None
    at_s: float = 0.0

    def fraction_at(self, now_s: float) -> float:
        """Estimate what is done, in whole per cents, so that a view changes when a person sees it."""
        if not self.left_s:
            return self.fraction
        passed = min(1.0, (now_s - self.at_s) / self.left_s)
        return int(100 * max(self.fraction, min(ALMOST, self.fraction + (1 - self.fraction) * passed))) / 100

    def left_at(self, now_s: float) -> float | None:
        """Estimate what is left, rounded as a guess is; None when nobody knows, or it takes longer than the last
        time."""
        if self.left_s is None:
            return None
        left_s = self.left_s - (now_s - self.at_s)
        if left_s < 1:
            return None
        return float(5 * round(left_s / 5) if left_s >= 10 else round(left_s))


def computer_slept_s() -> float:
    """Tell how many seconds this computer was asleep since it was started; only differences matter.

    A GPU may not work after a suspend. Exact on Linux and Windows; elsewhere a wall clock that is put forward looks
    the same.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    if sys.platform == "win32":
        import ctypes

        awake = ctypes.c_ulonglong()  # in 100 ns
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(awake))
        ctypes.windll.kernel32.GetTickCount64.restype = ctypes.c_ulonglong  # an int wraps after 25 days
        return ctypes.windll.kernel32.GetTickCount64() / 1e3 - awake.value / 1e7
    return time.time() - time.monotonic()


class EngineSlot:
    """Starts its engine's process, starts it again after a crash or a hang, and gives up in the end.

    `name` is the engine's. `used_s` is when it was last used, on `clock_s`; `speed` is how many seconds of sound it
    makes in one of computing, as last measured.
    """

    def __init__(
        self,
        name: str,
        start_process: Callable[[Opener], engine.host.EngineProcess],
        clock_s: Callable[[], float],
        slept_s: Callable[[], float],
    ) -> None:
        self.name = name
        self.phase = SlotPhase.EMPTY
        self.progress = StartProgress()
        self.problem: engine.EngineError | None = None
        self.used_s = clock_s()
        self.speed: float | None = None
        self._start_process, self._clock_s, self._slept_s = start_process, clock_s, slept_s
        self._opener: Opener | None = None
        self._process: engine.host.EngineProcess | None = None
        self._n_failures = 0
        self._slept_before_s = 0.0

    @property
    def is_open(self) -> bool:
        """Whether there is a process, or one was asked for and failed."""
        return self.phase is not SlotPhase.EMPTY

    @property
    def is_usable(self) -> bool:
        """Whether its engine has started, though it may have to be checked before it speaks."""
        return self.phase in (SlotPhase.READY, SlotPhase.CHECKING)

    @property
    def status(self) -> engine.EngineStatus:
        assert self._process is not None
        return self._process.status()

    def open(self, opener: Opener) -> None:
        """Start, with a clean record."""
        self.close()
        self._opener, self._n_failures, self.problem, self.speed = opener, 0, None, None
        self._start()
        self.touch()

    def close(self) -> None:
        """Leave nothing of the process, nor of its memory."""
        if self._process:
            self._process.close()
        self._process, self.phase = None, SlotPhase.EMPTY

    def touch(self) -> None:
        """Note that it is used now."""
        self.used_s = self._clock_s()

    def check_after_sleep(self) -> None:
        """Try the engine out before it is used, where the computer has slept: ready becomes checking."""
        slept_s = self._slept_s()
        if self._process and self.phase is SlotPhase.READY and slept_s - self._slept_before_s > SLEPT_S:
            self._slept_before_s = slept_s
            self._process.ping()
            self.phase = SlotPhase.CHECKING

    def begin(self, request: engine.SpeechRequest, first_segment: int) -> None:
        assert self._process is not None
        assert self.phase is SlotPhase.READY
        self._process.begin(request, first_segment)

    def begin_work(self, work: engine.host.Work) -> None:
        assert self._process is not None
        assert self.phase is SlotPhase.READY
        self._process.begin_work(work)

    def cancel(self) -> None:
        if self._process and self.phase is SlotPhase.READY:
            self._process.cancel()

    def note_segment(self, done: SegmentDone) -> None:
        """Note that a segment was spoken: failures before it do not count any more. How fast it was counts, over the
        last few; single short ones differ widely."""
        self._n_failures = 0
        if done.timing.compute_s > 0 and done.timing.audio_s > 0:
            speed = done.timing.audio_s / done.timing.compute_s
            self.speed = speed if self.speed is None else self.speed + NEW_SHARE * (speed - self.speed)

    def take(self) -> HostSaid | HostEnded | HostFailed | None:
        """Take what the running request has to say. Raises `EngineError` when the process was lost; it is then
        starting again, or the phase is FAILED."""
        while self._process:
            try:
                reply = self._process.take()
                if isinstance(reply, HostFailed) and self.phase is not SlotPhase.READY:
                    raise reply.error
            except engine.EngineError as error:
                self._lose(error)
                raise
            match reply:
                case HostProgress():
                    self.progress = StartProgress(reply.fraction, reply.left_s, time.monotonic())
                case HostReady() | HostPong():
                    self.phase, self._slept_before_s = SlotPhase.READY, self._slept_s()
                case _:
                    return reply
        return None

    def _start(self) -> None:
        assert self._opener is not None
        self.phase, self.progress = SlotPhase.STARTING, StartProgress()
        self._process = self._start_process(self._opener)

    def _lose(self, error: engine.EngineError) -> None:
        assert self._process is not None
        logging.getLogger(__name__).warning("engine process %d is lost: %s", self._process.pid, error)
        was_starting = self.phase is SlotPhase.STARTING
        self._process.kill()
        self._process = None
        self._n_failures += 1
        # What is wrong with a checkpoint or a device is as wrong the next time; a crash may be chance.
        is_hopeless = was_starting and not isinstance(error, HostError)
        if is_hopeless or self._n_failures == MAX_FAILURES:
            self.phase, self.problem = SlotPhase.FAILED, error
        else:
            self._start()
