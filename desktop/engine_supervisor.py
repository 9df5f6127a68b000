"""Who speaks, and what happens when an engine is slow, dies or is not needed: the engine thread's mind. No Qt here.

Methods only note what is wished; `step` acts. Everything runs on one thread.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Literal, Protocol

import engine
from desktop.engine_seat import EngineSeat, SeatPhase
from desktop.messages import explain
from desktop.sleep_clock import slept_s as computer_slept_s
from desktop.state import EnginePhase, EngineView
from engine import (
    HostEnded,
    HostFailed,
    HostLimits,
    HostSaid,
    Opener,
    PcmChunk,
    SegmentDone,
    SegmentProblem,
    SegmentRestarted,
    SegmentStarted,
    SpeechRequest,
    Voice,
)

MAX_AHEAD_S = 60.0
"""Generation holds when more than this is unheard, and goes on below `MIN_AHEAD_S`."""
MIN_AHEAD_S = 30.0


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Which engine is wished for. `idle_minutes` after the last sound S1 Mini is unloaded (`inf`: never).

    `built_in_meanwhile`: while S1 Mini is loading or has failed, the built-in voice reads.
    """

    kind: Literal["s1", "built-in"] = "built-in"
    checkpoint: Path | None = None
    device: str = "auto"
    precision: str = "auto"
    voices_folder: Path | None = None
    cache_folder: Path | None = None
    idle_minutes: float = 10.0
    built_in_meanwhile: bool = True

    @property
    def opened(self) -> tuple[object, ...]:
        """What cannot change without opening S1 Mini anew."""
        return self.kind, self.checkpoint, self.device, self.precision, self.voices_folder


class Audience(Protocol):
    """Who is told. Nobody is told of a reading that was cancelled or replaced."""

    def on_event(self, epoch: int, event: engine.SpeechEvent) -> None: ...
    def on_begin(self, epoch: int, speaker: str) -> None: ...
    def on_end(self, epoch: int) -> None: ...
    def on_failure(self, epoch: int, error: engine.EngineError) -> None: ...
    def on_engine(self, view: EngineView) -> None: ...


def opener_of(spec: EngineSpec) -> Opener:
    if spec.kind == "built-in":
        return engine.built_in_opener()
    assert spec.checkpoint is not None
    return engine.s1_opener(spec.checkpoint, spec.device, spec.precision, spec.voices_folder, spec.cache_folder)


@dataclass(slots=True)
class _Reading:
    """`next_segment` is the first that is not spoken to its end; `open_segment` is the one half spoken."""

    epoch: int
    request: SpeechRequest
    next_segment: int
    seat: EngineSeat | None = None
    is_running: bool = False  # in the seat's process
    is_over: bool = False  # all is generated, though not all is heard
    is_held: bool = False
    ahead_s: float = 0.0
    open_segment: int | None = None
    attempt: int = 1


class EngineSupervisor:
    def __init__(
        self,
        audience: Audience,
        news: Event,
        *,
        limits: HostLimits | None = None,
        opener_of: Callable[[EngineSpec], Opener] = opener_of,
        clock_s: Callable[[], float] = time.monotonic,
        slept_s: Callable[[], float] = computer_slept_s,
    ) -> None:
        """`news` is set whenever `step` may have something to do."""
        self._audience, self._opener_of, self._clock_s = audience, opener_of, clock_s
        self._limits = limits or HostLimits()
        self._s1, self._built_in = (
            EngineSeat(lambda opener: engine.start_engine_process(opener, self._limits, news), slept_s)
            for _ in range(2)
        )
        self._spec = EngineSpec()
        self._reading: _Reading | None = None
        self._unload_wished = False
        self._s1_used_s = clock_s()
        self._view: EngineView | None = None

    # --- wishes

    def load(self, spec: EngineSpec, start: bool = True) -> None:
        """Make `spec`'s engine ready, or without `start` let the first request do so. Also the way to try again
        after it failed."""
        before, self._spec = self._spec, spec
        if before.opened != spec.opened:
            self._empty_s1()
        if not start:
            return
        if spec.kind == "s1":
            self._unload_wished = False
            if self._s1.phase in (SeatPhase.EMPTY, SeatPhase.FAILED):
                self._open_s1()
        elif not self._built_in.is_open:
            self._open_built_in()

    def speak(self, epoch: int, request: SpeechRequest, first_segment: int = 0) -> None:
        self._drop_reading()
        self._reading = _Reading(epoch, request, first_segment)
        if self._s1.phase is SeatPhase.FAILED and not self._spec.built_in_meanwhile:
            self._s1.close()  # who asks again wants it tried again

    def cancel(self, epoch: int) -> None:
        if self._reading and self._reading.epoch == epoch:
            self._drop_reading()

    def set_backlog_s(self, epoch: int, ahead_s: float) -> None:
        """So much of the reading is generated and unheard."""
        reading = self._reading
        if reading and reading.epoch == epoch:
            reading.ahead_s = ahead_s
            if ahead_s > 0 and reading.seat is self._s1:
                self._s1_used_s = self._clock_s()

    def unload(self) -> None:
        """Give S1 Mini's memory back: now, or when what it is speaking is all generated."""
        self._unload_wished = True

    def close(self) -> None:
        for seat in (self._s1, self._built_in):
            seat.close()

    # --- work

    def step(self) -> float | None:
        """Do what there is to do; the seconds after which to do so again without news, None for never."""
        told = [self._hear(seat) for seat in (self._s1, self._built_in)]
        self._go_on()
        self._rest()
        self._show()
        return 0.0 if any(told) else self._patience_s()

    def _hear(self, seat: EngineSeat) -> bool:
        """Pass on at most one event of `seat`, so that wishes are heard between two; whether there was one."""
        reading = self._reading if self._reading and self._reading.seat is seat else None
        if reading and not reading.is_over and self._is_held(reading):
            return False
        try:
            reply = seat.take()
        except engine.EngineError as error:
            self._lose(seat, error)
            return True
        if reply is None:
            return False
        assert reading is not None  # replies to what was cancelled are stale, and are not given
        match reply:
            case HostSaid():
                self._tell(reading, reply.event)
            case HostEnded():
                reading.is_over = True
                self._audience.on_end(reading.epoch)
            case HostFailed():
                self._fail(reading, reply.error)
        if seat is self._s1:
            self._s1_used_s = self._clock_s()
        return True

    def _tell(self, reading: _Reading, event: engine.SpeechEvent) -> None:
        match event:
            case SegmentStarted(segment):
                if reading.open_segment == segment.index:
                    return  # told before it was interrupted
                reading.open_segment, reading.next_segment, reading.attempt = segment.index, segment.index, 1
            case PcmChunk():
                reading.ahead_s += len(event.samples) / event.sample_rate
            case SegmentRestarted():
                reading.attempt += 1
                event = replace(event, attempt=reading.attempt)
            case SegmentDone():
                reading.open_segment, reading.next_segment = None, event.segment.index + 1
                _learn(reading, event)
                if reading.seat:
                    reading.seat.prove()
        self._audience.on_event(reading.epoch, event)

    def _lose(self, seat: EngineSeat, error: engine.EngineError) -> None:
        """The process is gone. What it was reading waits for the next one, or goes to the built-in voice."""
        reading = self._reading
        if reading and reading.seat is seat and not reading.is_over:
            self._interrupt(reading)
            if seat.phase is SeatPhase.FAILED:
                if seat is self._s1 and self._spec.built_in_meanwhile:
                    reading.seat = None
                else:
                    self._fail(reading, error)
        if seat is self._built_in and seat.phase is SeatPhase.FAILED:
            seat.close()  # the next reading may fare better

    def _interrupt(self, reading: _Reading) -> None:
        reading.is_running = False
        if reading.open_segment is not None:
            reading.attempt += 1
            restart = SegmentRestarted(reading.open_segment, SegmentProblem.INTERRUPTED, reading.attempt)
            self._audience.on_event(reading.epoch, restart)

    def _go_on(self) -> None:
        """Get the reading to an engine: the one it began with, or the best there is."""
        reading = self._reading
        if reading is None or reading.is_running or reading.is_over:
            return
        seat = reading.seat = reading.seat or self._choose_seat(reading.request)
        if not seat.is_open:
            self._open_s1() if seat is self._s1 else self._open_built_in()
        seat.check_after_sleep()
        if seat.phase is SeatPhase.READY:
            reading.is_running = True
            self._audience.on_begin(reading.epoch, seat.status.name)
            seat.begin(self._request_for(seat, reading.request), reading.next_segment)

    def _choose_seat(self, request: SpeechRequest) -> EngineSeat:
        if self._spec.kind == "built-in" or engine.is_built_in(request.voice.name):
            return self._built_in
        if not self._s1.is_open:
            self._open_s1()
        is_usable = self._s1.phase in (SeatPhase.READY, SeatPhase.CHECKING)
        return self._s1 if is_usable or not self._spec.built_in_meanwhile else self._built_in

    def _request_for(self, seat: EngineSeat, request: SpeechRequest) -> SpeechRequest:
        """The built-in voice does not know S1 Mini's voices."""
        if seat is self._built_in and not engine.is_built_in(request.voice.name):
            return replace(request, voice=Voice())
        return request

    def _rest(self) -> None:
        """Unload S1 Mini when that was asked for or it was idle for long, never while it speaks."""
        if self._is_s1_reading():
            return
        if self._unload_wished or (self._s1.phase is SeatPhase.READY and self._s1_idle_left_s() <= 0):
            self._s1.close()
        self._unload_wished = False

    def _patience_s(self) -> float | None:
        is_starting = any(s.phase in (SeatPhase.STARTING, SeatPhase.CHECKING) for s in (self._s1, self._built_in))
        reading = self._reading
        if is_starting or (reading and reading.is_running and not reading.is_over and not reading.is_held):
            return self._limits.beat_s
        if self._s1.phase is SeatPhase.READY and not self._is_s1_reading() and self._s1_idle_left_s() < math.inf:
            return max(self._s1_idle_left_s(), 0.001)
        return None

    def _show(self) -> None:
        view = self._make_view()
        if view != self._view:
            self._view = view
            self._audience.on_engine(view)

    def _make_view(self) -> EngineView:
        if self._spec.kind == "built-in":
            return EngineView(EnginePhase.ABSENT)
        match self._s1.phase:
            case SeatPhase.EMPTY:
                return EngineView(EnginePhase.UNLOADED)
            case SeatPhase.STARTING:
                return EngineView(EnginePhase.STARTING, self._s1.fraction)
            case SeatPhase.CHECKING | SeatPhase.READY:
                status = self._s1.status
                return EngineView(EnginePhase.READY, device=status.device, memory_bytes=status.memory_bytes)
            case SeatPhase.FAILED:
                assert self._s1.problem is not None
                return EngineView(EnginePhase.FAILED, problem=explain(self._s1.problem))

    # --- small things

    def _open_s1(self) -> None:
        self._s1.open(self._opener_of(self._spec))
        self._s1_used_s = self._clock_s()

    def _open_built_in(self) -> None:
        self._built_in.open(self._opener_of(EngineSpec("built-in")))

    def _empty_s1(self) -> None:
        """Another engine is wished for. What the old one was reading goes on with the new one."""
        self._s1.close()
        reading = self._reading
        if reading and reading.seat is self._s1 and not reading.is_over:
            self._interrupt(reading)
            reading.seat = None

    def _drop_reading(self) -> None:
        if self._reading and self._reading.is_running and self._reading.seat:
            self._reading.seat.cancel()
        self._reading = None

    def _fail(self, reading: _Reading, error: engine.EngineError) -> None:
        self._reading = None
        self._audience.on_failure(reading.epoch, error)

    def _is_s1_reading(self) -> bool:
        return self._reading is not None and self._reading.seat is self._s1 and not self._reading.is_over

    def _s1_idle_left_s(self) -> float:
        return self._s1_used_s + 60 * self._spec.idle_minutes - self._clock_s()

    def _is_held(self, reading: _Reading) -> bool:
        limit_s = MIN_AHEAD_S if reading.is_held else MAX_AHEAD_S
        reading.is_held = reading.ahead_s > limit_s
        return reading.is_held


def _learn(reading: _Reading, done: SegmentDone) -> None:
    """What keeps the reading the same if it must go on in another process: the seed drawn, the voice improvised."""
    request = reading.request
    if request.options.seed is None and done.seed is not None:
        request = replace(request, options=replace(request.options, seed=done.seed))
    if done.voice is not None:
        request = replace(request, voice=done.voice)
    reading.request = request
