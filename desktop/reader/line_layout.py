"""Puts room between the lines of a plain text.

QPlainTextEdit lays out only what is seen, so that a megabyte is no burden, but knows no line height; QTextEdit knows
line heights and stalls for 0.3 s when a megabyte changes its width. So the lines are moved apart here.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QTextBlock, QTextDocument
from PySide6.QtWidgets import QPlainTextDocumentLayout

LINE_HEIGHT = 1.5
PARAGRAPH_GAP = 0.25  # of the font's height, after each paragraph; an empty one is a gap already


class SpacedLayout(QPlainTextDocumentLayout):
    """Lays plain text out with its lines `LINE_HEIGHT` apart."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._document = document

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:  # noqa: N802 (Qt's name)
        rect = super().blockBoundingRect(block)  # lays the block out when that is still to be done
        layout = block.layout()
        n_lines = layout.lineCount()
        if not n_lines or not block.isVisible():
            return rect
        font_height = QFontMetricsF(self._document.defaultFont()).height()
        extra = font_height * (LINE_HEIGHT - 1)
        if layout.lineAt(0).y() == 0:  # fresh from Qt, which also lays out anew each block that was edited
            _align(block)
            y = max(extra / 2, 1.0)
            for index in range(n_lines):
                line = layout.lineAt(index)
                line.setPosition(QPointF(line.x(), y))
                y += line.height() + extra
        last = layout.lineAt(n_lines - 1)
        is_empty = block.length() == 1  # its separator
        below = 0.0 if is_empty else extra / 2 + font_height * PARAGRAPH_GAP
        rect.setHeight(last.y() + last.height() + below)
        return rect


def _align(block: QTextBlock) -> None:
    """Have a paragraph of a script that is written from the right begin there, which the plain layout leaves undone."""
    is_from_the_right = block.textDirection() is Qt.LayoutDirection.RightToLeft
    option = block.layout().textOption()
    option.setAlignment(Qt.AlignmentFlag.AlignRight if is_from_the_right else Qt.AlignmentFlag.AlignLeft)
    block.layout().setTextOption(option)  # asked for at each painting: the lines stay as they were broken
