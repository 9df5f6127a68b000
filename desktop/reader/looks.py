"""Says what each block of a shown document looks like, from what its reader knows of the text.

A block is looked up when it is laid out, and so only when it is seen: a book costs what its visible page costs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from PySide6.QtGui import QColor, QFont, QFontDatabase, QTextCharFormat, QTextLayout

from desktop.common.offsets import Offsets
from engine.narration import Picture, StyleKind, StyleSpan

HEADING_SIZES = (1.6, 1.35, 1.2, 1.1, 1.0, 1.0)
"""Of the text's, by level."""
_PARTS = (StyleKind.EMPHASIS, StyleKind.STRONG, StyleKind.CODE, StyleKind.MARKUP)


@dataclass(frozen=True, slots=True)
class Look:
    """Describes a block.

    `parts` are spans of it, in code points of its text; `indent` counts steps; `before` and `after` are what is said of
    pictures.
    """

    parts: tuple[StyleSpan, ...] = ()
    heading: int = 0
    indent: int = 0
    quotes: int = 0
    has_dot: bool = False
    is_code: bool = False
    is_caption: bool = False
    is_row: bool = False
    is_item: bool = False
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


PLAIN = Look()


class Looks:
    """Knows the looks of one text. `styles` and `pictures` are in the order of their places."""

    def __init__(self, styles: Sequence[StyleSpan] = (), pictures: Sequence[Picture] = ()) -> None:
        self._styles = sorted(styles, key=lambda span: span.start)
        self._starts = [span.start for span in self._styles]
        self._reach = list(accumulate((span.end for span in self._styles), max))  # of a span and all before it
        self._pictures, self._places = list(pictures), [picture.place for picture in pictures]

    def look(self, start: int, end: int) -> Look:
        """Return the look of the block `[start, end)`, in code points of the text."""
        first = last = bisect_left(self._starts, end)
        while first and self._reach[first - 1] > start:
            first -= 1
        spans = [span for span in self._styles[first:last] if span.end > start]
        before, after = self._described(start, end)
        if not spans and not before and not after:
            return PLAIN
        level = {span.kind: span for span in spans}
        item = level.get(StyleKind.BULLET) or level.get(StyleKind.ITEM)
        quotes = level[StyleKind.QUOTATION].level if StyleKind.QUOTATION in level else 0
        heading = level[StyleKind.HEADING].level if StyleKind.HEADING in level else 0
        return Look(
            tuple(
                StyleSpan(max(span.start, start) - start, min(span.end, end) - start, span.kind)
                for span in spans
                if span.kind in _PARTS
            ),
            heading,
            min((item.level if item else 0) + quotes, 6),
            quotes,
            StyleKind.BULLET in level and level[StyleKind.BULLET].start == start,
            StyleKind.PREFORMATTED in level,
            StyleKind.CAPTION in level,
            StyleKind.ROW in level,
            item is not None,
            before,
            after,
        )

    def _described(self, start: int, end: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What is said of pictures before and after a block."""
        if not self._places:
            return (), ()
        at_start = self._pictures[bisect_left(self._places, start) : bisect_right(self._places, start)]
        at_end = self._pictures[bisect_left(self._places, end) : bisect_right(self._places, end)] if end > start else []
        return tuple(p.description for p in at_start), tuple(p.description for p in at_end)


def formats_of(look: Look, text: str, font: QFont, faint: QColor) -> list[QTextLayout.FormatRange]:
    """Return how the signs of a block's `text` are drawn; places in it are Qt's."""
    ranges: list[QTextLayout.FormatRange] = []
    n = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if whole := _block_format(look, font):
        ranges.append(_range(0, n, whole))
    if look.parts:
        offsets = Offsets(text)
        for span in look.parts:
            start, end = offsets.to_utf16(span.start), offsets.to_utf16(min(span.end, offsets.n_code_points))
            ranges.append(_range(start, end, _part_format(span, text, font, faint)))
    return ranges


def _block_format(look: Look, font: QFont) -> QTextCharFormat | None:
    form = QTextCharFormat()
    if look.heading:
        form.setFontWeight(QFont.Weight.Bold)
        form.setFontPointSize(font.pointSizeF() * heading_size(look.heading))
    elif look.is_code:
        _use_code(form, font)
    elif look.is_caption:
        form.setFontPointSize(font.pointSizeF() * 0.9)
        form.setFontItalic(True)
    else:
        return None
    return form


def _part_format(span: StyleSpan, text: str, font: QFont, faint: QColor) -> QTextCharFormat:
    form = QTextCharFormat()
    match span.kind:
        case StyleKind.EMPHASIS:
            form.setFontItalic(True)
        case StyleKind.STRONG:
            form.setFontWeight(QFont.Weight.Bold)
        case StyleKind.CODE:
            _use_code(form, font)
        case _ if text[span.start : span.end] == "\\":  # it says that the next sign is one: not for eyes
            form.setFontPointSize(0.5)
            form.setForeground(QColor(0, 0, 0, 0))
        case _:
            form.setForeground(faint)
    return form


def _use_code(form: QTextCharFormat, font: QFont) -> None:
    form.setFontFamilies(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families())
    form.setFontFixedPitch(True)
    form.setFontPointSize(font.pointSizeF() * 0.9)


def heading_size(level: int) -> float:
    """Return how large a heading is, in the size of the text."""
    return HEADING_SIZES[min(level, len(HEADING_SIZES)) - 1]


def _range(start: int, end: int, form: QTextCharFormat) -> QTextLayout.FormatRange:
    found = QTextLayout.FormatRange()
    found.start, found.length, found.format = start, end - start, form  # type: ignore[attr-defined]
    return found
