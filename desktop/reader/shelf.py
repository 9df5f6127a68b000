"""Remembers the books that were opened: where one was, what was heard of it, its bookmarks. No Qt here."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path

import engine.files
from desktop.common.messages import Message

MAX_BOOKS, MAX_BOOKMARKS = 100, 500
MAX_BYTES = 20_000_000
MAX_QUOTE_CHARS = 80
MAX_NAME_CHARS = 300
_USUAL_S_PER_CHAR = 0.07


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Marks a place in a book, with the words that stand there."""

    place: int
    quote: str


@dataclass(frozen=True, slots=True)
class ShelfBook:
    """Describes a book that was opened. `place` is where to go on; `heard` has for each part how many percent of it
    were heard; `s_per_char` is the pace at which it was last read, at 1x."""

    key: str
    path: str = ""
    title: str = ""
    author: str = ""
    n_chars: int = 0
    place: int = 0
    heard: tuple[int, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()
    s_per_char: float = _USUAL_S_PER_CHAR

    @property
    def part_read(self) -> float:
        """How far it is, 0 to 1."""
        return min(1.0, self.place / self.n_chars) if self.n_chars else 0.0

    def left_s(self, speed: float) -> float:
        """Estimate how many seconds are left at `speed`."""
        return max(0, self.n_chars - self.place) * self.s_per_char / speed

    def with_bookmark(self, bookmark: Bookmark) -> ShelfBook:
        """Return it with `bookmark` among the others, in the order of the text."""
        marks = sorted((*self.bookmarks, bookmark), key=lambda mark: mark.place)
        return replace(self, bookmarks=tuple(marks[:MAX_BOOKMARKS]))

    def without_bookmark(self, bookmark: Bookmark) -> ShelfBook:
        return replace(self, bookmarks=tuple(mark for mark in self.bookmarks if mark != bookmark))


@dataclass(frozen=True, slots=True)
class Shelf:
    """Holds books, the last opened first."""

    books: tuple[ShelfBook, ...] = ()

    def find(self, key: str) -> ShelfBook | None:
        return next((book for book in self.books if book.key == key), None)

    def with_first(self, book: ShelfBook) -> Shelf:
        """Return the shelf with `book` as the last opened; the one longest ago goes where there are too many."""
        others = (other for other in self.books if other.key != book.key)
        return Shelf((book, *others)[:MAX_BOOKS])

    def with_changed(self, book: ShelfBook) -> Shelf:
        """Return the shelf with `book` in its place; where it is not there, as it is."""
        return Shelf(tuple(book if other.key == book.key else other for other in self.books))

    def without(self, key: str) -> Shelf:
        return Shelf(tuple(book for book in self.books if book.key != key))


def load_shelf(path: Path) -> tuple[Shelf, Message | None]:
    """Read the file, and say what was wrong with it. One that is no shelf is set aside; of one that has entries which
    cannot be, the others are kept."""
    try:
        entries = engine.files.parse_object(engine.files.read_whole(path, MAX_BYTES)).get("books")
        if not isinstance(entries, list):
            raise ValueError("it has no books")
    except (FileNotFoundError, NotADirectoryError):
        return Shelf(), None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        return Shelf(), Message(f"The list of books in {path} cannot be read ({reason}).", "Change its permissions.")
    except ValueError:
        return Shelf(), _set_aside(path, f"The list of books in {path} is damaged, so it begins anew.")
    books: list[ShelfBook] = []
    n_bad = 0
    for entry in entries[:MAX_BOOKS]:
        try:
            books.append(_checked(engine.files.build_from_json(ShelfBook, entry)))
        except ValueError:
            n_bad += 1
    words = f"In the list of books in {path}, {n_bad} of {len(entries)} cannot be understood."
    return Shelf(tuple(books)), _set_aside(path, words) if n_bad else None


def save_shelf(path: Path, shelf: Shelf) -> None:
    """Write the file. Waits for the disk: not for the GUI thread. Raises `engine.OutputError`."""
    values = {"version": 1, "books": [asdict(book) for book in shelf.books]}
    engine.files.write_whole(path, engine.files.json_bytes(values), make_folders=True)


def _checked(book: ShelfBook) -> ShelfBook:
    """Raises ValueError."""
    if min(book.n_chars, book.place, *book.heard, *(mark.place for mark in book.bookmarks)) < 0:
        raise ValueError("a place is below 0")
    if not (0.001 < book.s_per_char < 10):
        raise ValueError("no voice reads so")
    return book


def _set_aside(path: Path, sentence: str) -> Message:
    aside = engine.files.set_aside(path)
    return Message(sentence, f"What was there is kept in {aside.name}, in the same folder." if aside else "")
