"""Makes what the pages of the login dialog consist of."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget


def plain_label(words: str) -> QLabel:
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def title_label(words: str) -> QLabel:
    label = QLabel(words)
    font = QFont(label.font())
    font.setBold(True)
    label.setFont(font)
    return label


def row_of(*parts: QWidget | None, stretch: int | None = None) -> QWidget:
    """Put `parts` side by side; None takes the room that is left, or else part number `stretch` does."""
    widget = QWidget()
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for index, part in enumerate(parts):
        if part is None:
            row.addStretch(1)
        else:
            row.addWidget(part, 1 if index == stretch else 0)
    return widget
