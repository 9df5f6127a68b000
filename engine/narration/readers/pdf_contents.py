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
_MIN_ENTRIES = 3
_MIN_SHARE = 0.6  # of the lines from the first entry to the last that are entries


def strip_contents(pages: Sequence[Page], gathering: Gathering) -> list[Page]:
    """Return the pages, their lines in order, without tables of contents."""
    stripped: list[Page] = []
    goes_on = False
    for page in pages:
        found = _contents(page.lines, goes_on=goes_on)
        for line in page.lines[found]:
            gathering.omit(OmissionReason.CONTENTS, line.text, f"page {page.number}")
        goes_on = found.start < found.stop and found.stop == len(page.lines)
        stripped.append(replace(page, lines=page.lines[: found.start] + page.lines[found.stop :]))
    return stripped


def _contents(lines: Sequence[Line], *, goes_on: bool) -> slice:
    """Find the lines of a table of contents with its heading."""
    heading = next((i for i, line in enumerate(lines) if is_contents_heading(line.text)), None)
    leaders = [i for i, line in enumerate(lines) if _LEADERS.search(line.text)]
    is_announced = goes_on or heading is not None
    if len(leaders) < (1 if is_announced else _MIN_ENTRIES):
        if heading is None:
            return slice(0, 0)
        last = heading
        while last + 1 < len(lines) and _NUMBERED.match(lines[last + 1].text):
            last += 1
        return slice(heading, last + 1) if last - heading >= _MIN_ENTRIES else slice(0, 0)
    first, last = leaders[0], leaders[-1]
    entries = [i for i in range(first, last + 1) if i in leaders or _NUMBERED.match(lines[i].text)]
    if len(entries) < _MIN_SHARE * (last - first + 1):
        first, last = _longest_run(leaders)
    while first > 0 and (_NUMBERED.match(lines[first - 1].text) or first - 1 == heading):
        first -= 1
    while last + 1 < len(lines) and _NUMBERED.match(lines[last + 1].text):
        last += 1
    return slice(first, last + 1)


def _longest_run(places: Sequence[int]) -> tuple[int, int]:
    """The first and last of the places that follow each other most closely, a line between two of them at most."""
    runs = [[places[0]]]
    for place in places[1:]:
        if place - runs[-1][-1] > 2:
            runs.append([])
        runs[-1].append(place)
    longest = max(runs, key=len)
    return longest[0], longest[-1]
