"""A chapter cut into the sentences that are spoken, each with its place, and every other character counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from engine.narration.preview import preview_text
from engine.types import MAX_TEXT_CHARS, Segment, SpeechOptions


class LeftOut(StrEnum):
    """Why characters of a chapter are not spoken; what no reader says, and what the file's reader left out, has an
    `OmissionReason`."""

    CHAPTER = "chapter"  # the person wants the chapter left out
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
    left_out: Mapping[str, int] = field(default_factory=dict)

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
    left_out: dict[str, int] = {}
    n_edited = 0
    for part_start, part in _parts(text):
        preview = preview_text(part, SpeechOptions(language=language, normalise=False))
        for reason, n in preview.left_out:
            left_out[reason] = left_out.get(reason, 0) + n
        reached = 0
        for segment in preview.segments:
            start, end = part_start + segment.start, part_start + segment.end
            spoken, take = segment.text, 0
            edit = edits.get(place_of(start, end))
            if edit is not None and edit.was == segment.text:
                spoken, take = segment.text if edit.text is None else edit.text.strip(), edit.take
            n_spoken, reached = _n_source_chars(segment, part, reached)
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
    if n_edited:
        left_out[LeftOut.EDITED] = n_edited
    cut = CutChapter(tuple(sentences), left_out)
    assert cut.n_chars == n_chars(text), "every character is spoken or left out"
    return cut


def _n_source_chars(segment: Segment, text: str, reached: int) -> tuple[int, int]:
    """How many characters of `text` from `reached` on, white space aside, the segment says; and how far it reaches."""
    n = 0
    for sign, start, end in zip(segment.text, segment.source.starts, segment.source.ends, strict=True):
        if end > reached and not sign.isspace():  # a space may stand for a line's end and signs after it
            n += n_chars(text[max(start, reached) : end])
            reached = end
    return n, reached


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
