"""What a request's notes ask of the sound: pauses, speed, pitch, loudness, and to be told when a place is reached.

One wrapper around an engine's events, so that every engine does it, and none has to know how.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace

import numpy as np

from engine.notes import PLAIN, Delivery
from engine.types import (
    SAMPLE_RATE_HZ,
    BookmarkReached,
    PcmChunk,
    Segment,
    SegmentDone,
    SegmentRestarted,
    SegmentStarted,
    SpeechEvent,
    Word,
    WordsPlaced,
)

MAX_SILENCE_SAMPLES = SAMPLE_RATE_HZ
"""Of one chunk."""
_RAMP_SAMPLES = SAMPLE_RATE_HZ * 8 // 1000
"""Over which loudness changes at the edges of an emphasised word."""


def delivered(events: Generator[SpeechEvent]) -> Generator[SpeechEvent]:
    """Yield an engine's `events` with the sound of each segment as its `delivery` wants it.

    An engine that adds a pause of its own to a sentence leaves it out where the delivery has one.
    """
    sound: _Sound | None = None
    with closing(events):
        for event in events:
            match event:
                case SegmentStarted(segment):
                    sound = None if segment.delivery == PLAIN else _Sound(segment)
                    yield event
                    yield from sound.begin() if sound else ()
                case PcmChunk() if sound:
                    yield from sound.add(event)
                case WordsPlaced() if sound:
                    words = sound.moved(event.words)
                    yield replace(event, words=words)
                    yield from sound.reached(words)
                case SegmentRestarted() if sound:
                    sound = _Sound(sound.segment)
                    yield event
                    yield from sound.begin()
                case SegmentDone() if sound:
                    yield from sound.finish()
                    audio_s = sound.n_out / SAMPLE_RATE_HZ
                    timing = replace(event.timing, audio_s=audio_s)
                    yield replace(event, n_samples=sound.n_out, timing=timing)
                    sound = None
                case _:
                    yield event


class _Sound:
    """One attempt at one segment."""

    def __init__(self, segment: Segment) -> None:
        self.segment, self._delivery = segment, segment.delivery
        self.n_out = 0
        self._n_in = 0
        self._n_before = self._delivery.before_ms * SAMPLE_RATE_HZ // 1000
        self._words: list[Word] = []  # whose sound is still being made
        self._shape = _Shape(self._delivery)
        self._louder = _Louder(self._delivery)
        self._waiting = list(self._delivery.bookmarks)

    def begin(self) -> Iterator[SpeechEvent]:
        yield from self._silence(self._n_before)
        while self._waiting and self._waiting[0].at <= self.segment.start:
            yield BookmarkReached(self.segment.index, self._waiting.pop(0).name, self._n_before)

    def add(self, chunk: PcmChunk) -> Iterator[SpeechEvent]:
        samples = self._louder.applied(chunk.samples, self._n_in, chunk.words)
        self._n_in += len(samples)
        words = self.moved(chunk.words)
        self._words += words
        yield from self._chunk(self._shape.push(samples))
        yield from self.reached(words)

    def moved(self, words: Sequence[Word]) -> tuple[Word, ...]:
        """Return `words` at their places in the sound as it is made here."""
        shape = self._shape
        places = (max(0.0, word.at_sample - shape.lead_samples) / shape.speed for word in words)
        return tuple(
            replace(word, at_sample=self._n_before + round(at)) for word, at in zip(words, places, strict=True)
        )

    def reached(self, words: Sequence[Word]) -> Iterator[BookmarkReached]:
        """Tell the bookmarks at or before `words`, which are at their places."""
        for word in words:
            while self._waiting and self._waiting[0].at < word.end:
                yield BookmarkReached(self.segment.index, self._waiting.pop(0).name, word.at_sample)

    def finish(self) -> Iterator[SpeechEvent]:
        """Yield what is left of the sound, the bookmarks of which no word told, and the pause."""
        yield from self._chunk(self._shape.flush())
        length = max(1, self.segment.end - self.segment.start)
        spoken = self.n_out - self._n_before
        for bookmark in self._waiting:
            share = min(1.0, max(0.0, (bookmark.at - self.segment.start) / length))
            yield BookmarkReached(self.segment.index, bookmark.name, self._n_before + round(share * spoken))
        if self._delivery.pause_ms is not None:
            yield from self._silence(self._delivery.pause_ms * SAMPLE_RATE_HZ // 1000)

    def _chunk(self, samples: np.ndarray) -> Iterator[PcmChunk]:
        if len(samples):
            self.n_out += len(samples)
            begun = tuple(word for word in self._words if word.at_sample < self.n_out)
            self._words = self._words[len(begun) :]
            yield PcmChunk(samples, SAMPLE_RATE_HZ, self.segment.index, begun)

    def _silence(self, n_samples: int) -> Iterator[PcmChunk]:
        while n_samples > 0:
            n = min(n_samples, MAX_SILENCE_SAMPLES)
            n_samples -= n
            yield from self._chunk(np.zeros(n, np.float32))


class _Shape:
    """Makes sound faster, higher and louder, as it comes: what is played faster is higher, and is then brought to its
    speed without a change of pitch."""

    def __init__(self, delivery: Delivery) -> None:
        manner = delivery.manner
        self._gain = manner.gain
        self.speed = manner.rate
        self.lead_samples = 0.0
        self._reshaper = None
        from_hz = round(SAMPLE_RATE_HZ * manner.pitch)
        factor = from_hz / SAMPLE_RATE_HZ
        tempo = min(4.0, max(0.25, manner.rate / factor)) if manner.rate != factor else None
        if tempo is not None:
            self.speed = factor * tempo
        if factor != 1.0 or tempo is not None:
            from engine.audio.reshaping import Reshaper  # with PyAV, where it is needed

            self._reshaper = Reshaper(from_hz, tempo)
            self.lead_samples = self._reshaper.lead_samples

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Take float32 `(n,)`, and return the samples that are ready."""
        return self._loud(self._reshaper.push(samples) if self._reshaper else samples)

    def flush(self) -> np.ndarray:
        return self._loud(self._reshaper.flush() if self._reshaper else np.zeros(0, np.float32))

    def _loud(self, samples: np.ndarray) -> np.ndarray:
        return samples if self._gain == 1.0 else np.clip(samples * np.float32(self._gain), -1.0, 1.0)


class _Louder:
    """Makes emphasised words louder, where the engine tells with its sound where they are."""

    def __init__(self, delivery: Delivery) -> None:
        self._emphases = delivery.emphases
        self._gain = self._last = 1.0  # of the word that is being spoken, and at the end of the sound so far

    def applied(self, samples: np.ndarray, first: int, words: Sequence[Word]) -> np.ndarray:
        """Return float32 `(n,)`, the segment's samples from number `first` on, in which `words` begin."""
        if not self._emphases or not len(samples):
            return samples
        gains = np.full(len(samples) + _RAMP_SAMPLES, self._gain, np.float32)
        gains[:_RAMP_SAMPLES] = self._last
        for word in words:
            self._gain = self._gain_of(word)
            gains[_RAMP_SAMPLES + max(0, word.at_sample - first) :] = self._gain
        self._last = self._gain
        sums = np.cumsum(np.concatenate(([0.0], gains)))
        smooth = ((sums[_RAMP_SAMPLES:] - sums[:-_RAMP_SAMPLES]) / _RAMP_SAMPLES)[1:].astype(np.float32)
        return np.clip(samples * smooth, -1.0, 1.0)

    def _gain_of(self, word: Word) -> float:
        gains = [
            emphasis.gain for emphasis in self._emphases if emphasis.start < word.end and word.start < emphasis.end
        ]
        return gains[-1] if gains else 1.0
