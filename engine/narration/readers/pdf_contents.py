"""Tables of contents on a PDF's pages: entries with dots or a number at their end, which nobody wants to hear."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from engine.narration.document import OmissionReason
from engine.narration.readers.building import Gathering
from engine.narration.readers.headings import is_contents_heading
from engine.narration.readers.pdf_layout import Line, Page

_LEADERS = re.compile(r"(?:[.·…‥•_∙․]\s?){4,}\s*(?:\d{1,4}|[ivxlc]{1,7}|[IVXLC]{1,7})?\s*\Z")
_NUMBERED = re.compile(r"\S.*\s(?:\d{1,4}|[ivxlc]{1,7})\Z")
_SENTENCE_END = re.compile(r"[.!?…。][\"'”’»)\]]*\Z")
_MIN_ENTRIES = 3
_MAX_ENTRY_LINES = 4  # of an entry with its number


def strip_contents(pages: Sequence[Page], gathering: Gathering) -> list[Page]:
    """Return the pages, their lines in order, without tables of contents."""
    stripped: list[Page] = []
    goes_on = False
    for page in pages:
        found = _contents(page.lines, goes_on=goes_on)
        for i in sorted(found):
            gathering.omit(OmissionReason.CONTENTS, page.lines[i].text, f"page {page.number}")
        goes_on = bool(found) and max(found) == len(page.lines) - 1
        stripped.append(replace(page, lines=tuple(line for i, line in enumerate(page.lines) if i not in found)))
    return stripped


def _contents(lines: Sequence[Line], *, goes_on: bool) -> set[int]:
    """Find the lines of tables of contents with their heading."""
    heading = next((i for i, line in enumerate(lines) if is_contents_heading(line.text)), None)
    found: set[int] = set()
    for run in _runs([i for i, line in enumerate(lines) if _LEADERS.search(line.text)]):
        is_announced = (heading is not None and heading < run[0]) or goes_on
        if len(run) >= (1 if is_announced else _MIN_ENTRIES):
            first, last = run[0], run[-1]
            while first > 0 and run[0] - first < _MAX_ENTRY_LINES and _may_be_entry(lines, first - 1, is_announced):
                first -= 1
            while last + 1 < len(lines) and _NUMBERED.match(lines[last + 1].text):
                last += 1
            found.update(range(first, last + 1))
            if first > 0 and (first - 1 == heading or lines[first - 1].size > 1.15 * lines[first].size):
                found.add(first - 1)
    if heading is not None and heading not in found:
        last = heading
        while last + 1 < len(lines) and (last + 1 in found or _NUMBERED.match(lines[last + 1].text)):
            last += 1
        if last - heading >= _MIN_ENTRIES - 1:
            found.update(range(heading, last + 1))
    return found


def _may_be_entry(lines: Sequence[Line], i: int, is_announced: bool) -> bool:
    """Whether a line above an entry with dots is one, or the beginning of that one."""
    line, below = lines[i], lines[i + 1]
    is_cut = is_announced and not _SENTENCE_END.search(line.text) and abs(line.size - below.size) < 0.1 * below.size
    return bool(_NUMBERED.match(line.text)) or (is_cut and not is_contents_heading(line.text))


def _runs(places: Sequence[int]) -> list[list[int]]:
    """Group the places that follow each other closely."""
    runs: list[list[int]] = []
    for place in places:
        if not runs or place - runs[-1][-1] > _MAX_ENTRY_LINES:
            runs.append([])
        runs[-1].append(place)
    return runs
