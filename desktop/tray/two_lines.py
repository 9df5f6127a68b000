"""Shows the sentence of the strip over two lines, with the word that is heard lit."""

from __future__ import annotations

import unicodedata

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextLayout,
    QTextLine,
    QTextOption,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.common.offsets import Offsets
from desktop.common.state import Span
from desktop.widgets.icons import blend

N_LINES = 2


class TwoLines(QWidget):
    """Shows plain words over at most two lines; what does not fit is left out at the end. Always two lines high.

    The word that is heard has a ground, as in the reader's window. Once it is beyond what fits, the lines go on from
    there.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self._word: Span | None = None
        self._from = 0  # of the whole, in code points: where the lines begin
        self.lines: list[str] = []
        self.marked: list[tuple[int, Span]] = []
        """The parts of the word that is heard: (line, its code points)."""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(self.fontMetrics().lineSpacing() * N_LINES)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def set_text(self, text: str, word: Span | None = None) -> None:
        """Show `text`; `word` is the place in it of the word that is heard."""
        if (text, word) == (self._whole, self._word):
            return
        if text != self._whole:
            self._from = 0
            self.setAccessibleName(text)
        self._whole, self._word = text, word
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._from = 0
        self._fit()

    def _fit(self) -> None:
        if self._word is not None and self._word[0] < self._from:
            self._from = 0
        self._break()
        if self._word is not None and not self.marked and self._whole[slice(*self._word)].strip():
            self._from = self._word[0]
            self._break()
        self.update()

    def _break(self) -> None:
        self.lines = fit_lines(self._whole[self._from :], self.fontMetrics(), self.width(), N_LINES)
        self.marked = [] if self._word is None else marked_in(self.lines, self._whole, self._from, self._word)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.palette()
        text, window = palette.color(QPalette.ColorRole.WindowText), palette.color(QPalette.ColorRole.Window)
        ground = blend(window, palette.color(QPalette.ColorRole.Highlight), 0.35)
        direction = direction_of(self._whole)
        height = self.fontMetrics().lineSpacing()
        top = (self.height() - height * len(self.lines)) / 2
        for i, words in enumerate(self.lines):
            layout, line = _laid_out(words, self, direction)
            place, offsets = QPointF(0, top + i * height), Offsets(words)
            painter.setBrush(ground)
            painter.setPen(Qt.PenStyle.NoPen)
            for _, span in (mark for mark in self.marked if mark[0] == i):
                a, b = (line.cursorToX(offsets.to_utf16(at))[0] for at in span)  # type: ignore[index]  (its stub says float)
                painter.drawRoundedRect(QRectF(min(a, b) - 2, place.y(), abs(b - a) + 4, height), 4, 4)
            painter.setPen(text)
            layout.draw(painter, place)


def direction_of(text: str) -> Qt.LayoutDirection:
    """Tell the direction of `text` by its first letter, as paragraphs do."""
    kinds = map(unicodedata.bidirectional, text)
    is_from_right = next((kind in ("R", "AL") for kind in kinds if kind in ("L", "R", "AL")), False)
    return Qt.LayoutDirection.RightToLeft if is_from_right else Qt.LayoutDirection.LeftToRight


def _laid_out(words: str, widget: QWidget, direction: Qt.LayoutDirection) -> tuple[QTextLayout, QTextLine]:
    layout = QTextLayout(words, widget.font())
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.NoWrap)
    option.setTextDirection(direction)
    is_from_right = direction is Qt.LayoutDirection.RightToLeft
    side = Qt.AlignmentFlag.AlignRight if is_from_right else Qt.AlignmentFlag.AlignLeft
    option.setAlignment(side | Qt.AlignmentFlag.AlignAbsolute)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(widget.width())
    layout.endLayout()
    return layout, line


def marked_in(lines: list[str], text: str, start: int, word: Span) -> list[tuple[int, Span]]:
    """Find `word` of `text` in the `lines` that begin at its code point `start`: (line, code points of it).

    Lines have the signs of the text in their order, but not all of its blanks, and at last a sign that stands for the
    rest.
    """
    n_before = _n_signs(text[start : word[0]])
    n_until = n_before + _n_signs(text[max(start, word[0]) : word[1]])
    is_cut = _n_signs("".join(lines)) != _n_signs(text[start:])
    found: list[tuple[int, Span]] = []
    n = 0
    for i, line in enumerate(lines):
        ends = len(line) - (is_cut and i == len(lines) - 1 and line.endswith("…"))
        places = [at for at, sign in enumerate(line[:ends]) if not sign.isspace()]
        inside = places[max(0, n_before - n) : max(0, n_until - n)]
        if inside:
            found.append((i, (inside[0], inside[-1] + 1)))
        n += len(places)
    return found


def _n_signs(text: str) -> int:
    return sum(not sign.isspace() for sign in text)


def fit_lines(text: str, metrics: QFontMetrics, width: int, n_lines: int) -> list[str]:
    """Break `text` at spaces into at most `n_lines` of `width` pixels; the last is elided."""
    words = " ".join(text[: 400 * n_lines].split())
    lines: list[str] = []
    while words and len(lines) < n_lines - 1 and metrics.horizontalAdvance(words) > width:
        end = _fitting(words, metrics, width)
        space = words.rfind(" ", 1, end + 1)
        end = space if space > 0 else end
        lines.append(words[:end].rstrip())
        words = words[end:].lstrip()
    lines.append(metrics.elidedText(words, Qt.TextElideMode.ElideRight, width))
    return lines


def _fitting(words: str, metrics: QFontMetrics, width: int) -> int:
    """How many signs fit, at least one."""
    low, high = 1, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        if metrics.horizontalAdvance(words[:middle]) <= width:
            low = middle
        else:
            high = middle - 1
    return low
