"""Shows the sentences that a narration is not sure of: heard, put in other words, spoken again."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.common.plain_text import plain
from desktop.narration.values import WarningRow
from desktop.narration.words import shortened

EDITOR_HEIGHT_PX = 80
NOTHING = "Every sentence sounds as the others do. What a narration is not sure of is listed here once it is through."


class WarningPanel(QWidget):
    hear_requested = Signal(int, int)
    """(chapter, index in it)"""
    redo_requested = Signal(int, int)
    edit_requested = Signal(int, int, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[WarningRow, ...] = ()
        self.nothing = QLabel(NOTHING)
        self.nothing.setWordWrap(True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.list = QListWidget()
        self.list.setAccessibleName("Sentences to listen to")
        self.list.setWordWrap(True)
        self.list.setSpacing(2)
        self.list.currentRowChanged.connect(self._show_current)
        self.list.itemActivated.connect(lambda _: self._emit(self.hear_requested))
        self.reason = QLabel()
        self.reason.setWordWrap(True)
        self.editor = QPlainTextEdit()
        self.editor.setAccessibleName("What the sentence says")
        self.editor.setMaximumHeight(EDITOR_HEIGHT_PX)
        self.editor.setTabChangesFocus(True)
        self.editor.textChanged.connect(self._note_edit)
        self.hear, self.redo = QPushButton("&Hear"), QPushButton("Spea&k again")
        self.edit = QPushButton("&Use these words")
        self.edit.setToolTip("Speaks the sentence as it is written here; without a word it is left out.")
        self.hear.clicked.connect(lambda: self._emit(self.hear_requested))
        self.redo.clicked.connect(lambda: self._emit(self.redo_requested))
        self.edit.clicked.connect(self._emit_edit)
        buttons = QHBoxLayout()
        for button in (self.hear, self.redo, self.edit):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.parts = (self.list, self.reason, self.editor, self.hear, self.redo, self.edit)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.nothing, 1)
        column.addWidget(self.list, 1)
        column.addWidget(self.reason)
        column.addWidget(self.editor)
        column.addLayout(buttons)
        self._show_parts()

    def render_rows(self, rows: tuple[WarningRow, ...]) -> None:
        if rows == self._rows:
            return
        current = self.list.currentRow()
        self._rows = rows
        self.list.blockSignals(True)
        self.list.clear()
        for row in rows:
            item = QListWidgetItem(plain(f"{shortened(row.text)}\n{row.chapter_title}: {row.reason}"))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{row.text}, {row.reason}")
            self.list.addItem(item)
        self.list.blockSignals(False)
        self._show_parts()
        if rows:
            self.list.setCurrentRow(min(max(current, 0), len(rows) - 1))

    @property
    def _current(self) -> WarningRow | None:
        row = self.list.currentRow()
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def _show_parts(self) -> None:
        self.nothing.setVisible(not self._rows)
        for part in self.parts:
            part.setVisible(bool(self._rows))

    def _show_current(self) -> None:
        row = self._current
        if row is None:
            return
        self.reason.setText(f"{row.reason[:1].upper()}{row.reason[1:]}.")
        self.editor.setPlainText(row.text)
        self.hear.setEnabled(row.has_sound)
        self._note_edit()

    def _note_edit(self) -> None:
        row = self._current
        self.edit.setEnabled(row is not None and self.editor.toPlainText().strip() != row.text)

    def _emit(self, signal: object) -> None:
        if (row := self._current) is not None:
            signal.emit(row.chapter, row.index)  # type: ignore[attr-defined]

    def _emit_edit(self) -> None:
        if (row := self._current) is not None:
            self.edit_requested.emit(row.chapter, row.index, self.editor.toPlainText().strip())
