"""Numbers with what belongs to them, in words: amounts of money, units, percents."""

from __future__ import annotations

import re

from engine.text.languages import Language
from engine.text.languages.forms import form_after, said
from engine.text.mapped_text import Rule

BEFORE_NUMBER = r"(?<![\w.,:/−-])"
"""Where a number begins that is no part of another or of a name."""

NEVER = "(?!)"
"""What no text matches."""

_NUMBER = r"(?P<n>\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d{1,9})?|\d{1,15}(?:[.,]\d{1,9})?)"


def amount_rules(language: Language) -> list[Rule]:
    """Return the rules for what follows or precedes a number, in the order in which they are to be applied."""
    return [*_currencies(language), *_units(language), *_percents(language)]


def compiled(language: Language, pattern: str) -> re.Pattern[str]:
    """Compile `pattern` for `language`.

    Where no spaces divide words, only ASCII letters go on with a number or a unit: "走了5km去".
    """
    return re.compile(pattern, 0 if language.glue else re.ASCII)


def _currencies(language: Language) -> list[Rule]:
    if not language.currencies:
        return []
    codes = {"EUR": "€", "USD": "$", "US$": "$", "GBP": "£", "JPY": "¥", "RUB": "₽", "KRW": "₩", "INR": "₹"}
    known = {
        **{code: language.currencies[sign] for code, sign in codes.items() if sign in language.currencies},
        **language.currencies,
    }
    cents = {**{code: language.cents[sign] for code, sign in codes.items() if sign in language.cents}, **language.cents}
    signs = "|".join(re.escape(sign) for sign in sorted(known, key=len, reverse=True))
    scales = "|".join(re.escape(name) for name in sorted(language.scales, key=len, reverse=True))
    amount = rf"{_NUMBER}(?:\s?(?P<scale>{scales or NEVER})(?![^\W\d_]))?"
    leading = compiled(language, rf"(?<![\w.,])(?P<sign>{signs})\s?{amount}(?!\w)")
    trailing = compiled(language, rf"{BEFORE_NUMBER}{amount}\s?(?P<sign>{signs})(?!\w)")

    def say(match: re.Match[str]) -> str:
        number, sign = match["n"], match["sign"]
        if match["scale"]:
            plain = said(known[sign], language.plural.many)
            return f"{number}{language.glue}{match['scale']}{language.of_scale}{plain}"
        parts = re.fullmatch(r"(.*)[.,](\d\d)", number)
        if parts is None or not language.glue:
            return f"{number}{language.glue}{form_after(number, known[sign], language.plural)}"
        whole, hundredths = re.sub(r"\D", "", parts[1]), parts[2]
        name = form_after(whole, known[sign], language.plural)
        minor = form_after(str(int(hundredths)), cents[sign], language.plural) if sign in cents else ""
        if not int(hundredths):
            return f"{whole} {name}"
        if not int(whole) and minor:
            return f"{int(hundredths)} {minor}"
        return f"{whole} {name}{language.before_cents}{int(hundredths)} {minor}".rstrip()

    return [lambda text: text.sub(leading, say), lambda text: text.sub(trailing, say)]


def _units(language: Language) -> list[Rule]:
    if not language.units:
        return []
    squares = {f"{unit[:-1]}2": forms for unit, forms in language.units.items() if unit.endswith("²")}
    variants = {**language.units, **squares}
    in_text = {unit: re.escape(unit) for unit in variants}
    if language.has_ordinal_rings:
        in_text["°"] = r"°(?!\s?[^\W\d_])"
    longest_first = sorted(variants, key=len, reverse=True)
    long = "|".join(in_text[unit] for unit in longest_first if not _is_letter(unit))
    short = "|".join(re.escape(unit) for unit in longest_first if _is_letter(unit))
    space = r"\s" if language.glue else r"\s?"
    spaced = rf"(?:\s?(?P<unit>{long or NEVER})|{space}(?P<short>{short or NEVER}))"
    before = rf"(?:(?<![\w.,:/])(?P<minus>[−-])|{BEFORE_NUMBER})"
    pattern = compiled(language, rf"{before}{_NUMBER}{spaced}(?![\w/²³'’-])")

    def say(match: re.Match[str]) -> str:
        unit, minus = match["unit"] or match["short"], match["minus"] or ""
        name = form_after(match["n"], variants[unit], language.plural)
        if (minus == "−" or unit[0] == "°") and minus and "−" in language.signs:  # a hyphen may be a dash elsewhere
            minus = f"{said(language.signs['−'])}{language.glue}"
        return f"{minus}{match['n']}{language.glue}{name}"

    return [lambda text: text.sub(pattern, say)]


def _is_letter(unit: str) -> bool:
    """Tell whether `unit` needs a space before it: "5g", "1990s" and "3D" are none."""
    return len(unit) == 1 and unit.isalpha()


def _percents(language: Language) -> list[Rule]:
    if not language.percent:
        return []
    pattern = compiled(language, rf"{BEFORE_NUMBER}{_NUMBER}\s?%")

    def say(match: re.Match[str]) -> str:
        if "{n}" in language.percent:
            return language.percent.format(n=match["n"])
        return f"{match['n']} {form_after(match['n'], language.percent, language.plural)}"

    return [lambda text: text.sub(pattern, say)]
