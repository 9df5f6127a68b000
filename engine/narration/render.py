"""A project's sentences spoken, one after the other, into its store. What is there is never spoken again.

Two rounds. The first speaks every sentence once. The second looks at all of them together and speaks those that are
not as the others again, with other seeds; the best attempt is kept. What either round does depends on the book and its
recipe alone, never on when it was interrupted: killed a hundred times, the sound in the end is the same.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from engine.errors import EngineError, NarrationError, PromptTooLongError, TextError
from engine.narration.checks import (
    Doubt,
    Pace,
    badness,
    doubts_of,
    measure,
    paces,
    repeats_itself,
    weigh,
)
from engine.narration.forecast import Forecast
from engine.narration.project import Project
from engine.narration.recipe import Recipe, engine_identified, seed_of
from engine.narration.sentences import Sentence
from engine.narration.sound_file import checksum, to_pcm, trimmed
from engine.narration.store import Failure, Take, Verdict
from engine.types import (
    CancelToken,
    SegmentDone,
    SpeechEngine,
    SpeechEvent,
    SpeechRequest,
    Voice,
    WholeSegments,
    as_batching,
)

MAX_ATTEMPTS = 3
"""At a sentence that is doubtful; each of them is up to two of the engine's own."""

IMPROVISED_CHARS = 400
"""Text that an engine without a voice improvises one from: 20 s, twice what a reference needs."""


MAX_BEGINNINGS = 50
"""Sentences at a book's beginning that may be unspeakable before it is given up to improvise a voice."""


class Stage(StrEnum):
    VOICE = "voice"  # improvising one
    SPEAKING = "speaking"
    CHECKING = "checking"  # doubtful sentences come again


@dataclass(frozen=True, slots=True)
class NarrationProgress:
    """`sentence` is the one that was just done, None at the beginning of a stage. Counted are sentences of the stage.
    `left_s` is None until there is something to tell it from. `path` is the sentence's sound, None where nothing can
    be heard."""

    stage: Stage
    n_done: int
    n_sentences: int
    fraction: float
    left_s: float | None
    sentence: Sentence | None = None
    path: Path | None = None
    failed: bool = False


def narrate(
    project: Project, engine: SpeechEngine, identity: str, voice: Voice, cancel: CancelToken
) -> Iterator[NarrationProgress]:
    """Speak what `project` lacks. `identity` is the engine's (`recipe.engine_identity`).

    A cancelled run just ends, and the next one goes on. A sentence that cannot be spoken is noted and passed over.
    Raises an `EngineError` when the engine is lost or the disk is full, and `NarrationError` ("nothing_to_speak").
    """
    sentences = project.sentences()
    if not sentences:
        raise NarrationError("nothing_to_speak", project.folder)
    found = settled_voice(project, identity, voice)
    if found is None:
        yield NarrationProgress(Stage.VOICE, 0, 1, 0.0, None)
        found = _improvise(project, engine, identity, voice, sentences, cancel)
        if found is None:
            return
    run = _Run(project, engine, Recipe(identity, found, project.spoken_settings), found, sentences, cancel)
    try:
        yield from run.speak_all()
        yield from run.check_all()
    finally:
        if not cancel.cancelled:
            project.sounds.sync()


def settled_voice(project: Project, identity: str, voice: Voice) -> Voice | None:
    """The voice that all sentences are spoken with; None where it is yet to be improvised."""
    entry = engine_identified(identity)
    if voice.references or voice.name or (entry is not None and not entry.capabilities.improvises):
        return voice
    return project.kept_voice(identity)


def recipe_of(project: Project, identity: str, voice: Voice) -> Recipe:
    """What its sentences are kept under; before a voice was improvised nothing is."""
    return Recipe(identity, settled_voice(project, identity, voice) or voice, project.spoken_settings)


def _improvise(
    project: Project,
    engine: SpeechEngine,
    identity: str,
    voice: Voice,
    sentences: Sequence[Sentence],
    cancel: CancelToken,
) -> Voice | None:
    """Have the engine speak the beginning, and keep the voice that it does so with; None when cancelled."""
    for first in range(min(len(sentences), MAX_BEGINNINGS)):
        try:
            found = _voice_of_beginning(project, engine, voice, sentences[first:], cancel)
        except EngineError as error:
            if not _is_about_the_text(error):
                raise
            continue  # without the sentence that cannot be spoken
        if cancel.cancelled:
            return None
        project.keep_voice(identity, found)
        return found
    return voice


def _voice_of_beginning(
    project: Project, engine: SpeechEngine, voice: Voice, sentences: Sequence[Sentence], cancel: CancelToken
) -> Voice:
    text, language = "", sentences[0].language
    for sentence in sentences:
        if len(text) >= IMPROVISED_CHARS or sentence.language != language:
            break
        text = f"{text} {sentence.text}".strip()
    options = project.spoken_settings.speech_options(language, seed_of(str(project.settings.seed), 0))
    with closing(_events(engine.speak(SpeechRequest(text, voice, options), cancel))) as events:
        for event in events:
            if isinstance(event, SegmentDone):
                if event.voice is None:  # the engine has but one voice
                    break
                voice = event.voice
    return voice


def _events(events: Iterator[SpeechEvent]) -> Generator[SpeechEvent, None, None]:
    """A generator, which can be closed; an iterator may not know how."""
    yield from events


class _Run:
    """One call of `narrate`."""

    def __init__(
        self,
        project: Project,
        engine: SpeechEngine,
        recipe: Recipe,
        voice: Voice,
        sentences: Sequence[Sentence],
        cancel: CancelToken,
    ) -> None:
        self._store, self._settings = project.sounds, project.spoken_settings
        self._engine, self._voice, self._cancel = engine, voice, cancel
        self._sentences: dict[str, Sentence] = {}  # by key; one that comes twice is spoken once
        for sentence in sentences:
            self._sentences.setdefault(recipe.key(sentence), sentence)

    def speak_all(self) -> Iterator[NarrationProgress]:
        known = [take for key in self._sentences if (take := self._store.take(key)) is not None]
        forecast = Forecast((weigh(s.text) for s in self._sentences.values()), known)
        n_done = sum(map(self._store.is_settled, self._sentences))
        yield NarrationProgress(Stage.SPEAKING, n_done, len(self._sentences), forecast.fraction, forecast.left_s)
        forecast.begin()
        for spoken in self._speak():
            silent = [self._sentences[key] for key, take in spoken if take is None]
            forecast.note([take for _, take in spoken if take is not None], sum(weigh(s.text) for s in silent))
            for key, take in spoken:
                n_done += 1
                yield NarrationProgress(
                    Stage.SPEAKING,
                    n_done,
                    len(self._sentences),
                    forecast.fraction,
                    forecast.left_s,
                    self._sentences[key],
                    self._path(take),
                    failed=take is None,
                )

    def check_all(self) -> Iterator[NarrationProgress]:
        """Once all are spoken. Sentences that were decided in an earlier run are let be."""
        if self._cancel.cancelled:
            return
        pace_of = self._paces()
        doubtful = [key for key in self._sentences if self._is_doubtful(key, pace_of)]
        if not doubtful:
            return
        yield NarrationProgress(Stage.CHECKING, 0, len(doubtful), 0.0, None)
        for n_done, key in enumerate(doubtful, start=1):
            self._mend(key, pace_of.get(self._sentences[key].language))
            if self._cancel.cancelled:
                return
            yield NarrationProgress(
                Stage.CHECKING,
                n_done,
                len(doubtful),
                n_done / len(doubtful),
                None,
                self._sentences[key],
                self._path(self._store.take(key)),
            )

    def _path(self, take: Take | None) -> Path | None:
        return self._store.path(take) if take is not None and take.n_samples else None

    def _paces(self) -> dict[str, Pace]:
        """From first attempts alone: what was mended in an earlier run must not change what is usual in this one."""
        firsts = [
            (sentence.language, takes[0])
            for key, sentence in self._sentences.items()
            if (takes := self._store.takes(key))
        ]
        return dict(paces(firsts))

    def _is_doubtful(self, key: str, pace_of: dict[str, Pace]) -> bool:
        takes = self._store.takes(key)
        if not takes or self._store.verdict(key) is not None:
            return False
        sentence = self._sentences[key]
        return bool(doubts_of(takes[0], pace_of.get(sentence.language), repeats_itself=repeats_itself(sentence.text)))

    def _mend(self, key: str, pace: Pace | None) -> None:
        """Up to `MAX_ATTEMPTS`, until one is beyond doubt; then the verdict. Nothing is decided when cancelled."""
        repeats = repeats_itself(self._sentences[key].text)

        def doubts(take: Take) -> tuple[Doubt, ...]:
            return doubts_of(take, pace, repeats_itself=repeats)

        while all(map(doubts, takes := self._store.takes(key))) and len(takes) < MAX_ATTEMPTS:
            if takes[-1].seed is None:  # an engine that draws nothing speaks the same again
                break
            again = self._speak_one(key, len(takes))
            if self._cancel.cancelled:
                return
            if again is None:
                break
        best = min(self._store.takes(key), key=lambda take: badness(take, pace, repeats_itself=repeats))
        self._store.decide(Verdict(key, best.attempt, tuple(map(str, doubts(best)))))

    # --- speaking

    def _speak(self) -> Iterator[list[tuple[str, Take | None]]]:
        """The keys of what has no sound yet, with their first takes, those together that came together; None for what
        cannot be spoken.

        Batches begin at the same sentences in every run: by what is beside it in one, a sound may differ in its last
        bits.
        """
        keys = list(self._sentences)
        batching = as_batching(self._engine)
        size = 1 if batching is None else batching.max_batch
        for first in range(0, len(keys), size):
            batch = [key for key in keys[first : first + size] if not self._store.is_settled(key)]
            together = self._speak_together(batch) if len(batch) > 1 and not self._cancel.cancelled else None
            if together is not None:
                yield together
                continue
            for key in batch:
                take = None if self._cancel.cancelled else self._speak_one(key, 0)
                if self._cancel.cancelled:
                    return
                yield [(key, take)]

    def _request(self, key: str, attempt: int) -> SpeechRequest:
        sentence = self._sentences[key]
        return SpeechRequest(
            sentence.text, self._voice, self._settings.speech_options(sentence.language, seed_of(key, attempt))
        )

    def _speak_one(self, key: str, attempt: int) -> Take | None:
        hearing = _Hearing()
        try:
            with closing(_events(self._engine.speak(self._request(key, attempt), self._cancel))) as events:
                for event in events:
                    hearing.hear(event)
        except EngineError as error:
            if not _is_about_the_text(error):
                raise
            self._store.fail(Failure(key, type(error).__name__, str(error)))
            return None
        return None if self._cancel.cancelled else self._keep(key, attempt, hearing)

    def _speak_together(self, batch: Sequence[str]) -> list[tuple[str, Take | None]] | None:
        """None where one of them stops the others: then they are spoken one by one, to see which."""
        batching = as_batching(self._engine)
        assert batching is not None
        hearings = [_Hearing() for _ in batch]
        requests = [self._request(key, 0) for key in batch]
        try:
            for i, event in batching.speak_batch(requests, self._cancel):
                hearings[i].hear(event)
        except EngineError as error:
            if not _is_about_the_text(error):
                raise
            return None
        if self._cancel.cancelled:
            return []
        return [(key, self._keep(key, 0, heard)) for key, heard in zip(batch, hearings, strict=True)]

    def _keep(self, key: str, attempt: int, hearing: _Hearing) -> Take:
        pcm = to_pcm(trimmed(hearing.samples()))
        take = Take(
            key,
            attempt,
            len(pcm),
            checksum(pcm),
            weigh(self._sentences[key].text),
            round(hearing.compute_s, 4),
            hearing.seed,
            hearing.problem,
            measure(pcm),
        )
        self._store.add(take, pcm)
        return take


class _Hearing:
    """What an engine says of one request, put together. An engine may cut a sentence further; its parts are joined."""

    def __init__(self) -> None:
        self._segments = WholeSegments()
        self._sound: list[np.ndarray] = []
        self.compute_s = 0.0
        self.seed: int | None = None
        self.problem: str | None = None

    def hear(self, event: SpeechEvent) -> None:
        self._sound += self._segments.take(event)
        if isinstance(event, SegmentDone):
            self.compute_s += event.timing.compute_s
            self.seed = event.seed if self.seed is None else self.seed
            self.problem = self.problem or (event.problem.value if event.problem else None)

    def samples(self) -> np.ndarray:
        return np.concatenate(self._sound) if self._sound else np.zeros(0, np.float32)


def _is_about_the_text(error: EngineError) -> bool:
    """Whether the next sentence may fare better."""
    return isinstance(error, TextError | PromptTooLongError)
