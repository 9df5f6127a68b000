"""A chapter cut into the sentences that are spoken, each with its place, and every other character counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.errors import TextError
from engine.text import iter_segments
from engine.types import MAX_TEXT_CHARS, Segment


class LeftOut(StrEnum):
    """Why characters of a chapter are not spoken; what its reader left out has an `OmissionReason`."""

    CHAPTER = "chapter"  # the person wants the chapter left out
    SIGNS = "signs"  # markup, addresses, emoji, rows of stars: what no reader says
    EDITED = "edited"  # the person took the sentence's words away


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person wants of one sentence. `was` is what it said when they did, so that an edit whose sentence has
    changed is known to be stale. `text` None leaves the words as they are; `take` counts the wishes for another try."""

    was: str
    text: str | None = None
    take: int = 0


@dataclass(frozen=True, slots=True)
class Sentence:
    """`start` and `end` are code points of the chapter's text, `n_chars` those of them that are spoken and no white
    space. `chapter` is the chapter's number in the book as it was read, `index` counts in the chapter. `text` is what
    is spoken, which an edit may have changed from `original`."""

    chapter: int
    index: int
    start: int
    end: int
    text: str
    original: str
    language: str
    ends_paragraph: bool
    n_chars: int
    take: int = 0


@dataclass(frozen=True, slots=True)
class CutChapter:
    """The sentences of a chapter; with `left_out`, all of its characters that are no white space."""

    sentences: tuple[Sentence, ...]
    left_out: Mapping[LeftOut, int] = field(default_factory=dict)

    @property
    def n_chars(self) -> int:
        return sum(sentence.n_chars for sentence in self.sentences) + sum(self.left_out.values())


def n_chars(text: str) -> int:
    """How many characters `text` has, without white space: what a report counts."""
    return sum(map(len, text.split()))


def place_of(start: int, end: int) -> str:
    """The name of a sentence's place in its chapter, for the table of edits."""
    return f"{start}-{end}"


def cut_chapter(chapter: int, text: str, language: str | None, edits: Mapping[str, Edit]) -> CutChapter:
    """The sentences of a chapter's `text`; `language` None detects it. `edits` are by `place_of`."""
    sentences: list[Sentence] = []
    n_edited = 0
    for part_start, part in _parts(text):
        for segment in _segments(part, language):
            start, end = part_start + segment.start, part_start + segment.end
            spoken, take = segment.text, 0
            edit = edits.get(place_of(start, end))
            if edit is not None and edit.was == segment.text:
                spoken, take = segment.text if edit.text is None else edit.text.strip(), edit.take
            n_spoken = _n_source_chars(segment, part)
            if not spoken:
                n_edited += n_spoken
                continue
            sentences.append(
                Sentence(
                    chapter,
                    len(sentences),
                    start,
                    end,
                    spoken,
                    segment.text,
                    segment.language,
                    segment.ends_paragraph,
                    n_spoken,
                    take,
                )
            )
    n_signs = n_chars(text) - sum(sentence.n_chars for sentence in sentences) - n_edited
    assert n_signs >= 0
    counts = {LeftOut.SIGNS: n_signs, LeftOut.EDITED: n_edited}
    return CutChapter(tuple(sentences), {reason: n for reason, n in counts.items() if n})


def _segments(text: str, language: str | None) -> list[Segment]:
    """None where nothing can be spoken; that is counted, and is no error in a chapter."""
    try:
        return list(iter_segments(text, language))
    except TextError as error:
        if error.problem in ("empty", "nothing_to_speak"):
            return []
        raise


def _n_source_chars(segment: Segment, text: str) -> int:
    """How many characters of `text`, white space aside, the segment says."""
    n, reached = 0, segment.start
    for start, end in zip(segment.source.starts, segment.source.ends, strict=True):
        if end > reached:
            n += n_chars(text[max(start, reached) : end])
            reached = end
    return n


def _parts(text: str) -> list[tuple[int, str]]:
    """`text` in parts that one request may hold, cut between paragraphs where that can be."""
    parts: list[tuple[int, str]] = []
    start = 0
    while len(text) - start > MAX_TEXT_CHARS:
        cut = text.rfind("\n\n", start + 1, start + MAX_TEXT_CHARS)
        cut = cut if cut > start else start + MAX_TEXT_CHARS
        parts.append((start, text[start:cut]))
        start = cut
    parts.append((start, text[start:]))
    return parts
