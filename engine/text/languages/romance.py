"""What Spanish, Portuguese and Italian share: ordinals that end in -o or -a, "1.º" and "2ª"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine.text.languages.counting import ordinal
from engine.text.languages.record import OrdinalNouns, Rewriting


def ordinal_signs(
    code: str, articles: str, highest: int = 99, short: Mapping[str, str] = MappingProxyType({})
) -> Rewriting:
    """Say "1.º", "2ª" and "3º" in words, up to `highest`, beyond which cardinals are usual; "1.er" in the `short` form.

    After one of `articles` and before a noun the ring of degrees is meant so, too: "il 2° piano".
    """

    def say(match: re.Match[str]) -> str | None:
        number, following = int(match["n"]), match.string[match.end() + 1 : match.end() + 2]
        if not 0 < number <= highest or (match["sign"] == "°" and not (match["article"] and following.islower())):
            return None
        word = ordinal(number, code)
        if match["sign"].startswith("er"):
            return short.get(word)
        return " ".join(f"{part[:-1]}a" for part in word.split()) if match["sign"] == "ª" else word

    article = "|".join(articles.split())
    return Rewriting(
        rf"(?:(?<!\w)(?i:(?P<article>{article}))(?:\s|(?<=['’])))?(?<![\w.,:/-])"
        r"(?P<written>(?P<n>\d{1,2})\.?(?P<sign>[ºª°]|er(?:\.(?=\s\w))?))(?!\w)",
        say,
    )


def ruler_up_to_ten(code: str, queens: frozenset[str]) -> Callable[[str, str, int], str]:
    """Say a ruler's number as an ordinal up to ten, in the feminine after one of `queens`, and beyond as a number."""

    def say(_before: str, name: str, number: int) -> str:
        return agreeing(ordinal(number, code), name, queens) if number <= 10 else str(number)

    return say


def agreeing(word: str, name: str, queens: frozenset[str]) -> str:
    """Return `word`, which ends in -o, as it follows `name`."""
    return f"{word[:-1]}a" if name in queens else word


def ordinal_nouns(
    code: str, masculine: str, feminine: str, *, highest: int = 30, short: Mapping[str, str] = MappingProxyType({})
) -> tuple[OrdinalNouns, ...]:
    """Say a Roman number before a noun as an ordinal that agrees with it, and beyond `highest` as a number.

    `masculine` and `feminine` are expressions for the nouns in small letters; an ordinal is written as its noun is,
    large or small, and takes the form in `short` before a masculine singular.
    """

    def say(number: int, noun: str, is_feminine: bool) -> str:
        if number > highest:
            return str(number)
        word = ordinal(number, code)
        if is_feminine:
            word = " ".join(f"{part[:-1]}a" for part in word.split())
        if noun.endswith("s") and not word.endswith("s"):
            word = " ".join(f"{part}s" for part in word.split())
        elif not is_feminine:
            word = short.get(word, word)
        return " ".join(map(str.capitalize, word.split())) if noun[0].isupper() else word

    return (
        OrdinalNouns(f"(?i:{masculine})", lambda number, noun, _before: say(number, noun, False)),
        OrdinalNouns(f"(?i:{feminine})", lambda number, noun, _before: say(number, noun, True)),
    )
