"""What a document shows of its structure: which parts of a text are headings, emphasised, quoted, and where pictures
stood. It is for the eye alone: no text that is spoken depends on it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class StyleKind(StrEnum):
    """Name what a part of a text is. The first three are parts of paragraphs, the others whole ones."""

    EMPHASIS = "emphasis"
    STRONG = "strong"
    CODE = "code"
    MARKUP = "markup"  # signs that say how text looks and that stand in the text: Markdown's
    HEADING = "heading"
    ITEM = "item"  # of a list; its number, if it has one, is in the text
    BULLET = "bullet"  # the same where a list without numbers shows a dot
    QUOTATION = "quotation"
    PREFORMATTED = "preformatted"  # code with lines of its own
    ROW = "row"  # of a table, with tabs between its cells
    CAPTION = "caption"


@dataclass(frozen=True, slots=True)
class StyleSpan:
    """Says what `[start, end)` of a text is, in code points.

    `level` is a heading's, 1 the highest, and how deep an item or a quotation stands in others, 1 the outermost; 0 for
    all else.
    """

    start: int
    end: int
    kind: StyleKind
    level: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """Says where a picture stood that was left out: before the text's code point `place`, or at the end of a paragraph.

    `description` is what the file says that it shows.
    """

    place: int
    description: str


def moved(spans: Iterable[StyleSpan], offset: int) -> list[StyleSpan]:
    """Move `spans` on by `offset` code points."""
    return [StyleSpan(span.start + offset, span.end + offset, span.kind, span.level) for span in spans]


def styles_within(spans: Iterable[StyleSpan], start: int, end: int) -> list[StyleSpan]:
    """Return what `spans` say of `[start, end)`, whose places count from `start`."""
    cut = [StyleSpan(max(s.start, start) - start, min(s.end, end) - start, s.kind, s.level) for s in spans]
    return [span for span in cut if span.start < span.end]
