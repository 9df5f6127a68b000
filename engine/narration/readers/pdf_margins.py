"""The edges of a PDF's pages, which are no part of the text: running heads, page numbers, numbers in the margin, notes.

Heads and feet are told by what comes back at the same place of page after page, page numbers by counting with the
pages, wherever they stand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

from engine.narration.document import OmissionReason
from engine.narration.readers.building import Gathering
from engine.narration.readers.pdf_layout import Line, Page, body_size_of, rows_of
from engine.text.languages import all_records
from engine.text.languages.counting import roman_value

_EDGE = 0.14  # of the page's height, above and below
_MAX_ROWS = 3  # of a running head or foot
_HEAD_CHARS = 60
_PART_GAP, _MAX_PARTS = 2.5, 3  # of a head: how far apart they stand, in sizes, and how many they are
_APART = 1.8  # in sizes of the text: so far from it stands what is no line of it
_NUMBER = re.compile(r"\d+|(?<![^\W_])[ivxlcIVXLC]{1,7}(?![^\W_])")
_ONLY_NUMBER = re.compile(r"\W*(\d{1,4}|[ivxlc]{1,7}|[IVXLC]{1,7})\W*")
_MARGIN_NUMBER = re.compile(r"\d{1,5}")
_NOTE = re.compile(r"\s*(?:\d{1,3}|[*†‡§∗]{1,3}|\[\d{1,3}\])\.?\s*\S")
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’»)\]]*\Z")

_Key = tuple[str, str, int]  # the edge, the words without numbers, the height in steps of 4 points


def strip_margins(pages: Sequence[Page], gathering: Gathering) -> list[Page]:
    """Return the pages without what comes back at the same place of page after page, and without numbers in the
    margin."""
    body_size = body_size_of(line for page in pages for line in page.lines)
    numbers = _margin_numbers(pages, body_size)
    for page in pages:
        for line in page.lines:
            if line in numbers:
                gathering.omit(OmissionReason.MARGIN_NUMBER, line.text, f"page {page.number}")
    pages = [replace(page, lines=tuple(line for line in page.lines if line not in numbers)) for page in pages]
    keys = [_keys(page) for page in pages]
    coming_back = _margins(keys, body_size)
    coming_back -= {line for page in pages for line in _going_on(page, coming_back, body_size)}
    margins = coming_back | _heads_apart(pages, body_size) | _page_numbers(pages, body_size)
    stripped: list[Page] = []
    for page, of_page in zip(pages, keys, strict=True):
        for line in page.lines:
            if line in margins:
                gathering.omit(_reason(of_page.get(line)), line.text, f"page {page.number}")
        stripped.append(replace(page, lines=tuple(line for line in page.lines if line not in margins)))
    return stripped


def _margins(keys: Sequence[dict[Line, _Key]], body_size: float) -> set[Line]:
    """The lines that come back, and those that stand alone in a place where most pages have such a line: the chapter's
    name over two pages."""
    n_pages = Counter[_Key]()
    for of_page in keys:
        n_pages.update({neighbour for key in of_page.values() for neighbour in _neighbours(key)})
    n_with_text = sum(map(bool, keys))
    enough = 2 if n_with_text < 10 else 3
    most = max(enough, n_with_text / 2)  # of a line as long as the text's own, or in large print: it may come twice
    coming_back: set[Line] = set()
    for of_page in keys:
        for line, key in of_page.items():
            is_head = len(key[1]) <= _HEAD_CHARS and line.size < 1.15 * body_size
            if n_pages[key] >= (enough if is_head else max(most, 3)):
                coming_back.add(line)
    n_slots = Counter(_slot(line) for line in coming_back)
    outermost: set[Line] = set()
    for of_page in keys:
        if of_page:
            heights = [line.y for line in of_page]
            outermost |= {line for line in of_page if line.y in (min(heights), max(heights))}
    return coming_back | {
        line
        for line in outermost
        if n_slots[_slot(line)] >= max(enough, 0.4 * n_with_text) and line.size < 1.15 * body_size
    }


def _going_on(page: Page, coming_back: set[Line], body_size: float) -> set[Line]:
    """The lines as long as the text's own that come back, and that the text goes on from: pages may begin alike."""
    found: set[Line] = set()
    rows = rows_of(page.lines)
    for order in (rows, rows[::-1]):
        n_back = next((i for i, row in enumerate(order) if not coming_back.issuperset(row)), len(order))
        for row, inner in zip(order[n_back - 1 :: -1], order[n_back:0:-1], strict=False):
            is_long = sum(len(line.text) for line in row) > _HEAD_CHARS
            if not n_back or not is_long or abs(row[0].y - inner[0].y) > _APART * body_size:
                break
            found.update(row)
    return found


def _heads_apart(pages: Sequence[Page], body_size: float) -> set[Line]:
    """The short lines that stand at the same height of at least half of the pages, apart from the text: heads that name
    what a page holds, and so may never come back."""
    found: dict[tuple[float, float], list[list[Line]]] = {}
    for page in pages:
        rows = rows_of(page.lines)
        if len(rows) < _MAX_ROWS:
            continue
        for row, other in ((rows[0], rows[1]), (rows[-1], rows[-2])):
            height = min(row[0].y, page.height - row[0].y)
            is_apart = abs(row[0].y - other[0].y) > _APART * body_size
            if is_apart and height < _EDGE * page.height and row[0].size < 1.15 * body_size:
                found.setdefault(_slot(row[0]), []).append(row)
    n_with_text = sum(bool(page.lines) for page in pages)
    return {
        line
        for rows in found.values()
        if len(rows) >= max(3, 0.5 * n_with_text)
        for row in rows
        if sum(len(line.text) for line in row) <= _HEAD_CHARS
        for line in row
    }


def _slot(line: Line) -> tuple[float, float]:
    return round(line.y), line.size


def _keys(page: Page) -> dict[Line, _Key]:
    """Return what identifies the lines at the page's edges, those that can be running heads or feet."""
    rows = rows_of(page.lines)
    keys: dict[Line, _Key] = {}
    for edge, some in (("top", rows[:_MAX_ROWS]), ("bottom", rows[-_MAX_ROWS:])):
        for row in some:
            height = row[0].y if edge == "bottom" else page.height - row[0].y
            if height >= _EDGE * page.height and row is not (rows[0] if edge == "top" else rows[-1]):
                continue
            if height >= 2 * _EDGE * page.height:
                continue
            for part in _parts(row):
                text = " ".join(line.text for line in part)
                words = " ".join(_NUMBER.sub("#", text).casefold().split())
                for line in part:
                    keys.setdefault(line, (edge, words, round(line.y / 4)))
    return keys


def _parts(row: Sequence[Line]) -> list[list[Line]]:
    """The parts of a head, which stand far apart; not the words of a line, which may come back one by one."""
    parts: list[list[Line]] = []
    for line in row:
        if not parts or line.x0 - parts[-1][-1].x1 < _PART_GAP * line.size:
            parts = parts or [[]]
            parts[-1].append(line)
        else:
            parts.append([line])
    return parts if len(parts) <= _MAX_PARTS else [list(row)]


def _neighbours(key: _Key) -> tuple[_Key, ...]:
    """The same at nearly the same height."""
    edge, words, height = key
    return (edge, words, height - 1), key, (edge, words, height + 1)


def _page_numbers(pages: Sequence[Page], body_size: float) -> set[Line]:
    """The numbers, first or last on their pages, that count with the pages, however far from the edge they stand."""
    found: dict[tuple[str, int], list[Line]] = {}
    for page in pages:
        rows = rows_of(page.lines)
        if len(rows) < 2:
            continue
        for edge, row, other in (("top", rows[0], rows[1]), ("bottom", rows[-1], rows[-2])):
            is_apart = abs(row[0].y - other[0].y) > _APART * body_size
            for line in row:
                value = _value(line.text)
                if value is not None and line.size < 1.15 * body_size and (is_apart or len(row) == 1):
                    found.setdefault((edge, value - page.number), []).append(line)
    n_with_text = sum(bool(page.lines) for page in pages)
    numbers: set[Line] = set()
    for (edge, offset), lines in found.items():
        is_alone = n_with_text == 1 and edge == "bottom" and offset == 0 and lines[0].y < _EDGE * pages[0].height
        if len(lines) >= max(2, min(3, 0.4 * n_with_text)) or is_alone:
            numbers.update(lines)
    return numbers


def _value(text: str) -> int | None:
    match = _ONLY_NUMBER.fullmatch(text)
    if match is None:
        return None
    return int(match[1]) if match[1].isdigit() else roman_value(match[1].upper())


def _margin_numbers(pages: Sequence[Page], body_size: float) -> set[Line]:
    """The bare numbers beside the text, outside its edges, that count up: of lines, or of a law's paragraphs."""
    in_order: list[Line] = []
    for page in pages:
        rows = rows_of(page.lines)
        long = [line for line in page.lines if line.width > 0.25 * page.width and line.size > 0.9 * body_size]
        if not long:
            continue
        begins, ends = sorted(line.x0 for line in long), sorted(line.x1 for line in long)
        left, right = begins[len(begins) // 20], ends[-1 - len(ends) // 20]
        for row in rows:
            for line in row:
                is_outside = line.x1 < left - 0.3 * body_size or line.x0 > right + 0.3 * body_size
                if is_outside and line.size < 1.1 * body_size and _MARGIN_NUMBER.fullmatch(line.text):
                    in_order.append(line)
    if len(in_order) < 3:
        return set()
    steps = Counter(int(b.text) - int(a.text) for a, b in pairwise(in_order))
    step, n_steps = steps.most_common(1)[0]
    n_up = sum(n for step, n in steps.items() if step > 0)
    begins_anew = sum(a.page != b.page for a, b in pairwise(in_order))  # each page may count from 1
    is_counting = step > 0 and n_up + begins_anew >= 0.8 * (len(in_order) - 1) and n_steps >= 0.5 * (len(in_order) - 1)
    return set(in_order) if is_counting else set()


@cache
def _page_number() -> re.Pattern[str]:
    """A page's number after a word for "page", in any language; numbers are "#" there."""
    words = "|".join(re.escape(word) for record in all_records() for word in record.page_words)
    return re.compile(rf"\W*(?:{words})\s*#.*")


def _reason(key: _Key | None) -> OmissionReason:
    if key is None:
        return OmissionReason.PAGE_NUMBER
    edge, words, _ = key
    if not any(map(str.isalpha, words)) or _page_number().fullmatch(words):
        return OmissionReason.PAGE_NUMBER
    return OmissionReason.PAGE_HEADER if edge == "top" else OmissionReason.PAGE_FOOTER


def strip_notes(pages: Sequence[Page], gathering: Gathering) -> list[Page]:
    """Return the pages, their lines in order, without the notes in small print below the text."""
    body_size = body_size_of(line for page in pages for line in page.lines)
    stripped: list[Page] = []
    goes_on = False  # the last note of the page before does
    for page in pages:
        notes = _notes(page.lines, body_size, goes_on=goes_on)
        for line in page.lines:
            if line in notes:
                gathering.omit(OmissionReason.FOOTNOTE, line.text, f"page {page.number}")
        last = [line for line in page.lines if line in notes][-1:]
        goes_on = bool(last) and not _SENTENCE_END.search(last[0].text)
        stripped.append(replace(page, lines=tuple(line for line in page.lines if line not in notes)))
    return stripped


def _notes(lines: Sequence[Line], body_size: float, *, goes_on: bool) -> set[Line]:
    """The lines in small print below the last line of the text in their column, where the first of them begins with a
    mark or goes on with a note."""
    text = [line for line in lines if line.size > 0.9 * body_size]
    columns: dict[float, list[Line]] = {}
    for line in lines:
        lowest = min((other.y for other in text if other.x0 < line.x1 and line.x0 < other.x1), default=0.0)
        if line.size <= 0.9 * body_size and line.y < lowest:
            columns.setdefault(line.left, []).append(line)
    notes: set[Line] = set()
    for below in columns.values():
        below.sort(key=lambda line: -line.y)
        first = next((i for i, line in enumerate(below) if _NOTE.match(line.text)), None)
        if first is not None:
            notes.update(below if goes_on else below[first:])
        elif goes_on:
            notes.update(below)
    return notes
