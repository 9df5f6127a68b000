"""Shows all keys, from the actions that have them: what is listed is what works."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

Keys = tuple[str, str]
"""What is done, and the keys for it."""


def keys_of(actions: Iterable[QAction]) -> list[Keys]:
    """List what `actions` do that have keys."""
    listed: list[Keys] = []
    for action in actions:
        shortcuts = [key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts()]
        words = action.text().replace("&", "").removesuffix("…")
        if words and (keys := ", ".join(filter(None, dict.fromkeys(shortcuts)))):
            listed.append((words, keys))
    return listed


class KeysDialog(QDialog):
    """Lists keys, anew each time it is shown. `groups` gives their headings, and what stands under each."""

    def __init__(
        self, groups: Callable[[], Sequence[tuple[str, Sequence[Keys]]]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Lectern: keys")
        self.resize(560, 560)
        self._groups = groups
        words = QLabel("Everything can be done with the keyboard. Tab goes from one thing to the next.")
        words.setWordWrap(True)
        self.table = QTableWidget(0, 2)
        self.table.setHorizontalHeaderLabels(("What it does", "Keys"))
        self.table.setAccessibleName("Keys")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        close = QPushButton("&Close")
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(words)
        column.addWidget(self.table, 1)
        column.addLayout(row)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if not event.spontaneous():
            self._show_keys()
            self.table.setCurrentCell(-1, -1)

    def _show_keys(self) -> None:
        self.table.clearSpans()
        self.table.setRowCount(0)
        for heading, keys in self._groups():
            if keys:
                self._add_heading(heading)
            for cells in keys:
                row = self.table.rowCount()
                self.table.insertRow(row)
                for column, words in enumerate(cells):
                    self.table.setItem(row, column, QTableWidgetItem(words))

    def _add_heading(self, words: str) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        item = QTableWidgetItem(words)
        font = item.font()
        font.setBold(True)
        item.setFont(font)
        self.table.setItem(row, 0, item)
        self.table.setSpan(row, 0, 1, 2)
