"""Roman numbers in words or digits: of rulers, centuries, chapters."""

from __future__ import annotations

import re

from engine.text.languages import Language
from engine.text.languages.counting import roman_value
from engine.text.languages.record import Centuries, Rulers
from engine.text.mapped_text import Rule

_ROMAN = r"(?=[MDCLXVI])(?P<roman>M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))"
_END = r"(?![\w’'])"
_SMALL = r"(?P<roman>X{0,3}(?:IX|IV|V?I{0,3}))(?<=[IVX]{2})(?![\w’'-])"  # 2 to 39: others are abbreviations as often
_HIGHEST_CENTURY = 30


def roman_rules(language: Language) -> list[Rule]:
    """Return the rules for Roman numbers, in the order in which they are to be applied."""
    rules: list[Rule] = []
    if language.rulers:
        rules.append(_rule_for_rulers(language.rulers))
    if language.centuries:
        rules.append(_rule_for_centuries(language.centuries))
    if language.numbered_words:
        rules.append(_rule_for_numbered_words(language))
    if language.has_numbered_names:
        rules.append(_rule_for_other_names(language))
    return rules


def _rule_for_rulers(rulers: Rulers) -> Rule:
    names = "|".join(map(re.escape, sorted(rulers.names, key=len, reverse=True)))
    ranks = "|".join(map(re.escape, rulers.ranks))
    before = rf"(?:(?P<before>[^\W\d_]+)\s(?:(?:{ranks})\s)?)?" if ranks else "(?P<before>(?!))?"
    stop = r"(?P<stop>\.)?" if rulers.has_stop else "(?P<stop>(?!))?"
    number = rf"{_ROMAN}(?:{rulers.endings})?{stop}{_END}(?P<end>[\"'”’»)\]]*\Z)?"
    pattern = re.compile(rf"(?<!\w){before}(?P<name>{names})\s(?P<written>{number})")

    def say(match: re.Match[str]) -> str | None:
        spoken = rulers.say(match["before"] or "", match["name"], roman_value(match["roman"]))
        if spoken is None:
            return None
        stop = "." if match["stop"] and match["end"] is not None else ""  # it ends the sentence, too
        return f"{spoken}{stop}{match['end'] or ''}"

    return lambda text: text.sub_group(pattern, "written", say)


def _rule_for_centuries(centuries: Centuries) -> Rule:
    pattern = re.compile(rf"{_ROMAN}{_END}\s(?P<noun>{centuries.nouns})(?!\w)")

    def say(match: re.Match[str]) -> str | None:
        number = roman_value(match["roman"])
        before = match.string[: match.start()].split()
        if not 1 <= number <= _HIGHEST_CENTURY:
            return None
        return centuries.say(number, match["noun"], before[-1].lower() if before else "")

    return lambda text: text.sub_group(pattern, "roman", say)


def _rule_for_numbered_words(language: Language) -> Rule:
    words = "|".join(f"{word}|{word.capitalize()}|{word.upper()}" for word in language.numbered_words)
    pattern = re.compile(rf"(?<!\w)(?P<word>{words})\s{_ROMAN}{_END}")

    def say(match: re.Match[str]) -> str | None:
        if language.has_word_i and match["roman"] == "I" and match["word"].islower():
            return None  # "the part I like"
        return str(roman_value(match["roman"]))

    return lambda text: text.sub_group(pattern, "roman", say)


def _rule_for_other_names(language: Language) -> Rule:
    pattern = re.compile(rf"(?<!\w)(?P<word>[^\W\d_a-z][^\W\d_]{{2,}})\s{_SMALL}")

    def say(match: re.Match[str]) -> str | None:
        if match["word"].lower() in language.first_words or match["word"].isupper():
            return None
        return str(roman_value(match["roman"]))

    return lambda text: text.sub_group(pattern, "roman", say)
