"""The table of one language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module


@dataclass(frozen=True, slots=True)
class Words:
    """What is empty is left to the voice. Forms after a number stand in the order of the language's `plural` rule:
    "kilometre kilometres" (underscores are spaces), one form for all where there is one.

    `titles` are abbreviations before a name, `before_numbers` before a number, `anywhere` wherever they stand,
    `closing` those that may end a sentence too. `date` has {day}, {month}, {number} (the month's) and {year};
    `clock` has {hour} and {minute}, `full_hour` has {hour}, `percent` has {n}. `glue` stands between a number and its
    unit. `signs` are said between or before numbers, `address` in names of hosts and in e-mail addresses.
    """

    plural: str = "one_other"
    glue: str = " "
    months: tuple[str, ...] = ()
    date: str = ""
    day_month_year: str = ""
    """Signs between the numbers of a date whose order is sure."""
    year_month_day: str = ""
    """And of one that begins with the year, beside the hyphen of ISO 8601."""
    clock: str = ""
    full_hour: str = ""
    hour_words: tuple[str, ...] = ()
    """Written after a time, and part of how it is said: "Uhr"."""
    units: Mapping[str, str] = field(default_factory=dict)
    currencies: Mapping[str, str] = field(default_factory=dict)
    cents: Mapping[str, str] = field(default_factory=dict)
    before_cents: str = " "
    scales: tuple[str, ...] = ()
    of_scale: str = " "
    """Between "million" and the currency."""
    percent: str = ""
    to: str = ""
    signs: Mapping[str, str] = field(default_factory=dict)
    address: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    before_numbers: Mapping[str, str] = field(default_factory=dict)
    anywhere: Mapping[str, str] = field(default_factory=dict)
    closing: Mapping[str, str] = field(default_factory=dict)
    numbered: tuple[str, ...] = ()
    """Words after which a Roman number is a plain one: "chapter"."""
    rulers: frozenset[str] = field(default_factory=frozenset)
    """Names after which it is an ordinal."""
    other_names: bool = False
    """Whether after any other name it is a plain number."""


def words_of(language: str) -> Words:
    """The table of one of `LANGUAGES`."""
    return import_module(f"engine.text.languages.{language}").WORDS


def table(text: str) -> dict[str, str]:
    """One entry a line: what is written, a space, what is said. An underscore in what is written, and in what is said
    where it is one form, is a space; between forms after a number spaces divide (see `form`)."""
    pairs = (line.strip().split(None, 1) for line in text.strip().splitlines())
    return {written.replace("_", " ") if len(written) > 1 else written: said for written, said in pairs}


def said(forms: str, i: int = 0) -> str:
    """The form with the number `i`, or the last one there is."""
    every = forms.split()
    return every[min(i, len(every) - 1)].replace("_", " ")


def listed(text: str) -> tuple[str, ...]:
    """Words that spaces divide."""
    return tuple(text.split())
