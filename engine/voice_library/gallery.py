"""Voices to choose from: without references the model improvises one, another for each seed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from engine.errors import VoiceError
from engine.types import (
    LANGUAGES,
    SAMPLE_RATE_HZ,
    CancelToken,
    SegmentDone,
    SegmentProblem,
    SpeechEngine,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
    WholeSegments,
)
from engine.voice_library.improvised import ImprovisedVoice
from engine.voice_library.values import StoredVoice


def script_in(language: str) -> str:
    """Return the text for `language`: some 15 seconds when read calmly; English where nobody said a language."""
    from engine.text.languages import DEFAULT_LANGUAGE, record_of  # the door imports this file, and needs no text cut

    return record_of(language if language in LANGUAGES else DEFAULT_LANGUAGE).recording_script


@dataclass(frozen=True, slots=True)
class Candidate:
    """Hold an improvised voice: its seed, and what it said, float32 `(n,)` at 44.1 kHz, beginning with `text`.

    `problem` is what was wrong with a sentence of it, where something was.
    """

    seed: int
    text: str
    voice: ImprovisedVoice = field(repr=False)
    samples: np.ndarray = field(repr=False)
    problem: SegmentProblem | None = None

    @property
    def seconds(self) -> float:
        """Return the length of its sound in seconds."""
        return self.samples.size / SAMPLE_RATE_HZ

    def stored(self, name: str) -> StoredVoice:
        """Make it a voice to be kept as `name`. Takes as long as `ImprovisedVoice.stored`."""
        return self.voice.stored(name, f"Improvised by S1 Mini, seed {self.seed}")


class Audition:
    """Collect one candidate from the events that answer its `request`."""

    def __init__(self, seed: int, language: str = "", text: str = "") -> None:
        """`language` "" is English, or what `text` is in."""
        self.seed = seed
        chosen = language or (None if text else "en")
        self.request = SpeechRequest(text or script_in(language), options=SpeechOptions(seed=seed, language=chosen))
        self._voice = ImprovisedVoice()
        self._segments = WholeSegments()
        self._sound: list[np.ndarray] = []
        self._problem: SegmentProblem | None = None

    def take(self, event: SpeechEvent) -> None:
        """Take the next event of the engine."""
        self._voice.take(event)
        self._sound += self._segments.take(event)
        if isinstance(event, SegmentDone):
            self._problem = self._problem or event.problem

    def candidate(self) -> Candidate:
        """Return the candidate, once all events have come.

        Raises `VoiceError` "not_improvised" where the engine that spoke improvises none.
        """
        if not self._sound or not self._voice.is_there:
            raise VoiceError("not_improvised", "")
        return Candidate(self.seed, self.request.text, self._voice, np.concatenate(self._sound), self._problem)


def improvise(
    engine: SpeechEngine, seeds: Iterable[int], cancel: CancelToken, language: str = "", text: str = ""
) -> Iterator[Candidate]:
    """Improvise a candidate for each of `seeds`, and yield them as they are made; a cancelled run just ends.

    `language` "" is English, or what `text` is in. Raises an `EngineError`.
    """
    for seed in seeds:
        audition = Audition(seed, language, text)
        for event in engine.speak(audition.request, cancel):
            audition.take(event)
        if cancel.cancelled:
            return
        yield audition.candidate()
