"""What Spanish, Portuguese and Italian share: ordinals that end in -o or -a, "1.º" and "2ª"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from engine.text.languages.counting import ROMAN, ordinal, roman_value
from engine.text.languages.record import OrdinalNouns, Rewriting


def ordinal_signs(
    code: str, masculine: str, feminine: str, short: Mapping[str, str] = MappingProxyType({})
) -> Rewriting:
    """Say "1.º", "2ª" and "3º" in words; "1.er" in the `short` form that its last word has before a noun.

    After one of the articles `masculine` and `feminine`, and before a small letter or the sentence's end, the ring of
    degrees and plain letters are meant so, too: "il 2° piano", "la 4a fila".
    """
    agreeing_articles = {"°": masculine.split(), "o": masculine.split(), "a": feminine.split()}

    def say(match: re.Match[str]) -> str | None:
        number, sign = int(match["n"]), match["sign"]
        following = match.string[match.end() :].lstrip()[:1]
        if not number:
            return None
        if sign in agreeing_articles and (
            (match["article"] or "").lower() not in agreeing_articles[sign] or following.isupper()
        ):
            return None
        words = ordinal(number, code).split()
        if sign.startswith("er"):
            return " ".join([*words[:-1], short[words[-1]]]) if words[-1] in short else None
        return " ".join(f"{word[:-1]}a" for word in words) if sign in "ªa" else " ".join(words)

    articles = "|".join(sorted({*masculine.split(), *feminine.split()}, key=len, reverse=True))
    return Rewriting(
        rf"(?:(?<!\w)(?i:(?P<article>{articles}))(?:\s|(?<=['’])))?(?<![\w.,:/-])"
        r"(?P<written>(?P<n>\d{1,2})(?:\.?(?P<sign>[ºª°]|er(?:\.(?=\s\w))?|[oa](?=\s))))(?!\w)",
        say,
    )


def degrees(word: str, minus: str, before: str, behind: str) -> Rewriting:
    """Say "a 30º", "un giro de 180°" with the `word` for degrees, where no ordinal can be meant.

    That is so below zero, with decimals and above 99; from 13 on after one of the words `before`. One of the words
    `behind` may follow, and no noun.
    """

    def say(match: re.Match[str]) -> str | None:
        is_sure = match["minus"] or not match["n"].isdigit() or int(match["n"]) > 99
        if not is_sure and not (match["before"] and int(match["n"]) > 12):
            return None
        return f"{minus if match['minus'] else ''}{match['n']} {word}"

    end = rf"(?=\Z|[.,;:!?)»”\"]|\s(?:{behind})(?!\w)|\s?[\d–-])"
    number = r"(?P<minus>[-−])?(?P<n>\d{1,3}(?:[.,]\d)?)"
    return Rewriting(rf"(?:(?<!\w)(?P<before>(?i:{before}))\s)?(?<![\w.,:/-])(?P<written>{number}\s?[º°]){end}", say)


def roman_signs(
    code: str, months: tuple[str, ...], century: Callable[[int], str] = str
) -> tuple[Rewriting, Rewriting, Rewriting]:
    """Say "II° piano" and "IIª", the day in "via XX Settembre", and the `century` in "III d.C."."""

    def with_sign(match: re.Match[str]) -> str:
        word = ordinal(roman_value(match["roman"]), code)
        return " ".join(f"{part[:-1]}a" for part in word.split()) if match["sign"] == "ª" else word

    roman = rf"(?<![\w-])(?P<roman>(?=[IVX]+(?!\w)){ROMAN})"
    return (
        Rewriting(rf"(?<![\w-])(?P<roman>(?=[IVX]+\.?[ºª°]){ROMAN})\.?(?P<sign>[ºª°])(?!\w)", with_sign),
        Rewriting(
            rf"(?P<written>{roman})(?=\s(?:de\s)?(?i:{'|'.join(months)})(?!\w))",
            lambda match: str(roman_value(match["roman"])),
        ),
        Rewriting(rf"(?P<written>{roman})(?=\s[ad]\.\s?C\.)", lambda match: century(roman_value(match["roman"]))),
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
