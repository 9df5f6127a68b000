"""Signs and raised numbers in formulas: "x² + y²", "10^6", "2+2=4"."""

from __future__ import annotations

import re

from engine.text.amounts import BEFORE_NUMBER, compiled, units_of
from engine.text.languages import Language
from engine.text.languages.forms import NEVER, said
from engine.text.mapped_text import MappedText, Rule

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ−", "0123456789-+n-")
_RAISED_SIGNS = "⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ"
_BASE = (
    r"(?:(?<![^\W_])(?P<number>\d{1,15}(?:[.,]\d{1,9})?)|(?P<greek>[α-ωΑ-Ω])?(?P<letters>(?<![^\W\d_α-ωΑ-Ω])[A-Za-zα-ωΑ-Ω]{1,2})"
    r"|(?P<closed>(?<=[\w)])\)))"
)
_CARET = r"\^(?P<open>[{(])?(?P<caret>[-−]?\d{1,3}|[a-z](?!\w))(?(open)[)}])"
_EXPONENT = rf"(?:(?P<raised>[⁻⁺]?[{_RAISED_SIGNS}]{{1,3}})|{_CARET})"
_YEAR = re.compile(r"1\d{3}|20\d{2}")
_NUMBER = r"\d{1,9}(?:[.,]\d{1,3})?"


def power_rules(language: Language) -> list[Rule]:
    """Return the rule for powers. What may be the mark of a note stays: "in 1990²"."""
    powers = language.powers
    if powers is None:
        return []
    pattern = compiled(language, rf"{_BASE}{_EXPONENT}(?!\w)")
    units = units_of(language)
    words = language.first_words | language.frequent_words | language.never_last

    def say(match: re.Match[str]) -> str | None:
        letters, raised = match["letters"] or "", match["raised"] or ""
        if raised in ("¹", "⁰") or (_YEAR.fullmatch(match["number"] or "") and len(raised) == 1):
            return None
        if f"{letters}{raised}" in units and not match["greek"]:
            return said(units[f"{letters}{raised}"], language.plural.many) if language.per else None
        is_product = letters.islower() or letters == "MC"  # "CO²" is none
        if len(letters) == 2 and not match["greek"] and (letters in words or not is_product):
            return None
        base = f"{match['greek']} {letters}" if match["greek"] else letters or match["number"] or ")"
        return f"{base}{language.glue}{powers((raised or match['caret']).translate(_RAISED))}"

    return [lambda text: text.sub(pattern, say)]


def sign_rules(language: Language) -> list[Rule]:
    """Return the rules for signs between operands, for those before a number, for "&" and for ranges."""
    signs = {sign: said(form) for sign, form in language.signs.items()}
    glue = language.glue or " "
    return [*_between(signs, glue), *_leading(language, glue), *_ands(signs), *_to(language)]


def _between(signs: dict[str, str], glue: str) -> list[Rule]:
    known = re.escape("".join(sign for sign in "+=×÷±<>≤≥−" if sign in signs))
    if not known:
        return []
    letter = r"(?<=(?<![^\W\d_])[^\W\d_])"
    left = rf"(?:(?<=[\d%)])|(?<=[{_RAISED_SIGNS}])|{letter})"
    right = rf"(?:\.?\d|\(|[^\W\d_](?![^\W_])|[^\W\d_]{{1,3}}[\^{_RAISED_SIGNS}])"
    numbers = re.compile(rf"(?<=[\d%)])\s?(?P<sign>[{known}])\s?(?=[\d(])")
    letters = re.compile(rf"{left}(?P<space>\s?)(?P<sign>[{known}])(?P=space)(?={right})")  # "an A+ I got" has no sum

    def say(match: re.Match[str]) -> str | None:
        if match["sign"] in "<>" and "space" in match.groupdict() and not match["space"]:
            return None  # a bracket
        return f"{glue}{signs[match['sign']]}{glue}"

    rules: list[Rule] = [lambda text: text.sub(numbers, say), lambda text: text.sub(letters, say)]
    if "×" in signs:
        product = re.compile(r"(?<=\d)\s\*\s(?=\d)|(?<=\w)\s×\s(?=\w)")
        rules.append(lambda text: text.sub(product, f"{glue}{signs['×']}{glue}"))
    return rules


def _leading(language: Language, glue: str) -> list[Rule]:
    """Say signs before a number; there they may have a form of their own: "<5" is "less than 5", "x > 5" not."""
    forms = {**language.signs, **({"~": language.signs["≈"]} if "≈" in language.signs else {})}
    known = re.escape("".join(sign for sign in "±≈~<>≤≥−§№#" if sign in forms))
    if not known:
        return []
    pattern = re.compile(rf"(?<!\S)(?P<open>[(\"“„«]?)(?P<sign>[{known}])(?P<twice>(?P=sign))?(?P<space>\s?)(?=\d)")

    def say(match: re.Match[str]) -> str:
        sign = match["sign"] * 2 if match["twice"] and match["sign"] * 2 in forms else match["sign"]
        spoken = said(forms[sign], 0 if match["space"] and match.start() else 1)
        return f"{match['open']}{spoken}{glue}"

    return [lambda text: text.sub(pattern, say)]


def _ands(signs: dict[str, str]) -> list[Rule]:
    if "&" not in signs:
        return []
    pattern = re.compile(r"(?<=\w)\s?&\s?(?=\w)")
    return [lambda text: text.sub(pattern, f" {signs['&']} ")]


def _to(language: Language) -> list[Rule]:
    if not language.range_word:
        return []
    to = f"{language.glue}{language.range_word.replace('_', ' ')}{language.glue}"
    counted = "|".join(map(re.escape, language.counted_nouns)) or NEVER
    dash = rf"(?:\s?–\s?(?={_NUMBER}(?![\d–-]))|-(?={_NUMBER}\s(?:{counted})(?!\w)))"
    pattern = re.compile(rf"{BEFORE_NUMBER}(?P<a>{_NUMBER}){dash}")

    plurals = [word for word in language.numbered_words if word.endswith("s") and word[:-1] in language.numbered_words]
    pages = "|".join(map(re.escape, (*language.page_words, *plurals))) or NEVER
    of_pages = re.compile(
        rf"(?<!\w)(?i:(?:{pages})(?:s|n|'s)?)\s(?P<a>\d{{1,4}})(?P<written>-)(?P<b>\d{{1,4}})(?![\w–-]|[.,]\d)"
    )

    def say_pages(match: re.Match[str]) -> str | None:
        return to if int(match["a"]) < int(match["b"]) else None  # "page 3-2" is one of chapter 3

    def rule(text: MappedText) -> MappedText:
        text = text.sub_group(of_pages, "written", say_pages)
        return text.sub(pattern, lambda match: match["a"] + to)

    return [rule]
