"""What the records of languages know as written short: in small letters, without spaces and the last full stop."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from engine.text.languages import record_of


@cache
def abbreviations(code: str) -> frozenset[str]:
    """Return all that a record knows as written short, in small letters, without spaces and the last full stop."""
    record = record_of(code)
    tables = (record.title_abbreviations, record.abbreviations, record.closing_abbreviations)
    short = _unstopped(key for table in tables for key in table)
    return record.never_last | record.may_be_last | numbered_abbreviations(code) | short_months(code) | short


@cache
def numbered_abbreviations(code: str) -> frozenset[str]:
    """Return the abbreviations that stand before numbers, written in the same way."""
    record = record_of(code)
    return record.before_numbers | _unstopped(record.number_abbreviations)


@cache
def short_months(code: str) -> frozenset[str]:
    """Return the months written short."""
    return _unstopped(form for month in record_of(code).short_months for form in month.split("|"))


def _unstopped(keys: Iterable[str]) -> frozenset[str]:
    return frozenset("".join(key.lower().split()).rstrip(".") for key in keys)
