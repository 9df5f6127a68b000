"""Numbers in other shapes: ordinals in words, Roman numerals."""

from __future__ import annotations

from itertools import pairwise

ROMAN = r"(?=[MDCLXVI])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
"""An expression for Roman numerals in capitals, from 1 to 3999."""

_ROMAN_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def ordinal(number: int, code: str) -> str:
    """Return `number` as an ordinal in words of the language `code`, in the form that dictionaries have it in."""
    from num2words import num2words  # 20 ms, when a text first has an ordinal

    return num2words(number, lang=code, to="ordinal")


def roman_value(numeral: str) -> int:
    """Return what a Roman numeral in capitals is worth: 14 for "XIV"."""
    values = [_ROMAN_VALUES[sign] for sign in numeral]
    return sum(-a if a < b else a for a, b in pairwise([*values, 0]))
