"""Engines for the tests of narration: one that draws its sound as S1 Mini does, and misbehaves where it is told to."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.errors import TextError
from engine.text import iter_segments
from engine.types import (
    SAMPLE_RATE_HZ,
    CancelToken,
    EngineStatus,
    PcmChunk,
    Reference,
    SegmentDone,
    SegmentStarted,
    SegmentTiming,
    SpeechEvent,
    SpeechRequest,
    Voice,
)

EPUBCHECK = Path("/usr/share/java/epubcheck.jar")
"""Debian's. Not among the packages of the tests: with the Java that it needs it takes 225 MB."""

Fault = Callable[[str, np.ndarray, random.Random], np.ndarray]
"""(text, samples, what is drawn) -> other samples"""


class ToneEngine:
    """Says each word as a tone of its own, at a pace drawn from the seed; a voice is its references' sum.

    Counts what it was asked for. `fault` may spoil the sound; a text with "unspeakable" cannot be spoken at all.
    """

    def __init__(self, fault: Fault | None = None) -> None:
        self.requests: list[SpeechRequest] = []
        self._fault = fault

    def status(self) -> EngineStatus:
        return EngineStatus("tones", "CPU", "exact")

    def close(self) -> None: ...

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        self.requests.append(request)
        if "unspeakable" in request.text:
            raise TextError("nothing_to_speak")
        voice = request.voice
        for segment in iter_segments(request.text, request.options.language, clean=request.options.clean):
            if cancel.cancelled:
                return
            yield SegmentStarted(segment)
            samples = self._sound(segment.text, voice, request.options.seed or 0)
            for piece in np.array_split(samples, 3):
                yield PcmChunk(piece, SAMPLE_RATE_HZ, segment.index)
            if not voice.references:
                code = np.full((10, 4), (request.options.seed or 0) % 1000, np.int64)
                voice = Voice(voice.name, (Reference(segment.text, code),))
            timing = SegmentTiming(0.001, len(samples) / SAMPLE_RATE_HZ, 1.0)
            yield SegmentDone(segment, len(samples), timing, seed=request.options.seed, voice=voice)

    def _sound(self, text: str, voice: Voice, seed: int) -> np.ndarray:
        drawn = random.Random(f"{seed}/{text}")
        pitch = 1 + sum(int(reference.codes.sum()) for reference in voice.references) % 97 / 970
        words = []
        for word in text.split():
            hz = (180 + sum(map(ord, word)) % 600) * pitch
            n = int(SAMPLE_RATE_HZ * (0.05 + 0.06 * len(word)) * drawn.uniform(0.95, 1.05))
            t = np.arange(n) / SAMPLE_RATE_HZ
            tone = 0.3 * np.sin(2 * np.pi * hz * t + 3 * np.sin(2 * np.pi * (hz / 7) * t)) * np.hanning(n) ** 0.3
            words += [tone, np.zeros(int(0.03 * SAMPLE_RATE_HZ))]
        samples = np.concatenate([np.zeros(2000), *words, np.zeros(3000)]).astype(np.float32)
        return samples if self._fault is None else self._fault(text, samples, drawn)


class BatchingToneEngine(ToneEngine):
    """The same, several at a time."""

    max_batch = 4

    def __init__(self, fault: Fault | None = None, *, is_exact: bool = False) -> None:
        super().__init__(fault)
        self.batches: list[int] = []
        self._is_exact = is_exact

    def status(self) -> EngineStatus:
        return replace(super().status(), max_batch=self.max_batch, is_batch_exact=self._is_exact)

    def speak_batch(self, requests: Sequence[SpeechRequest], cancel: CancelToken) -> Iterator[tuple[int, SpeechEvent]]:
        self.batches.append(len(requests))
        waiting = {i: self.speak(request, cancel) for i, request in enumerate(requests)}
        while waiting:  # an event of each in turn
            for i in list(waiting):
                event = next(waiting[i], None)
                if event is None:
                    del waiting[i]
                else:
                    yield i, event
