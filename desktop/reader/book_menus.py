"""Offers what can be done with the book that is open, and the books that were."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from desktop.reader.book_words import left_words, title_of
from desktop.reader.shelf import Shelf

N_SHOWN = 10


class BookMenu(QMenu):
    """Offers what there is to do with the book that is open."""

    edit_requested = Signal()
    """Its chapter as the person's own text."""
    narrate_requested = Signal()

    def __init__(self, actions: dict[str, QAction], parent: QWidget) -> None:
        """`actions` are the book's own; "close" comes last."""
        super().__init__("&Book", parent)
        self.addActions([action for name, action in actions.items() if name != "close"])
        self.addSeparator()
        self.addAction("&Edit this chapter as my text").triggered.connect(lambda: self.edit_requested.emit())
        self.addAction("&Narrate this book…").triggered.connect(lambda: self.narrate_requested.emit())
        self.addSeparator()
        self.addAction(actions["close"])


class RecentMenu(QMenu):
    """Offers the books that were opened last; made anew whenever it is opened."""

    book_chosen = Signal(object)
    """`ShelfBook`"""

    def __init__(self, shelf: Callable[[], Shelf], speed: Callable[[], float], parent: QWidget) -> None:
        super().__init__("&Recent books", parent)
        self._shelf, self._speed = shelf, speed
        self.aboutToShow.connect(self._fill)

    def _fill(self) -> None:
        self.clear()
        for book in self._shelf().books[:N_SHOWN]:
            words = f"{title_of(book)} – {left_words(book, self._speed())}".replace("&", "&&")
            self.addAction(words).triggered.connect(lambda _=False, book=book: self.book_chosen.emit(book))
