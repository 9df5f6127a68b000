"""What can be searched in the reader: the text of a view, or a whole book, of which a view shows a part."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from desktop.reader.book_reader import BookReader
from desktop.reader.finding import Span
from desktop.reader.text_view import TextView


class SearchedText:
    """The text of a view."""

    def __init__(self, view: TextView) -> None:
        self._view = view

    def texts(self) -> Sequence[str]:
        return (self._view.text(),)

    def place(self) -> int:
        return self._view.cursor_place()

    def show_found(self, spans: Sequence[Span]) -> None:
        self._view.show_found(spans)

    def go_to_found(self, span: Span) -> None:
        self._view.select(span)

    def take_focus(self) -> None:
        self._view.setFocus()


class SearchedBook:
    """All parts of a book. In one part after the other is shown what was found in it."""

    def __init__(self, books: BookReader) -> None:
        self._books = books
        self._spans: Sequence[Span] = ()
        books.part_shown.connect(self._mark)

    def texts(self) -> Sequence[str]:
        return [part.text for part in self._books.book.parts] if self._books.book is not None else ()

    def place(self) -> int:
        return self._books.part.start + self._books.view.cursor_place() if self._books.book is not None else 0

    def show_found(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._mark()

    def go_to_found(self, span: Span) -> None:
        self._books.look_at(span[0])
        start = self._books.part.start
        self._books.view.select((span[0] - start, span[1] - start))

    def take_focus(self) -> None:
        self._books.view.setFocus()

    def _mark(self) -> None:
        if self._books.book is None:
            return
        part = self._books.part
        inner = self._spans[bisect_left(self._spans, (part.start, 0)) : bisect_left(self._spans, (part.end, 0))]
        self._books.view.show_found([(first - part.start, min(last, part.end) - part.start) for first, last in inner])
