"""Puts the parts of the reader one below the other."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QSplitter, QVBoxLayout, QWidget

from desktop.reader.contents_panel import WIDTH_PX

DEFAULT_SIZE = (880, 640)
"""Of the window, in pixels."""


class Arrangement(QWidget):
    """Between two lines the text, which takes the room there is, with the contents of a book beside it."""

    def __init__(
        self, above: Sequence[QWidget], bar: QWidget, contents: QWidget, text: QWidget, under: Sequence[QWidget]
    ) -> None:
        """`bar` is over the text, `under` below it; the last of these, the controls, is below the second line."""
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in above:
            column.addWidget(part)
        column.addWidget(_line())
        column.addWidget(bar)
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.addWidget(contents)
        sides.addWidget(text)
        sides.setStretchFactor(1, 1)
        sides.setSizes([WIDTH_PX, DEFAULT_SIZE[0] - WIDTH_PX])
        sides.setCollapsible(1, False)
        column.addWidget(sides, 1)
        for part in under[:-1]:
            column.addWidget(part)
        column.addWidget(_line())
        column.addWidget(under[-1])


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
