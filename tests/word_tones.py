"""An engine whose words are tones, each of its own pitch, at places that are known; and how to find them in a sound."""

from __future__ import annotations

import re
import zlib
from collections.abc import Generator, Iterator
from enum import StrEnum, auto

import numpy as np

from engine.audio.delivery import delivered
from engine.text import request_segments
from engine.types import (
    SAMPLE_RATE_HZ,
    CancelToken,
    EngineStatus,
    PcmChunk,
    Segment,
    SegmentDone,
    SegmentProblem,
    SegmentRestarted,
    SegmentStarted,
    SegmentTiming,
    SpeechEvent,
    SpeechRequest,
    Word,
    WordsPlaced,
)

TONE_S, GAP_S = 0.15, 0.15
LEAD_SAMPLES, TAIL_SAMPLES = 5000, 9000
"""Of silence, around each segment."""


class Says(StrEnum):
    """How the engine says its words."""

    AT_ONCE = auto()  # with the chunk that they begin in
    PLACED = auto()  # wrong at first, and right in the end, as those that are found by listening
    NOTHING = auto()


class WordTones:
    """Speaks each word as a tone. A segment with the word `stumbles` begins anew once, after half of its sound."""

    def __init__(self, says: Says = Says.AT_ONCE, stumbles: str = "") -> None:
        self._says, self._stumbles = says, stumbles
        self.n_segments = 0

    def status(self) -> EngineStatus:
        return EngineStatus("word tones", "CPU", "exact")

    def close(self) -> None: ...

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        return delivered(self._speak(request, cancel))

    def _speak(self, request: SpeechRequest, cancel: CancelToken) -> Generator[SpeechEvent]:
        for segment in request_segments(request):
            if cancel.cancelled:
                return
            self.n_segments += 1
            yield SegmentStarted(segment)
            samples, words = _spoken(segment)
            if self._stumbles and self._stumbles in segment.text:
                yield from self._chunks(segment, samples[: len(samples) // 2], words)
                yield SegmentRestarted(segment.index, SegmentProblem.STUCK, 1)
            yield from self._chunks(segment, samples, words)
            timing = SegmentTiming(0.001, len(samples) / SAMPLE_RATE_HZ, 1.0)
            yield SegmentDone(segment, len(samples), timing, seed=request.options.seed)

    def _chunks(self, segment: Segment, samples: np.ndarray, words: list[Word]) -> Iterator[SpeechEvent]:
        at = 0
        for piece in np.array_split(samples, 5):
            begin = [word for word in words if at <= word.at_sample < at + len(piece)]
            said = tuple(begin) if self._says is Says.AT_ONCE else ()
            yield PcmChunk(piece, SAMPLE_RATE_HZ, segment.index, said)
            at += len(piece)
            if self._says is Says.PLACED:
                yield WordsPlaced(segment.index, tuple(Word(w.start, w.end, w.at_sample + 99, 0.3) for w in words))
        if self._says is Says.PLACED:
            yield WordsPlaced(segment.index, tuple(Word(w.start, w.end, w.at_sample, 0.9) for w in words))


def hz_of(word: str) -> float:
    return 400 + 50 * (zlib.crc32(word.encode()) % 30)


def _spoken(segment: Segment) -> tuple[np.ndarray, list[Word]]:
    t = np.arange(round(TONE_S * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    pieces = [np.zeros(LEAD_SAMPLES, np.float32)]
    words: list[Word] = []
    at = LEAD_SAMPLES
    for found in re.finditer(r"\w+", segment.text):
        start, end = segment.source.span(*found.span())
        words.append(Word(start, end, at))
        tone = (0.4 * np.sin(2 * np.pi * hz_of(found[0]) * t)).astype(np.float32)
        pieces += [tone, np.zeros(round(GAP_S * SAMPLE_RATE_HZ), np.float32)]
        at += len(tone) + len(pieces[-1])
    pieces.append(np.zeros(TAIL_SAMPLES, np.float32))
    return np.concatenate(pieces), words


def late_s(samples: np.ndarray, word: str, at_s: float, rate_hz: int = SAMPLE_RATE_HZ, tone_s: float = TONE_S) -> float:
    """Return by how many seconds the tone of `word`, `tone_s` long, begins after `at_s`; that is the one whose pitch is
    heard there.

    `samples` float32 `(n,)`. Fails where another tone, or none, is within two thirds of its length.
    """
    begin = max(0, round((at_s - 0.66 * tone_s) * rate_hz))
    heard = samples[begin : round((at_s + 1.5 * tone_s) * rate_hz)]
    loud = np.abs(heard) > 0.25 * np.abs(heard).max()
    # the tone before it may reach in: what counts is the first sound after some quiet, or the beginning
    quiet = round(0.13 * tone_s * rate_hz)
    at = np.flatnonzero(loud)
    edges = [int(i) for i in at[np.diff(at, prepend=-quiet - 1) > quiet] if i >= quiet or begin == 0]
    assert edges, f"{word}: no tone begins near {at_s:.3f} s"
    nearest = min(edges, key=lambda i: abs((begin + i) / rate_hz - at_s))
    tone = heard[nearest + round(0.07 * tone_s * rate_hz) : nearest + round(0.57 * tone_s * rate_hz)]
    spectrum = np.abs(np.fft.rfft(tone * np.hanning(len(tone)), 1 << 16))
    hz = float(np.argmax(spectrum)) * rate_hz / (1 << 16)
    assert abs(hz - hz_of(word)) < 20, f"{word}: {hz:.0f} Hz is heard at {at_s:.3f} s, and not {hz_of(word):.0f}"
    return (begin + nearest) / rate_hz - at_s
