"""Lines that are headings though nothing marks them: "CHAPTER I.", "Kapitel 3", "第一章"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from engine.text.languages import all_records
from engine.text.languages.counting import roman_value

# After the word: a number, in digits, Roman, or written out (one or two words), then perhaps a title of its own.
_NUMBER = r"(?:\d{1,4}|[ivxlcdm]{1,9}|[^\W\d_]{2,20}(?:[ -][^\W\d_]{2,20})?)"
_ONLY_NUMBER = re.compile(r"(?:[IVXLC]{1,8}|\d{1,3})\.?\Z")

MAX_CHARS = 100
_SENTENCE = re.compile(r"[.!?…]\s+\S.*[.!?…]\Z|[,;]\Z")


@dataclass(frozen=True, slots=True)
class _Patterns:
    """Of all languages together: a heading comes before anybody knows the book's language."""

    numbered: re.Pattern[str]
    """ "Chapter 3", "Part One: …"."""
    ordinal_first: re.Pattern[str]
    """ "Erstes Kapitel", "Première partie", "Первая глава", "Deel een"."""
    titled: re.Pattern[str]
    """ "CHAPTER II The Pool of Tears"."""
    other: tuple[re.Pattern[str], ...]
    """What needs no number, and what a language has of its own."""
    contents: re.Pattern[str]


@cache
def _patterns() -> _Patterns:
    records = all_records()
    lone = _any_of(word for record in records for word in record.lone_headings)
    words = _any_of(word for record in records for word in (*record.heading_words, *record.lone_headings))
    own = "|".join(record.heading_pattern for record in records if record.heading_pattern)
    contents = "|".join(expression for record in records for expression in record.contents_headings)
    ordinal = r"(?:\d{1,3}[.ºª°e]?|[ivxlcdm]{1,9}\.?|[^\W\d_]{3,20})"
    return _Patterns(
        numbered=re.compile(rf"(?:the\s)?(?:{words})\s+{_NUMBER}\s*(?P<sign>[.:–—-]|\Z)", re.IGNORECASE),
        ordinal_first=re.compile(rf"(?:the\s)?{ordinal}\s(?:{words})\s*(?P<sign>[.:–—-]|\Z)", re.IGNORECASE),
        titled=re.compile(rf"(?:{words})\s(?:\d{{1,4}}|[IVXLC]{{1,9}})\s(?=\S)", re.IGNORECASE),
        other=(re.compile(rf"(?:{lone})[.:]?\Z", re.IGNORECASE), re.compile(own or "(?!)")),
        contents=re.compile(contents, re.IGNORECASE),
    )


def _any_of(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, dict.fromkeys(words)))


def is_contents_heading(paragraph: str) -> bool:
    """Return whether a paragraph is the heading of a table of contents."""
    return bool(_patterns().contents.fullmatch(paragraph.strip()))


def is_heading(paragraph: str) -> bool:
    """Return whether a paragraph is the heading of a chapter, by its words alone."""
    line = " ".join(paragraph.split())
    if not line or len(line) > MAX_CHARS:
        return False
    patterns = _patterns()
    if any(pattern.match(line) for pattern in patterns.other):
        return not line.endswith(("。", "，"))
    match = patterns.numbered.match(line) or patterns.ordinal_first.match(line)
    if match is None:
        # Without a sign between number and title, only capitals or a number in signs tell.
        return bool(patterns.titled.match(line)) and line[0].isupper() and line[-1] not in ".,;!?…" and len(line) <= 80
    # "Part of the crew…" is a sentence; "CHAPTER I. Down the Rabbit-Hole" is not.
    return not line[0].islower() and not _SENTENCE.search(line[match.end() :])


def bare_number(paragraph: str) -> int | None:
    """Return the number that a line "IV" or "12." is: a heading where there are others like it, one after the other."""
    line = paragraph.strip()
    if not _ONLY_NUMBER.match(line):
        return None
    number = line.rstrip(".")
    return int(number) if number.isdigit() else roman_value(number)
