"""Shows the pronunciation dictionary: a table in which each change holds at once, and a line to try it on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFont, QIcon
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

import engine
from desktop.common.language_words import LANGUAGE_WORDS
from desktop.common.messages import Message
from desktop.common.phonemes import who_takes_phonemes
from desktop.widgets.icons import symbolic_icon

COLUMNS = ("Written", "Said", "Sound", "Language", "Pattern", "Capitals matter")
WRITTEN, SAID, SOUND, LANGUAGE, PATTERN, CAPITALS = range(6)
TRY_AFTER_MS = 300
HINT = (
    "A word is found wherever it stands whole. A pattern is a regular expression, whose groups \\1, \\2 … may be said. "
    "Nothing under “Said” leaves it unsaid. A sound is written as in dictionaries (nʊˈjɛn). "
)


class DictionaryDialog(QDialog):
    """Shows and edits entries as rows; what is wrong with one comes from outside, by `show_problems`."""

    keep_requested = Signal(object)
    """A tuple of (row, `engine.Pronunciation`): all rows in which something is written."""
    try_requested = Signal(str, object)
    """A text, and those entries."""
    hear_requested = Signal(str)
    """A text, to be spoken as the dictionary has it."""

    def __init__(self, entries: Sequence[engine.Pronunciation] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Pronunciation dictionary")
        self.resize(760, 480)
        self.table = QTableWidget(0, len(COLUMNS))
        self.table.setHorizontalHeaderLabels(COLUMNS)
        self.table.setAccessibleName("Entries")
        self.table.verticalHeader().setVisible(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in (WRITTEN, SAID, SOUND):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.add, self.remove = QPushButton("&Add"), QPushButton("&Remove")
        self.problem = _words("")
        self.problem.setVisible(False)
        self.text = QLineEdit()
        self.text.setPlaceholderText("Type a sentence to try the dictionary on")
        self.text.setAccessibleName("A sentence to try")
        self.hear = QPushButton("&Hear it")
        self.hear.setAutoDefault(False)
        self.hear.setEnabled(False)
        self.said = _words("")
        self.said.setAccessibleName("What would be said")
        self._try_later = QTimer(self, singleShot=True, interval=TRY_AFTER_MS)
        self._lay_out()
        self._is_filling = False
        self.show_entries(entries)
        self.add.clicked.connect(self._add_row)
        self.remove.clicked.connect(self._remove_rows)
        self.table.itemChanged.connect(lambda _item: self._edited())
        self.table.itemSelectionChanged.connect(self._allow_remove)
        self.text.textChanged.connect(lambda _text: self._try_later.start())
        self.text.textChanged.connect(lambda text: self.hear.setEnabled(bool(text.strip())))
        self.hear.clicked.connect(lambda: self.hear_requested.emit(self.text.text().strip()))
        self._try_later.timeout.connect(self._try)

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (self.add, self.remove):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        buttons.addStretch(1)
        hint = _words(HINT + who_takes_phonemes())
        font = QFont(hint.font())
        font.setPointSizeF(font.pointSizeF() * 0.9)
        hint.setFont(font)
        label = QLabel("&Try it")
        label.setBuddy(self.text)
        closing = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        close = closing.button(QDialogButtonBox.StandardButton.Close)
        close.setIcon(QIcon())  # the style's is dark on dark
        close.setAutoDefault(False)
        closing.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.table, 1)
        column.addWidget(self.problem)
        column.addLayout(buttons)
        column.addWidget(hint)
        column.addSpacing(8)
        column.addWidget(label)
        trying = QHBoxLayout()
        trying.setSpacing(8)
        trying.addWidget(self.text, 1)
        trying.addWidget(self.hear)
        column.addLayout(trying)
        column.addWidget(self.said)
        column.addSpacing(8)
        column.addWidget(closing)

    # --- rows

    def show_entries(self, entries: Sequence[engine.Pronunciation]) -> None:
        """Show `entries` instead of those that are shown; nothing is requested by it."""
        self._is_filling = True
        self.table.setRowCount(0)
        for entry in entries:
            self._append(entry)
        self._is_filling = False
        self._allow_remove()

    def entries(self) -> tuple[tuple[int, engine.Pronunciation], ...]:
        """List the rows in which something is written, with their numbers."""
        rows = ((row, self._entry(row)) for row in range(self.table.rowCount()))
        return tuple((row, entry) for row, entry in rows if entry.written)

    def _append(self, entry: engine.Pronunciation) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        self.table.setItem(row, WRITTEN, QTableWidgetItem(entry.written))
        self.table.setItem(row, SAID, QTableWidgetItem(entry.spoken))
        self.table.setItem(row, SOUND, QTableWidgetItem(entry.ipa))
        languages = QComboBox()
        for code in ("", *engine.LANGUAGES):
            languages.addItem(LANGUAGE_WORDS.get(code, "All"), code)
        languages.setCurrentIndex(languages.findData(entry.language or ""))
        languages.setAccessibleName("Language")
        languages.currentIndexChanged.connect(lambda _index: self._edited())
        self.table.setCellWidget(row, LANGUAGE, languages)
        for column, is_on in ((PATTERN, entry.is_pattern), (CAPITALS, entry.match_case)):
            item = QTableWidgetItem()
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked)
            self.table.setItem(row, column, item)

    def _entry(self, row: int) -> engine.Pronunciation:
        def text(column: int) -> str:
            item = self.table.item(row, column)
            return item.text().strip() if item is not None else ""

        def is_on(column: int) -> bool:
            item = self.table.item(row, column)
            return item is not None and item.checkState() is Qt.CheckState.Checked

        languages = self.table.cellWidget(row, LANGUAGE)
        language = languages.currentData() if isinstance(languages, QComboBox) else ""
        return engine.Pronunciation(
            text(WRITTEN), text(SAID), language or None, is_on(PATTERN), is_on(CAPITALS), text(SOUND)
        )

    def _add_row(self) -> None:
        self._is_filling = True
        self._append(engine.Pronunciation("", ""))
        self._is_filling = False
        row = self.table.rowCount() - 1
        self.table.setCurrentCell(row, WRITTEN)
        item = self.table.item(row, WRITTEN)
        assert item is not None, "the row was just made"
        self.table.editItem(item)

    def _remove_rows(self) -> None:
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        for row in sorted(rows, reverse=True):
            self.table.removeRow(row)
        self._edited()

    def _allow_remove(self) -> None:
        self.remove.setEnabled(bool(self.table.selectionModel().selectedRows()))

    def _edited(self) -> None:
        if not self._is_filling:
            self.keep_requested.emit(self.entries())
            self._try_later.start()

    # --- what is shown

    def show_problems(self, problems: Mapping[int, Message]) -> None:
        """Show what is wrong in which rows; they are not used until it is mended."""
        self._is_filling = True
        for row in range(self.table.rowCount()):
            item = self.table.item(row, WRITTEN)
            if item is not None:
                item.setIcon(symbolic_icon("problem") if row in problems else QIcon())
                item.setToolTip(str(problems[row]) if row in problems else "")
        self._is_filling = False
        self.show_problem(next(iter(problems.values()), None))

    def show_problem(self, problem: Message | None) -> None:
        """Show one sentence under the table; None takes it away."""
        self.problem.setText(f"⚠ {problem}" if problem is not None else "")
        self.problem.setVisible(problem is not None)

    def lock(self, problem: Message) -> None:
        """Allow no edits: the dictionary cannot be read, so it must not be written either."""
        for part in (self.table, self.add, self.remove):
            part.setEnabled(False)
        self.show_problem(problem)

    def _try(self) -> None:
        text = self.text.text().strip()
        if text:
            self.try_requested.emit(text, self.entries())
        else:
            self.said.clear()

    def show_said(self, text: str, said: str) -> None:
        """Show what would be said for `text`; nothing happens where another is typed by now."""
        if text == self.text.text().strip():
            self.said.setText(said)


def _words(words: str) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label
