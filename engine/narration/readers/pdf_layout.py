"""The lines of a PDF's pages, as what orders them, strips them and joins them knows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """Hold a line of a page, or a piece of one. `x0`, `x1`, and `y` of its baseline are in points from the page's lower
    left corner; `order` tells equal lines apart.

    `left` and `right` are the edges of the column that it stands in. `marks` are raised marks of notes.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    page: int
    order: int
    marks: tuple[str, ...] = ()
    left: float = 0.0
    right: float = 0.0
    is_from_right: bool = False
    is_row: bool = False  # of a table: its cells stand apart

    @property
    def width(self) -> float:
        """Return its width in points."""
        return self.x1 - self.x0


@dataclass(frozen=True, slots=True)
class Page:
    """Hold the lines of a page, and what is known of it."""

    number: int
    lines: tuple[Line, ...]
    height: float
    width: float
    n_columns: int = 1
    has_pictures: bool = False
    is_unreadable: bool = False  # its fonts do not say which letters they show
    is_damaged: bool = False
    is_from_right: bool = False  # most of its text
    turned: str = ""  # what runs in another direction than the text
    is_uncertain: bool = False  # text of another width stands beside the text


def body_size_of(lines: Iterable[Line]) -> float:
    """Return the size in which most of the text is set; 0 where there is none."""
    n_chars = Counter[float]()
    for line in lines:
        n_chars[line.size] += len(line.text)
    return max(n_chars, key=n_chars.__getitem__, default=0.0)


def rows_of(lines: Iterable[Line]) -> list[list[Line]]:
    """Group what stands at the same height, from above, and each row from the left."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: -line.y):
        if not rows or rows[-1][0].y - line.y > 0.3 * min(line.size, rows[-1][0].size):
            rows.append([])
        rows[-1].append(line)
    return [sorted(row, key=lambda line: line.x0) for row in rows]


def ranges(numbers: Sequence[int]) -> str:
    """Write page numbers as a person would: "page 3", "pages 2, 5–7"."""
    groups: list[list[int]] = []
    for number in numbers:
        if groups and groups[-1][-1] == number - 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    words = [str(group[0]) if len(group) == 1 else f"{group[0]}–{group[-1]}" for group in groups]
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(words)}"
