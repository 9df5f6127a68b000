"""The lines of a PDF's pages: where they stand, in which order they are read, which make a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdf import PageObject

_SIGN_WIDTH = 0.5  # of its size; about right for Latin text
_MAX_COLUMN_LINES = 1000  # what has more is no page of a book
_SENTENCE_END = re.compile(r"[.!?…:。！？][\"'”’»)\]]*\Z")


@dataclass(frozen=True, slots=True)
class Line:
    """`x` and `y` of its beginning in points, from the page's lower left; `order` tells equal lines apart."""

    text: str
    x: float
    y: float
    size: float
    page: int
    order: int

    @property
    def width(self) -> float:
        """Estimated."""
        return sum(2 if sign >= "\u2e80" else 1 for sign in self.text) * self.size * _SIGN_WIDTH


@dataclass(frozen=True, slots=True)
class Page:
    """`lines` in the order in which they are read."""

    number: int
    lines: tuple[Line, ...]
    height: float
    width: float
    n_columns: int = 1
    has_pictures: bool = False
    is_picture: bool = False  # and has no text
    is_damaged: bool = False


def page_of(number: int, page: PageObject) -> Page:
    """The lines of one page; of a page that is damaged what could be read."""
    pieces: list[Line] = []
    is_new_line = True

    def see(text: str, to_page: list[float], to_text: list[float], _font: Any, size: float) -> None:
        nonlocal is_new_line
        x = to_text[4] * to_page[0] + to_text[5] * to_page[2] + to_page[4]
        y = to_text[4] * to_page[1] + to_text[5] * to_page[3] + to_page[5]
        scale = abs(to_text[3] * to_page[3]) or abs(to_text[1] * to_page[2]) or 1.0
        for i, part in enumerate(text.split("\n")):
            is_new_line = is_new_line or i > 0
            if not part.strip():
                continue
            piece = Line(part, round(x, 1), round(y, 1), round(abs(size) * scale, 1), number, len(pieces))
            last = pieces[-1] if pieces else None
            if last is not None and not is_new_line and not _is_across_gap(last, piece):
                pieces[-1] = replace(last, text=last.text + part)
            else:
                pieces.append(piece)
            is_new_line = False
        is_new_line = is_new_line or text.endswith("\n")

    is_damaged = False
    try:
        page.extract_text(visitor_text=see)
    except (ArithmeticError, AssertionError, AttributeError, LookupError, TypeError, ValueError):
        is_damaged = True  # WORKAROUND: pypdf trips over a page's broken fonts or operators; the others can be read
    box = page.mediabox
    has_pictures = _has_pictures(page)
    lines = [replace(piece, text=" ".join(piece.text.split())) for piece in pieces]
    lines, n_columns = _in_reading_order(lines, float(box.width), float(box.left))
    is_picture = has_pictures and not lines
    return Page(
        number, tuple(lines), float(box.height), float(box.width), n_columns, has_pictures, is_picture, is_damaged
    )


def _is_across_gap(last: Line, piece: Line) -> bool:
    """Whether a piece at the same height begins far to the right of where the last one must have ended."""
    same_height = abs(last.y - piece.y) < 0.5 * last.size
    return same_height and piece.x - (last.x + 1.25 * last.width) > 1.5 * last.size


def _has_pictures(page: PageObject) -> bool:
    try:
        objects = page["/Resources"]["/XObject"]  # pyright: ignore[reportIndexIssue] - whatever the file holds
        return any(objects[name].get("/Subtype") == "/Image" for name in objects)  # pyright: ignore[reportAttributeAccessIssue, reportGeneralTypeIssues, reportIndexIssue]
    except (AttributeError, KeyError, TypeError):
        return False


def _in_reading_order(lines: list[Line], width: float, left: float) -> tuple[list[Line], int]:
    """Column by column where there are two; lines across both, and what stands above and below them, in between."""
    if not 8 <= len(lines) <= _MAX_COLUMN_LINES:
        return lines, 1
    middle = left + width / 2
    right = [line for line in lines if line.x > middle - 0.05 * width]
    edge = median(line.x for line in right) if right else 0.0
    right = [line for line in right if abs(line.x - edge) < 3 * line.size and line.width < 0.55 * width]
    in_left = [line for line in lines if line.x < middle - 0.05 * width and line.x + 0.8 * line.width < edge]
    side_by_side = sum(any(abs(line.y - other.y) < other.size for other in in_left) for line in right)
    if side_by_side < 0.25 * len(lines) or len(in_left) < 0.25 * len(lines):
        return lines, 1
    sides = {line: 1 if line in in_left else 2 for line in [*in_left, *right]}
    switches = sum(sides.get(line, 0) != sides.get(other, 0) for line, other in pairwise(lines))
    if switches <= 6:
        return lines, 2  # the file has them in order
    ordered: list[Line] = []
    band: list[Line] = []
    for line in sorted(lines, key=lambda line: -line.y):
        if line in sides:
            band.append(line)
        else:
            ordered += [*sorted(band, key=lambda line: sides[line]), line]
            band = []
    return [*ordered, *sorted(band, key=lambda line: sides[line])], 2


def paragraphs_of(pages: Sequence[Page], starts: set[Line]) -> Iterator[list[Line]]:
    """Lines that belong together, also over the end of a page; `starts` begin paragraphs whatever they look like."""
    paragraph: list[Line] = []
    for page in pages:
        steps = [a.y - b.y for a, b in pairwise(page.lines) if 0 < a.y - b.y < 4 * a.size]
        step = median(steps) if steps else 0.0
        margins = _left_margins(page)
        widest = max((line.width for line in page.lines), default=0.0)
        for line in page.lines:
            if paragraph and (line in starts or _begins(line, paragraph, step, margins, widest / page.n_columns)):
                yield paragraph
                paragraph = []
            paragraph.append(line)
    if paragraph:
        yield paragraph


def _left_margins(page: Page) -> list[float]:
    """Where most lines begin, once for each column."""
    counts: dict[float, int] = {}
    for line in page.lines:
        counts[line.x] = counts.get(line.x, 0) + 1
    often = sorted(counts, key=lambda x: -counts[x])[: page.n_columns]
    return sorted(often)


def _begins(line: Line, paragraph: list[Line], step: float, margins: list[float], width: float) -> bool:
    last = paragraph[-1]
    if abs(line.size - last.size) > 0.1 * last.size:
        return True
    ends_sentence = bool(_SENTENCE_END.search(last.text))
    indents = [line.x - margin for margin in margins if margin - 1 <= line.x]
    is_indented = bool(indents) and 0.5 * line.size < min(indents) < 6 * line.size
    moved_on = line.page != last.page or line.y > last.y + 0.5 * line.size
    if moved_on:
        return ends_sentence and (is_indented or not line.text[0].islower())
    if last.y - line.y > max(1.35 * step, 1.5 * line.size):
        return True
    last_indented = any(0.5 * last.size < last.x - margin < 6 * last.size for margin in margins)
    if is_indented and (not last_indented or line.x != last.x):
        return True
    return ends_sentence and last.width < 0.5 * width and not line.text[0].islower()


def ranges(numbers: Sequence[int]) -> str:
    """ "page 3", "pages 2, 5–7"."""
    groups: list[list[int]] = []
    for number in numbers:
        if groups and groups[-1][-1] == number - 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    words = [str(group[0]) if len(group) == 1 else f"{group[0]}–{group[-1]}" for group in groups]
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(words)}"
