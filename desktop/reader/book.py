"""Holds a book that is open in the reader: its text in parts, each of which is shown and read in one go. No Qt here."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path

import engine
import engine.narration

MAX_PART_CHARS = 100_000
"""A longer chapter comes in parts: so much is laid out, and given to an engine, at a time."""


@dataclass(frozen=True, slots=True)
class BookPart:
    """Holds a chapter, or a piece of a very long one. `languages` are what the file declares of `text`, the whole
    first; `start` is where it begins in the book."""

    title: str
    text: str
    start: int = 0
    languages: tuple[engine.LanguageSpan, ...] = ()
    styles: tuple[engine.narration.StyleSpan, ...] = ()
    pictures: tuple[engine.narration.Picture, ...] = ()

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Book:
    """Holds a book. `key` tells it from others by its content, wherever the file lies. Places in a book are code points
    of its parts' texts, one after the other."""

    key: str
    path: Path
    title: str
    author: str
    language: str | None
    parts: tuple[BookPart, ...]
    warnings: tuple[str, ...] = ()

    @property
    def n_chars(self) -> int:
        return self.parts[-1].end

    def part_at(self, place: int) -> int:
        """Find the part that holds `place`: the last one for all that is behind the end."""
        return max(0, bisect_right(self.parts, place, key=lambda part: part.start) - 1)


def make_book(key: str, path: Path, document: engine.narration.Document) -> Book:
    """Make a book of what a reader found in the file `path`, which has some text."""
    pieces = [piece for chapter in document.chapters for piece in _pieces(chapter, document.language)]
    starts = accumulate((len(piece.text) for piece in pieces), initial=0)
    parts = tuple(replace(piece, start=start) for piece, start in zip(pieces, starts, strict=False))
    return Book(key, path, document.title, document.author, document.language, parts, document.warnings)


def _pieces(chapter: engine.narration.Chapter, language: str | None) -> Iterator[BookPart]:
    ends = list(_ends(chapter.text))
    starts = [0, *ends[:-1]]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True), 1):
        title = chapter.title if number == 1 else f"{chapter.title} ({number})".strip()
        whole = [engine.LanguageSpan(0, end - start, language)] if language else []
        yield BookPart(
            title,
            chapter.text[start:end],
            0,
            (*whole, *_within(chapter.languages, start, end)),
            tuple(engine.narration.styles_within(chapter.styles, start, end)),
            tuple(replace(p, place=p.place - start) for p in chapter.pictures if start <= p.place <= end),
        )


def _ends(text: str) -> Iterator[int]:
    """Where the pieces of `text` end: after a paragraph, else a line, else anywhere."""
    start = 0
    while len(text) - start > MAX_PART_CHARS:
        latest = start + MAX_PART_CHARS
        cuts = (text.rfind(sign, start + 1, latest) for sign in ("\n\n", "\n", " "))
        cut = next((cut for cut in cuts if cut > start + MAX_PART_CHARS // 2), latest - 1)
        start = cut + 1
        while start < len(text) and text[start] == "\n":
            start += 1
        yield start
    yield len(text)


def _within(spans: Sequence[engine.LanguageSpan], start: int, end: int) -> Iterator[engine.LanguageSpan]:
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if first < last:
            yield engine.LanguageSpan(first - start, last - start, span.code)
