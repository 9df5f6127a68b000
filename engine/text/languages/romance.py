"""What Spanish, Portuguese and Italian share: ordinals that end in -o or -a, "1.º" and "2ª"."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.text.languages.counting import ordinal
from engine.text.languages.record import Rewriting


def ordinal_signs(code: str, highest: int = 99) -> Rewriting:
    """Say "1.º", "2ª" and "3º" in words, up to `highest`, beyond which cardinals are usual."""

    def say(match: re.Match[str]) -> str | None:
        number = int(match["n"])
        if not 0 < number <= highest:
            return None
        word = ordinal(number, code)
        return " ".join(f"{part[:-1]}a" for part in word.split()) if match["sign"] == "ª" else word

    return Rewriting(r"(?<![\w.,:/-])(?P<n>\d{1,2})\.?(?P<sign>[ºª])(?!\w)", say)


def ruler_up_to_ten(code: str, queens: frozenset[str]) -> Callable[[str, str, int], str]:
    """Say a ruler's number as an ordinal up to ten, in the feminine after one of `queens`, and beyond as a number."""

    def say(_before: str, name: str, number: int) -> str:
        return agreeing(ordinal(number, code), name, queens) if number <= 10 else str(number)

    return say


def agreeing(word: str, name: str, queens: frozenset[str]) -> str:
    """Return `word`, which ends in -o, as it follows `name`."""
    return f"{word[:-1]}a" if name in queens else word
