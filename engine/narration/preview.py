"""A preview of what is spoken of a text, and what is not and why: every character that is no white space, once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from engine.errors import TextError
from engine.narration.document import OmissionReason, n_chars
from engine.text import iter_segments
from engine.text.markdown import ADDRESSES, FOOTNOTE_MARK, STRUCK, TAG, is_note_mark
from engine.text.ruby import IN_BRACKETS
from engine.text.symbols import NOTE_MARK, is_decoration
from engine.types import LanguageSpan, Segment, SpeechOptions

_DEFINITION = re.compile(r"^[ \t>]*\[[^\]\n]{1,200}\]:[^\n]*$", re.MULTILINE)
_COMMENT = re.compile(r"<!--(?:(?!<!--).){0,2000}?-->", re.DOTALL)
_TARGET = re.compile(r"\]\s?\([^()\n]{0,2000}(?:\([^()\n]{0,200}\)[^()\n]{0,2000}){0,9}\)|\]\[[^\]\n]{0,200}\]")
_SIGNS_OF_MARKUP = frozenset("#*_`~|=-+<>[](){}!\\:^&;")
_MAX_ROWS_OF_SIGNS = 3  # a longer run is a ruler, whatever it is made of

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Unspoken:
    """Name `[start, end)` of the text, without white space at its ends, and why it is not said."""

    start: int
    end: int
    reason: OmissionReason


@dataclass(frozen=True, slots=True)
class TextPreview:
    """Describe what will be spoken of a text. `segments` are what an engine is given, with their places in the text;
    counts are without white space."""

    segments: tuple[Segment, ...]
    unspoken: tuple[Unspoken, ...]
    n_source_chars: int
    n_spoken_chars: int
    left_out: tuple[tuple[OmissionReason, int], ...]
    """How many characters for each reason; with `n_spoken_chars` they are `n_source_chars`."""


def preview_text(text: str, options: SpeechOptions | None = None, declared: Sequence[LanguageSpan] = ()) -> TextPreview:
    """Find what `options` make of `text`, which may hold nothing to speak. `declared` is what its file says of its
    languages.

    Raises `TextError` ("too_long", "nul_byte", "lone_surrogate"), `OptionError`.
    """
    options = options or SpeechOptions()
    segments = _segments(text, options, declared)
    spoken = _spoken(text, segments)
    found = _classified(text, spoken, options, declared)
    unspoken = [Unspoken(start, end, reason) for start, end, reason in found]
    counts: dict[OmissionReason, int] = {}
    for part in unspoken:
        counts[part.reason] = counts.get(part.reason, 0) + n_chars(text[part.start : part.end])
    n_all = n_chars(text)
    n_spoken = sum(bool(said) and not text[i].isspace() for i, said in enumerate(spoken))
    assert n_spoken + sum(counts.values()) == n_all, "every character is spoken or left out"
    return TextPreview(tuple(segments), tuple(unspoken), n_all, n_spoken, tuple(counts.items()))


def _segments(text: str, options: SpeechOptions, declared: Sequence[LanguageSpan]) -> list[Segment]:
    try:
        return list(
            iter_segments(
                text,
                options.language,
                clean=options.clean,
                normalise=options.normalise,
                markers=options.markers,
                pronunciations=options.pronunciations,
                declared=declared,
            )
        )
    except TextError as error:
        if error.problem in ("empty", "nothing_to_speak"):
            return []
        raise


def _spoken(text: str, segments: Iterable[Segment]) -> bytearray:
    """For each code point of `text`, 1 where something that is heard stands for it. A space that was made of a line's
    end and of what is written before the next line says nothing of either."""
    spoken = bytearray(len(text))
    for segment in segments:
        for sign, start, end in zip(segment.text, segment.source.starts, segment.source.ends, strict=True):
            if not sign.isspace():
                spoken[start:end] = b"\1" * (end - start)
    return spoken


def _classified(
    text: str, spoken: bytearray, options: SpeechOptions, declared: Sequence[LanguageSpan]
) -> Iterator[tuple[int, int, OmissionReason]]:
    """The unspoken runs, divided where the reason changes."""
    runs = list(_unspoken_runs(text, spoken))
    if not runs:
        return
    marks = _marks(text, runs, options, declared)
    for start, end in runs:
        reasons = [None if text[i].isspace() else _reason(text, i, marks, end - start) for i in range(start, end)]
        begin = 0
        ahead_of = _ahead(reasons)
        for i in range(1, len(reasons) + 1):
            ahead = ahead_of[i]
            if i < len(reasons) and (reasons[i] is None or ahead == reasons[begin]):
                continue
            piece = text[start + begin : start + i].rstrip()
            reason = reasons[begin]
            assert reason is not None, "a run begins with a sign"
            yield start + begin, start + begin + len(piece), reason
            begin = i


def _ahead(reasons: list[OmissionReason | None]) -> list[OmissionReason | None]:
    """For each place, and that after the last, the first reason from there on."""
    ahead: list[OmissionReason | None] = [None]
    for reason in reversed(reasons):
        ahead.append(reason or ahead[-1])
    return ahead[::-1]


def _unspoken_runs(text: str, spoken: bytearray) -> Iterator[Span]:
    """Runs of what is not heard, white space within them included, none at their ends."""
    for match in re.finditer(b"\0+", spoken):
        run = text[match.start() : match.end()]
        start = match.start() + len(run) - len(run.lstrip())
        end = match.start() + len(run.rstrip())
        if start < end:
            yield start, end


def _marks(
    text: str, runs: list[Span], options: SpeechOptions, declared: Sequence[LanguageSpan]
) -> dict[int, OmissionReason]:
    """Find the reasons that only show in what stands around."""
    marks: dict[int, OmissionReason] = {}
    if any(entry.leaves_unsaid for entry in options.pronunciations):
        without = _spoken(text, _segments(text, replace(options, pronunciations=()), declared))
        marks = {i: OmissionReason.DICTIONARY for start, end in runs for i in range(start, end) if without[i]}
    for patterns, reason in (
        ((_COMMENT, TAG), OmissionReason.MARKUP),
        ((STRUCK,), OmissionReason.DELETED),
        ((IN_BRACKETS,), OmissionReason.RUBY),
        ((*ADDRESSES, _DEFINITION, _TARGET), OmissionReason.ADDRESS),
        ((FOOTNOTE_MARK, NOTE_MARK), OmissionReason.FOOTNOTE),
    ):
        for pattern in patterns:
            for match in pattern.finditer(text):
                if pattern is FOOTNOTE_MARK and not is_note_mark(match):
                    continue
                for i in range(*match.span()):
                    marks.setdefault(i, reason)
    return marks


def _reason(text: str, i: int, marks: dict[int, OmissionReason], n_run: int) -> OmissionReason:
    sign = text[i]
    if i in marks:
        return marks[i]
    if unicodedata.category(sign) in ("Cc", "Cf", "Cn", "Co") or sign == "\u034f" or unicodedata.category(sign) == "Mn":
        return OmissionReason.INVISIBLE
    if is_decoration(sign):
        return OmissionReason.EMOJI
    if sign in _SIGNS_OF_MARKUP and n_run <= _MAX_ROWS_OF_SIGNS:
        return OmissionReason.MARKUP
    return OmissionReason.SIGNS if not sign.isalnum() else OmissionReason.MARKUP
