"""The languages there are: one record in one file each, found by listing this folder."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from engine.text.languages.record import Language
from engine.types import LANGUAGES

__all__ = ["DEFAULT_LANGUAGE", "Language", "all_records", "language_names", "record_of"]

DEFAULT_LANGUAGE = "en"
"""What a text is taken for that tells nothing."""


@cache  # immutable
def record_of(code: str) -> Language:
    """Return the record of one of `LANGUAGES`; its file is read when it is first asked for, in half a millisecond."""
    assert code in LANGUAGES, f"{code!r} has no file in engine/text/languages"
    record: Language = import_module(f"{__name__}.{code}").LANGUAGE
    assert record.code == code, f"engine/text/languages/{code}.py has the record of {record.code!r}"
    return record


@cache
def all_records() -> tuple[Language, ...]:
    """Return the records of all `LANGUAGES`, in their order; reading them all takes 5 ms."""
    return tuple(record_of(code) for code in LANGUAGES)


def language_names() -> dict[str, str]:
    """Return the English names of all `LANGUAGES` by their codes, in their order."""
    return {record.code: record.name for record in all_records()}
