"""Remembers what chapters were before they were changed, so that a change can be taken back. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable

from desktop.narration.values import ChapterRow

MAX_CHANGES = 100


class ChapterHistory:
    """Remembers changes for each book, by its job's name; they are not kept over the end of the program."""

    def __init__(self) -> None:
        self._before: dict[str, list[tuple[ChapterRow, ...]]] = {}

    def note(self, job: str, rows: tuple[ChapterRow, ...]) -> None:
        """Remember `rows`, which are about to be changed."""
        before = self._before.setdefault(job, [])
        before.append(rows)
        del before[:-MAX_CHANGES]

    def has_some(self, job: str) -> bool:
        return bool(self._before.get(job))

    def take_back(self, job: str, now: tuple[ChapterRow, ...]) -> tuple[ChapterRow, ...] | None:
        """Return the rows before the last change of what are `now` other rows. None where there is none, or the book
        was read anew and has other text since."""
        before = self._before.get(job, [])
        while before:
            rows = before.pop()
            if _extent(rows) != _extent(now):
                before.clear()
            elif [row.plan for row in rows] != [row.plan for row in now]:
                return rows
        return None


def _extent(rows: Iterable[ChapterRow]) -> dict[int, int]:
    """Where each chapter that was read ends."""
    ends: dict[int, int] = {}
    for piece in (piece for row in rows for piece in row.pieces):
        ends[piece.chapter] = max(piece.end, ends.get(piece.chapter, 0))
    return ends
