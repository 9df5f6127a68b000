"""One piece of work for an engine: the person's reading, or what a client asked for. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Protocol

import engine
from desktop.speech.made_segments import MadeSegments
from desktop.speech.slot import EngineSlot
from engine import PcmChunk, SegmentDone, SegmentRestarted, SegmentStarted, SpeechRequest, WordsPlaced
from engine.host import Work as EngineWork


class TaskListener(Protocol):
    """Hears what becomes of a task; nothing of one that was cancelled or replaced."""

    def on_event(self, epoch: int, event: object, /) -> None: ...
    def on_begin(self, epoch: int, speaker: str, /) -> None: ...
    def on_end(self, epoch: int, /) -> None: ...
    def on_failure(self, epoch: int, error: engine.EngineError, /) -> None: ...


@dataclass(slots=True, eq=False)
class Handover:
    """Goes from one engine to another at the beginning of `segment`, until that one's first sound is there. The rest is
    where the first one was; `started` waits to be passed on."""

    segment: int
    slot: EngineSlot | None
    next_segment: int
    open_segment: int | None
    was_over: bool
    started: SegmentStarted | None = None


@dataclass(slots=True, eq=False)
class EngineTask:
    """Follows a piece of work. `next_segment` is the first that is not spoken to its end; `open_segment` is the one
    half spoken. `made` is what there is of it to hear, `handover` how another engine is taking it over."""

    epoch: int
    request: SpeechRequest | EngineWork
    listener: TaskListener
    next_segment: int = 0
    slot: EngineSlot | None = None
    is_running: bool = False  # in the slot's process
    is_over: bool = False  # all is generated, though not all is heard
    is_held: bool = False
    ahead_s: float = 0.0
    open_segment: int | None = None
    attempt: int = 1
    asked_s: float = 0.0  # when a client asked for it
    made: MadeSegments = field(default_factory=MadeSegments)
    handover: Handover | None = None

    @property
    def unheard_s(self) -> float:
        """Seconds that are generated, stay, and are not heard yet."""
        return self.ahead_s if self.handover is None else self.made.lead_s(self.handover.segment, self.ahead_s)

    def note(self, event: object) -> tuple[object, ...]:
        """Note where it is now, and return what is to be passed on: nothing that was so before, or is not sure to be
        heard yet."""
        match event:
            case SegmentStarted(segment):
                if self.handover is not None:
                    self.handover.started = event
                    return ()
                if self.open_segment == segment.index:
                    return ()  # passed on before it was interrupted
                self._start(event)
            case PcmChunk():
                before = self._take_over()
                self.ahead_s += len(event.samples) / event.sample_rate
                self.made.add(event)
                return (*before, event)
            case WordsPlaced() if self.handover is not None:
                return ()  # of a segment that is not passed on yet
            case SegmentRestarted():
                if self.handover is not None:
                    return ()
                self.attempt += 1
                self.clear(event.segment)
                return (replace(event, attempt=self.attempt),)
            case SegmentDone():
                before = self._take_over()
                self.open_segment, self.next_segment = None, event.segment.index + 1
                self._learn(event)
                return (*before, event)
        return (event,)

    def clear(self, segment: int) -> None:
        """Forget the sound of `segment`, which begins anew: it is not to be heard any more."""
        self.ahead_s -= self.made.clear(segment)

    def hand_over(self, slot: EngineSlot, segment: int) -> None:
        """Have `slot` speak from `segment` on. What others made of that is heard until its first sound is there."""
        self.handover = Handover(segment, self.slot, self.next_segment, self.open_segment, self.is_over)
        self.slot, self.next_segment, self.open_segment = slot, segment, None
        self.is_running = self.is_over = False

    def take_back(self) -> None:
        """Go on with whoever spoke before, since the other came too late, and ask for more time from now on."""
        assert self.handover is not None
        back, self.handover = self.handover, None
        self.slot, self.next_segment, self.open_segment = back.slot, back.next_segment, back.open_segment
        self.is_running, self.is_over = False, back.was_over
        self.made.lead_s_needed *= 2

    def _start(self, started: SegmentStarted) -> None:
        segment = started.segment
        self.open_segment, self.next_segment, self.attempt = segment.index, segment.index, 1
        self.made.begin(segment)

    def _take_over(self) -> tuple[object, ...]:
        """The first sound is there: all that others made from its segment on is void."""
        if self.handover is None or self.handover.started is None:
            return ()
        started, self.ahead_s = self.handover.started, self.unheard_s
        self.handover = None
        self._start(started)
        return (started,)

    def _learn(self, done: SegmentDone) -> None:
        """What keeps it the same if it must go on in another process: the seed drawn, the voice improvised."""
        request = self.request
        assert isinstance(request, SpeechRequest)
        if request.options.seed is None and done.seed is not None:
            request = replace(request, options=replace(request.options, seed=done.seed))
        if done.voice is not None:
            request = replace(request, voice=done.voice)
        self.request = request
