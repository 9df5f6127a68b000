"""One piece of work for an engine: the person's reading, or what a guest asked for. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import engine
from desktop.engine_seat import EngineSeat
from engine import EngineWork, PcmChunk, SegmentDone, SegmentRestarted, SegmentStarted, SpeechRequest


class Listens(Protocol):
    """Who is told what becomes of a task. Nobody is told of one that was cancelled or replaced."""

    def on_event(self, epoch: int, event: object, /) -> None: ...
    def on_begin(self, epoch: int, speaker: str, /) -> None: ...
    def on_end(self, epoch: int, /) -> None: ...
    def on_failure(self, epoch: int, error: engine.EngineError, /) -> None: ...


@dataclass(slots=True, eq=False)
class EngineTask:
    """`next_segment` is the first that is not spoken to its end; `open_segment` is the one half spoken."""

    epoch: int
    wish: SpeechRequest | EngineWork
    listens: Listens
    next_segment: int = 0
    seat: EngineSeat | None = None
    is_running: bool = False  # in the seat's process
    is_over: bool = False  # all is generated, though not all is heard
    is_held: bool = False
    ahead_s: float = 0.0
    open_segment: int | None = None
    attempt: int = 1

    def note(self, event: object) -> object | None:
        """Where it is now; the event as it is to be told, None where it was told before."""
        match event:
            case SegmentStarted(segment):
                if self.open_segment == segment.index:
                    return None  # told before it was interrupted
                self.open_segment, self.next_segment, self.attempt = segment.index, segment.index, 1
            case PcmChunk():
                self.ahead_s += len(event.samples) / event.sample_rate
            case SegmentRestarted():
                self.attempt += 1
                return replace(event, attempt=self.attempt)
            case SegmentDone():
                self.open_segment, self.next_segment = None, event.segment.index + 1
                self._learn(event)
        return event

    def _learn(self, done: SegmentDone) -> None:
        """What keeps it the same if it must go on in another process: the seed drawn, the voice improvised."""
        request = self.wish
        assert isinstance(request, SpeechRequest)
        if request.options.seed is None and done.seed is not None:
            request = replace(request, options=replace(request.options, seed=done.seed))
        if done.voice is not None:
            request = replace(request, voice=done.voice)
        self.wish = request
