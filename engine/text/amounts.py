"""Numbers with what belongs to them: currencies, units, dates, times, ordinals, Roman numbers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

from engine.text.languages import Words
from engine.text.languages.record import said
from engine.text.mapped_text import MappedText
from engine.text.ordinals import ordinal_rules
from engine.text.roman import roman_rules

_NUMBER = r"(?P<n>\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d{1,9})?|\d{1,15}(?:[.,]\d{1,9})?)"
_BEFORE = r"(?<![\w.,:/−-])"

Rule = Callable[[MappedText], MappedText]


def _compiled(words: Words, pattern: str) -> re.Pattern[str]:
    """Where no spaces divide words, only ASCII letters go on with a number or a unit: "走了5km去"."""
    return re.compile(pattern, 0 if words.glue else re.ASCII)


def number_rules(language: str, words: Words) -> list[Rule]:
    """In the order in which they are to be applied."""
    return [
        *roman_rules(language, words),
        *_dates(words),
        *_times(words, language),
        *_currencies(words),
        *_units(words, language),
        *_percents(words),
        *ordinal_rules(language, words),
    ]


# --- which form follows a number --------------------------------------------------------------------------------------


def form(forms: str, number: str, rule: str) -> str:
    """The one of `forms` that follows `number` as it is written, by the language's rule for plurals."""
    fraction = re.search(r"[.,]\d{1,2}\Z|[.,]\d{4,}\Z", number) is not None
    value = 0 if fraction else int(re.sub(r"\D", "", number))
    match rule:
        case "none":
            return said(forms)
        case "zero_one_other":
            whole = int(re.split("[.,]", number)[0]) if fraction else value
            return said(forms, 0 if whole < 2 else 1)
        case "russian" | "polish":
            return said(forms, _slavic(value, fraction, rule))
        case _:
            return said(forms, 0 if value == 1 and not fraction else 1)


def _slavic(value: int, fraction: bool, rule: str) -> int:
    """one, few, many, and after a fraction: the few in Russian, a form of its own in Polish."""
    if fraction:
        return 1 if rule == "russian" else 3
    tens, ones = value % 100 // 10, value % 10
    if value == 1 or (rule == "russian" and ones == 1 and tens != 1):
        return 0
    return 1 if ones in (2, 3, 4) and tens != 1 else 2


# --- money ------------------------------------------------------------------------------------------------------------


def _currencies(words: Words) -> list[Rule]:
    if not words.currencies:
        return []
    codes = {"EUR": "€", "USD": "$", "US$": "$", "GBP": "£", "JPY": "¥", "RUB": "₽", "KRW": "₩", "INR": "₹"}
    known = {
        **{code: words.currencies[sign] for code, sign in codes.items() if sign in words.currencies},
        **words.currencies,
    }
    cents = {**{code: words.cents[sign] for code, sign in codes.items() if sign in words.cents}, **words.cents}
    signs = "|".join(re.escape(sign) for sign in sorted(known, key=len, reverse=True))
    scale = "|".join(re.escape(name) for name in sorted(words.scales, key=len, reverse=True))
    scale = rf"(?:\s?(?P<scale>{scale})(?![^\W\d_]))?" if scale else "(?P<scale>(?!))?"
    leading = _compiled(words, rf"(?<![\w.,]){_capture(signs)}\s?{_NUMBER}{scale}(?!\w)")
    trailing = _compiled(words, rf"{_BEFORE}{_NUMBER}{scale}\s?{_capture(signs)}(?!\w)")

    def say(match: re.Match[str]) -> str:
        number, sign = match["n"], match["sign"]
        if match["scale"]:
            plain = said(known[sign], 2 if words.plural in ("russian", "polish") else 1)
            return f"{number}{words.glue}{match['scale']}{words.of_scale}{plain}"
        parts = re.fullmatch(r"(.*)[.,](\d\d)", number)
        if parts is None or not words.glue:
            return f"{number}{words.glue}{form(known[sign], number, words.plural)}"
        whole, hundredths = re.sub(r"\D", "", parts[1]), parts[2]
        name = form(known[sign], whole, words.plural)
        minor = form(cents[sign], str(int(hundredths)), words.plural) if sign in cents else ""
        if not int(hundredths):
            return f"{whole} {name}"
        if not int(whole) and minor:
            return f"{int(hundredths)} {minor}"
        return f"{whole} {name}{words.before_cents}{int(hundredths)} {minor}".rstrip()

    return [lambda text: text.sub(leading, say), lambda text: text.sub(trailing, say)]


def _capture(signs: str) -> str:
    return f"(?P<sign>{signs})"


# --- units and percents -----------------------------------------------------------------------------------------------

_ORDINAL_RINGS = ("es", "fr", "it", "pt")  # before a word, "25°" is as often an ordinal: left to the voice
_SHORT = re.compile(r"[a-zA-Zа-я]\Z")  # one letter needs a space before it: "5g", "1990s" and "3D" are none


def _units(words: Words, language: str) -> list[Rule]:
    if not words.units:
        return []
    squares = {f"{unit[:-1]}2": forms for unit, forms in words.units.items() if unit.endswith("²")}
    variants = {**words.units, **squares}
    in_text = {unit: re.escape(unit) for unit in variants}
    if language in _ORDINAL_RINGS:
        in_text["°"] = r"°(?!\s?[^\W\d_])"
    long = "|".join(in_text[unit] for unit in sorted(variants, key=len, reverse=True) if not _SHORT.match(unit))
    short = "|".join(re.escape(unit) for unit in variants if _SHORT.match(unit))
    space = r"\s" if words.glue else r"\s?"
    spaced = rf"(?:\s?(?P<unit>{long})|{space}(?P<short>{short}))"
    before = rf"(?:(?<![\w.,:/])(?P<minus>[−-])|{_BEFORE})"
    pattern = _compiled(words, rf"{before}{_NUMBER}{spaced}(?![\w/²³'’-])")

    def say(match: re.Match[str]) -> str:
        unit, minus = match["unit"] or match["short"], match["minus"] or ""
        name = form(variants[unit], match["n"], words.plural)
        if (minus == "−" or unit[0] == "°") and minus and "−" in words.signs:  # a hyphen may be a dash elsewhere
            minus = f"{said(words.signs['−'])}{words.glue}"
        return f"{minus}{match['n']}{words.glue}{name}"

    return [lambda text: text.sub(pattern, say)]


def _percents(words: Words) -> list[Rule]:
    if not words.percent:
        return []
    pattern = _compiled(words, rf"{_BEFORE}{_NUMBER}\s?%")

    def say(match: re.Match[str]) -> str:
        if "{n}" in words.percent:
            return words.percent.format(n=match["n"])
        return f"{match['n']} {form(words.percent, match['n'], words.plural)}"

    return [lambda text: text.sub(pattern, say)]


# --- dates and times --------------------------------------------------------------------------------------------------


def _dates(words: Words) -> list[Rule]:
    rules: list[Rule] = []
    if not words.date:
        return rules

    def say(match: re.Match[str]) -> str | None:
        year, month, day = int(match["y"]), int(match["m"]), int(match["d"])
        try:
            date(year, month, day)
        except ValueError:
            return None
        return words.date.format(
            year=year, month=words.months[month - 1], number=month, day=day, ordinal=english_suffix(day)
        )

    year_first = rf"{_BEFORE}(?P<y>[12]\d{{3}})(?P<s>[-{re.escape(words.year_month_day)}])"
    iso = _compiled(words, rf"{year_first}(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}})(?![\w/-]|[.,]\d)")
    rules.append(lambda text: text.sub(iso, say))
    if words.day_month_year:
        signs = re.escape(words.day_month_year)
        pattern = _compiled(
            words,
            rf"{_BEFORE}(?P<d>\d{{1,2}})(?P<s>[{signs}])(?P<m>\d{{1,2}})(?P=s)(?P<y>[12]\d{{3}})(?![\w/-]|[.,]\d)",
        )
        rules.append(lambda text: text.sub(pattern, say))
    return rules


def english_suffix(day: int) -> str:
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10 if day not in (11, 12, 13) else 0, "th")


def _times(words: Words, language: str) -> list[Rule]:
    if not words.clock:
        return []
    hour, minute = r"(?P<h>[01]?\d|2[0-4])", r"(?P<m>[0-5]\d)"
    after = "|".join(map(re.escape, words.hour_words))
    after = rf"(?:\s?(?:{after})(?!\w))" if after else "(?!)"
    patterns = [_compiled(words, rf"{_BEFORE}{hour}:{minute}(?::[0-5]\d)?{after}?(?![\w:]|[.,]\d)")]
    if words.hour_words:  # "14.30 Uhr", "14h30"
        patterns.append(_compiled(words, rf"{_BEFORE}{hour}\.{minute}{after}"))
        if "h" in words.hour_words:
            patterns.append(_compiled(words, rf"{_BEFORE}{hour}\s?h(?:\s?{minute})?(?!\w)"))

    def say(match: re.Match[str]) -> str:
        h, m = int(match["h"]), int(match["m"] or 0)
        if language == "en":
            return _english_time(h, m)
        if m == 0:
            return _full_hour(words.full_hour, h, language)
        clock = words.clock.format(hour=h, minute=m if m > 9 or language != "es" else f"0{m}")
        return clock.replace("1 heures", "1 heure", 1) if h < 2 else clock

    return [lambda text, pattern=pattern: text.sub(pattern, say) for pattern in patterns]


def _english_time(hour: int, minute: int) -> str:
    if minute == 0 and hour in (0, 24):
        return "midnight"
    if minute == 0:
        return f"{hour} o’clock" if 1 <= hour <= 12 else f"{hour} hundred"
    return f"{hour} oh {minute}" if minute < 10 else f"{hour} {minute}"


def _full_hour(words: str, hour: int, language: str) -> str:
    said_hour = words.format(hour=hour)
    if language == "ru":
        return f"{hour} {form('час часа часов', str(hour), 'russian')}"
    one = {"fr": ("heures", "heure"), "es": ("horas", "hora"), "pt": ("horas", "hora")}
    return said_hour.replace(*one[language]) if language in one and hour < 2 else said_hour
