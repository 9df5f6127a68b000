"""Lines of a PDF put together to paragraphs, over the ends of columns and pages and round pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median

from engine.narration.readers.pdf_layout import Line, Page

_SENTENCE_END = re.compile(r"[.!?…:。！？][\"'”’»)\]」』]*\Z")
_LIST_SIGN = re.compile(r"[•‣▪●◦–—-]\s")
_CAPTION = re.compile(r"[^\W\d_]+\.?\s\d+(?:[.–-]\d+)*\s?[.:–—]\s")
_MAX_BETWEEN = 3  # paragraphs of a picture or a table that a sentence is cut by
_RUNS_ON = re.compile(r"[,;:–—-][\"'”’»)]*\Z")
_SHORTEST = 0.5  # of its column, which no line of running text is, but for a paragraph's last
_INDENT = (0.5, 6.0)  # of a first line, in sizes

Paragraph = list[Line]


def paragraphs_of(pages: Sequence[Page], starts: set[Line], body_size: float) -> list[Paragraph]:
    """Join lines that belong together; `starts` begin paragraphs whatever they look like."""
    paragraphs: list[Paragraph] = []
    lines = [(line, _step(page)) for page in pages for line in page.lines]
    is_spaced = _is_spaced(pages)
    for i, (line, step) in enumerate(lines):
        following = lines[i + 1][0] if i + 1 < len(lines) else None
        if not paragraphs or line in starts or _begins(line, following, paragraphs[-1], step, is_spaced):
            paragraphs.append([])
        paragraphs[-1].append(line)
    return list(_mended(paragraphs, starts, body_size, is_spaced))


def _step(page: Page) -> float:
    """How far apart the page's lines are."""
    steps = [a.y - b.y for a, b in pairwise(page.lines) if 0 < a.y - b.y < 4 * a.size]
    return median(steps) if steps else 0.0


def _is_spaced(pages: Sequence[Page]) -> bool:
    """Whether paragraphs of the document are set apart by space rather than by the indents of first lines."""
    found = Counter[bool]()
    for page in pages:
        step = _step(page)
        for a, b in pairwise(page.lines):
            if a.left == b.left and a.size == b.size and _SENTENCE_END.search(a.text):
                if 1.15 * step < a.y - b.y < 3 * step:
                    found[True] += 1
                elif _is_indented(b) and abs(a.y - b.y - step) < 0.1 * step:
                    found[False] += 1
    return found[True] > found[False]


def _is_indented(line: Line) -> bool:
    indent = (line.right - line.x1 if line.is_from_right else line.x0 - line.left) / line.size
    return _INDENT[0] < indent < _INDENT[1]


def _begins(line: Line, following: Line | None, paragraph: Paragraph, step: float, is_spaced: bool) -> bool:
    last = paragraph[-1]
    if abs(line.size - last.size) > 0.1 * last.size:
        return True
    if line.is_row or last.is_row:
        return not _goes_on_from(last, line)
    ends_sentence = bool(_SENTENCE_END.search(last.text))
    goes_on = line.text[:1].islower()
    is_short = _is_short(last)
    moved_on = line.page != last.page or line.y > last.y + 0.5 * line.size
    if _CAPTION.match(line.text) and (moved_on or last.y - line.y > 1.2 * step):
        return True
    if moved_on:
        if _begins_indented(line, following):
            return not goes_on
        return ends_sentence and not goes_on and (is_short or (is_spaced and last.is_from_right))
    gap = last.y - line.y
    if gap > max(1.6 * step, 1.8 * line.size):
        return True
    if gap > max(1.2 * step, 1.1 * line.size) and (ends_sentence or is_short):
        return True
    if _begins_indented(line, following) and not (len(paragraph) > 1 and abs(line.x0 - last.x0) < 1):
        return True
    if _is_indented(line) and len(paragraph) == 1 and abs(line.x0 - last.x0) < 1 and ends_sentence:
        return is_short
    if _LIST_SIGN.match(line.text) and (ends_sentence or is_short):
        return (
            not line.text.startswith("- ") or bool(_LIST_SIGN.match(paragraph[0].text)) or (ends_sentence and is_short)
        )
    if _is_line_of_its_own(last) and _is_line_of_its_own(line) and abs(line.x0 - last.x0) < 1:
        return ends_sentence or not _RUNS_ON.search(last.text)
    return ends_sentence and is_short and not goes_on


def _is_line_of_its_own(line: Line) -> bool:
    """Whether a line may be one of an address or of a list: much shorter than its column, and begun by a capital."""
    begins = line.text[:1].isupper() or line.text[:1].isdigit()
    return begins and line.width < _SHORTEST * (line.right - line.left) and not line.is_from_right


def _goes_on_from(last: Line, line: Line) -> bool:
    """Whether a line that has wide gaps may be one of prose, in a narrow column."""
    return line.x0 - line.left < 1 and last.x0 - last.left < 1 and not _is_short(last) and line.text[:1].islower()


def _begins_indented(line: Line, following: Line | None) -> bool:
    """Whether a line is set in, and the next one is not: a paragraph's first."""
    if not _is_indented(line) or line.is_from_right:
        return False
    same = following is not None and following.page == line.page and 0 < line.y - following.y < 3 * line.size
    return following is None or not same or following.x0 < line.x0 - _INDENT[0] * line.size


def _is_short(line: Line) -> bool:
    """Whether a line ends well before its column does."""
    width = line.right - line.left
    free = line.x0 - line.left if line.is_from_right else line.right - line.x1
    return (
        free > max(0.12 * width, 2 * line.size) if width > 20 * line.size else free > max(0.25 * width, 2 * line.size)
    )


def _mended(
    paragraphs: Sequence[Paragraph], starts: set[Line], body_size: float, is_spaced: bool
) -> Iterator[Paragraph]:
    """Join a sentence or paragraph that a picture's words or a table cut in two; what stood between follows it."""
    i = 0
    while i < len(paragraphs):
        paragraph = paragraphs[i]
        between: list[Paragraph] = []
        while abs(paragraph[0].size - body_size) < 0.1 * body_size:
            found = _rest(paragraphs, i, paragraph[-1], starts, is_spaced)
            if found is None:
                break
            between += paragraphs[i + 1 : found]
            paragraph = paragraph + paragraphs[found]
            i = found
        yield paragraph
        yield from between
        i += 1


def _rest(paragraphs: Sequence[Paragraph], i: int, last: Line, starts: set[Line], is_spaced: bool) -> int | None:
    """Find where a paragraph goes on that its last line does not end."""
    is_cut = not _SENTENCE_END.search(last.text)
    for j in range(i + 1, min(i + 2 + _MAX_BETWEEN, len(paragraphs))):
        first, is_next = paragraphs[j][0], j == i + 1
        if (
            first in starts
            or first.page > last.page + 1
            or (not is_next and not is_cut and first.size > 1.1 * last.size)
        ):
            return None
        if not is_next and not all(_is_apart(paragraph, last) for paragraph in paragraphs[i + 1 : j]):
            return None
        if abs(first.size - last.size) > 0.06 * last.size:
            continue
        if is_next and first.page == last.page and first.y < last.y:
            continue  # what is set apart below a line is no part of it
        goes_on = first.text[:1].islower() and (len(paragraphs[j]) > 1 or _SENTENCE_END.search(first.text))
        if is_cut and (goes_on or (is_next and last.text.endswith(("-", "‐")) and first.text[:1].isalpha())):
            return j
        if not is_next and not is_spaced and not _is_short(last) and abs(first.x0 - first.left) < 1:
            are_captions = all(_CAPTION.match(paragraph[0].text) for paragraph in paragraphs[i + 1 : j])
            return j if are_captions and not _CAPTION.match(first.text) and len(paragraphs[j]) > 1 else None
    return None


def _is_apart(paragraph: Paragraph, last: Line) -> bool:
    """Whether a paragraph may be a picture's words: named so, of another size, or where another column begins."""
    first = paragraph[0]
    moved_on = first.page != last.page or first.y > last.y
    return moved_on or abs(first.size - last.size) > 0.06 * last.size or bool(_CAPTION.match(first.text))
