"""A chapter cut into the sentences that are spoken, each with its place, and every other character counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from engine.narration.document import OmissionReason, n_chars
from engine.types import MAX_TEXT_CHARS, LanguageSpan, Pronunciation, Segment, SpeechOptions


class LeftOut(StrEnum):
    """Name why a person left characters of a chapter unspoken.

    What no reader says, and what the file's reader left out, has an `OmissionReason`.
    """

    CHAPTER = "chapter"  # the person wants the chapter left out
    EDITED = "edited"  # the person took the sentence's words away


@dataclass(frozen=True, slots=True)
class Edit:
    """Hold what a person wants of one sentence.

    `was` is what it said when they did, so that an edit whose sentence has changed is known to be stale. `text` None
    leaves the words as they are; `take` counts how often another try was asked for.
    """

    was: str
    text: str | None = None
    take: int = 0


@dataclass(frozen=True, slots=True)
class Sentence:
    """Hold a sentence that is spoken, and its place.

    `start` and `end` are code points of the chapter's text, `n_chars` those of them that are spoken and no white space.
    `chapter` is the chapter's number in the book as it was read, `index` counts in the chapter. `text` is what is
    spoken, which an edit may have changed from `original`; it is read in `language`, and in truth in
    `unvoiced_language`, a code, where no voice speaks that.
    """

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
    unvoiced_language: str = ""


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Count characters of a chapter that no sentence says, from `start` on, `n_chars` without white space.

    `reason` is a `LeftOut` or an `OmissionReason`, `words` what the dictionary leaves unsaid.
    """

    start: int
    reason: str
    n_chars: int
    words: str = ""


@dataclass(frozen=True, slots=True)
class CutChapter:
    """Hold the sentences of a chapter; with `unsaid`, all of its characters that are no white space."""

    sentences: tuple[Sentence, ...] = ()
    unsaid: tuple[Unsaid, ...] = ()

    @property
    def n_chars(self) -> int:
        """Count the characters of the chapter, without white space."""
        return sum(part.n_chars for part in (*self.sentences, *self.unsaid))

    @property
    def left_out(self) -> dict[str, int]:
        """Count the characters that are not spoken, by reason."""
        counts: dict[str, int] = {}
        for part in self.unsaid:
            counts[part.reason] = counts.get(part.reason, 0) + part.n_chars
        return counts

    def within(self, start: int, end: int) -> CutChapter:
        """Return what begins in `[start, end)`, as paragraphs of its own."""
        sentences = [sentence for sentence in self.sentences if start <= sentence.start < end]
        if sentences:
            sentences[-1] = replace(sentences[-1], ends_paragraph=True)
        return CutChapter(tuple(sentences), tuple(part for part in self.unsaid if start <= part.start < end))

    def __add__(self, other: CutChapter) -> CutChapter:
        return CutChapter(self.sentences + other.sentences, self.unsaid + other.unsaid)


def place_of(start: int, end: int) -> str:
    """Name a sentence's place in its chapter, for the table of edits."""
    return f"{start}-{end}"


def cut_chapter(
    chapter: int,
    text: str,
    language: str | None,
    edits: Mapping[str, Edit],
    pronunciations: Sequence[Pronunciation] = (),
    declared: Sequence[LanguageSpan] = (),
) -> CutChapter:
    """Cut a chapter's `text` into sentences. `language` is the person's choice; with None each paragraph's is told by
    its text and what the file has `declared`. `edits` are by `place_of`.

    Of `pronunciations` only what they leave unsaid counts here: sentences keep their words as they are written.
    """
    from engine.narration.preview import preview_text  # the door imports this file, and needs no text cut

    sentences: list[Sentence] = []
    unsaid: list[Unsaid] = []
    silence = _Silence(pronunciations)
    for part_start, part in _parts(text):
        moved = [LanguageSpan(span.start - part_start, span.end - part_start, span.code) for span in declared]
        preview = preview_text(part, SpeechOptions(language=language, normalise=False, markers=False), moved)
        unsaid += [
            Unsaid(part_start + run.start, run.reason, n_chars(part[run.start : run.end])) for run in preview.unspoken
        ]
        reached = 0
        for segment in preview.segments:
            start, end = part_start + segment.start, part_start + segment.end
            spoken, take = segment.text, 0
            edit = edits.get(place_of(start, end))
            if edit is not None and edit.was == segment.text:
                spoken, take = segment.text if edit.text is None else edit.text.strip(), edit.take
            counts, reached = _source_chars(segment, part, reached)
            if not spoken:
                unsaid.append(Unsaid(start, LeftOut.EDITED, sum(counts)))
                continue
            silenced = silence.found(spoken, segment.language)
            if silenced is None:
                unsaid.append(Unsaid(start, OmissionReason.DICTIONARY, sum(counts), spoken))
                continue
            if spoken == segment.text:  # else its characters are not the source's
                for first, last in silenced:
                    place, n = part_start + segment.source.starts[first], sum(counts[first:last])
                    unsaid.append(Unsaid(place, OmissionReason.DICTIONARY, n, spoken[first:last]))
                    counts[first:last] = [0] * (last - first)
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
                    sum(counts),
                    take,
                    segment.unvoiced_language,
                )
            )
    cut = CutChapter(tuple(sentences), tuple(unsaid))
    assert cut.n_chars == n_chars(text), "every character is spoken or left out"
    return cut


def may_silence(pronunciations: Iterable[Pronunciation]) -> bool:
    """Return whether one of `pronunciations` may leave something unsaid."""
    return any(
        entry.leaves_unsaid or (entry.is_pattern and "\\" in entry.spoken and not entry.ipa) for entry in pronunciations
    )


class _Silence:
    """Find what a dictionary leaves unsaid of sentences."""

    def __init__(self, pronunciations: Sequence[Pronunciation]) -> None:
        from engine.text.pronunciation import Pronouncer

        self._pronouncer = Pronouncer(pronunciations) if may_silence(pronunciations) else None

    def found(self, text: str, language: str) -> list[tuple[int, int]] | None:
        """Ranges of `text`, without white space at their ends; None where nothing is left to say."""
        from engine.text.mapped_text import MappedText
        from engine.text.pieces import is_speakable

        if self._pronouncer is None:
            return []
        parts = [part.text for part in self._pronouncer.parts(MappedText.of_span(text, 0, len(text)), language)]
        left = "".join(part.text for part in parts)
        if left != text and not is_speakable(left):
            return None
        said = [(part.source.starts[0], part.source.ends[-1]) for part in parts if part.text.strip()]
        gaps = zip([0, *(end for _, end in said)], [*(start for start, _ in said), len(text)], strict=True)
        return [_stripped(text, *gap) for gap in gaps if text[slice(*gap)].strip()]


def _stripped(text: str, start: int, end: int) -> tuple[int, int]:
    gap = text[start:end]
    return start + len(gap) - len(gap.lstrip()), end - len(gap) + len(gap.rstrip())


def _source_chars(segment: Segment, text: str, reached: int) -> tuple[list[int], int]:
    """Count how many characters of `text` from `reached` on, white space aside, each code point of the segment says;
    and how far it reaches."""
    counts: list[int] = []
    for sign, start, end in zip(segment.text, segment.source.starts, segment.source.ends, strict=True):
        counts.append(0)
        if end > reached and not sign.isspace():  # a space may stand for a line's end and signs after it
            counts[-1] = n_chars(text[max(start, reached) : end])
            reached = end
    return counts, reached


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
