"""The chapters of a book: ticked to be narrated, renamed in place, in the order one likes."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.messages import duration
from desktop.narration.values import ChapterRow

TITLE, SENTENCES, TIME = range(3)


class ChapterTable(QWidget):
    chapters_changed = Signal(object)
    """tuple of `ChapterRow`: all, in their new order"""
    listen_wished = Signal(int)
    """The number of the chapter to hear."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ChapterRow, ...] = ()
        self._is_rendering = False
        self.table = QTableWidget(0, 3)
        self.table.setAccessibleName("Chapters")
        titled = QTableWidgetItem("Chapter")
        titled.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for place, item in enumerate((titled, QTableWidgetItem("Spoken"), QTableWidgetItem("Time"))):
            self.table.setHorizontalHeaderItem(place, item)
        self.table.verticalHeader().setVisible(False)
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        for column in (SENTENCES, TIME):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.table.itemChanged.connect(self._take_change)
        self.earlier, self.later = QPushButton("&Earlier"), QPushButton("La&ter")
        self.all, self.none = QPushButton("Tick a&ll"), QPushButton("Tick n&one")
        self.listen = QPushButton("&Hear this chapter")
        self.earlier.clicked.connect(lambda: self._move(-1))
        self.later.clicked.connect(lambda: self._move(1))
        self.all.clicked.connect(lambda: self._tick(True))
        self.none.clicked.connect(lambda: self._tick(False))
        self.listen.clicked.connect(self._listen)
        for keys, step in (("Alt+Up", -1), ("Alt+Down", 1)):
            QShortcut(QKeySequence(keys), self.table).activated.connect(lambda step=step: self._move(step))
        buttons = QHBoxLayout()
        for button in (self.earlier, self.later, self.all, self.none):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.listen)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)

    def render_rows(self, rows: tuple[ChapterRow, ...]) -> None:
        if rows == self._rows:
            return
        is_editing = self.table.state() == QAbstractItemView.State.EditingState
        if is_editing and [r.number for r in rows] == [r.number for r in self._rows]:
            self._rows = rows
            self._render_counts(rows)  # what is being typed stays
            return
        current = self.table.currentRow()
        self._rows, self._is_rendering = rows, True
        self.table.setRowCount(len(rows))
        for i, row in enumerate(rows):
            title = self._item(i, TITLE)
            title.setText(row.title)
            title.setFlags(
                Qt.ItemFlag.ItemIsEnabled
                | Qt.ItemFlag.ItemIsSelectable
                | Qt.ItemFlag.ItemIsEditable
                | Qt.ItemFlag.ItemIsUserCheckable
            )
            title.setCheckState(Qt.CheckState.Checked if row.is_included else Qt.CheckState.Unchecked)
            title.setToolTip("Ticked chapters are narrated. F2 renames one; Alt with the arrows moves it.")
        self._is_rendering = False
        self._render_counts(rows)
        if rows:
            self.table.setCurrentCell(min(max(current, 0), len(rows) - 1), TITLE)
        for button in (self.earlier, self.later, self.all, self.none, self.listen):
            button.setEnabled(bool(rows))

    def _render_counts(self, rows: tuple[ChapterRow, ...]) -> None:
        self._is_rendering = True
        for i, row in enumerate(rows):
            for column, words in (
                (SENTENCES, f"{row.n_spoken} of {row.n_sentences}" if row.is_included else "left out"),
                (TIME, duration(row.seconds)),
            ):
                item = self._item(i, column)
                item.setText(words)
                item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable)
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._is_rendering = False

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        item = self.table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            self.table.setItem(row, column, item)
        return item

    def _take_change(self, item: QTableWidgetItem) -> None:
        if self._is_rendering or item.column() != TITLE:
            return
        rows = list(self._rows)
        is_included = item.checkState() is Qt.CheckState.Checked
        title = " ".join(item.text().split()) or rows[item.row()].title
        rows[item.row()] = replace(rows[item.row()], title=title, is_included=is_included)
        self._change(rows)

    def _tick(self, is_included: bool) -> None:
        self._change([replace(row, is_included=is_included) for row in self._rows])

    def _move(self, step: int) -> None:
        place = self.table.currentRow()
        target = place + step
        if place < 0 or not 0 <= target < len(self._rows):
            return
        rows = list(self._rows)
        rows[place], rows[target] = rows[target], rows[place]
        self._change(rows)
        self.table.setCurrentCell(target, TITLE)

    def _change(self, rows: list[ChapterRow]) -> None:
        if tuple(rows) != self._rows:
            self.render_rows(tuple(rows))
            self.chapters_changed.emit(tuple(rows))

    def _listen(self) -> None:
        if 0 <= (row := self.table.currentRow()) < len(self._rows):
            self.listen_wished.emit(self._rows[row].number)
