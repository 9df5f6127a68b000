"""What is remembered of books: written whole, read strictly, bounded."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from desktop.reader.book_words import left_words
from desktop.reader.shelf import (
    MAX_BOOKMARKS,
    MAX_BOOKS,
    Bookmark,
    Shelf,
    ShelfBook,
    load_shelf,
    save_shelf,
)

BOOK = ShelfBook("k", "/b/odd\udce4.epub", "字", "Ada", 1000, 250, (100, 3), (Bookmark(7, "Once"),), 0.05)


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "new" / "books.json"
    assert load_shelf(path) == (Shelf(), None)
    shelf = Shelf().with_first(BOOK).with_first(replace(BOOK, key="l"))
    save_shelf(path, shelf)
    assert load_shelf(path) == (shelf, None)
    assert [book.key for book in shelf.books] == ["l", "k"]
    assert shelf.with_first(BOOK).books == (BOOK, shelf.books[0])
    assert shelf.without("l").books == (BOOK,)


def test_it_stays_small() -> None:
    shelf = Shelf()
    for number in range(MAX_BOOKS + 5):
        shelf = shelf.with_first(replace(BOOK, key=str(number)))
    assert (len(shelf.books), shelf.find("4")) == (MAX_BOOKS, None)
    book = BOOK
    for number in range(MAX_BOOKMARKS + 5):
        book = book.with_bookmark(Bookmark(number, ""))
    assert len(book.bookmarks) == MAX_BOOKMARKS
    assert [mark.place for mark in book.bookmarks] == sorted(mark.place for mark in book.bookmarks)


@pytest.mark.parametrize(
    ("data", "n_kept"),
    [
        (b"{", 0),
        (b"[]", 0),
        (b'{"books": 7}', 0),
        (b"[" * 100_000, 0),
        (json.dumps({"books": [{"key": "a"}, 7, {"title": "no key"}]}).encode(), 1),
        (json.dumps({"books": [{"key": "a", "place": -1}, {"key": "b", "later": 1}]}).encode(), 1),
        (json.dumps({"books": [{"key": "a", "s_per_char": 1e999}]}).encode(), 0),
        (json.dumps({"books": [{"key": "a", "bookmarks": [{"place": 1}]}]}).encode(), 0),
    ],
)
def test_a_damaged_one_is_set_aside_and_told(tmp_path: Path, data: bytes, n_kept: int) -> None:
    path = tmp_path / "books.json"
    path.write_bytes(data)
    shelf, problem = load_shelf(path)
    assert len(shelf.books) == n_kept
    assert problem is not None
    (aside,) = tmp_path.glob("books.broken-*")
    assert aside.read_bytes() == data
    assert aside.name in problem.remedy


def test_how_much_is_left_in_words() -> None:
    def words(n_chars: int, place: int = 0, speed: float = 1.0) -> str:
        return left_words(ShelfBook("k", n_chars=n_chars, place=place, s_per_char=0.06), speed)

    assert words(1000) == "a minute left"
    assert words(60_000) == "1 h left"
    assert words(60_000, speed=2.0) == "30 min left"
    assert words(600_000, 60_000) == "9 h left, 10 % read"
    assert words(100_000, 10_000) == "1 h 30 min left, 10 % read"
    assert words(100_000, 99_999) == "read to the end"
