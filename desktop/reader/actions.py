"""All that the keyboard can do in the reader, and the menu that has it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from desktop.reader.book_menus import BookMenu, RecentMenu
from desktop.reader.shelf import Shelf

KEYS_BESIDES = (
    ("Play or pause, while the text is not written in", "Space"),
    ("Larger or smaller text", "Ctrl+mouse wheel"),
    ("Jump to a sentence while it is read", "Click"),
    ("What can be done at the cursor", "Menu, Shift+F10"),
)
"""What no action has the keys for."""
Keys = str | Qt.Key | QKeySequence.StandardKey


class ReaderActions:
    """Makes the actions, each with its words and keys, and gives them to the window, which connects them."""

    def __init__(
        self, window: QWidget, book: dict[str, QAction], shelf: Callable[[], Shelf], speed: Callable[[], float]
    ) -> None:
        """`book` are the actions of the book that is open; `shelf` and `speed` are asked for the books that were."""
        self._window = window
        enter = [QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")]
        self.speak = self._make("&Speak from the cursor", enter)
        self.stop = self._make("S&top", "Esc")
        self.previous = self._make("&Previous sentence", "Alt+Left")
        self.next = self._make("&Next sentence", "Alt+Right")
        self.paste = self._make("&Paste and speak", "Ctrl+L")
        self.open = self._make("&Open file…", QKeySequence.StandardKey.Open)
        self.save = self._make("Save as &audio…", QKeySequence.StandardKey.Save)
        self.settings = self._make("S&ettings…")
        self.doctor = self._make("&Doctor…")
        self.narrate = self._make("&Narrate a book…")
        self.voices = self._make("&Voices…")
        self.dictionary = self._make("Pron&unciations…")
        self.login = self._make("S1 M&ini…")
        self.book_menu, self.recent_menu = BookMenu(book, window), RecentMenu(shelf, speed, window)
        self.keys = self._make("&Keys…", QKeySequence.StandardKey.HelpContents)
        self.about = self._make("A&bout Lectern…")
        self.leave = self._make("&Quit", QKeySequence.StandardKey.Quit)
        self.keep_voice = self._make("&Keep this voice…")
        self.keep_voice.setEnabled(False)
        self.more_voices = self._make("&Voices…")

    @property
    def menu(self) -> list[QAction | None]:
        """What is behind the three dots, None being a line between them."""
        book, recent = self.book_menu.menuAction(), self.recent_menu.menuAction()
        return [
            *(self.speak, self.paste, None),
            *(self.open, recent, book, self.save, None),
            *(self.narrate, self.voices, self.dictionary, self.login, None),
            *(self.settings, self.doctor, None, self.keys, self.about, None, self.leave),
        ]

    @property
    def voice_menu(self) -> list[QAction]:
        """What is beside the voice."""
        return [self.keep_voice, self.more_voices]

    def render(self, *, has_text: bool, has_book: bool, has_books: bool) -> None:
        """Offer what there is something to be done with: a text, a book that is open, books that were."""
        self.speak.setEnabled(has_text)
        self.save.setEnabled(has_text)
        self.book_menu.menuAction().setEnabled(has_book)
        self.recent_menu.menuAction().setEnabled(has_books)

    def _make(self, words: str, keys: Keys | list[QKeySequence] = "") -> QAction:
        action = QAction(words, self._window)
        action.setShortcuts(keys if isinstance(keys, list) else [QKeySequence(keys)])
        self._window.addAction(action)
        return action
