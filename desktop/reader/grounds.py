"""Paints what is under and beside a text: the ground of spans, dots of lists, bars of quotations, words on pictures."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTextBlock, QTextLine

from desktop.common.state import Span
from desktop.reader.line_layout import NOTE_SIZE, SpacedLayout
from desktop.reader.looks import PLAIN, Look

_FROM_THE_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_TOGETHER_PX = 2.0


def paint_ground(
    painter: QPainter, block: QTextBlock, top_left: QPointF, span: Span, color: QColor, edge: QColor | None = None
) -> None:
    """Paint rounded rectangles under the signs of `span`, which counts in the document; with an `edge` it is a chip."""
    start, end = max(0, span[0] - block.position()), min(block.length() - 1, span[1] - block.position())
    if start >= end:
        return
    painter.setBrush(color)
    painter.setPen(QPen(edge, 1) if edge else Qt.PenStyle.NoPen)
    layout = block.layout()
    runs_both_ways = bool(_FROM_THE_RIGHT.search(block.text()))
    for index in range(layout.lineCount()):
        line = layout.lineAt(index)
        first, last = max(start, line.textStart()), min(end, line.textStart() + line.textLength())
        if first >= last:
            continue
        for left, right in parts_of(line, first, last) if runs_both_ways else [_part_of(line, first, last)]:
            rect = QRectF(left, line.y(), right - left, line.height()).translated(top_left).adjusted(-3, -2, 3, 2)
            radius = rect.height() / 2 if edge else 4
            painter.drawRoundedRect(rect, radius, radius)


def _part_of(line: QTextLine, first: int, last: int) -> tuple[float, float]:
    a, b = _x(line, first), _x(line, last)
    natural = line.naturalTextRect()
    return max(min(a, b), natural.left()), min(max(a, b), natural.right())


def parts_of(line: QTextLine, first: int, last: int) -> list[tuple[float, float]]:
    """Find where signs stand in a line that may run both ways: a span of them can be in several places."""
    rects = sorted((run.boundingRect() for run in line.glyphRuns(first, last - first)), key=lambda rect: rect.left())
    parts: list[tuple[float, float]] = []
    space = QFontMetricsF(QFont()).horizontalAdvance(" ") + _TOGETHER_PX  # no ink, but no gap
    for rect in rects:
        if rect.isEmpty():
            continue
        if parts and rect.left() <= parts[-1][1] + 2 * space:
            parts[-1] = parts[-1][0], max(parts[-1][1], rect.right())
        else:
            parts.append((rect.left(), rect.right()))
    return parts


def _x(line: QTextLine, position: int) -> float:
    found: Any = line.cursorToX(position)  # PySide's stubs say object; it is a pair
    return float(found[0])


def paint_look(painter: QPainter, block: QTextBlock, top_left: QPointF, lines: SpacedLayout, ink: QColor) -> None:
    """Paint what a block's look has besides its text. `ink` is for what is no text of the person's."""
    look = lines.look(block)
    if look is PLAIN:
        return
    layout = block.layout()
    if not layout.lineCount():
        return
    width, is_rtl = layout.lineAt(0).width(), block.textDirection() is Qt.LayoutDirection.RightToLeft
    height = lines.blockBoundingRect(block).height()
    column = QRectF(0, 0, width + look.indent * lines.indent_px, height).translated(top_left)
    painter.setPen(Qt.PenStyle.NoPen)
    if look.is_code:
        ground = QColor(ink)
        ground.setAlphaF(0.08)
        painter.fillRect(column.adjusted(-8, 0, 8, 0), ground)
    for n in range(look.quotes):
        x = column.right() - (n + 0.4) * lines.indent_px if is_rtl else column.left() + (n + 0.4) * lines.indent_px
        painter.fillRect(QRectF(x, column.top(), 3, height), ink)
    if look.has_dot:
        line = layout.lineAt(0)
        size = lines.pitch / 7
        y = top_left.y() + line.y() + line.ascent() * 0.68
        x = top_left.x() + (line.x() + width + lines.indent_px / 2 if is_rtl else line.x() - lines.indent_px / 2)
        painter.setBrush(ink)
        painter.drawEllipse(QPointF(x, y), size, size)
    _paint_descriptions(painter, look, column, lines, ink)


def _paint_descriptions(painter: QPainter, look: Look, column: QRectF, lines: SpacedLayout, ink: QColor) -> None:
    if not look.before and not look.after:
        return
    font = QFont(painter.font())
    font.setItalic(True)
    font.setPointSizeF(font.pointSizeF() * NOTE_SIZE)
    painter.save()
    painter.setFont(font)
    painter.setPen(ink)
    metrics = QFontMetricsF(font)
    above = (lines.pitch - metrics.height()) / 2
    flags = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading | Qt.TextFlag.TextWordWrap
    tops = [(column.top(), look.before), (column.bottom() - lines.notes_px(look.after, column.width()), look.after)]
    for top, notes in tops:
        for words in notes:
            n_lines = lines.note_lines(words, column.width())
            line = QRectF(column.left(), top, column.width(), n_lines * lines.pitch)
            top += line.height()
            painter.drawText(line.topLeft() + QPointF(0, above + metrics.ascent()), "▧")
            shown = metrics.elidedText(words, Qt.TextElideMode.ElideRight, column.width() * n_lines * 0.9)
            painter.drawText(line.adjusted(lines.indent_px, above, 0, 0), flags, shown)
    painter.restore()
