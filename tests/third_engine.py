"""A third voice engine, added as anybody would add one: this file, and its line in `engine.registry.ENTRIES`.

It says each word as a tone, in two languages, with two voices, and tells when each word begins; it clones nobody.
In a module of its own, because the process that it speaks in imports it.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

import numpy as np

from engine.audio.delivery import delivered
from engine.errors import VoiceError
from engine.opening import EngineSetup
from engine.registry import Capabilities, EngineEntry
from engine.text import request_segments
from engine.text.markers import spoken_without_markers
from engine.types import (
    SAMPLE_RATE_HZ,
    CancelToken,
    EngineStatus,
    PcmChunk,
    SegmentDone,
    SegmentStarted,
    SegmentTiming,
    SpeechEngine,
    SpeechEvent,
    SpeechRequest,
    Word,
)

NAME = "third"
HZ = {NAME: 440.0, f"{NAME}/deep": 110.0}
WORD_SAMPLES = SAMPLE_RATE_HZ // 10


class ThirdEngine:
    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        hz = HZ.get(request.voice.name or NAME)
        if hz is None:
            raise VoiceError("unknown", request.voice.name, known=tuple(HZ))
        return delivered(self._speak(request, tone(hz), cancel))

    def status(self) -> EngineStatus:
        return EngineStatus("Third", "CPU", "tones")

    def close(self) -> None: ...

    def _speak(self, request: SpeechRequest, samples: np.ndarray, cancel: CancelToken) -> Generator[SpeechEvent]:
        for segment in request_segments(request):
            yield SegmentStarted(segment)
            text, source = spoken_without_markers(segment)
            n_samples = 0
            for word in re.finditer(r"\w+", text):
                if cancel.cancelled:
                    return
                place = Word(*source.span(word.start(), word.end()), n_samples)
                yield PcmChunk(samples, SAMPLE_RATE_HZ, segment.index, (place,))
                n_samples += len(samples)
            yield SegmentDone(segment, n_samples, SegmentTiming(0.001, n_samples / SAMPLE_RATE_HZ, 1.0))


def tone(hz: float) -> np.ndarray:
    """A word's sound, float32 `(WORD_SAMPLES,)`."""
    t = np.arange(WORD_SAMPLES) / SAMPLE_RATE_HZ
    return (0.3 * np.sin(2 * np.pi * hz * t) * np.hanning(WORD_SAMPLES)).astype(np.float32)


def open_third(_setup: EngineSetup) -> SpeechEngine:
    return ThirdEngine()


ENTRY = EngineEntry(
    name=NAME,
    display_name="Third",
    capabilities=Capabilities(has_voices=True, word_times=True, languages=("en", "fr")),
    open=open_third,
    variants=lambda: ("deep",),
    offered_voices=tuple(HZ),
    version=lambda: "1",
)
