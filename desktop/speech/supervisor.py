"""Who speaks, and what happens when an engine is slow, dies or is not needed: the engine thread's mind. No Qt here.

Methods only note what is asked for; `step` acts. Everything runs on one thread. The engine that is always there
bridges the time in which another starts.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from threading import Event
from typing import Protocol

import engine
import engine.registry
from desktop.common.state import EngineView
from desktop.speech.clients import Client
from desktop.speech.made_segments import LATE_S
from desktop.speech.slot import EngineSlot, SlotPhase, computer_slept_s
from desktop.speech.slots import EngineSlots, EngineSpec, request_for
from desktop.speech.task import EngineTask, TaskListener
from desktop.speech.turns import Turn
from engine import EngineSetup, EngineStatus, SegmentDone, SegmentProblem, SegmentRestarted, SpeechRequest
from engine.host import HostEnded, HostFailed, HostLimits, HostSaid, Work
from engine.opening import Opener
from engine.registry import check_language, engine_named

MAX_AHEAD_S = 60.0
"""Generation holds when more than this is unheard, and goes on below `MIN_AHEAD_S`."""
MIN_AHEAD_S = 30.0
SHOWN_AFTER_S = 0.5
"""Who waits for less is not shown as waiting."""


class SupervisorListener(TaskListener, Protocol):
    """Hears of the person's readings, and of the engine."""

    def on_engine(self, view: EngineView, /) -> None: ...
    def on_waiting(self, turns: tuple[Turn, ...], /) -> None: ...


class EngineSupervisor:
    def __init__(
        self,
        listener: SupervisorListener,
        news: Event,
        *,
        limits: HostLimits | None = None,
        opener_of: Callable[[str, EngineSetup], Opener] = engine.registry.opener_of,
        clock_s: Callable[[], float] = time.monotonic,
        slept_s: Callable[[], float] = computer_slept_s,
    ) -> None:
        """`news` is set whenever `step` may have something to do."""
        self._listener, self._beat_s = listener, (limits or HostLimits()).beat_s
        self._slots = EngineSlots(news, limits or HostLimits(), opener_of, clock_s, slept_s)
        self._reading: EngineTask | None = None
        self._clients: deque[EngineTask] = deque()
        self._clock_s = clock_s
        self._waiting: tuple[Turn, ...] = ()
        self._unload_requested = False
        self._view: EngineView | None = None

    # --- requests

    def load(self, spec: EngineSpec, start: bool = True) -> None:
        """Make `spec`'s engine ready, or without `start` let the first request do so. Also the way to try again
        after it failed."""
        for slot in self._slots.take_spec(spec):
            self._empty(slot)
        if start:
            self._unload_requested = False
            if self._slots.main.phase in (SlotPhase.EMPTY, SlotPhase.FAILED):
                self._slots.open(self._slots.main)

    def speak(self, epoch: int, request: SpeechRequest, first_segment: int = 0) -> None:
        self._drop_reading()
        if (refusal := self._refusal(request)) is not None:
            self._listener.on_failure(epoch, refusal)
            return
        self._reading = EngineTask(epoch, request, self._listener, first_segment)
        slot = self._slots.wanted_for(request)
        is_shown = slot is self._slots.main and self._slots.spec.bridges
        if slot.phase is SlotPhase.FAILED and not is_shown:
            slot.close()  # who asks again wants it tried again

    def cancel(self, epoch: int) -> None:
        if self._reading and self._reading.epoch == epoch:
            self._drop_reading()

    def set_backlog_s(self, epoch: int, ahead_s: float, heard_segment: int | None = None) -> None:
        """Note how much of the reading is generated and unheard, and which segment is heard."""
        reading = self._reading
        if reading and reading.epoch == epoch:
            reading.ahead_s = ahead_s
            if heard_segment is not None:
                reading.made.heard_segment = heard_segment
            if ahead_s > 0 and reading.slot is not None:
                reading.slot.touch()

    def add_client(self, client: Client) -> None:
        """Let `client` have its turn (`turns.py`)."""
        if (refusal := self._refusal(client.request)) is not None:
            client.on_failure(0, refusal)
            return
        self._clients.append(EngineTask(0, client.request, client, asked_s=self._clock_s()))

    def remove_client(self, client: Client) -> None:
        """Forget `client`, which went away or has all it asked for."""
        for task in [task for task in self._clients if task.listener is client]:
            self._stop(task)
            self._clients.remove(task)

    def unload(self) -> None:
        """Give the engines' memory back: now, or when what they are speaking is all generated."""
        self._unload_requested = True

    def close(self, error: engine.EngineError | None = None) -> None:
        """End all engines. `error` is given to the clients that still wait; without one their work just ends."""
        for slot in self._slots.all():
            slot.close()
        while self._clients:
            task = self._clients.popleft()
            task.listener.on_failure(0, error) if error else task.listener.on_end(0)

    # --- work

    def step(self) -> float | None:
        """Do what there is to do; return the seconds after which to do so again without news, None for never."""
        has_news = [self._hear(slot) for slot in self._slots.all()]
        self._hand_over()
        while self._go_on():
            pass
        self._rest()
        self._show()
        return 0.0 if any(has_news) else self._patience_s()

    def _hear(self, slot: EngineSlot) -> bool:
        """Pass on at most one event of `slot`, so that requests are heard between two; whether there was one."""
        task = next((task for task in self._tasks() if task.is_running and task.slot is slot), None)
        if task and self._is_held(task):
            return False
        try:
            reply = slot.take()
        except engine.EngineError as error:
            self._lose(slot, error)
            return True
        if reply is None:
            return False
        assert task is not None  # replies to what was cancelled are stale, and are not given
        match reply:
            case HostSaid():
                is_handover = task.handover is not None
                events = task.note(reply.event)
                if is_handover and task.handover is None:
                    task.listener.on_begin(task.epoch, slot.status.name)
                for event in events:
                    task.listener.on_event(task.epoch, event)
                if isinstance(reply.event, SegmentDone):
                    slot.note_segment(reply.event)
            case HostEnded():
                self._finish(task)
            case HostFailed():
                self._fail(task, reply.error)
        slot.touch()
        return True

    def _tasks(self) -> tuple[EngineTask, ...]:
        return (*((self._reading,) if self._reading else ()), *self._clients)

    def _finish(self, task: EngineTask) -> None:
        task.is_running, task.is_over = False, True
        if task in self._clients:
            self._clients.remove(task)
        task.listener.on_end(task.epoch)

    def _lose(self, slot: EngineSlot, error: engine.EngineError) -> None:
        """The process is gone. What it did waits for the next one; a reading may go to the bridge."""
        for task in [task for task in self._tasks() if task.slot is slot and not task.is_over]:
            self._interrupt(task)
            if slot.phase is SlotPhase.FAILED:
                if task.handover is not None:
                    continue  # whoever spoke before goes on
                if task is self._reading and slot is not self._slots.bridge and self._slots.spec.bridges:
                    task.slot = None
                else:
                    self._fail(task, error)
        if slot is self._slots.bridge and slot.phase is SlotPhase.FAILED:
            slot.close()  # the next reading may fare better

    def _interrupt(self, task: EngineTask) -> None:
        """It runs no more. A sentence half spoken begins anew, and so does a client's work."""
        was_running, task.is_running = task.is_running, False
        if task.open_segment is not None or (was_running and not isinstance(task.request, SpeechRequest)):
            task.attempt += 1
            restart = SegmentRestarted(task.open_segment or 0, SegmentProblem.INTERRUPTED, task.attempt)
            task.clear(restart.segment)
            task.listener.on_event(task.epoch, restart)

    def _go_on(self) -> bool:
        """Get whoever's turn it is to an engine: the one it began with, or the best there is. Return whether that
        failed, so that it is another's turn."""
        task = self._whose_turn()
        for other in self._tasks():
            if other is not task and other.is_running:
                self._stop(other)
                self._interrupt(other)
        if task is None or task.is_running:
            return False
        slot = task.slot = task.slot or self._choose_slot(task)
        if task is not self._reading and slot.phase is SlotPhase.FAILED:
            assert slot.problem is not None
            self._fail(task, slot.problem)  # a client is not read to by another voice
            return True
        if not slot.is_open:
            self._slots.open(slot)
        slot.check_after_sleep()
        if slot.phase is SlotPhase.READY:
            self._begin(task, slot)
        return False

    def _hand_over(self) -> None:
        """Have the engine that is wanted, once it is ready, take over what the bridge read meanwhile, at the next
        paragraph. If it is late there, it is asked for a later one in the same step: nothing else may happen that has
        another step done."""
        task = self._reading
        if task is None:
            return
        if task.handover is not None:
            segment = task.handover.segment
            is_late = task.made.lead_s(segment, task.ahead_s) < LATE_S and task.made.has_sound_of(segment)
            is_lost = task.slot is not None and task.slot.phase is SlotPhase.FAILED
            if not (is_late or is_lost):
                return
            self._stop(task)
            task.take_back()
            self._interrupt(task)
        wanted = self._slots.wanted_for(task.request)
        if task.slot is self._slots.bridge is not wanted and wanted.phase is SlotPhase.READY:
            can_follow = not task.is_over and task.open_segment is None
            segment = task.made.next_paragraph(task.ahead_s, can_follow=can_follow, is_held=task.is_held)
            if segment is not None:
                self._stop(task)
                task.hand_over(wanted, segment)

    def _whose_turn(self) -> EngineTask | None:
        """The person's reading while it needs an engine; else the first of the clients, but for those that take nothing
        more for now. Who is in the middle of a sentence ends it before another of its rank begins."""
        reading = self._reading
        if reading and not reading.is_over and not (self._clients and self._is_held(reading)):
            return reading
        taking = [task for task in self._clients if not self._is_held(task)]
        return min(taking or self._clients, key=_rank, default=None)

    def _begin(self, task: EngineTask, slot: EngineSlot) -> None:
        task.is_running = True
        if task.handover is None:
            task.listener.on_begin(task.epoch, slot.status.name)
        if isinstance(task.request, SpeechRequest):
            slot.begin(request_for(slot, task.request), task.next_segment)
        else:
            slot.begin_work(task.request)

    @staticmethod
    def _stop(task: EngineTask) -> None:
        if task.is_running and task.slot:
            task.slot.cancel()

    # --- slots

    def _choose_slot(self, task: EngineTask) -> EngineSlot:
        wanted = self._slots.wanted_for(task.request)
        if not wanted.is_open:
            self._slots.open(wanted)
        is_patient = task is not self._reading or not self._slots.spec.bridges
        return wanted if wanted.is_usable or is_patient else self._slots.bridge

    def _empty(self, slot: EngineSlot) -> None:
        """Another engine is to speak. What the old one was doing goes on with the new one."""
        slot.close()
        for task in self._tasks():
            if task.slot is slot and not task.is_over:
                if task.handover is not None:
                    task.take_back()
                self._interrupt(task)
                task.slot = None

    def _rest(self) -> None:
        """Unload what that was asked for or was idle for long, never while it speaks."""
        others = self._slots.others()
        for slot in others:
            if not self._is_needed(slot) and (self._unload_requested or self._slots.idle_left_s(slot) <= 0):
                slot.close()
        if not any(self._is_needed(slot) for slot in others):
            self._unload_requested = False

    def _patience_s(self) -> float | None:
        if self._slots.are_starting() or any(task.is_running and not task.is_held for task in self._tasks()):
            return self._beat_s
        resting = (self._slots.idle_left_s(slot) for slot in self._slots.others() if not self._is_needed(slot))
        left_s = min(resting, default=math.inf)
        return None if left_s == math.inf else max(left_s, 0.001)

    def _is_needed(self, slot: EngineSlot) -> bool:
        return any(task.slot is slot and not task.is_over for task in self._tasks())

    # --- what is shown

    def _show(self) -> None:
        view = self._slots.view()
        if view != self._view:
            self._view = view
            self._listener.on_engine(view)
        before_s = self._clock_s() - SHOWN_AFTER_S
        waiting = tuple(_turn(task) for task in self._clients if not task.is_running and task.asked_s <= before_s)
        if waiting != self._waiting:
            self._waiting = waiting
            self._listener.on_waiting(waiting)

    def status(self) -> EngineStatus:
        """Return that of the engine that is to speak, whether it is open or not."""
        return self._slots.status()

    # --- small things

    def _refusal(self, request: SpeechRequest | Work) -> engine.OptionError | None:
        """Why the engine that is wanted cannot speak `request`: it may not know the language."""
        if isinstance(request, SpeechRequest):
            try:
                check_language(engine_named(self._slots.wanted_for(request).name), request.options.language)
            except engine.OptionError as error:
                return error
        return None

    def _drop_reading(self) -> None:
        if self._reading:
            self._stop(self._reading)
        self._reading = None

    def _fail(self, task: EngineTask, error: engine.EngineError) -> None:
        if task is self._reading:
            self._reading = None
        else:
            self._clients.remove(task)
        task.listener.on_failure(task.epoch, error)

    def _is_held(self, task: EngineTask) -> bool:
        """Whether what is made waits. A reading for which clients wait is not held in the middle of a sentence."""
        if isinstance(task.listener, Client):
            task.is_held = not task.listener.has_room if task.is_held else task.listener.is_full
        else:
            limit_s = MIN_AHEAD_S if task.is_held else MAX_AHEAD_S
            is_far = task.unheard_s > limit_s
            task.is_held = is_far and not (self._clients and task.is_running and task.open_segment is not None)
        return task.is_held


def _rank(task: EngineTask) -> tuple[Turn, bool]:
    is_between_sentences = isinstance(task.request, SpeechRequest) and task.open_segment is None
    return _turn(task), is_between_sentences or not task.is_running


def _turn(task: EngineTask) -> Turn:
    assert isinstance(task.listener, Client)
    return task.listener.turn
