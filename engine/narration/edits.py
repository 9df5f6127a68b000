"""A person's changes to a book's chapters: order, names, what is left out, joined or divided; as values.

A chapter that is narrated names places in the chapters that were read, and never holds their text. Sentences are cut in
what was read: joined or divided, they are the same, and so is their sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from engine.errors import PlanError

_BEGINNING_CHARS = 48
"""Kept of what stands after a division, by which its place is found again when the book was changed."""

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Piece:
    """Name `[start, end)`, in code points, of the text of the chapter that was read with the number `chapter`, from
    0."""

    chapter: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlannedChapter:
    """Describe one chapter as it is to be narrated; `is_included` False leaves it out."""

    title: str
    pieces: tuple[Piece, ...]
    is_included: bool = True


def as_read(titles: Iterable[str], texts: Iterable[str]) -> tuple[PlannedChapter, ...]:
    """Plan the chapters as the book has them."""
    chapters = enumerate(zip(titles, texts, strict=True))
    return tuple(PlannedChapter(title, (Piece(i, 0, len(text)),)) for i, (title, text) in chapters)


def joined_chapters(chapters: Sequence[PlannedChapter]) -> PlannedChapter:
    """Join `chapters`, one at least, in their order: the result is named as the first that has a title, and included if
    any is."""
    pieces: list[Piece] = []
    for piece in (piece for chapter in chapters for piece in chapter.pieces):
        if pieces and (pieces[-1].chapter, pieces[-1].end) == (piece.chapter, piece.start):
            pieces[-1] = replace(pieces[-1], end=piece.end)
        else:
            pieces.append(piece)
    title = next((chapter.title for chapter in chapters if chapter.title), "")
    return PlannedChapter(title, tuple(pieces), any(chapter.is_included for chapter in chapters))


def divided_chapter(
    chapter: PlannedChapter, number: int, offset: int, title: str
) -> tuple[PlannedChapter, PlannedChapter]:
    """Divide `chapter` in two, the second with `title`: it begins at `offset` in the chapter that was read with
    `number`.

    Raises `PlanError` ("empty") where one of them would be empty, or the place is in another chapter.
    """
    first: list[Piece] = []
    second: list[Piece] = []
    for piece in chapter.pieces:
        if second:
            second.append(piece)
        elif piece.chapter == number and piece.start <= offset < piece.end:
            first += [replace(piece, end=offset)] if offset > piece.start else []
            second.append(replace(piece, start=offset))
        else:
            first.append(piece)
    if not first or not second:
        raise PlanError("empty")
    named = replace(chapter, title=" ".join(title.split()), pieces=tuple(second))
    return replace(chapter, pieces=tuple(first)), named


def is_complete(chapters: Iterable[PlannedChapter], texts: Sequence[str]) -> bool:
    """Return whether every character of `texts` is in exactly one piece, and nothing is empty but what was read so."""
    chapters = tuple(chapters)
    ends: list[int | None] = [None] * len(texts)
    pieces = [piece for chapter in chapters for piece in chapter.pieces]
    for piece in sorted(pieces, key=lambda piece: (piece.chapter, piece.start, piece.end)):
        if not 0 <= piece.chapter < len(texts) or (ends[piece.chapter] or 0) != piece.start:
            return False
        if piece.end <= piece.start and texts[piece.chapter]:
            return False
        ends[piece.chapter] = piece.end
    return all(chapter.pieces for chapter in chapters) and ends == [len(text) for text in texts]


def chapters_to_json(chapters: Iterable[PlannedChapter], texts: Sequence[str]) -> dict[str, Any]:
    """Make the JSON values of `chapters`: a piece is kept as where it begins and with which words; it ends where the
    next begins."""
    return {
        "chapters": [
            {
                "title": chapter.title,
                "is_included": chapter.is_included,
                "pieces": [
                    {"chapter": p.chapter, "start": p.start, "begins": texts[p.chapter][p.start :][:_BEGINNING_CHARS]}
                    if p.start
                    else {"chapter": p.chapter, "start": 0}
                    for p in chapter.pieces
                ],
            }
            for chapter in chapters
        ]
    }


def chapters_from_json(values: Mapping[str, Any], texts: Sequence[str]) -> tuple[PlannedChapter, ...] | None:
    """Read what `chapters_to_json` wrote, for the book as it is now: divisions are found again by their words.

    None where they are gone, or the book has other chapters. Raises TypeError, KeyError, ValueError for anything else.
    """
    begun: list[tuple[str, bool, list[tuple[int, int]]]] = []
    for chapter in values["chapters"]:
        starts: list[tuple[int, int]] = []
        for piece in _pieces_of(chapter):
            number, start = _of_type(int, piece["chapter"]), _of_type(int, piece["start"])
            if not 0 <= number < len(texts):
                return None
            place = _found(texts[number], start, _of_type(str, piece["begins"])) if start else 0
            if place is None:
                return None
            starts.append((number, place))
        begun.append((_of_type(str, chapter["title"]), _of_type(bool, chapter["is_included"]), starts))
    every = sorted(start for _, _, starts in begun for start in starts)
    following = {
        (number, start): after[1] if after is not None and after[0] == number else len(texts[number])
        for (number, start), after in zip(every, [*every[1:], None], strict=False)
    }
    chapters = tuple(
        PlannedChapter(title, tuple(Piece(*start, following[start]) for start in starts), is_included)
        for title, is_included, starts in begun
    )
    return chapters if is_complete(chapters, texts) else None


def _pieces_of(chapter: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "number" in chapter:  # as it was kept when a chapter was always one that was read
        return [{"chapter": chapter["number"], "start": 0}]
    return chapter["pieces"]


def _found(text: str, start: int, begins: str) -> int | None:
    """Find where the words `begins` stand, nearest to `start`."""
    if not begins:
        return None
    places = (text.rfind(begins, 0, start + len(begins)), text.find(begins, start))
    return min((place for place in places if place > 0), key=lambda place: abs(place - start), default=None)


def _of_type(kind: type[_T], value: object) -> _T:
    if type(value) is not kind:
        raise TypeError(kind)
    return value
