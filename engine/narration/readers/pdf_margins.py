"""The edges of a PDF's pages, which are no part of the text: running heads, page numbers, footnotes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from engine.narration.document import OmissionReason
from engine.narration.readers.building import Gathering
from engine.narration.readers.pdf_layout import Line, Page
from engine.text.languages import all_records

_EDGE = 0.14  # of the page's height, above and below
_MAX_LINES = 3  # of a running head or foot
_HEAD_CHARS = 60
_NUMBER = re.compile(r"\d+|(?<![^\W_])[ivxlcIVXLC]{1,7}(?![^\W_])")
_NOTE = re.compile(r"\s*(?:\d{1,3}|[*†‡§]{1,3}|\[\d{1,3}\])\.?\s*\S")

_Key = tuple[str, str, int]  # the edge, the words without numbers, the height in steps of 4 points


def strip_margins(pages: Sequence[Page], gathering: Gathering, *, footnotes: bool) -> list[Page]:
    """Return the pages without what comes back at the same place of page after page, and without notes in small
    print."""
    keys = [_keys(page) for page in pages]
    body_size = _body_size(pages)
    margins = _margins(keys, body_size)
    stripped: list[Page] = []
    for page, of_page in zip(pages, keys, strict=True):
        kept = [line for line in page.lines if line not in margins]
        for line in page.lines:
            if line in margins:
                gathering.omit(_reason(of_page[line]), line.text, f"page {page.number}")
        notes = [] if footnotes else _notes(kept, body_size)
        among_notes = set(notes)
        for line in notes:
            gathering.omit(OmissionReason.FOOTNOTE, line.text, f"page {page.number}")
        stripped.append(replace(page, lines=tuple(line for line in kept if line not in among_notes)))
    return stripped


def _margins(keys: Sequence[dict[Line, _Key]], body_size: float) -> set[Line]:
    """The lines that come back, and those that stand alone in a place where most pages have such a line: the chapter's
    name over two pages."""
    n_pages = Counter[_Key]()
    for of_page in keys:
        n_pages.update({neighbour for key in of_page.values() for neighbour in _neighbours(key)})
    n_with_text = sum(map(bool, keys))
    enough = 2 if n_with_text < 10 else 3
    lines = [(line, key) for of_page in keys for line, key in of_page.items() if line.size < 1.15 * body_size]
    most = max(enough, n_with_text / 2)  # of a line as long as the text's own, which may come twice
    coming_back = {line for line, key in lines if n_pages[key] >= (enough if len(line.text) <= _HEAD_CHARS else most)}
    n_slots = Counter(_slot(line) for line in coming_back)
    outermost = {choose(of_page, key=lambda line: line.y) for of_page in keys if of_page for choose in (min, max)}
    return coming_back | {
        line for line, _ in lines if line in outermost and n_slots[_slot(line)] >= max(enough, 0.4 * n_with_text)
    }


def _slot(line: Line) -> tuple[float, float]:
    return round(line.y), line.size


def _keys(page: Page) -> dict[Line, _Key]:
    """Return what identifies the lines at the page's edges, those that can be running heads or feet."""
    by_height = sorted(page.lines, key=lambda line: -line.y)
    tops = [line for line in by_height[:_MAX_LINES] if line.y > (1 - _EDGE) * page.height]
    bottoms = [line for line in by_height[-_MAX_LINES:] if line.y < _EDGE * page.height]
    keys: dict[Line, _Key] = {}
    for edge, lines in (("top", tops), ("bottom", bottoms)):
        for line in lines:
            words = " ".join(_NUMBER.sub("#", line.text).casefold().split())
            keys.setdefault(line, (edge, words, round(line.y / 4)))
    return keys


def _neighbours(key: _Key) -> tuple[_Key, ...]:
    """The same at nearly the same height."""
    edge, words, height = key
    return (edge, words, height - 1), key, (edge, words, height + 1)


@cache
def _page_number() -> re.Pattern[str]:
    """A page's number after a word for "page", in any language; numbers are "#" there."""
    words = "|".join(re.escape(word) for record in all_records() for word in record.page_words)
    return re.compile(rf"\W*(?:{words})\s*#.*")


def _reason(key: _Key) -> OmissionReason:
    edge, words, _ = key
    if not any(map(str.isalpha, words)) or _page_number().fullmatch(words):
        return OmissionReason.PAGE_NUMBER
    return OmissionReason.PAGE_HEADER if edge == "top" else OmissionReason.PAGE_FOOTER


def _body_size(pages: Sequence[Page]) -> float:
    n_chars = Counter[float]()
    for page in pages:
        for line in page.lines:
            n_chars[line.size] += len(line.text)
    return max(n_chars, key=n_chars.__getitem__, default=0.0)


def _notes(lines: Sequence[Line], body_size: float) -> list[Line]:
    """The lines in small print below the last line of the text, where the first of them begins with a mark."""
    small = [line for line in lines if line.size <= 0.9 * body_size]
    lowest = min((line.y for line in lines if line.size > 0.9 * body_size), default=0.0)
    below = sorted((line for line in small if line.y < lowest), key=lambda line: -line.y)
    return below if below and _NOTE.match(below[0].text) else []
