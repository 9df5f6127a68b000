"""Puts room between the lines of a plain text, and gives its blocks their looks.

QPlainTextEdit lays out only what is seen, so that a megabyte is no burden, but knows no line height; QTextEdit knows
line heights and stalls for 0.3 s when a megabyte changes its width. So the lines are moved apart here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QTextBlock, QTextDocument, QTextOption
from PySide6.QtWidgets import QPlainTextDocumentLayout

from desktop.reader.looks import PLAIN, Look, formats_of, heading_size

PARAGRAPH_GAP = 0.25  # of the font's height, after each paragraph; an empty one is a gap already
HEADING_GAP = 0.7  # of the font's height, above each heading
EMPTY_LINE = 0.6  # of a line, between the paragraphs of a document, whose looks tell them apart
EMPTY_WITHIN = 0.05  # the same within a list or a table
NOTE_SIZE = 0.85  # of words on a picture, in the size of the text
NOTE_GAP = 0.5  # of a line, below them
MAX_NOTE_LINES = 3
INDENT_EMS = 1.3  # in the height of the font
_FRESH_Y = 0.0  # of a first line that Qt has just laid out; one that stands in its place never has it


class SpacedLayout(QPlainTextDocumentLayout):
    """Lays plain text out with its baselines evenly apart, whichever fonts its signs come from."""

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._document = document
        self._spacing = 1.5
        self._faint = QColor()
        self._grids: dict[int, tuple[float, float, QFontMetricsF]] = {}  # by the level of a heading
        self.look_of: Callable[[QTextBlock], Look] | None = None
        """What says how a block looks; None for a text that is nothing but text."""

    def use(self, font: QFont, spacing: float, faint: QColor) -> None:
        """Lay all out anew: in `font`, lines `spacing` apart, in the height of its own, and signs that are no words in
        the colour `faint`."""
        self._spacing, self._faint = spacing, faint
        self._grids.clear()
        self._document.setDefaultFont(font)

    def look(self, block: QTextBlock) -> Look:
        """Return the look of a block."""
        return self.look_of(block) if self.look_of is not None and block.isValid() else PLAIN

    @property
    def indent_px(self) -> float:
        """How far one step is from the edge of the text."""
        return self.grid(PLAIN)[2].height() * INDENT_EMS

    @property
    def pitch(self) -> float:
        """How far apart the lines of the text are; as high is one that describes a picture."""
        return self.grid(PLAIN)[0]

    def blockBoundingRect(self, block: QTextBlock) -> QRectF:  # noqa: N802 (Qt's name)
        layout = block.layout()
        look = PLAIN if self.look_of is None else self.look_of(block)
        if look is not PLAIN and not layout.lineCount() and block.isVisible():
            layout.setFormats(formats_of(look, block.text(), self._document.defaultFont(), self._faint))
        rect = super().blockBoundingRect(block)  # lays the block out when that is still to be done
        n_lines = layout.lineCount()
        if not n_lines or not block.isVisible():
            return rect
        if layout.lineAt(0).y() == _FRESH_Y:  # fresh from Qt, which also lays out anew each block that was edited
            self._place_lines(block, look)
            n_lines = layout.lineCount()
        pitch, _, metrics = self.grid(look)
        last = layout.lineAt(n_lines - 1)
        if block.length() == 1:  # its separator
            rect.setHeight(pitch * self._empty_line(block) if self.look_of is not None else last.y() + last.height())
            return rect
        below = (
            (pitch - metrics.height()) / 2 + metrics.height() * PARAGRAPH_GAP + self.notes_px(look.after, rect.width())
        )
        rect.setHeight(last.y() + last.ascent() + metrics.descent() + below)
        return rect

    def grid(self, look: Look) -> tuple[float, float, QFontMetricsF]:
        """Return how far apart the baselines of a block are, where the first one is, and its font's measures."""
        if (found := self._grids.get(look.heading)) is not None:
            return found
        font = QFont(self._document.defaultFont())
        spacing = self._spacing
        if look.heading:
            font.setPointSizeF(font.pointSizeF() * heading_size(look.heading))
            font.setBold(True)
            spacing = min(spacing, 1.3)
        metrics = QFontMetricsF(font)
        pitch = metrics.height() * spacing
        self._grids[look.heading] = pitch, (pitch - metrics.height()) / 2 + metrics.ascent(), metrics
        return self._grids[look.heading]

    def notes_px(self, notes: Sequence[str], width: float) -> float:
        """Return how high the words on pictures are together."""
        n_lines = sum(self.note_lines(words, width) for words in notes)
        return (n_lines + NOTE_GAP) * self.pitch if n_lines else 0.0

    def note_lines(self, words: str, width: float) -> int:
        """Return how many lines the words on a picture have."""
        advance = self.grid(PLAIN)[2].horizontalAdvance(words) * NOTE_SIZE
        return min(1 + int(advance / max(width - self.indent_px, 1.0)), MAX_NOTE_LINES)

    def _empty_line(self, block: QTextBlock) -> float:
        """How high an empty line is, in lines; those within a list or a table hardly are."""
        before, after = self.look(block.previous()), self.look(block.next())
        is_within = (before.is_item and after.is_item) or (before.is_row and after.is_row)
        return EMPTY_WITHIN if is_within else EMPTY_LINE

    def _place_lines(self, block: QTextBlock, look: Look) -> None:
        _align(block, look)
        layout = block.layout()
        if look.indent or look.is_row:
            self._break_lines(block, look.indent * self.indent_px)
        pitch, first, metrics = self.grid(look)
        above = self.notes_px(look.before, layout.lineAt(0).width())
        if look.heading and block.blockNumber():
            above += metrics.height() * HEADING_GAP
        baseline = above + first
        for index in range(layout.lineCount()):
            line = layout.lineAt(index)
            baseline += max(0.0, line.height() - pitch) if index else 0.0  # of a font that is higher than any line
            y = baseline - line.ascent()
            line.setPosition(QPointF(line.x(), y if y != _FRESH_Y else 0.01))
            baseline += pitch

    def _break_lines(self, block: QTextBlock, indent_px: float) -> None:
        """Lay a block out anew, narrower, which Qt's plain layout knows nothing of."""
        layout = block.layout()
        first = layout.lineAt(0)
        left, width = first.x(), max(first.width() - indent_px, first.width() / 3)
        if block.textDirection() is not Qt.LayoutDirection.RightToLeft:
            left += first.width() - width
        layout.beginLayout()
        while (line := layout.createLine()).isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(left, 0))
        layout.endLayout()
        block.setLineCount(layout.lineCount())


def _align(block: QTextBlock, look: Look) -> None:
    """Have a paragraph of a script that is written from the right begin there, which the plain layout leaves undone,
    and the cells of a row stand in columns."""
    is_from_the_right = block.textDirection() is Qt.LayoutDirection.RightToLeft
    layout = block.layout()
    option = layout.textOption()
    option.setAlignment(Qt.AlignmentFlag.AlignRight if is_from_the_right else Qt.AlignmentFlag.AlignLeft)
    if look.is_row:
        width = layout.lineAt(0).width() / (block.text().count("\t") + 1)
        option.setTabs([QTextOption.Tab(width * n, QTextOption.TabType.LeftTab) for n in range(1, 30)])
    layout.setTextOption(option)  # asked for at each painting: the lines stay as they were broken
