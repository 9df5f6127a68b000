"""Sentences made sound by an engine, one at a time or a batch together, and kept in a project's store."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TypeVar

import numpy as np

from engine.alignment import WordFinder
from engine.errors import EngineError, PromptTooLongError, TextError
from engine.narration.checks import measure, weigh
from engine.narration.project import Project
from engine.narration.recipe import seed_of
from engine.narration.sentences import Sentence
from engine.narration.sound_file import audible_part, checksum, to_pcm
from engine.narration.store import Failure, Take
from engine.narration.word_places import packed, within
from engine.text import request_segments
from engine.types import (
    CancelToken,
    Segment,
    SegmentDone,
    SpeechEngine,
    SpeechEvent,
    SpeechRequest,
    Voice,
    WholeSegments,
    as_batching,
)
from engine.words import TimedWord, TimedWords

Event = TypeVar("Event")


class SentenceSpeaker:
    """Speak `sentences`, by their keys, with one engine and one voice, and keep their sound in the project's store."""

    def __init__(
        self,
        project: Project,
        engine: SpeechEngine,
        voice: Voice,
        sentences: Mapping[str, Sentence],
        cancel: CancelToken,
    ) -> None:
        self._store, self._settings = project.sounds, project.spoken_settings
        self._engine, self._voice, self._cancel = engine, voice, cancel
        self._sentences = sentences

    def speak_missing(self) -> Iterator[list[tuple[str, Take | None]]]:
        """Speak the sentences that have no sound yet, and yield their keys with their first takes, those together that
        came together; None for what cannot be spoken.

        Batches begin at the same sentences in every run: by what is beside it in one, a sound may differ in its last
        bits. Where it does not, each sentence of a batch is kept as soon as it is done.
        """
        keys = list(self._sentences)
        batching = as_batching(self._engine)
        size = 1 if batching is None else batching.max_batch
        for first in range(0, len(keys), size):
            batch = [key for key in keys[first : first + size] if not self._store.is_settled(key)]
            if len(batch) > 1 and not self._cancel.cancelled:
                yield from self._speak_together(batch)
            for key in batch:  # those that stopped the others, and these
                if self._store.is_settled(key):
                    continue
                take = None if self._cancel.cancelled else self.speak_one(key, 0)
                if self._cancel.cancelled:
                    return
                yield [(key, take)]

    def _request(self, key: str, attempt: int) -> SpeechRequest:
        sentence = self._sentences[key]
        return SpeechRequest(
            sentence.text, self._voice, self._settings.speech_options(sentence.language, seed_of(key, attempt))
        )

    def speak_one(self, key: str, attempt: int) -> Take | None:
        """Speak the sentence `key`, keep its sound and return it; None where it cannot be spoken, or when cancelled.

        Raises an `EngineError` that is not about the text.
        """
        hearing = _Hearing(self._cancel)
        try:
            with closing(closable(self._engine.speak(self._request(key, attempt), self._cancel))) as events:
                for event in events:
                    hearing.hear(event)
        except EngineError as error:
            if not is_about_the_text(error):
                raise
            self._store.fail(Failure(key, type(error).__name__, str(error)))
            return None
        return None if self._cancel.cancelled else self._keep(key, attempt, hearing)

    def _speak_together(self, batch: Sequence[str]) -> Iterator[list[tuple[str, Take | None]]]:
        """Ends early where one of them stops the others: then those that are left are spoken one by one, to see which
        it is."""
        batching = as_batching(self._engine)
        assert batching is not None
        requests = {key: self._request(key, 0) for key in batch}
        left = {key: _Hearing(self._cancel) for key in batch}
        is_exact = self._engine.status().is_batch_exact
        try:
            n_segments = {key: sum(1 for _ in request_segments(request)) for key, request in requests.items()}
            with closing(closable(batching.speak_batch(list(requests.values()), self._cancel))) as events:
                for i, event in events:
                    key = batch[i]
                    if key not in left:
                        continue
                    left[key].hear(event)
                    n_segments[key] -= isinstance(event, SegmentDone)
                    if is_exact and n_segments[key] == 0 and not self._cancel.cancelled:
                        yield [(key, self._keep(key, 0, left.pop(key)))]
        except EngineError as error:
            if not is_about_the_text(error):
                raise
            return
        if left and not self._cancel.cancelled:
            yield [(key, self._keep(key, 0, heard)) for key, heard in left.items()]

    def _keep(self, key: str, attempt: int, hearing: _Hearing) -> Take:
        text = self._sentences[key].text
        samples = hearing.samples()
        first, last = audible_part(samples)
        pcm = to_pcm(samples[first:last])
        take = Take(
            key,
            attempt,
            len(pcm),
            checksum(pcm),
            weigh(text),
            round(hearing.compute_s, 4),
            hearing.seed,
            hearing.problem,
            replace(measure(pcm), **hearing.proof),
            packed(within(hearing.words, first, len(pcm)), text) if hearing.words else "",
        )
        self._store.add(take, pcm)
        return take


class _Hearing:
    """Put together what an engine says of one request. An engine may cut a sentence further; its parts are joined."""

    def __init__(self, cancel: CancelToken) -> None:
        self._cancel = cancel
        self._segments, self._timed = WholeSegments(), TimedWords()
        self.words: list[TimedWord] = []
        self._sound: list[np.ndarray] = []
        self.compute_s = 0.0
        self.seed: int | None = None
        self.problem: str | None = None
        self.proof = {"skipped_word": 0.0, "repeated_word": 0.0, "strange_sound": 0.0}

    def hear(self, event: SpeechEvent) -> None:
        whole = self._segments.take(event)
        self._sound += whole
        self.words += self._timed.take(event)
        if isinstance(event, SegmentDone):
            if event.seed is not None:  # it was drawn: what is known beforehand skips nothing
                self._proofread(event.segment, whole)
            self.compute_s += event.timing.compute_s
            self.seed = event.seed if self.seed is None else self.seed
            self.problem = self.problem or (event.problem.value if event.problem else None)

    def _proofread(self, segment: Segment, sound: list[np.ndarray]) -> None:
        """Note the worst of the sentence's segments. Nothing of other sentences comes into it, whose order may be
        another after an interruption."""
        finder = WordFinder(segment, is_cancelled=lambda: self._cancel.cancelled)
        for samples in sound:
            finder.hear(samples)
        finder.finish()
        proof = finder.proof()
        found = {
            "skipped_word": proof.skipped,
            "repeated_word": proof.repeated,
            "strange_sound": proof.strange,
        }
        self.proof = {name: max(before, found[name]) for name, before in self.proof.items()}

    def samples(self) -> np.ndarray:
        return np.concatenate(self._sound) if self._sound else np.zeros(0, np.float32)


def closable(events: Iterator[Event]) -> Generator[Event, None, None]:
    """Yield `events`, as a generator, which can be closed; an iterator may not know how."""
    yield from events


def is_about_the_text(error: EngineError) -> bool:
    """Return whether `error` is about one text, so that the next sentence may fare better."""
    return isinstance(error, TextError | PromptTooLongError)
