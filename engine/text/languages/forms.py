"""Which form of a word follows a number: "1 kilometre", "2 kilometres", "5 километров"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Plural:
    """A language's rule for the noun after a number.

    `index(whole, is_fraction)` is the place of the form among those that a record lists; `many` is the place of the
    one after "million".
    """

    index: Callable[[int, bool], int]
    many: int = 1


NEVER = "(?!)"
"""An expression that fits nothing."""


def alternatives(words: Iterable[str]) -> str:
    """Make an expression for any of `words`, the longest first; it fits nothing where there are none."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True))) or NEVER


def said(forms: str, i: int = 0) -> str:
    """Return the form number `i` of `forms`, or the last one there is; underscores become spaces."""
    every = forms.split()
    return every[min(i, len(every) - 1)].replace("_", " ")


def form_after(number: str, forms: str, plural: Plural) -> str:
    """Return the one of `forms` that follows `number`, which is written in digits with or without signs between."""
    is_fraction = re.search(r"[.,]\d{1,2}\Z|[.,]\d{4,}\Z", number) is not None
    whole = re.split(r"[.,]", number)[0] if is_fraction else number
    return said(forms, plural.index(int(re.sub(r"\D", "", whole)), is_fraction))


def _polish(whole: int, is_fraction: bool) -> int:
    """Choose among one, few, many, and a form of its own after a fraction."""
    if is_fraction:
        return 3
    return 0 if whole == 1 else _few_or_many(whole)


def _russian(whole: int, is_fraction: bool) -> int:
    """Choose among one ("21 километр"), few (also after a fraction) and many."""
    if is_fraction:
        return 1
    return 0 if whole % 10 == 1 and whole % 100 != 11 else _few_or_many(whole)


def _arabic(whole: int, is_fraction: bool) -> int:
    """Choose the plural from three to ten: "5 كيلومترات", but "50 كيلومتر"."""
    return int(3 <= whole % 100 <= 10 and not is_fraction)


def _few_or_many(whole: int) -> int:
    return 1 if whole % 10 in (2, 3, 4) and whole % 100 // 10 != 1 else 2


NO_PLURAL = Plural(lambda _whole, _is_fraction: 0)
ONE_OTHER = Plural(lambda whole, is_fraction: int(whole != 1 or is_fraction))
"""As in English: "1.5 kilometres"."""
UNDER_TWO_OTHER = Plural(lambda whole, _is_fraction: int(whole >= 2))
"""As in French: "1,5 kilomètre"."""
POLISH = Plural(_polish, many=2)
ARABIC = Plural(_arabic, many=0)
RUSSIAN = Plural(_russian, many=2)
