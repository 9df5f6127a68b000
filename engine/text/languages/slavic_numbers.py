"""What follows a number in Slavic languages, in its case: years, centuries, thousands, Roman numbers before nouns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from engine.text.languages.counting import roman_value
from engine.text.languages.forms import Plural, alternatives, form_after
from engine.text.languages.record import Rewriting
from engine.text.languages.slavic import (
    CASES,
    ROMAN,
    Declined,
    Grammar,
    any_of,
    begins_phrase,
    in_case,
    shared_stop,
)

Ordinal = Callable[[int, str, str], str]
"""An ordinal in words, from the number, the gender ("m", "f" or "n") and the case."""

_BEGINS = r"(?<![\w.,:/-])"
_NUMBER = r"(?:\d{1,3}(?:[ \u00a0\u202f]\d{3})+|\d{1,9})(?:[.,]\d{1,9})?"


def _time_rule(grammar: Grammar, units: Declined, number: str, say_number: Callable[[str, str], str]) -> Rewriting:
    """Say the unit of a point in time after its numbers: in the case that stands around, else in the genitive."""

    def say(match: re.Match[str]) -> str:
        before = match.string[: match.start("numbers")]
        case = (grammar.cases_after(before, of_times=True) or ("n" if begins_phrase(before) else "g"))[0]
        numbers = match["numbers"]
        numbers = re.sub(rf"(?<!\w){number}(?!\w)", lambda one: say_number(one[0], case), numbers)
        return f"{numbers} {in_case(units[match['unit']], case)}{shared_stop(match)}"

    names = alternatives(units)
    pattern = (
        rf"{_BEGINS}(?P<written>(?P<numbers>{number}(?:{_between(grammar)}{number}){{0,3}})\s?(?P<unit>{names}))(?!\w)"
    )
    return Rewriting(pattern, say)


def _between(grammar: Grammar) -> str:
    """Make an expression for what stands between two points in time of a row."""
    return rf"(?:\s?[–—-]\s?|,\s|\s(?:{grammar.conjunctions})\s)"


def years(grammar: Grammar, units: Declined, *, era: str = "(?!)") -> Rewriting:
    """Say the word after a year: "в 1905 г.", "w 1999 r."; of fewer than three digits where `era` follows."""
    number = rf"(?:[1-9]\d{{2,3}}|[1-9]\d?(?={era}))"
    return _time_rule(grammar, units, number, lambda year, _case: year)


def centuries(grammar: Grammar, units: Declined, ordinal: Ordinal) -> Rewriting:
    """Say centuries with the abbreviated word after them: "в XVIII в.", "w XX w."."""
    return _time_rule(grammar, units, rf"{ROMAN}(?!\w)", lambda roman, case: ordinal(roman_value(roman), "m", case))


def scales(grammar: Grammar, entries: Mapping[str, str], plural: Plural) -> Rewriting:
    """Say "тыс." and "млн" after a number. Where it must be dative, instrumental or locative they stay."""

    def say(match: re.Match[str]) -> str | None:
        asked = grammar.cases_after(match.string[: match.start("n")])
        if asked and not set(asked) & {"g", "a", "n"}:
            return None
        forms = entries[match["written"].rstrip(".")]
        number = match["n"]
        words = form_after(number, forms, plural)
        if asked[:1] == "g" and not re.search(r"[.,]\d{1,2}\Z", number):
            words = forms.split()[plural.many]
        return words + shared_stop(match)

    names = alternatives(entries)
    return Rewriting(rf"{_BEGINS}(?P<n>{_NUMBER})\s?(?P<written>(?:{names})\.?)(?!\w)", say)


def without_stop(units: Mapping[str, str], scale_forms: Iterable[str]) -> Rewriting:
    """Drop the full stop of a unit after a number, "руб.", where it ends no sentence: units then know it.

    After a word for thousands the words of `units` are said, if there are any: "10 тыс. чел.".
    """
    scales = alternatives({form for forms in scale_forms for form in forms.split()})
    names = alternatives(units)

    def say(match: re.Match[str]) -> str | None:
        unit, stop = match["written"].removesuffix("."), shared_stop(match)
        if match["scale"] and units[unit]:
            return units[unit] + stop
        if unit == "ч" and re.match(r"\s?\d+(?!\d*\s?мин)", match.string[match.end() : match.end() + 12]):
            return None  # "п. 3 ч. 2": a part, no hours
        return unit + stop

    return Rewriting(rf"(?:\d|(?<!\w)(?P<scale>{scales}))\s?(?P<written>(?:{names})(?(scale)\.?|\.))(?!\w)", say)


def with_cents(plural: Plural, major: Mapping[str, str], minor: Mapping[str, str]) -> Rewriting:
    """Say "20 руб. 50 коп." with the forms of both."""

    def say(match: re.Match[str]) -> str:
        whole, cents = match["n"], match["m"]
        return (
            f"{whole} {form_after(whole, major[match['major']], plural)} "
            f"{cents} {form_after(cents, minor[match['minor']], plural)}{shared_stop(match)}"
        )

    names, cents = ("|".join(map(re.escape, units)) for units in (major, minor))
    return Rewriting(
        rf"{_BEGINS}(?P<written>(?P<n>\d{{1,9}})\s?(?P<major>{names})\.?\s(?P<m>\d{{1,2}})\s?(?P<minor>{cents})\.?)(?!\w)",
        say,
    )


def century_before_another(grammar: Grammar, parts: str, nouns: str, ordinal: Ordinal) -> Rewriting:
    """Say the first century of "конец XIX — начало XX века", after one of its `parts`, an expression."""
    behind = rf"\s?[–—-]\s|,?\s(?:{grammar.conjunctions})\s|\s(?:{nouns})"
    return Rewriting(
        rf"(?<!\w)(?i:{parts})\s(?P<written>{ROMAN})(?=(?:{behind}))",
        lambda match: ordinal(roman_value(match["written"]), "m", "g"),
    )


def in_short_month(preposition: str, short: Iterable[str], locative: str) -> Rewriting:
    """Say "в авг. 1914 г." with the names of the months in the `locative`."""
    said = {
        form.rstrip("."): name for forms, name in zip(short, locative.split(), strict=True) for form in forms.split("|")
    }
    return Rewriting(
        rf"(?<!\w)(?i:{preposition})\s(?P<written>(?P<month>{any_of(said)})\.?)(?=\s\d{{4}}(?!\d))",
        lambda match: said[match["month"].lower()],
    )


def century_lists(grammar: Grammar, nouns: Mapping[str, str], ordinal: Ordinal) -> Rewriting:
    """Say several centuries before their noun in full: "w XIX i XX wieku".

    Of the cases of `nouns` the one that is asked for counts, else the first.
    """

    def say(match: re.Match[str]) -> str:
        asked = grammar.cases_after(match.string[: match.start("written")], of_times=True)
        cases = nouns[match["noun"]]
        case = next((case for case in asked if case in cases), cases[0])
        return re.sub(rf"(?<!\w){ROMAN}(?!\w)", lambda one: ordinal(roman_value(one[0]), "m", case), match["written"])

    between = _between(grammar)
    return Rewriting(
        rf"{_BEGINS}(?P<written>{ROMAN}(?!\w)(?:{between}{ROMAN}(?!\w)){{1,3}})(?=\s(?P<noun>{'|'.join(nouns)})(?!\w))",
        say,
    )


def ordinal_before(nouns: str, ordinal: Ordinal, *, i_is_a_word: bool = False) -> Rewriting:
    """Say Roman numbers and, before a noun in small letters, "5." as ordinals: "II мировая война", "na 5. piętrze".

    `nouns` has one a line: its gender, and its forms in the order of `CASES`. Where "I" is a word, it is a number only
    before two words.
    """
    known: dict[str, tuple[str, str]] = {}
    for line in nouns.strip().splitlines():
        gender, *forms = line.split()
        for case, form in zip(CASES, forms, strict=True):
            for spelled in (form.replace("_", " "), form[0].upper() + form[1:].replace("_", " ")):
                known.setdefault(spelled, (gender, case))

    def say(match: re.Match[str]) -> str | None:
        written, noun = match["written"], match["noun"]
        if i_is_a_word and written == "I" and " " not in noun:
            return None
        if match["digits"]:
            return ordinal(int(match["digits"]), *known[noun]) if noun[0].islower() and match.start() else None
        return ordinal(roman_value(written), *known[noun])

    number = rf"(?:{ROMAN}|(?P<digits>[1-9]\d?)\.)"
    return Rewriting(rf"(?<![\w.,:/-])(?P<written>{number})(?=\s(?P<noun>{any_of(known)})(?!\w))", say)


def roman_after(names: Iterable[str], ordinal: Ordinal) -> Rewriting:
    """Say Roman numbers after the name of a ruler, whose accusative is a man's: "При Екатерине II".

    `names` are lines as `ordinal_before` has them.
    """
    known: dict[str, tuple[str, str]] = {}
    for line in names:
        gender, *forms = line.split()
        for case, form in zip(CASES, forms, strict=True):
            known.setdefault(form, (gender, case))

    def say(match: re.Match[str]) -> str:
        gender, case = known[match["name"]]
        return ordinal(roman_value(match["written"]), gender, "g" if (gender, case) == ("m", "a") else case)

    return Rewriting(rf"(?<!\w)(?P<name>{any_of(known)})\s(?P<written>{ROMAN})(?!\w)", say)
