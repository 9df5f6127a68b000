"""What was generated of a reading: its samples, words and length. Knows no device and no clock."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field

import numpy as np

import engine

FULL_SCALE = 32767


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Before sample `sample` (at the engine's rate) of the segment `segment`."""

    segment: int
    sample: int


@dataclass(slots=True)
class _Take:
    """A segment as spoken. `pcm` int16 `(capacity,)`, of which `n_samples` hold sound; None once it was dropped.

    `start_sample` counts from the beginning of the tape.
    """

    index: int
    start_sample: int
    pcm: np.ndarray | None = field(default_factory=lambda: np.zeros(0, np.int16))
    n_samples: int = 0
    words: list[engine.Word] = field(default_factory=list)
    is_done: bool = False

    def append(self, samples: np.ndarray) -> None:
        """Append float32 `(n,)`, in time proportional to n on the average."""
        assert self.pcm is not None
        stop = self.n_samples + samples.size
        if stop > self.pcm.size:
            grown = np.zeros(max(stop, 2 * self.pcm.size), np.int16)
            grown[: self.n_samples] = self.pcm[: self.n_samples]
            self.pcm = grown
        # As in the files that Lectern writes: rounded, and what is outside [-1, 1] is limited, not wrapped around.
        self.pcm[self.n_samples : stop] = np.rint(np.clip(samples, -1, 1) * FULL_SCALE)
        self.n_samples = stop

    def finish(self) -> None:
        self.is_done = True
        if self.pcm is not None:
            self.pcm = self.pcm[: self.n_samples].copy()

    def clear(self) -> None:
        self.pcm = np.zeros(0, np.int16)
        self.n_samples = 0
        self.words = []
        self.is_done = False


class Tape:
    """The segments of one reading in their order, as they come. Not thread-safe: its owner has the lock.

    It may begin with any segment. Times are seconds at the speed it was generated in, from its beginning.
    """

    def __init__(self) -> None:
        self._takes: list[_Take] = []
        self._n_dropped = 0
        self._has_ended = False

    @property
    def generated_s(self) -> float:
        return self._end_sample() / engine.SAMPLE_RATE_HZ

    def add(self, event: engine.SpeechEvent) -> None:
        """Take in an event of the engine; a segment that starts again voids itself and all after it."""
        match event:
            case engine.SegmentStarted(segment):
                self._forget_from(segment.index)
                self._has_ended = False  # another voice may begin again before the end
                self._takes.append(_Take(segment.index, self._end_sample()))
            case engine.PcmChunk():
                assert event.sample_rate == engine.SAMPLE_RATE_HZ, event.sample_rate
                take = self._last(event.segment)
                take.append(event.samples)
                take.words.extend(event.words)
            case engine.WordsPlaced(segment, words):
                self._last(segment).words = list(words)
            case engine.SegmentRestarted(segment):
                self._last(segment).clear()
            case engine.SegmentDone(segment):
                self._last(segment.index).finish()

    def end(self) -> None:
        """No more will come."""
        self._has_ended = True
        if self._takes:
            self._takes[-1].finish()

    def read(self, place: Place, max_samples: int) -> tuple[Place, np.ndarray]:
        """Up to `max_samples` from `place` on, float32 `(n,)` of one segment, and where they begin.

        None come where nothing was generated yet, or all was read.
        """
        place = self.settle(place)
        take = self._find(place.segment)
        if take is None:
            return place, np.zeros(0, np.float32)
        assert take.pcm is not None, place
        stop = min(place.sample + max_samples, take.n_samples)
        return place, take.pcm[place.sample : stop] * np.float32(1 / FULL_SCALE)

    def settle(self, place: Place) -> Place:
        """The same place, said by the segment that goes on from it: the end of one is the beginning of the next."""
        at = bisect_left(self._takes, place.segment, key=_index)
        if at == len(self._takes):
            return place
        sample = place.sample if self._takes[at].index == place.segment else 0
        while at + 1 < len(self._takes) and self._takes[at].is_done and sample >= self._takes[at].n_samples:
            at, sample = at + 1, 0
        return Place(self._takes[at].index, sample)

    def has_sound_at(self, place: Place) -> bool:
        """Whether something can be read there now."""
        place = self.settle(place)
        take = self._find(place.segment)
        return take is not None and place.sample < take.n_samples

    def is_end(self, place: Place) -> bool:
        """Whether nothing comes after `place`, now or later."""
        return self._has_ended and not self.has_sound_at(place)

    def holds(self, segment: int) -> bool:
        """Whether `segment` was begun and is still there."""
        take = self._find(segment)
        return take is not None and take.pcm is not None

    def seconds_at(self, place: Place) -> float:
        take = self._find(place.segment)
        start_sample = self._end_sample() if take is None and self._is_past(place) else 0
        if take is not None:
            start_sample = take.start_sample + min(place.sample, take.n_samples)
        return start_sample / engine.SAMPLE_RATE_HZ

    def word_at(self, place: Place) -> engine.Word | None:
        """The last word that begins at or before `place`, in its segment."""
        take = self._find(place.segment)
        if take is None:
            return None
        at = bisect_right(take.words, place.sample, key=lambda word: word.at_sample)
        return take.words[at - 1] if at else None

    def drop_before(self, place: Place, keep_s: float) -> None:
        """Give back the memory of segments that ended over `keep_s` before `place`."""
        until = self.seconds_at(place) - keep_s
        while self._n_dropped < len(self._takes):
            take = self._takes[self._n_dropped]
            if not take.is_done or (take.start_sample + take.n_samples) / engine.SAMPLE_RATE_HZ > until:
                return
            take.pcm = None
            take.words = []
            self._n_dropped += 1

    def _forget_from(self, index: int) -> None:
        at = bisect_left(self._takes, index, key=_index)
        del self._takes[at:]
        self._n_dropped = min(self._n_dropped, at)
        if self._takes:
            self._takes[-1].finish()

    def _last(self, index: int) -> _Take:
        take = self._takes[-1]
        assert take.index == index, (take.index, index)
        return take

    def _find(self, index: int) -> _Take | None:
        at = bisect_left(self._takes, index, key=_index)
        return self._takes[at] if at < len(self._takes) and self._takes[at].index == index else None

    def _is_past(self, place: Place) -> bool:
        return bool(self._takes) and place.segment > self._takes[-1].index

    def _end_sample(self) -> int:
        return self._takes[-1].start_sample + self._takes[-1].n_samples if self._takes else 0


def _index(take: _Take) -> int:
    return take.index
