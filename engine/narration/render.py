"""A project's sentences spoken, one after the other, into its store. What is there is never spoken again.

Two rounds. The first speaks every sentence once. The second looks at all of them together and speaks those that are
not as the others again, with other seeds; the best attempt is kept. What either round does depends on the book and its
recipe alone, never on when it was interrupted: killed a hundred times, the sound in the end is the same.
"""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from engine.errors import EngineError, NarrationError
from engine.narration.checks import (
    Doubt,
    Pace,
    badness,
    doubts_of,
    paces,
    repeats_itself,
    weigh,
)
from engine.narration.project import Project
from engine.narration.recipe import Recipe, engine_identified, seed_of
from engine.narration.sentences import Sentence
from engine.narration.speaking import SentenceSpeaker, closable, is_about_the_text
from engine.narration.store import Take, Verdict
from engine.types import (
    CancelToken,
    SegmentDone,
    SpeechEngine,
    SpeechRequest,
    Voice,
)

MAX_ATTEMPTS = 3
"""At a sentence that is doubtful; each of them is up to two of the engine's own."""

N_RECENT = 60
"""Enough that one hiccup does not show in the median, few enough that another load does soon."""

IMPROVISED_CHARS = 400
"""Text that an engine without a voice improvises one from: 20 s, twice what a reference needs."""

MAX_BEGINNINGS = 50
"""Sentences at a book's beginning that may be unspeakable before it is given up to improvise a voice."""


class Stage(StrEnum):
    """Name what a narration is doing."""

    VOICE = "voice"  # improvising one
    SPEAKING = "speaking"
    CHECKING = "checking"  # doubtful sentences come again


@dataclass(frozen=True, slots=True)
class NarrationProgress:
    """Describe how far a narration is.

    `sentence` is the one that was just done, None at the beginning of a stage. Sentences of the stage are counted.
    `left_s` is None until it can be estimated. `path` is the sentence's sound, None where nothing can be heard.
    """

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
    """Return the voice that all sentences are spoken with; None where it is yet to be improvised."""
    entry = engine_identified(identity)
    if voice.references or voice.name or (entry is not None and not entry.capabilities.improvises):
        return voice
    return project.kept_voice(identity)


def recipe_of(project: Project, identity: str, voice: Voice) -> Recipe:
    """Return the recipe that a project's sentences are kept under; before a voice was improvised nothing is."""
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
            if not is_about_the_text(error):
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
    with closing(closable(engine.speak(SpeechRequest(text, voice, options), cancel))) as events:
        for event in events:
            if isinstance(event, SegmentDone):
                if event.voice is None:  # the engine has but one voice
                    break
                voice = event.voice
    return voice


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
        self._store, self._cancel = project.sounds, cancel
        self._sentences: dict[str, Sentence] = {}  # by key; one that comes twice is spoken once
        for sentence in sentences:
            self._sentences.setdefault(recipe.key(sentence), sentence)
        self._speaker = SentenceSpeaker(project, engine, voice, self._sentences, cancel)

    def speak_all(self) -> Iterator[NarrationProgress]:
        known = [take for key in self._sentences if (take := self._store.take(key)) is not None]
        forecast = Forecast((weigh(s.text) for s in self._sentences.values()), known)
        n_done = sum(map(self._store.is_settled, self._sentences))
        yield NarrationProgress(Stage.SPEAKING, n_done, len(self._sentences), forecast.fraction, forecast.left_s)
        forecast.begin()
        for spoken in self._speaker.speak_missing():
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
            again = self._speaker.speak_one(key, len(takes))
            if self._cancel.cancelled:
                return
            if again is None:
                break
        best = min(self._store.takes(key), key=lambda take: badness(take, pace, repeats_itself=repeats))
        self._store.decide(Verdict(key, best.attempt, tuple(map(str, doubts(best)))))


class Forecast:
    """Estimate how long the rest of a narration takes, by how long the last sentences took for their length.

    The clock runs between `note`s, so it counts whatever a sentence costs, and batches as their share.
    """

    def __init__(
        self, chars: Iterable[float], known: Iterable[Take], clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        """`chars` are the weights of all sentences, `known` the takes that are there already."""
        known = list(known)
        self._total = sum(chars)
        self._done = sum(take.chars for take in known)
        # Until there is something of this run's own, what it took in an earlier one.
        self._rates: deque[float] = deque(
            (take.compute_s / take.chars for take in known[-N_RECENT:] if take.chars), maxlen=N_RECENT
        )
        self._clock_s = clock_s
        self._is_fresh = False
        self._since_s = clock_s()

    @property
    def fraction(self) -> float:
        """Return how much is done, 0 to 1, by the sentences' weights."""
        return self._done / self._total if self._total else 1.0

    @property
    def left_s(self) -> float | None:
        """Estimate the seconds that are left; None until there is something to estimate from."""
        if not self._rates:
            return None
        return max(0.0, self._total - self._done) * statistics.median(self._rates)

    def begin(self) -> None:
        """Start the clock."""
        self._since_s = self._clock_s()

    def note(self, takes: Sequence[Take], n_skipped_chars: float = 0.0) -> None:
        """Count sentences that came together as done; those that have no sound count as done too."""
        n_chars = sum(take.chars for take in takes)
        now_s = self._clock_s()
        took_s, self._since_s = now_s - self._since_s, now_s
        self._done += n_chars + n_skipped_chars
        if not n_chars:
            return
        if not self._is_fresh:
            self._rates.clear()
            self._is_fresh = True
        self._rates.extend([took_s / n_chars] * min(len(takes), N_RECENT))
