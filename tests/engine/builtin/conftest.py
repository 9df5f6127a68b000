from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from engine.builtin import BuiltInVoice
from engine.builtin.neural import Network, open_network
from engine.types import (
    CancelToken,
    PcmChunk,
    SegmentDone,
    SegmentStarted,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
    Voice,
    Word,
)


@dataclass(frozen=True)
class Spoken:
    """All that one request gave."""

    text: str
    events: list[SpeechEvent]

    @property
    def segments(self) -> list[SegmentStarted]:
        return [event for event in self.events if isinstance(event, SegmentStarted)]

    @property
    def chunks(self) -> list[PcmChunk]:
        return [event for event in self.events if isinstance(event, PcmChunk)]

    @property
    def done(self) -> list[SegmentDone]:
        return [event for event in self.events if isinstance(event, SegmentDone)]

    @property
    def samples(self) -> np.ndarray:
        return np.concatenate([np.zeros(0, np.float32), *(chunk.samples for chunk in self.chunks)])

    @property
    def words(self) -> list[Word]:
        return [word for chunk in self.chunks for word in chunk.words]

    @property
    def word_texts(self) -> list[str]:
        return [self.text[word.start : word.end] for word in self.words]


@pytest.fixture(scope="session")
def network() -> Network:
    return open_network()


@pytest.fixture
def built_in_voice(network: Network) -> Iterator[BuiltInVoice]:  # noqa: ARG001  (loaded once, as long as it is held)
    voice = BuiltInVoice()
    yield voice
    voice.close()


@pytest.fixture
def speak(built_in_voice: BuiltInVoice) -> Callable[..., Spoken]:
    def speak(text: str, voice: str = "", language: str | None = "en") -> Spoken:
        request = SpeechRequest(text, Voice(voice), SpeechOptions(language=language))
        return Spoken(text, list(built_in_voice.speak(request, CancelToken())))

    return speak
