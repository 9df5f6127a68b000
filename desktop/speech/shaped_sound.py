"""From an engine's events to what a program hears: at its speed, pitch and loudness, with its marks in their places.
No Qt here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

import numpy as np

import engine
import engine.audio
from engine import PcmChunk, SegmentDone, SegmentRestarted, SegmentStarted, SpeechEvent, Word, WordsPlaced

RATE_STEP_HZ = 100
"""To what the rate is rounded that stands for a pitch: so little that nobody hears it."""

Shaped = np.ndarray | str | SegmentStarted | SegmentRestarted
"""int16 `(n,)` at `engine.SAMPLE_RATE_HZ`; a mark's name; which segment's sound follows; that it is void."""


class SoundShaper:
    """Shapes what one request makes. `marks`, in order, are code points of its text and names."""

    def __init__(self, speed: float, pitch: float, gain: float, marks: Sequence[tuple[int, str]]) -> None:
        self._speed, self._gain = speed, gain
        self._source_hz = round(engine.SAMPLE_RATE_HZ * pitch / RATE_STEP_HZ) * RATE_STEP_HZ
        self._marks = deque(marks)
        self._segment: SegmentStarted | None = None
        self._n_samples = 0  # of the segment, before it is shaped
        self._known: tuple[Word, ...] = ()
        self._began_with: deque[tuple[int, str]] = deque()  # the marks that were left when the segment began

    def take(self, event: SpeechEvent) -> Iterator[Shaped]:
        """Yield what `event` makes ready."""
        match event:
            case SegmentStarted(segment):
                self._segment = event
                self._began_with = self._marks.copy()
                self._begin()
                yield event
                yield from self._marks_before(segment.start + 1)
            case PcmChunk(samples, words=words):
                yield from self._shape(samples, words or self._known)
            case WordsPlaced(words=words):
                self._known = words
            case SegmentRestarted():
                self._marks = self._began_with.copy()
                self._begin()
                yield event
            case SegmentDone(segment):
                if self._segment is not None:
                    yield from self._cut(self._reshaper.flush())
                yield from self._marks_before(segment.end)
                self._segment = None

    def rest(self) -> Iterator[str]:
        """Yield the marks behind the last word, once all is made."""
        while self._marks:
            yield self._marks.popleft()[1]

    def _begin(self) -> None:
        self._n_samples, self._known = 0, ()
        self._n_out = 0
        # A change of pitch is one of the rate, whose change of speed the tempo takes back.
        pitch = self._source_hz / engine.SAMPLE_RATE_HZ
        tempo = self._speed / pitch
        self._reshaper = engine.audio.Reshaper(self._source_hz, tempo if abs(tempo - 1) > 1e-3 else None)
        self._due: deque[tuple[float, str]] = deque()

    def _shape(self, samples: np.ndarray, words: Sequence[Word]) -> Iterator[Shaped]:
        before = self._n_samples
        self._n_samples += len(samples)
        for word in words:
            if word.at_sample < self._n_samples:
                at = max(before, word.at_sample)
                while self._marks and self._marks[0][0] <= word.start:
                    self._due.append((at / self._speed, self._marks.popleft()[1]))
        yield from self._cut(self._reshaper.push(samples))

    def _cut(self, samples: np.ndarray) -> Iterator[Shaped]:
        """`samples`, with the marks that fall into them between."""
        while self._due and self._due[0][0] <= self._n_out + len(samples):
            at, name = self._due.popleft()
            n_before = max(0, round(at) - self._n_out)
            if n_before:
                yield self._plain(samples[:n_before])
            samples = samples[n_before:]
            self._n_out += n_before
            yield name
        self._n_out += len(samples)
        if len(samples):
            yield self._plain(samples)

    def _plain(self, samples: np.ndarray) -> np.ndarray:
        return np.clip(samples * (32767 * self._gain), -32768, 32767).astype(np.int16)

    def _marks_before(self, place: int) -> Iterator[str]:
        while self._due:
            yield self._due.popleft()[1]
        while self._marks and self._marks[0][0] < place:
            yield self._marks.popleft()[1]
