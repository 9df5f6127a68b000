"""A report on every character of a book: spoken, left out and why, failed, or not spoken yet. The sums match."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

from engine.narration.checks import weigh
from engine.narration.document import OmissionReason
from engine.narration.edits import Piece
from engine.narration.project import Project
from engine.narration.recipe import Recipe
from engine.narration.sentences import Sentence
from engine.text import find_markers
from engine.types import SAMPLE_RATE_HZ

CHARS_PER_S = 14.0
"""How fast a book is read, in letters (`checks.weigh`), pauses aside: for a forecast before anything is spoken."""


@dataclass(frozen=True, slots=True)
class DoubtfulSentence:
    """Name a sentence whose sound a person should look at.

    `doubts` are names of `checks.Doubt`, or "failed" where there is no sound at all (`detail` says why).
    """

    sentence: Sentence
    chapter_title: str
    doubts: tuple[str, ...]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ChapterReport:
    """Report what became of one chapter.

    `audio_s` is what is spoken so far, and `estimated_s` all of it, with its pauses; characters are counted without
    white space, in `n_chars` those that are to be spoken. `begins` is the place of its first sentence: the number of a
    chapter that was read, and its index there.
    """

    pieces: tuple[Piece, ...]
    title: str
    is_included: bool
    n_chars: int
    n_sentences: int
    n_spoken: int
    audio_s: float
    estimated_s: float
    begins: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class NarrationReport:
    """Report what became of a book.

    Characters are those of the source that are no white space. `unsaid` is what the dictionary leaves unsaid, with how
    often, the most frequent first; `markers` are those that are acted out, likewise. `languages` counts the sentences
    that are to be spoken by the code of their language; `unvoiced_languages` counts the others, which are in one that
    no voice speaks. `n_wordless` counts the spoken sentences that do not say when their words are heard, where that is
    asked for.
    """

    title: str
    author: str
    n_chars: int
    n_spoken_chars: int
    n_failed_chars: int
    n_waiting_chars: int
    left_out: Mapping[str, int]
    unsaid: tuple[tuple[str, int], ...]
    markers: tuple[tuple[str, int], ...]
    chapters: tuple[ChapterReport, ...]
    doubtful: tuple[DoubtfulSentence, ...]
    reader_warnings: tuple[str, ...]
    languages: Mapping[str, int]
    unvoiced_languages: Mapping[str, int]
    n_wordless: int = 0

    @property
    def adds_up(self) -> bool:
        """Return whether every character of the source is spoken, failed, waiting or left out, once."""
        counted = self.n_spoken_chars + self.n_failed_chars + self.n_waiting_chars + sum(self.left_out.values())
        return counted == self.n_chars

    @property
    def n_sentences(self) -> int:
        """Count the sentences of the chapters that are narrated."""
        return sum(chapter.n_sentences for chapter in self.chapters if chapter.is_included)

    @property
    def n_spoken(self) -> int:
        """Count those of them that are spoken."""
        return sum(chapter.n_spoken for chapter in self.chapters if chapter.is_included)

    @property
    def estimated_s(self) -> float:
        """Estimate the length of the whole audiobook in seconds."""
        return sum(chapter.estimated_s for chapter in self.chapters if chapter.is_included)

    def to_json(self) -> str:
        """Make the text of `report.json`."""
        values = asdict(self)
        values |= {"reader_doubts": values.pop("reader_warnings"), "adds_up": self.adds_up}
        return json.dumps(values, ensure_ascii=False, indent=1, default=dict)


def report_on(project: Project, recipe: Recipe | None = None) -> NarrationReport:
    """Report what became of each character of a project; with `recipe` None, what would: nothing counts as spoken."""
    counts = {"spoken": 0, "failed": 0, "waiting": 0}
    chapters: list[ChapterReport] = []
    doubtful: list[DoubtfulSentence] = []
    for choice in project.chapters:
        contents = project.contents(choice)
        n_spoken, audio_s, estimated_s = 0, 0.0, 0.0
        for sentence in contents.sentences:
            length_s, state, doubt = _state_of(project, recipe, sentence)
            estimated_s += length_s or weigh(sentence.text) / CHARS_PER_S
            audio_s += length_s or 0.0
            if not choice.is_included:
                continue
            counts[state] += sentence.n_chars
            n_spoken += state == "spoken"
            if doubt is not None:
                doubtful.append(DoubtfulSentence(sentence, choice.title, *doubt))
        chapters.append(
            ChapterReport(
                choice.pieces,
                choice.title,
                choice.is_included,
                sum(sentence.n_chars for sentence in contents.sentences),
                len(contents.sentences),
                n_spoken,
                round(audio_s, 2),
                round(estimated_s + _pauses_s(project, contents.sentences), 1),
                next(((sentence.chapter, sentence.index) for sentence in contents.sentences), None),
            )
        )
    book = project.book
    return NarrationReport(
        book.title,
        book.author,
        book.n_chars,
        counts["spoken"],
        counts["failed"],
        counts["waiting"],
        project.left_out(),
        _unsaid(project),
        _markers(project),
        tuple(chapters),
        tuple(doubtful),
        book.warnings,
        _counted(sentence.language for sentence in project.sentences() if not sentence.unvoiced_language),
        _counted(sentence.unvoiced_language for sentence in project.sentences() if sentence.unvoiced_language),
        _n_wordless(project, recipe),
    )


def _counted(codes: Iterable[str]) -> dict[str, int]:
    return dict(Counter(codes).most_common())


def _unsaid(project: Project) -> tuple[tuple[str, int], ...]:
    """Count what the dictionary leaves unsaid in the chapters that are narrated."""
    parts = (part for chapter in project.included() for part in project.contents(chapter).unsaid)
    words = Counter(part.words for part in parts if part.reason == OmissionReason.DICTIONARY)
    return tuple(words.most_common())


def _markers(project: Project) -> tuple[tuple[str, int], ...]:
    """Count the emotion markers of the chapters that are narrated; without the person's wish they are text."""
    if not project.settings.markers:
        return ()
    sentences = (sentence for chapter in project.included() for sentence in project.contents(chapter).sentences)
    names = Counter(marker.name for sentence in sentences for marker in find_markers(sentence.text))
    return tuple(names.most_common())


def _n_wordless(project: Project, recipe: Recipe | None) -> int:
    if recipe is None or not project.settings.wants_words:
        return 0
    takes = (project.sounds.take(recipe.key(sentence)) for sentence in project.sentences())
    return sum(take is not None and take.n_samples > 0 and not take.words for take in takes)


def _state_of(
    project: Project, recipe: Recipe | None, sentence: Sentence
) -> tuple[float | None, str, tuple[tuple[str, ...], str] | None]:
    """Its length in seconds, whether it is spoken, failed or waiting, and its doubts with their detail."""
    key = recipe.key(sentence) if recipe is not None else ""
    take = project.sounds.take(key)
    if take is None:
        failure = project.sounds.failure(key)
        if failure is None:
            return None, "waiting", None
        return 0.0, "failed", (("failed",), f"{failure.kind}: {failure.detail}")
    length_s = take.n_samples / SAMPLE_RATE_HZ
    verdict = project.sounds.verdict(key)
    doubt = (verdict.doubts, "") if verdict is not None and verdict.doubts else None
    # What cannot be heard was not said, whoever says that it was.
    return length_s, "spoken" if take.n_samples else "failed", doubt


def _pauses_s(project: Project, sentences: tuple[Sentence, ...]) -> float:
    if not sentences:
        return 0.0
    pauses = project.settings.pauses
    between = (pauses.paragraph_ms if s.ends_paragraph else pauses.sentence_ms for s in sentences[:-1])
    return (sum(between) + pauses.chapter_ms) / 1000
