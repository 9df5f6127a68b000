"""Lists the books that were opened last, for a reader with nothing in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QMenu, QVBoxLayout, QWidget

import engine
from desktop.common.plain_text import plain_line
from desktop.reader.book_words import left_words, title_of
from desktop.reader.covers import cover_path
from desktop.reader.rows import TwoLineRows
from desktop.reader.shelf import Shelf, ShelfBook
from desktop.widgets.icons import symbolic_icon
from desktop.worker import Worker, ignore

N_SHOWN = 8
N_HIGH = 4
ICON_PX = QSize(32, 48)
GONE = "not where it was"
_KEY = Qt.ItemDataRole.UserRole


class RecentBooks(QWidget):
    """Renders a shelf. Looks beside the GUI thread for covers, and whether the files are still there."""

    book_chosen = Signal(object)
    """`ShelfBook`"""
    remove_requested = Signal(str)
    """The key of a book."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._books: tuple[ShelfBook, ...] = ()
        self._speed = 0.0
        self._gone: set[str] = set()
        self._covers: dict[str, QIcon] = {}
        self._looks = Worker("recent-books", self, is_ordered=False)  # a network may never answer
        self._looking = engine.CancelToken()
        self.list = _List()
        self.list.setAccessibleName("Books that were opened")
        self.list.setIconSize(ICON_PX)
        self.list.setItemDelegate(TwoLineRows(self.list))
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        label = QLabel("&Go on with")
        label.setBuddy(self.list)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.addWidget(label)
        column.addWidget(self.list)
        self.list.itemClicked.connect(self._choose)
        self.list.enter_pressed.connect(lambda: self._choose(self.list.currentItem()))
        self.list.delete_pressed.connect(self._remove_current)
        self.list.customContextMenuRequested.connect(self._ask)
        self.hide()

    def render_shelf(self, shelf: Shelf, speed: float) -> None:
        """Show the last of the books on `shelf`, and how long each still takes at `speed`."""
        books = shelf.books[:N_SHOWN]
        if (books, speed) == (self._books, self._speed):
            return
        self._books, self._speed = books, speed
        row = self.list.currentRow()
        self.list.clear()
        for book in books:
            item = QListWidgetItem()
            item.setData(_KEY, book)
            self._render_item(item)
            self.list.addItem(item)
        self.list.setCurrentRow(min(row, len(books) - 1))
        self.list.setFixedHeight(self.list.sizeHintForRow(0) * min(N_HIGH, len(books)) + 4 if books else 0)

    def look(self) -> None:
        """Look for covers, and for books that are gone. Called when it is shown."""
        self._looking.cancel()
        books = self._books
        self._looking = self._looks.follow(lambda _: _look(books), self._show_look, lambda: None, ignore)

    def _show_look(self, look: _Look) -> None:
        if look.cover is not None:
            self._covers[look.key] = QIcon(QPixmap.fromImage(look.cover))
        if look.is_gone is not None:
            (self._gone.add if look.is_gone else self._gone.discard)(look.key)
        for row in range(self.list.count()):
            if (item := self.list.item(row)).data(_KEY).key == look.key:
                self._render_item(item)

    def _render_item(self, item: QListWidgetItem) -> None:
        book: ShelfBook = item.data(_KEY)
        state = GONE if book.key in self._gone else left_words(book, self._speed)
        item.setText(f"{title_of(book)}\n{' · '.join(filter(None, (plain_line(book.author, 60), state)))}")
        item.setIcon(self._covers.get(book.key) or symbolic_icon("book"))
        item.setData(Qt.ItemDataRole.AccessibleTextRole, item.text().replace("\n", ", "))
        item.setToolTip(plain_line(book.path, 300))

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.book_chosen.emit(item.data(_KEY))

    def _remove_current(self) -> None:
        if (item := self.list.currentItem()) is not None:
            self.remove_requested.emit(item.data(_KEY).key)

    def _ask(self, at: QPoint) -> None:
        if (item := self.list.itemAt(at)) is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("&Open").triggered.connect(lambda: self._choose(item))
        key = item.data(_KEY).key
        menu.addAction("&Remove from the list").triggered.connect(lambda: self.remove_requested.emit(key))
        menu.popup(self.list.viewport().mapToGlobal(at))


class _List(QListWidget):
    enter_pressed = Signal()
    delete_pressed = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.enter_pressed.emit()
        elif event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found of one book."""

    key: str
    cover: QImage | None = None
    is_gone: bool | None = None


def _look(books: Sequence[ShelfBook]) -> Iterator[_Look]:
    """The covers first: they lie on this computer."""
    for book in books:
        path = cover_path(book.key)
        if path.is_file() and not (cover := QImage(str(path))).isNull():
            yield _Look(book.key, cover)
    for book in books:
        yield _Look(book.key, is_gone=not _is_there(book.path))


def _is_there(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False
