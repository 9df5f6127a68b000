"""Shows the chapters of a book: ticked to be narrated, renamed in place, in the order one likes, joined and divided."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

import engine
import engine.narration
from desktop.common.messages import duration
from desktop.narration.chapter_history import ChapterHistory
from desktop.narration.values import ChapterRow, ChapterSentence, ChapterText

TITLE, SENTENCES, TIME = range(3)
HINT = "Ticked chapters are narrated. F2 renames one; Alt with the arrows moves it; Ctrl+J joins, Ctrl+D divides."


class ChapterTable(QWidget):
    set_chapters_requested = Signal(object)
    """tuple of `ChapterRow`: all, in their new order"""
    restore_chapters_requested = Signal()
    """All as the book has them."""
    divide_requested = Signal(object)
    """The `ChapterRow` whose text is to be shown, so that `divide` can be given the place."""
    listen_requested = Signal(object)
    """The place of the sentence to hear from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: tuple[ChapterRow, ...] = ()
        self._job = ""
        self._history = ChapterHistory()
        self._is_rendering = False
        self._make_table()
        self._make_actions()
        self.earlier, self.later = QPushButton("&Earlier"), QPushButton("La&ter")
        self.all, self.none = QPushButton("Tick a&ll"), QPushButton("Tick n&one")
        self.arrange = QPushButton("&Join or divide")
        self.arrange.setMenu(self._menu)
        self.listen = QPushButton("&Hear this chapter")
        self.earlier.clicked.connect(lambda: self._move(-1))
        self.later.clicked.connect(lambda: self._move(1))
        self.all.clicked.connect(lambda: self._tick(True))
        self.none.clicked.connect(lambda: self._tick(False))
        self.listen.clicked.connect(self._listen)
        for keys, step in (("Alt+Up", -1), ("Alt+Down", 1)):
            QShortcut(QKeySequence(keys), self.table).activated.connect(lambda step=step: self._move(step))
        buttons = QHBoxLayout()
        for button in (self.earlier, self.later, self.all, self.none, self.arrange):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.listen)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.table, 1)
        column.addLayout(buttons)

    def _make_table(self) -> None:
        self.table = QTableWidget(0, 3)
        self.table.setAccessibleName("Chapters")
        titled = QTableWidgetItem("Chapter")
        titled.setTextAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for place, item in enumerate((titled, QTableWidgetItem("Spoken"), QTableWidgetItem("Time"))):
            self.table.setHorizontalHeaderItem(place, item)
        self.table.verticalHeader().setVisible(False)
        self.table.setShowGrid(False)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setTabKeyNavigation(False)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(TITLE, QHeaderView.ResizeMode.Stretch)
        for column in (SENTENCES, TIME):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.table.itemChanged.connect(self._take_change)
        self.table.itemSelectionChanged.connect(self._offer)

    def _make_actions(self) -> None:
        """The same in the table's menu, under its button and by keys."""
        self._menu = QMenu(self)
        self.join = self._action("&Join with the next", "Ctrl+J", self._join)
        self.divide_here = self._action("&Divide…", "Ctrl+D", self._ask_to_divide)
        self._menu.addSeparator()
        self.undo = self._action("&Undo the last change", QKeySequence.StandardKey.Undo, self._undo)
        self.as_read = self._action("As in the &book", "", self._restore)
        self.table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.table.customContextMenuRequested.connect(
            lambda place: self._menu.popup(self.table.viewport().mapToGlobal(place))
        )

    def _action(self, words: str, keys: str | QKeySequence.StandardKey, act: object) -> QAction:
        action = QAction(words, self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(act)
        self._menu.addAction(action)
        self.table.addAction(action)
        return action

    def render_rows(self, rows: tuple[ChapterRow, ...], job: str = "") -> None:
        """Show the chapters of the book `job`: what was done to another's is not undone here."""
        if rows == self._rows and job == self._job:
            return
        is_other = job != self._job or [row.pieces for row in rows] != [row.pieces for row in self._rows]
        self._rows, self._job = rows, job
        if is_other or len(rows) != self.table.rowCount():
            current = self.table.currentRow()
            self.table.setRowCount(len(rows))
            if rows:
                self._choose(min(max(current, 0), len(rows) - 1))
        is_editing = self.table.state() == QAbstractItemView.State.EditingState
        if is_other or not is_editing:  # what is being typed stays
            self._render_titles(rows)
        self._render_counts(rows)
        for button in (self.earlier, self.later, self.all, self.none, self.listen, self.arrange):
            button.setEnabled(bool(rows))
        self._offer()

    def _render_titles(self, rows: tuple[ChapterRow, ...]) -> None:
        self._is_rendering = True
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
            title.setToolTip(HINT)
        self._is_rendering = False

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

    # --- what is done to them

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
        self._choose(target)

    def _join(self) -> None:
        places = self._to_join()
        if not places:
            return
        first, *others = places
        rows = [self._rows[place] for place in places]
        kept = [row for place, row in enumerate(self._rows) if place not in others]
        kept[first] = _as_one(rows)
        self._change(kept)
        self._choose(first)

    def _to_join(self) -> list[int]:
        """The chosen rows, or the only one and the next."""
        chosen = self._chosen()
        if len(chosen) == 1 and chosen[0] + 1 < len(self._rows):
            return [chosen[0], chosen[0] + 1]
        return chosen if len(chosen) > 1 else []

    def _ask_to_divide(self) -> None:
        chosen = self._chosen()
        if len(chosen) == 1:
            self.divide_requested.emit(self._rows[chosen[0]])

    def divide(self, text: ChapterText, sentence: ChapterSentence, title: str) -> None:
        """Divide the chapter of `text` in two, the second with `title` from `sentence` on, unless it is there no
        more."""
        place = next((place for place, row in enumerate(self._rows) if row.pieces == text.pieces), None)
        if place is None or text.job != self._job:
            return
        rows = list(self._rows)
        rows[place : place + 1] = _in_two(rows[place], text, sentence, title)
        self._change(rows)
        self._choose(place + 1)

    def _undo(self) -> None:
        rows = self._history.take_back(self._job, self._rows)
        if rows is not None:
            self._render_and_request(rows)
        self._offer()

    def _restore(self) -> None:
        self._history.note(self._job, self._rows)
        self.restore_chapters_requested.emit()

    def _change(self, rows: Sequence[ChapterRow]) -> None:
        if tuple(rows) != self._rows:
            self._history.note(self._job, self._rows)
            self._render_and_request(tuple(rows))

    def _render_and_request(self, rows: tuple[ChapterRow, ...]) -> None:
        self.render_rows(rows, self._job)
        self.set_chapters_requested.emit(rows)

    def _choose(self, place: int) -> None:
        self.table.setCurrentCell(
            place, TITLE, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        )

    def _chosen(self) -> list[int]:
        places = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [place for place in places if place < len(self._rows)]

    def _offer(self) -> None:
        """What can be done with what is chosen."""
        chosen = self._chosen()
        self.join.setText(f"&Join these {len(chosen)} chapters" if len(chosen) > 1 else "&Join with the next")
        self.join.setEnabled(bool(self._to_join()))
        self.divide_here.setEnabled(len(chosen) == 1 and self._rows[chosen[0]].n_sentences > 1)
        self.undo.setEnabled(self._history.has_some(self._job))
        self.as_read.setEnabled(bool(self._rows))

    def _listen(self) -> None:
        if 0 <= (row := self.table.currentRow()) < len(self._rows) and self._rows[row].begins is not None:
            self.listen_requested.emit(self._rows[row].begins)


def _as_one(rows: Sequence[ChapterRow]) -> ChapterRow:
    """Counts are those of what is spoken of it: what was left out comes in with the rest."""
    one = engine.narration.joined_chapters([row.plan for row in rows])
    return ChapterRow(
        one.pieces,
        one.title,
        one.is_included,
        sum(row.n_sentences for row in rows),
        sum(row.n_spoken for row in rows),
        sum(row.seconds for row in rows),
        next((row.begins for row in rows if row.begins is not None), None),
    )


def _in_two(row: ChapterRow, text: ChapterText, sentence: ChapterSentence, title: str) -> list[ChapterRow]:
    """Times are shared by length until the book says better."""
    plans = engine.narration.divided_chapter(row.plan, sentence.chapter, sentence.start, title)
    at = text.sentences.index(sentence)
    parts = text.sentences[:at], text.sentences[at:]
    n_signs = sum(len(s.text) for s in text.sentences)
    return [
        ChapterRow(
            plan.pieces,
            plan.title,
            plan.is_included,
            len(part),
            sum(s.is_spoken for s in part) if plan.is_included else 0,
            row.seconds * sum(len(s.text) for s in part) / n_signs,
            (part[0].chapter, part[0].index),
        )
        for plan, part in zip(plans, parts, strict=True)
    ]
