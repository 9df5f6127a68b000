"""Says in words how far a book is. No Qt here."""

from __future__ import annotations

from desktop.common.plain_text import plain_line
from desktop.reader.shelf import ShelfBook

MAX_TITLE_CHARS = 120
MINUTE_S, HOUR_S = 60, 3600
OVER_AT = 0.999


def left_words(book: ShelfBook, speed: float) -> str:
    """Say how much of `book` is left at `speed`, in time and in percent."""
    if book.part_read >= OVER_AT:
        return "read to the end"
    left_s = book.left_s(speed)
    if left_s < 1.5 * MINUTE_S:
        time = "a minute left"
    elif left_s < HOUR_S:
        time = f"{left_s / MINUTE_S:.0f} min left"
    else:
        minutes = round(left_s / MINUTE_S)
        time = f"{minutes // 60} h {minutes % 60} min left" if minutes % 60 else f"{minutes // 60} h left"
    return f"{time}, {100 * book.part_read:.0f} % read" if book.place else time


def title_of(book: ShelfBook) -> str:
    """Name a book on one line."""
    return plain_line(book.title, MAX_TITLE_CHARS) or "A book without a title"
