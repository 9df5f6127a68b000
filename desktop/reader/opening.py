"""Opens files for the reader: asks for one, says that it takes a moment, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

import engine
import engine.files
import engine.narration
from desktop.common.messages import Message
from desktop.reader.book import Book
from desktop.reader.book_words import title_of
from desktop.reader.file_reading import FileReader
from desktop.reader.shelf import ShelfBook
from desktop.widgets.file_dialogs import ask_for_files
from desktop.widgets.notice import Notice
from desktop.worker import Worker

TEXT_FILTER = (
    f"Texts and books ({' '.join(f'*{ending}' for ending in engine.narration.document_endings())});;All files (*)"
)
WORD_AFTER_MS = 400
"""What opens sooner needs no word."""
MAX_WARNINGS = 3


class Opening(QObject):
    """Opens one file at a time. Owns two notices, which the window lays out."""

    text_opened = Signal(str, str)
    """(the text, the name of its file)"""
    book_opened = Signal(object)
    """`Book`"""
    remove_requested = Signal(str)
    """The key of a book that is not where it was."""
    noted = Signal(object)
    """A `Message`: what went wrong, or what to know of what was opened."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._path = Path()
        self._book: ShelfBook | None = None  # that is opened again
        self._note: Message | None = None  # to be told once it is open
        self.busy, self.gone = Notice("waiting", "", "Cancel"), Notice("problem", "Remove from the list", "Close")
        self._later = QTimer(self, singleShot=True, interval=WORD_AFTER_MS)
        self._files, self._pages = FileReader(self), Worker("read-page", self, is_ordered=False)
        self._files.text_read.connect(self._take_text)
        self._files.book_read.connect(self._take_book)
        self._files.failed.connect(self._fail)
        self._files.busy_changed.connect(self._show_busy)
        self._later.timeout.connect(
            lambda: self.busy.show_words(f"Opening {engine.files.readable_name(self._path.name)}…")
        )
        self.busy.declined.connect(self._files.cancel)
        self.gone.accepted.connect(self._remove)
        self.gone.declined.connect(lambda: self.gone.show_words(""))

    def ask(self) -> None:
        """Have a file chosen, and open it."""
        ask_for_files(self._window, "Open a text or a book", TEXT_FILTER, self.open, several=False)

    def open(self, paths: list[Path]) -> None:
        """Open the first of `paths`."""
        if not paths:
            return
        self._begin(paths[0], None)
        if len(paths) > 1:
            name = engine.files.readable_name(paths[0].name)
            self._note = Message(f"Only {name} was opened.", "Drop one file at a time.")

    def open_again(self, book: ShelfBook) -> None:
        """Open a book that was open before."""
        self._begin(Path(book.path), book)

    def read_page(self, html: str, otherwise: str, then: Callable[[str], object]) -> None:
        """Call `then` with what is there to read of a web page, or of the part of one that was copied; where that is
        nothing, with `otherwise`."""
        self._pages.do(lambda: _page_text(html), lambda text: then(text or otherwise))

    def _begin(self, path: Path, book: ShelfBook | None) -> None:
        self.gone.show_words("")
        self._path, self._book, self._note = path, book, None
        self._files.read(path)

    def _take_text(self, text: str) -> None:
        self.text_opened.emit(text, self._path.stem)
        self._tell()

    def _take_book(self, book: Book) -> None:
        was, self._book = self._book, None
        if was is not None and was.key != book.key:
            words = f"The file of {title_of(was)} has changed since it was opened last, so it begins anew."
            self._note = Message(words, "What it was stays in the list of books, with its bookmarks.")
        if book.warnings and self._note is None:
            self._note = Message(" ".join(book.warnings[:MAX_WARNINGS]))
        self.book_opened.emit(book)
        self._tell()

    def _tell(self) -> None:
        if self._note is not None:
            self.noted.emit(self._note)

    def _fail(self, message: Message, path: Path) -> None:
        if self._book is None or self._book.path != str(path):
            self.noted.emit(message)
        else:
            self.gone.show_words(message.sentence, "Open it from where it is now: its place is kept.")

    def _remove(self) -> None:
        self.gone.show_words("")
        if self._book is not None:
            self.remove_requested.emit(self._book.key)

    def _show_busy(self, name: str) -> None:
        self.busy.show_words("")
        if name:
            self._later.start()
        else:
            self._later.stop()


def _page_text(html: str) -> str:
    try:
        return engine.narration.read_page(html)
    except engine.EngineError:
        return ""
