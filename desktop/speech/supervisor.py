"""Who speaks, and what happens when an engine is slow, dies or is not needed: the engine thread's mind. No Qt here.

Methods only note what is wished; `step` acts. Everything runs on one thread.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Literal, Protocol

import engine
import engine.choice
import engine.host
from desktop.common.messages import explain
from desktop.common.state import EnginePhase, EngineView
from desktop.speech.clients import Guest
from desktop.speech.made_segments import LATE_S
from desktop.speech.sleep_clock import slept_s as computer_slept_s
from desktop.speech.slot import EngineSeat, SeatPhase
from desktop.speech.task import EngineTask, Listens
from engine import EngineStatus, SegmentDone, SegmentProblem, SegmentRestarted, SpeechRequest, Voice
from engine.host import HostEnded, HostFailed, HostLimits, HostSaid, Opener

MAX_AHEAD_S = 60.0
"""Generation holds when more than this is unheard, and goes on below `MIN_AHEAD_S`."""
MIN_AHEAD_S = 30.0
NEW_SHARE = 0.3
"""Of the last sentence, in the measured speed."""


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
    cache_folder: Path | None = None  # without one nothing is compiled
    idle_minutes: float = 10.0
    built_in_meanwhile: bool = True

    @property
    def opened(self) -> tuple[object, ...]:
        """What cannot change without opening S1 Mini anew."""
        return self.kind, self.checkpoint, self.device, self.precision, self.voices_folder, self.cache_folder


class Audience(Listens, Protocol):
    """Who is told of the person's readings, and of the engine."""

    def on_engine(self, view: EngineView) -> None: ...


def opener_of(spec: EngineSpec) -> Opener:
    if spec.kind == "built-in":
        return engine.host.BuiltInOpener()
    assert spec.checkpoint is not None
    return engine.host.S1Opener(spec.checkpoint, spec.device, spec.precision, spec.voices_folder, spec.cache_folder)


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
            EngineSeat(lambda opener: engine.host.EngineProcess(opener, self._limits, news), slept_s) for _ in range(2)
        )
        self._spec = EngineSpec()
        self._reading: EngineTask | None = None
        self._guests: deque[EngineTask] = deque()
        self._unload_wished = False
        self._s1_used_s = clock_s()
        self._view: EngineView | None = None
        self._speed: float | None = None  # of S1 Mini: seconds of sound for one of computing

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
        self._reading = EngineTask(epoch, request, self._audience, first_segment)
        if self._s1.phase is SeatPhase.FAILED and not self._spec.built_in_meanwhile:
            self._s1.close()  # who asks again wants it tried again

    def cancel(self, epoch: int) -> None:
        if self._reading and self._reading.epoch == epoch:
            self._drop_reading()

    def set_backlog_s(self, epoch: int, ahead_s: float, heard_segment: int | None = None) -> None:
        """So much of the reading is generated and unheard, and this is the segment that is heard."""
        reading = self._reading
        if reading and reading.epoch == epoch:
            reading.ahead_s = ahead_s
            if heard_segment is not None:
                reading.made.heard_segment = heard_segment
            if ahead_s > 0 and reading.seat is self._s1:
                self._s1_used_s = self._clock_s()

    def admit(self, guest: Guest) -> None:
        """Let `guest` have its turn when the person's reading needs no engine."""
        self._guests.append(EngineTask(0, guest.wish, guest))

    def dismiss(self, guest: Guest) -> None:
        """It went away, or has all it wanted."""
        for task in [task for task in self._guests if task.listens is guest]:
            self._stop(task)
            self._guests.remove(task)

    def unload(self) -> None:
        """Give S1 Mini's memory back: now, or when what it is speaking is all generated."""
        self._unload_wished = True

    def close(self, error: engine.EngineError | None = None) -> None:
        """`error` is what guests are told that still wait; without one they are just done with."""
        for seat in (self._s1, self._built_in):
            seat.close()
        while self._guests:
            task = self._guests.popleft()
            task.listens.on_failure(0, error) if error else task.listens.on_end(0)

    # --- work

    def step(self) -> float | None:
        """Do what there is to do; the seconds after which to do so again without news, None for never."""
        told = [self._hear(seat) for seat in (self._s1, self._built_in)]
        self._change_voice()
        self._go_on()
        self._rest()
        self._show()
        return 0.0 if any(told) else self._patience_s()

    def _hear(self, seat: EngineSeat) -> bool:
        """Pass on at most one event of `seat`, so that wishes are heard between two; whether there was one."""
        task = next((task for task in self._tasks() if task.is_running and task.seat is seat), None)
        if task and self._is_held(task):
            return False
        try:
            reply = seat.take()
        except engine.EngineError as error:
            self._lose(seat, error)
            return True
        if reply is None:
            return False
        assert task is not None  # replies to what was cancelled are stale, and are not given
        match reply:
            case HostSaid():
                is_handover = task.handover is not None
                events = task.note(reply.event)
                if is_handover and task.handover is None:
                    task.listens.on_begin(task.epoch, seat.status.name)
                for event in events:
                    task.listens.on_event(task.epoch, event)
                if isinstance(reply.event, SegmentDone):
                    seat.prove()
                    if seat is self._s1:
                        self._measure(reply.event)
            case HostEnded():
                self._finish(task)
            case HostFailed():
                self._fail(task, reply.error)
        if seat is self._s1:
            self._s1_used_s = self._clock_s()
        return True

    def _measure(self, done: SegmentDone) -> None:
        """How fast S1 Mini is, over the last few sentences; single short ones differ widely."""
        if done.timing.compute_s > 0 and done.timing.audio_s > 0:
            speed = done.timing.audio_s / done.timing.compute_s
            self._speed = speed if self._speed is None else self._speed + NEW_SHARE * (speed - self._speed)

    def _tasks(self) -> tuple[EngineTask, ...]:
        return (*((self._reading,) if self._reading else ()), *self._guests)

    def _finish(self, task: EngineTask) -> None:
        task.is_running, task.is_over = False, True
        if task in self._guests:
            self._guests.remove(task)
        task.listens.on_end(task.epoch)

    def _lose(self, seat: EngineSeat, error: engine.EngineError) -> None:
        """The process is gone. What it did waits for the next one; a reading may go to the built-in voice."""
        for task in [task for task in self._tasks() if task.seat is seat and not task.is_over]:
            self._interrupt(task)
            if seat.phase is SeatPhase.FAILED:
                if task.handover is not None:
                    continue  # whoever spoke before goes on
                if task is self._reading and seat is self._s1 and self._spec.built_in_meanwhile:
                    task.seat = None
                else:
                    self._fail(task, error)
        if seat is self._built_in and seat.phase is SeatPhase.FAILED:
            seat.close()  # the next reading may fare better

    def _interrupt(self, task: EngineTask) -> None:
        """It runs no more. A sentence half spoken begins anew, and so does a guest's work."""
        was_running, task.is_running = task.is_running, False
        if task.open_segment is not None or (was_running and not isinstance(task.wish, SpeechRequest)):
            task.attempt += 1
            restart = SegmentRestarted(task.open_segment or 0, SegmentProblem.INTERRUPTED, task.attempt)
            task.listens.on_event(task.epoch, restart)

    def _go_on(self) -> None:
        """Get whoever's turn it is to an engine: the one it began with, or the best there is."""
        task = self._whose_turn()
        for other in self._tasks():
            if other is not task and other.is_running:
                self._stop(other)
                self._interrupt(other)
        if task is None or task.is_running:
            return
        seat = task.seat = task.seat or self._choose_seat(task)
        if task is not self._reading and seat.phase is SeatPhase.FAILED:
            assert seat.problem is not None
            self._fail(task, seat.problem)  # a guest is not read to by another voice
            return
        if not seat.is_open:
            self._open_s1() if seat is self._s1 else self._open_built_in()
        seat.check_after_sleep()
        if seat.phase is SeatPhase.READY:
            self._begin(task, seat)

    def _change_voice(self) -> None:
        """Have S1 Mini, once it is ready, take over what the built-in voice read meanwhile, at the next paragraph."""
        task = self._reading
        if task is None:
            return
        if task.handover is not None:
            segment = task.handover.segment
            is_late = task.made.lead_s(segment, task.ahead_s) < LATE_S and task.made.has_sound_of(segment)
            if is_late or self._s1.phase is SeatPhase.FAILED:
                self._stop(task)
                task.take_back()
                self._interrupt(task)
            return
        is_meanwhile = task.seat is self._built_in and self._wants_s1(task)
        if is_meanwhile and self._s1.phase is SeatPhase.READY:
            segment = task.made.next_paragraph(task.ahead_s, is_over=task.is_over, is_held=task.is_held)
            if segment is not None:
                self._stop(task)
                task.hand_over(self._s1, segment)

    def _wants_s1(self, task: EngineTask) -> bool:
        wish = task.wish
        is_for_built_in = isinstance(wish, SpeechRequest) and engine.choice.is_built_in(wish.voice.name)
        return self._spec.kind == "s1" and not is_for_built_in

    def _whose_turn(self) -> EngineTask | None:
        """The person's reading while it needs an engine; else the first of the guests."""
        reading = self._reading
        if reading and not reading.is_over and not (self._guests and self._is_held(reading)):
            return reading
        return self._guests[0] if self._guests else None

    def _begin(self, task: EngineTask, seat: EngineSeat) -> None:
        task.is_running = True
        if task.handover is None:
            task.listens.on_begin(task.epoch, seat.status.name)
        if isinstance(task.wish, SpeechRequest):
            seat.begin(self._request_for(seat, task.wish), task.next_segment)
        else:
            seat.begin_work(task.wish)

    @staticmethod
    def _stop(task: EngineTask) -> None:
        if task.is_running and task.seat:
            task.seat.cancel()

    def _choose_seat(self, task: EngineTask) -> EngineSeat:
        if isinstance(task.wish, SpeechRequest) and not self._wants_s1(task):
            return self._built_in
        if not self._s1.is_open:
            self._open_s1()
        is_usable = self._s1.phase in (SeatPhase.READY, SeatPhase.CHECKING)
        is_patient = task is not self._reading or not self._spec.built_in_meanwhile
        return self._s1 if is_usable or is_patient else self._built_in

    def _request_for(self, seat: EngineSeat, request: SpeechRequest) -> SpeechRequest:
        """The built-in voice does not know S1 Mini's voices."""
        if seat is self._built_in and not engine.choice.is_built_in(request.voice.name):
            return replace(request, voice=Voice())
        return request

    def _rest(self) -> None:
        """Unload S1 Mini when that was asked for or it was idle for long, never while it speaks."""
        if self._is_s1_needed():
            return
        if self._unload_wished or (self._s1.phase is SeatPhase.READY and self._s1_idle_left_s() <= 0):
            self._s1.close()
        self._unload_wished = False

    def _patience_s(self) -> float | None:
        is_starting = any(s.phase in (SeatPhase.STARTING, SeatPhase.CHECKING) for s in (self._s1, self._built_in))
        if is_starting or any(task.is_running and not task.is_held for task in self._tasks()):
            return self._limits.beat_s
        if self._s1.phase is SeatPhase.READY and not self._is_s1_needed() and self._s1_idle_left_s() < math.inf:
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
                progress, now_s = self._s1.progress, time.monotonic()
                return EngineView(EnginePhase.STARTING, progress.fraction_at(now_s), left_s=progress.left_at(now_s))
            case SeatPhase.CHECKING | SeatPhase.READY:
                status = self._s1.status
                return EngineView(
                    EnginePhase.READY,
                    device=status.device,
                    memory_bytes=status.memory_bytes,
                    peak_memory_bytes=status.peak_memory_bytes,
                    speed=None if self._speed is None else round(self._speed, 1),
                )
            case SeatPhase.FAILED:
                assert self._s1.problem is not None
                return EngineView(EnginePhase.FAILED, problem=explain(self._s1.problem))

    # --- small things

    def status(self) -> EngineStatus:
        """Of the engine that is wished for, whether it is open or not."""
        seat = self._built_in if self._spec.kind == "built-in" else self._s1
        if seat.phase in (SeatPhase.READY, SeatPhase.CHECKING):
            return seat.status
        name = "built-in voice" if self._spec.kind == "built-in" else "S1 Mini"
        return EngineStatus(name, self._spec.device, self._spec.precision)

    def _open_s1(self) -> None:
        self._speed = None
        self._s1.open(self._opener_of(self._spec))
        self._s1_used_s = self._clock_s()

    def _open_built_in(self) -> None:
        self._built_in.open(self._opener_of(EngineSpec("built-in")))

    def _empty_s1(self) -> None:
        """Another engine is wished for. What the old one was doing goes on with the new one."""
        self._s1.close()
        for task in self._tasks():
            if task.seat is self._s1 and not task.is_over:
                if task.handover is not None:
                    task.take_back()
                self._interrupt(task)
                task.seat = None

    def _drop_reading(self) -> None:
        if self._reading:
            self._stop(self._reading)
        self._reading = None

    def _fail(self, task: EngineTask, error: engine.EngineError) -> None:
        if task is self._reading:
            self._reading = None
        else:
            self._guests.remove(task)
        task.listens.on_failure(task.epoch, error)

    def _is_s1_needed(self) -> bool:
        return any(task.seat is self._s1 and not task.is_over for task in self._tasks())

    def _s1_idle_left_s(self) -> float:
        return self._s1_used_s + 60 * self._spec.idle_minutes - self._clock_s()

    def _is_held(self, task: EngineTask) -> bool:
        """Whether what is made waits. A reading for which guests wait is not held in the middle of a sentence."""
        if isinstance(task.listens, Guest):
            task.is_held = task.listens.is_full
        else:
            limit_s = MIN_AHEAD_S if task.is_held else MAX_AHEAD_S
            is_far = task.unheard_s > limit_s
            task.is_held = is_far and not (self._guests and task.is_running and task.open_segment is not None)
        return task.is_held
