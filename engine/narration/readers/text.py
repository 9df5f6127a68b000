"""Plain text: paragraphs, hard-wrapped or not, and headings that only their words show.

The source's characters are those of the file, decoded; its byte order mark is none.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path

from engine.narration.document import Document, OmissionReason
from engine.narration.readers.building import Gathering, join, language_of, make_chapters, one_line, title_of
from engine.narration.readers.gutenberg import END, START, without_page_marks
from engine.narration.readers.headings import bare_number, is_contents_heading, is_heading
from engine.narration.readers.inline import lines_apart
from engine.text.decoding import decode_text
from engine.text.languages import all_records

_FIELD = re.compile(r"^(Title|Author|Language): *(\S[^\n]*(?:\n {2,}\S[^\n]*)*)", re.MULTILINE)
_ITEM = re.compile(r"(?:[-*+•‣◦▪–—]|\d{1,3}[.)])\s")
_SENTENCE_END = re.compile(r"[.!?…:;,。！？]['\"”’»]?\Z")
_PAGE = re.compile(r"\d{1,4}\Z")
_LEADERS = " \t.·…_"  # to the page
_WRAPPED_WIDTH = (40, 100)  # signs in a line that an editor or a typist has broken


def read(path: Path, data: bytes, footnotes: bool) -> Document:  # noqa: ARG001 - nothing marks them
    """Read a plain text. See `engine.narration.reading.read_document`."""
    text, warnings = decode_text(path, data)
    gathering = Gathering()
    text = re.sub("\r\n?|[\x85\u2028\u2029]", "\n", text).replace("\x0c", "\n\n")
    text, fields = _without_licence(text, gathering)
    text = without_page_marks(text, gathering)
    paragraphs = _paragraphs(text, gathering)
    headings = _headings(paragraphs)
    for i, paragraph in enumerate(paragraphs):
        if headings[i] is None:
            gathering.omit(OmissionReason.CONTENTS, paragraph)
        else:
            level = headings[i] or 0
            for part in [paragraph] if level else lines_apart(paragraph):
                gathering.add(part, level)
    title = fields.get("Title") or title_of(path).replace("_", " ")
    language = _language_named(fields.get("Language", ""))
    chapters = make_chapters(gathering.blocks, title)
    return Document(
        title, fields.get("Author", ""), language, chapters, omissions=tuple(gathering.omissions), warnings=warnings
    )


def _language_named(name: str) -> str | None:
    """The language that Project Gutenberg calls so: by its English name, or by a tag."""
    named = (record.code for record in all_records() if record.name.lower() == name.lower())
    return next(named, None) or language_of(name)


def _without_licence(text: str, gathering: Gathering) -> tuple[str, dict[str, str]]:
    """`text` without what Project Gutenberg puts around it, and the fields that stand there."""
    start = START.search(text)
    if start is None:
        return text, {}
    end = END.search(text, start.end())
    before, after = text[: start.end()], text[end.start() :] if end else ""
    gathering.omit(OmissionReason.LICENCE, before, "beginning")
    gathering.omit(OmissionReason.LICENCE, after, "end")
    fields = {name: one_line(value) for name, value in _FIELD.findall(before)}
    return text[start.end() : end.start() if end else len(text)], fields


def _paragraphs(text: str, gathering: Gathering) -> list[str]:
    """The paragraphs of `text`, the lines of hard-wrapped ones joined."""
    lines = [line.rstrip() for line in text.split("\n")]
    groups = [list(group) for filled, group in groupby(lines, key=bool) if filled]
    if not _is_wrapped(groups):
        return [line.strip() for group in groups for line in group]
    return [_unwrapped(group, gathering) for group in groups]


def _is_wrapped(groups: list[list[str]]) -> bool:
    """Return whether lines end where the page did: those that are not a paragraph's last are of similar length."""
    inner = sorted(len(line) for group in groups for line in group[:-1])
    if not inner:
        return False
    median, long = inner[len(inner) // 2], inner[-1]
    return median <= _WRAPPED_WIDTH[1] and long <= 2 * _WRAPPED_WIDTH[1]


def _unwrapped(lines: list[str], gathering: Gathering) -> str:
    """A group of lines as a paragraph: joined as they would be spoken, but for verse, lists and contents."""
    lines = [line.strip() for line in lines]
    width = max(map(len, lines))
    if width < _WRAPPED_WIDTH[0] or is_heading(lines[0]):
        return "\n".join(lines)
    runs: list[list[str]] = [[lines[0]]]
    for line in lines[1:]:
        last = runs[-1][-1]
        ended_early = len(last) + 1 + len(line.split(None, 1)[0]) < 0.7 * width and not line[0].islower()
        if _ITEM.match(line) or ended_early:
            runs.append([])
        runs[-1].append(line)
    return "\n".join(join(run, gathering) for run in runs)


def _headings(paragraphs: list[str]) -> list[int | None]:
    """The level of each paragraph's heading, 0 for text; None for what is a table of contents."""
    levels: list[int | None] = [int(is_heading(paragraph)) for paragraph in paragraphs]
    _mark_contents(paragraphs, levels)
    if not any(levels):
        _mark_bare_numbers(paragraphs, levels)
    for i in range(len(paragraphs) - 2):  # "CHAPTER I", and its title as a paragraph of its own
        is_title = len(paragraphs[i + 1]) < 60 < len(paragraphs[i + 2]) and not _SENTENCE_END.search(paragraphs[i + 1])
        if levels[i] and levels[i + 1] == 0 and "\n" not in paragraphs[i] and len(paragraphs[i]) < 20 and is_title:
            levels[i + 1] = levels[i]
    return levels


def _mark_contents(paragraphs: list[str], levels: list[int | None]) -> None:
    last_place = {_letters(paragraph): i for i, paragraph in enumerate(paragraphs)}
    for i, paragraph in enumerate(paragraphs):
        lines = [_without_page(line) for line in paragraph.split("\n")]
        if len(lines) >= 3 and sum(map(is_heading, lines)) >= 0.8 * len(lines):
            levels[i] = None
    for is_heading_, run in groupby(range(len(paragraphs)), key=lambda i: bool(levels[i])):
        places = list(run)
        if is_heading_ and len(places) >= 4:
            for i in places:
                if last_place[_letters(paragraphs[i])] > places[-1] or last_place[_letters(paragraphs[i])] > i:
                    levels[i] = None
    for i, paragraph in enumerate(paragraphs[:-1]):
        if levels[i + 1] is None and is_contents_heading(paragraph):
            levels[i] = None


def _without_page(line: str) -> str:
    page = _PAGE.search(line)
    return line[: page.start()].rstrip(_LEADERS) if page else line


def _mark_bare_numbers(paragraphs: list[str], levels: list[int | None]) -> None:
    numbers = [(i, number) for i, paragraph in enumerate(paragraphs) if (number := bare_number(paragraph)) is not None]
    places: list[int] = []
    expected = 1
    for i, number in numbers:
        if number in (expected, 1):
            places.append(i)
            expected = number + 1
    if len(places) >= 3:
        for i in places:
            levels[i] = 1


def _letters(paragraph: str) -> str:
    return "".join(filter(str.isalnum, paragraph.casefold()))
