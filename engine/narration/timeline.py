"""The place of each sentence in the audiobook, to the sample, and the sound of the whole as one stream."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.audio.fades import fade_in
from engine.errors import NarrationError
from engine.narration.project import Project
from engine.narration.recipe import Recipe
from engine.narration.sentences import Sentence
from engine.narration.settings import NarrationSettings
from engine.narration.store import SoundStore, Take
from engine.narration.word_places import unpacked
from engine.text import find_markers
from engine.types import SAMPLE_RATE_HZ
from engine.words import TimedWord

FADE_MS = 5
"""At both ends of each sentence, so that no seam clicks."""

_PIECE_SAMPLES = SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class PlacedSentence:
    """Place a sentence in the audiobook: `start` and `end` are samples of the whole.

    `words` are what subtitles show of it: all that is read, on one line and without the markers that are acted out.
    """

    sentence: Sentence
    take: Take
    start: int
    end: int
    words: str
    acts_markers: bool = False

    def timed_words(self) -> tuple[TimedWord, ...]:
        """Return when each of `words` is heard: places in that text, and samples of the whole. Empty where nobody
        knows."""
        text = self.sentence.text
        _, shown = _shown(text, self.acts_markers)
        found: list[TimedWord] = []
        for word in unpacked(self.take.words, text, self.take.n_samples):
            start, end = bisect_left(shown, word.start), bisect_left(shown, word.end)
            if start < end:
                found.append(replace(word, start=start, end=end).later(self.start))
        return tuple(found)


def gap_between(first: PlacedSentence, second: PlacedSentence) -> str:
    """Return what is written between two sentences of a chapter: a paragraph's end, a blank, or nothing where they
    touch in the text, as those of Japanese do."""
    if first.sentence.ends_paragraph:
        return "\n\n"
    a, b = first.sentence, second.sentence
    return "" if (a.chapter, a.end) == (b.chapter, b.start) else " "


@dataclass(frozen=True, slots=True)
class PlacedChapter:
    """Place a chapter: from the first sample of its first sentence to that of the next chapter; the pause after it is
    its own."""

    title: str
    start: int
    end: int
    sentences: tuple[PlacedSentence, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Hold the places of all chapters that are narrated."""

    chapters: tuple[PlacedChapter, ...]

    @property
    def n_samples(self) -> int:
        """Return the length of the whole in samples."""
        return self.chapters[-1].end if self.chapters else 0

    def of_chapter(self, i: int) -> Timeline:
        """Return the `i`th chapter as a whole of its own, beginning at 0."""
        chapter = self.chapters[i]
        first = chapter.start
        moved = tuple(
            replace(placed, start=placed.start - first, end=placed.end - first) for placed in chapter.sentences
        )
        return Timeline((PlacedChapter(chapter.title, 0, chapter.end - first, moved),))


def lay_out(project: Project, recipe: Recipe, poll: Callable[[], object] = lambda: None) -> Timeline:
    """Place the chapters that are narrated, with their pauses.

    A sentence that could not be spoken takes no time, and a chapter without sound is left out. `poll` is called for
    each sentence, and may raise. Raises `NarrationError` ("not_finished", "nothing_to_speak").
    """
    n_missing = 0
    chapters: list[PlacedChapter] = []
    at = 0
    for choice in project.included():
        takes: list[tuple[Sentence, Take]] = []
        for sentence in project.contents(choice).sentences:
            poll()
            key = recipe.key(sentence)
            take = project.sounds.take(key)
            if take is not None and take.n_samples:
                takes.append((sentence, take))
            elif take is None and project.sounds.failure(key) is None:
                n_missing += 1
        if takes:
            title = choice.title or f"Chapter {len(chapters) + 1}"
            chapters.append(_place(title, takes, project.settings, at))
            at = chapters[-1].end
    if n_missing:
        raise NarrationError("not_finished", project.folder, str(n_missing))
    if not chapters:
        raise NarrationError("nothing_to_speak", project.folder)
    return Timeline(tuple(chapters))


def _place(
    title: str, takes: Sequence[tuple[Sentence, Take]], settings: NarrationSettings, start: int
) -> PlacedChapter:
    placed: list[PlacedSentence] = []
    pauses = settings.pauses
    at = start
    for i, (sentence, take) in enumerate(takes):
        words, _ = _shown(sentence.text, settings.markers)
        placed.append(PlacedSentence(sentence, take, at, at + take.n_samples, words, settings.markers))
        if i == len(takes) - 1:
            pause_ms = pauses.chapter_ms
        else:
            pause_ms = pauses.paragraph_ms if sentence.ends_paragraph else pauses.sentence_ms
        at += take.n_samples + pause_ms * SAMPLE_RATE_HZ // 1000
    return PlacedChapter(title, start, at, tuple(placed))


def _shown(text: str, acts_markers: bool) -> tuple[str, list[int]]:
    """Return what is read of `text`, on one line: all but the markers that are acted out; and the place in `text` of
    each of its code points."""
    hidden: set[int] = set()
    for marker in find_markers(text) if acts_markers else ():
        hidden.update(range(marker.start, marker.end))
    signs: list[str] = []
    places: list[int] = []
    blank: int | None = None
    for i, sign in enumerate(text):
        if i in hidden or sign.isspace():
            blank = i
            continue
        if signs and blank is not None:
            signs.append(" ")
            places.append(blank)
        signs.append(sign)
        places.append(i)
        blank = None
    return "".join(signs), places


def sound_of(timeline: Timeline, store: SoundStore) -> Iterator[np.ndarray]:
    """Yield the sound of the whole, float32 `(n,)`, from the first sample to the last, a second or a sentence at a
    time.

    Raises `NarrationError` ("sounds_damaged").
    """
    ramp = fade_in(FADE_MS * SAMPLE_RATE_HZ // 1000)
    at = 0
    for chapter in timeline.chapters:
        for placed in chapter.sentences:
            yield from _silence(placed.start - at)
            samples = _read(placed.take, timeline, store).astype(np.float32) / np.float32(32767)
            n = min(len(ramp), len(samples))
            samples[:n] *= ramp[:n]
            samples[len(samples) - n :] *= ramp[:n][::-1]
            yield samples
            at = placed.end
        yield from _silence(chapter.end - at)
        at = chapter.end


def _read(take: Take, timeline: Timeline, store: SoundStore) -> np.ndarray:
    """Read a take. Where one file is damaged, others may be: all are looked at, so that one run finds them and the next
    mends."""
    try:
        return store.read(take)
    except NarrationError as error:
        takes = {p.take.name: p.take for chapter in timeline.chapters for p in chapter.sentences}
        n_damaged = 1 + store.forget_damaged(other for name, other in takes.items() if name != take.name)
        raise NarrationError("sounds_damaged", error.path, str(n_damaged)) from error


def _silence(n_samples: int) -> Iterator[np.ndarray]:
    while n_samples > 0:
        n = min(n_samples, _PIECE_SAMPLES)
        yield np.zeros(n, np.float32)
        n_samples -= n
