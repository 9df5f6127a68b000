"""Roman numbers: of rulers, centuries, chapters."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from engine.text.abbreviations import FIRST_WORDS
from engine.text.languages import Words
from engine.text.mapped_text import MappedText

_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ROMAN = r"M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
ROMAN = rf"(?=[MDCLXVI])(?P<roman>{_ROMAN})(?![\w’'])"
_SMALL = r"(?P<roman>X{0,3}(?:IX|IV|V?I{0,3}))(?<=[IVX]{2})(?![\w’'-])"  # 2 to 39: others are abbreviations as often
_OF_CENTURY = {"it": r"secolo", "pl": r"wiek(?:u|iem|i|ów)?", "ru": r"век(?:а|у|ом|е)?", "nl": r"eeuw(?:en)?"}

_GERMAN_TITLES = "König|Königin|Kaiser|Kaiserin|Papst|Zar|Zarin|Herzog|Fürst|Prinz|Kurfürst"

Rule = Callable[[MappedText], MappedText]


def value_of(roman: str) -> int:
    values = [_VALUES[sign] for sign in roman]
    return sum(-a if a < b else a for a, b in pairwise([*values, 0]))


def roman_rules(language: str, words: Words) -> list[Rule]:
    from engine.text.ordinals import after_ruler, century

    rules: list[Rule] = []
    if words.rulers:
        names = "|".join(map(re.escape, sorted(words.rulers, key=len, reverse=True)))
        before = (
            rf"(?:(?P<before>[^\W\d_]+)\s(?:(?:{_GERMAN_TITLES})\s)?)?" if language == "de" else "(?P<before>(?!))?"
        )
        stop = r"(?P<stop>\.)?" if language == "de" else "(?P<stop>(?!))?"
        ordinal = r"(?:er|re|ère)?" if language == "fr" else ""
        roman = r"(?=[MDCLXVI])(?P<roman>" + _ROMAN + rf"){ordinal}{stop}(?![\w’'])"
        ruler = re.compile(rf"(?<!\w){before}(?P<name>{names})\s{roman}(?P<end>[\"'”’»)\]]*\Z)?")

        def say_ruler(match: re.Match[str]) -> str | None:
            spoken = after_ruler(language, match["before"] or "", match["name"], value_of(match["roman"]))
            if spoken is None:
                return None
            kept = match[0][: match.start("roman") - match.start()]
            stop = "." if match["stop"] and match["end"] is not None else ""
            return f"{kept}{spoken}{stop}{match['end'] or ''}"

        rules.append(lambda text: _only_after(text, ruler, say_ruler))
    if language in _OF_CENTURY:
        rules += century(language, re.compile(rf"{ROMAN}(?P<suffix>)\s(?P<noun>{_OF_CENTURY[language]})(?!\w)"))
    if words.numbered:
        numbered = "|".join(f"{word}|{word.capitalize()}|{word.upper()}" for word in words.numbered)
        chapter = re.compile(rf"(?<!\w)(?P<word>{numbered})\s{ROMAN}")

        def say_number(match: re.Match[str]) -> str | None:
            if match["roman"] == "I" and match["word"].islower() and language == "en":
                return None  # "the part I like"
            return f"{match['word']} {value_of(match['roman'])}"

        rules.append(lambda text: _only_after(text, chapter, say_number))
    if words.other_names:
        other = re.compile(rf"(?<!\w)(?P<word>[^\W\d_a-z][^\W\d_]{{2,}})\s{_SMALL}")
        first = FIRST_WORDS.get(language, frozenset())

        def say_other(match: re.Match[str]) -> str | None:
            if match["word"].lower() in first or match["word"].isupper():
                return None
            return f"{match['word']} {value_of(match['roman'])}"

        rules.append(lambda text: _only_after(text, other, say_other))
    return rules


def _only_after(text: MappedText, pattern: re.Pattern[str], say: Callable[[re.Match[str]], str | None]) -> MappedText:
    """As `sub`, but what stands before the Roman number keeps its own map."""

    def replace(match: re.Match[str]) -> MappedText | None:
        spoken = say(match)
        if spoken is None:
            return None
        n_kept = match.start("roman") - match.start()
        kept, rest = text.slice(match.start(), match.start("roman")), text.slice(match.start("roman"), match.end())
        assert spoken[:n_kept].split() == kept.text.split(), "what stands before stays"
        return kept + rest.replaced(spoken[n_kept:])

    return text.sub(pattern, replace)
