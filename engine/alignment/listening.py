"""An engine whose words are found by listening to what it says: its events pass through, with `WordsPlaced` among
them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np

from engine.alignment.finding import WordFinder
from engine.alignment.speaker import Speaker
from engine.notes import Manner
from engine.opening import Opener, Report
from engine.types import (
    FRAME_SAMPLES,
    CancelToken,
    EngineStatus,
    PcmChunk,
    Segment,
    SegmentDone,
    SegmentRestarted,
    SegmentStarted,
    SpeechEngine,
    SpeechEvent,
    SpeechRequest,
    WordsPlaced,
)

SpeakBatch = Callable[[Sequence[SpeechRequest], CancelToken], Iterator[tuple[int, SpeechEvent]]]

Event = TypeVar("Event")


class ListenedEngine:
    """Speaks as the engine that it is given does, and places its words. Whatever else that can do, this can."""

    def __init__(self, engine: SpeechEngine) -> None:
        self._engine = engine

    def __getattr__(self, name: str) -> Any:
        """Return what the engine has, now: `codec`, `max_batch` and the like."""
        found = getattr(self._engine, name)
        return partial(self._speak_batch, found) if name == "speak_batch" else found

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        """See `SpeechEngine.speak`. Where somebody listens, words are placed after each chunk; else once, at the end of
        a segment."""
        return self._listened(self._engine.speak(request, cancel), request, cancel)

    def status(self) -> EngineStatus:
        return self._engine.status()

    def close(self) -> None:
        self._engine.close()

    def _listened(
        self, events: Iterator[SpeechEvent], request: SpeechRequest, cancel: CancelToken
    ) -> Iterator[SpeechEvent]:
        hearing = _Hearing(request, cancel)
        with closing(closable(events)) as spoken:
            for event in spoken:
                hearing = hearing.after(event)
                if isinstance(event, SegmentDone) and not cancel.cancelled:
                    yield hearing.finish(event)
                yield event
                if isinstance(event, PcmChunk) and request.options.live and not cancel.cancelled:
                    yield hearing.so_far()

    def _speak_batch(
        self, speak_batch: SpeakBatch, requests: Sequence[SpeechRequest], cancel: CancelToken
    ) -> Iterator[tuple[int, SpeechEvent]]:
        """See `BatchingEngine.speak_batch`. Words are looked for beside the speaking, which is not held up: of their
        request what comes after them waits for them."""
        lines = [_Line(_Hearing(request, cancel)) for request in requests]
        with ThreadPoolExecutor(1, "words") as beside, closing(closable(speak_batch(requests, cancel))) as spoken:
            for number, event in spoken:
                lines[number].take(event, beside)
                for i, line in enumerate(lines):
                    yield from ((i, ready) for ready in line.ready(waits=False))
            for i, line in enumerate(lines):
                yield from ((i, ready) for ready in line.ready(waits=not cancel.cancelled))


class _Hearing:
    """Hears one segment, the last that was started of a request."""

    def __init__(self, request: SpeechRequest, cancel: CancelToken, segment: Segment | None = None) -> None:
        self._request, self._cancel, self._segment = request, cancel, segment
        self._speakers: dict[Manner, Speaker] = {}  # a text's notes may ask for several
        self._finder: WordFinder | None = None
        self._unheard: list[np.ndarray] = []

    def after(self, event: SpeechEvent) -> _Hearing:
        """Take note of `event`, and return who hears what follows it."""
        match event:
            case SegmentStarted(segment):
                following = _Hearing(self._request, self._cancel, segment)
                following._speakers = self._speakers
                return following
            case PcmChunk(samples):
                self._unheard.append(samples)
            case SegmentRestarted():
                self._unheard = []
                if self._finder is not None:
                    self._finder.begin()
        return self

    def so_far(self) -> WordsPlaced:
        """Place the words that begin in the sound so far."""
        finder, segment = self._listen()
        return WordsPlaced(segment.index, finder.words())

    def finish(self, done: SegmentDone) -> WordsPlaced:
        """Place all words of the segment, which is done. What was to be no longer, or went wrong, may lack some."""
        finder, segment = self._listen()
        n_wanted = self._request.options.max_frames * FRAME_SAMPLES
        is_cut = 0 < n_wanted <= done.n_samples
        return WordsPlaced(segment.index, finder.finish(is_whole=not is_cut and done.problem is None))

    def _listen(self) -> tuple[WordFinder, Segment]:
        assert self._segment is not None, "a chunk without a segment"
        if self._finder is None:
            speaker = self._speakers.setdefault(self._segment.delivery.manner, Speaker())
            self._finder = WordFinder(self._segment, speaker, lambda: self._cancel.cancelled)
        unheard, self._unheard = self._unheard, []
        for samples in unheard:
            self._finder.hear(samples)
        return self._finder, self._segment


class _Line:
    """The events of one request of a batch that were not passed on, with words that are still looked for."""

    def __init__(self, hearing: _Hearing) -> None:
        self._hearing = hearing
        self._waiting: deque[SpeechEvent | Future[WordsPlaced]] = deque()

    def take(self, event: SpeechEvent, beside: ThreadPoolExecutor) -> None:
        self._hearing = self._hearing.after(event)
        if isinstance(event, SegmentDone):
            self._waiting.append(beside.submit(self._hearing.finish, event))
        self._waiting.append(event)

    def ready(self, *, waits: bool) -> Iterator[SpeechEvent]:
        """Yield what can be passed on now, or with `waits` all there is."""
        while self._waiting:
            event = self._waiting[0]
            if isinstance(event, Future):
                if not waits and not event.done():
                    return
                event = event.result()
            self._waiting.popleft()
            yield event


@dataclass(frozen=True, slots=True)
class ListenedOpener:
    """Opens an engine in a process of its own, and has its words found there."""

    opener: Opener

    def __call__(self, report: Report) -> SpeechEngine:
        return listened(self.opener(report))


def listened(engine: SpeechEngine) -> SpeechEngine:
    """Have the words of an engine that does not tell them found by listening."""
    return ListenedEngine(engine)


def closable(events: Iterator[Event]) -> Generator[Event, None, None]:
    """Yield `events` as a generator, which can be closed; an iterator may not know how."""
    yield from events
