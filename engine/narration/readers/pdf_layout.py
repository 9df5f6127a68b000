"""The lines of a PDF's pages: where they stand, in which order they are read, which make a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.files.foreign import Library, faults_of
from engine.narration.readers.pdf_columns import in_reading_order
from engine.narration.readers.pdf_direction import (
    among_others,
    as_read,
    is_kept_as_read,
    runs_from_right,
    with_brackets_turned,
)

if TYPE_CHECKING:
    from pypdf import PageObject

MAX_PAGE_BYTES = 8_000_000
MAX_PAGE_STEPS = 500_000
"""Operators; a page of text has up to 5000."""
BYTES_PER_STEP = 50
"""What is unpacked costs a fiftieth of an operator a byte."""
_SIGN_WIDTH = 0.5  # of its size; about right for Latin text
_MIN_COLUMN_LINES = 5
_MIN_COLUMN_SIZES = 8  # its width, in sizes of its letters: what begins nearer stands behind a number in a list
_WORD_CHARS = 12  # longer strings than this are more than a word
_SHOWING = (b"Tj", b"TJ", b"'", b'"')
_SENTENCE_END = re.compile(r"[.!?…:。！？][\"'”’»)\]]*\Z")


def _width(text: str, size: float) -> float:
    return sum(2 if sign >= "\u2e80" else 1 for sign in text) * size * _SIGN_WIDTH


@dataclass(frozen=True, slots=True)
class Line:
    """Hold a line of a page. `x` and `y` are of its beginning in points, from the page's lower left; `order` tells
    equal lines apart."""

    text: str
    x: float
    y: float
    size: float
    page: int
    order: int

    @property
    def width(self) -> float:
        """Estimate its width in points."""
        return _width(self.text, self.size)


@dataclass(frozen=True, slots=True)
class Page:
    """Hold the lines of a page in the order in which they are read."""

    number: int
    lines: tuple[Line, ...]
    height: float
    width: float
    n_columns: int = 1
    has_pictures: bool = False
    is_picture: bool = False  # and has no text
    is_damaged: bool = False
    is_from_right: bool = False  # most of its text


class _Part(NamedTuple):
    """What pypdf gives at a time, and whether a line begins with it. `x` is what pypdf says of its place, `shown_x`
    where its first sign was shown: another one where the text's direction has changed since."""

    text: str
    shown_x: float
    x: float
    y: float
    size: float
    begins_line: bool

    @property
    def width(self) -> float:
        return _width(self.text, self.size)


class Work:
    """Limit how much may be done for a document, in operators."""

    def __init__(self, n_steps: int) -> None:
        self.n_left = n_steps
        self._n_left_of_page = 0

    def begin_page(self, n_bytes: int) -> None:
        """Begin a page whose drawing has `n_bytes`. Raises MemoryError where that is too much."""
        self._n_left_of_page = MAX_PAGE_STEPS
        self._take(n_bytes // BYTES_PER_STEP)
        if n_bytes > MAX_PAGE_BYTES:
            raise _TooMuchError

    def step(self) -> None:
        """Count one operator. Raises MemoryError where the page, or the document, has used up its own."""
        self._take(1)

    def _take(self, n: int) -> None:
        self.n_left -= n
        self._n_left_of_page -= n
        if min(self.n_left, self._n_left_of_page) < 0:
            raise _TooMuchError


class _TooMuchError(MemoryError):
    """No page of a text is so much work. A MemoryError, because pypdf passes over any other within a form."""


def page_of(number: int, page: PageObject, work: Work) -> Page:
    """Read the lines of one page; of a page that is damaged, or drawn with far too much, what could be read."""
    parts: list[_Part] = []
    is_new_line, is_showing = True, False
    shown_x: float | None = None  # of what was not handed on yet
    latest_x = 0.0

    def see_operator(operator: bytes, _operands: Any, to_page: list[float], to_text: list[float]) -> None:
        nonlocal is_showing, shown_x, latest_x
        work.step()
        is_showing = operator in _SHOWING
        if is_showing:
            latest_x, _ = _place(to_page, to_text)
            shown_x = latest_x if shown_x is None else shown_x

    def see(text: str, to_page: list[float], to_text: list[float], _font: Any, size: float) -> None:
        nonlocal is_new_line, shown_x
        x, y = _place(to_page, to_text)
        scale = abs(to_text[3] * to_page[3]) or abs(to_text[1] * to_page[2]) or 1.0
        for i, part in enumerate(text.split("\n")):
            is_new_line = is_new_line or i > 0
            if part and (part.strip() or not is_new_line):
                at = x if shown_x is None else shown_x
                parts.append(_Part(part, at, x, y, round(abs(size) * scale, 1), is_new_line))
                is_new_line = False
        is_new_line = is_new_line or text.endswith("\n")
        shown_x = latest_x if is_showing else None

    is_damaged = False
    try:
        work.begin_page(_unpacked_bytes(page))
        page.extract_text(visitor_text=see, visitor_operand_before=see_operator)
    except faults_of(Library.PDF):
        is_damaged = True  # WORKAROUND: pypdf trips over a page's broken fonts or operators; the others can be read
    box = page.mediabox
    has_pictures = _has_pictures(page)
    lines, is_from_right = _lines(parts, number)
    lines, n_columns = in_reading_order(lines, float(box.width), float(box.left), from_right=is_from_right)
    # Where a line begins that ends at the right says nothing of its paragraph.
    lines = [replace(line, x=float(box.left)) if runs_from_right(line.text) else line for line in lines]
    is_picture = has_pictures and not lines
    return Page(
        number,
        tuple(lines),
        float(box.height),
        float(box.width),
        n_columns,
        has_pictures,
        is_picture,
        is_damaged,
        is_from_right,
    )


def _place(to_page: list[float], to_text: list[float]) -> tuple[float, float]:
    x = to_text[4] * to_page[0] + to_text[5] * to_page[2] + to_page[4]
    y = to_text[4] * to_page[1] + to_text[5] * to_page[3] + to_page[5]
    return round(x, 1), round(y, 1)


def _lines(parts: Sequence[_Part], number: int) -> tuple[list[Line], bool]:
    """The lines in the order of the file, and whether most of the page runs from right to left."""
    edges = _edges(parts)
    grouped: list[list[_Part]] = []
    for part in parts:
        if not grouped or part.begins_line or _is_across_gap(grouped[-1], part, edges):
            grouped.append([])
        grouped[-1].append(part)
    texts = ["".join(among_others(part.text) for part in group) for group in grouped]
    turned = [i for i, text in enumerate(texts) if runs_from_right(text)]
    kept_as_read = is_kept_as_read(part.text for i in turned for part in grouped[i])
    as_they_are_read = [
        as_read([(part.shown_x, part.text) for part in grouped[i]], grouped[i][0].size, kept_as_read=kept_as_read)
        for i in turned
    ]
    for i, text in zip(turned, with_brackets_turned(as_they_are_read), strict=True):
        texts[i] = text
    lines: list[Line] = []
    for group, text in zip(grouped, texts, strict=True):
        if text.strip():
            x = min(part.shown_x for part in group) if runs_from_right(text) else group[0].x
            lines.append(Line(" ".join(text.split()), x, group[0].y, group[0].size, number, len(lines)))
    return lines, runs_from_right("".join(texts))


def _edges(parts: Sequence[_Part]) -> set[float]:
    """Find where so many lines go on, or begin, that a column does."""
    heights: dict[float, set[float]] = {}
    for part in parts:
        if part.text.strip():
            heights.setdefault(part.x, set()).add(part.y)
    n_heights = len(set().union(*heights.values()))
    return {x for x, at in heights.items() if len(at) >= max(_MIN_COLUMN_LINES, 0.3 * n_heights)}


def _is_across_gap(group: Sequence[_Part], part: _Part, edges: set[float]) -> bool:
    """Whether a part at the same height begins far to the right of where the last one must have ended, or less far
    where a column begins; where text runs from the right, whether a longer one ends far to the left."""
    last = group[-1]
    if abs(last.y - part.y) >= 0.5 * last.size or not part.text.strip():
        return False
    if runs_from_right(last.text) and runs_from_right(part.text):
        return group[0].shown_x - (part.shown_x + 1.25 * part.width) > 1.5 * last.size and len(part.text) > _WORD_CHARS
    gap = part.x - (last.x + 1.25 * last.width)
    is_far = part.x - group[0].x > _MIN_COLUMN_SIZES * last.size
    begins_column = is_far and part.x in edges and part.x > last.x + 0.8 * last.width
    return gap > 1.5 * last.size or begins_column


def _unpacked_bytes(page: PageObject) -> int:
    """Count how much a page draws and how much its fonts say about their letters: both are worked through for each
    page."""
    contents = page.get_contents()
    n_bytes = len(contents.get_data()) if contents is not None else 0
    fonts = page.get("/Resources", {}).get("/Font", {})  # pyright: ignore[reportAttributeAccessIssue, reportArgumentType] - whatever the file holds
    letters = (font.get("/ToUnicode") for font in map(fonts.get, fonts) if hasattr(font, "get"))  # pyright: ignore[reportAttributeAccessIssue]
    return n_bytes + sum(len(table.get_data()) for table in letters if hasattr(table, "get_data"))


def _has_pictures(page: PageObject) -> bool:
    try:
        objects = page["/Resources"]["/XObject"]  # pyright: ignore[reportIndexIssue] - whatever the file holds
        return any(objects[name].get("/Subtype") == "/Image" for name in objects)  # pyright: ignore[reportAttributeAccessIssue, reportGeneralTypeIssues, reportIndexIssue]
    except faults_of(Library.PDF):
        return False


def paragraphs_of(pages: Sequence[Page], starts: set[Line]) -> Iterator[list[Line]]:
    """Join lines that belong together, also over the end of a page; `starts` begin paragraphs whatever they look
    like."""
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
    """Find where most lines begin, once for each column."""
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
    """Write page numbers as a person would: "page 3", "pages 2, 5–7"."""
    groups: list[list[int]] = []
    for number in numbers:
        if groups and groups[-1][-1] == number - 1:
            groups[-1].append(number)
        else:
            groups.append([number])
    words = [str(group[0]) if len(group) == 1 else f"{group[0]}–{group[-1]}" for group in groups]
    return f"page{'s' if len(numbers) > 1 else ''} {', '.join(words)}"
