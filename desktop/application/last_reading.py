"""Takes up at a start what was left at the end before: the book that was open and, by choice, the voice."""

from __future__ import annotations

from PySide6.QtCore import QObject

from desktop.reader.shelf import Shelf
from desktop.reader.window import ReaderWindow


class LastReading(QObject):
    """Opens the book again, and reads on in it or in the person's text."""

    def __init__(self, window: ReaderWindow, *, reads_on: bool, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._window, self._reads_on = window, reads_on
        self._key = ""

    def take_up(self, shelf: Shelf, key: str) -> None:
        """Open the book `key` of `shelf`; "" where the text was open."""
        book = shelf.find(key) if key else None
        if book is not None:
            self._key = key
            self._window.books.opened.connect(self._read_book)
            self._window.opening.open_again(book)
        elif self._reads_on:
            self._window.read_on()

    def _read_book(self) -> None:
        self._window.books.opened.disconnect(self._read_book)
        book = self._window.books.book
        if self._reads_on and book is not None and book.key == self._key:  # else the person was quicker
            self._window.read_on()
