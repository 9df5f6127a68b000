"""What SSML's `<say-as>` asks for, in words of a language, where the words of a sentence would not say it so."""

from __future__ import annotations

import re
import unicodedata

from engine.text.languages import Language, record_of
from engine.text.languages.counting import ROMAN, ordinal, roman_value
from engine.text.languages.forms import said

_SPELLED = frozenset(("characters", "character", "spell-out", "spell", "verbatim", "letters", "glyphs"))
_MAX_ORDINAL = 1_000_000
_HALF_DAY = re.compile(r"(?P<h>\d{1,2})(?:[:.](?P<m>[0-5]\d))?\s?(?P<half>[ap])\.?\s?m\.?", re.IGNORECASE)
_TIME = re.compile(r"(?P<h>\d{1,2}):(?P<m>[0-5]\d)(?::00)?")
_DAY_AND_MONTH = re.compile(r"\{(?:day|month|number)\}.*\{(?:day|month|number)\}[日일]?")


def said_as(written: str, kind: str, form: str, code: str) -> str | None:
    """Say `written` as the kind and form of `<say-as>` want it, in the language `code`; None where what a sentence
    makes of it (amounts, money, spans of time) is right, or where it is no such thing."""
    language = record_of(code)
    if kind in _SPELLED:
        return _spelled(written, language)
    match kind:
        case "alias":
            return form
        case "expletive" | "bleep":
            return ""
        case "digits" | "digit":
            return " ".join(filter(str.isdigit, written)) or None
        case "telephone" | "phone":
            return _telephone(written, language)
        case "ordinal":
            return _ordinal(written, language)
        case "cardinal" | "number":
            if form in ("ordinal", "digits", "telephone"):
                return said_as(written, form, "", code)
            return _cardinal(written)
        case "date":
            return _date(written, form, language)
        case "time":
            return _time(written, language)
        case _:
            return None


def _spelled(written: str, language: Language) -> str:
    """Name each sign. Commas keep the letters apart: "A" between others is an article to many a voice."""
    signs = filter(lambda sign: not sign.isspace(), unicodedata.normalize("NFC", written))
    return ", ".join(sign_name(sign, language) for sign in signs)


def sign_name(sign: str, language: Language) -> str:
    """Return what a letter, a digit or any other sign is called; the sign itself where no name is known."""
    if sign.isalnum():
        capital = sign.upper()
        return capital if len(capital) == 1 else sign
    if sign in language.sign_names:
        return language.sign_names[sign].replace("_", " ")
    forms = language.address_signs.get(sign) or language.signs.get(sign)
    return said(forms) if forms else sign


def _telephone(written: str, language: Language) -> str | None:
    groups = re.findall(r"\d+|\+", written)
    return ", ".join(" ".join(group) if group != "+" else sign_name("+", language) for group in groups) or None


def _number(written: str) -> int | None:
    """Return the whole number that `written` is, in digits with an ending or in Roman numerals."""
    digits = re.fullmatch(r"\s*(\d{1,9})\s?(?:[.ºª°]|[^\W\d]{1,4})?\s*", written)
    roman = re.fullmatch(ROMAN, written.strip().upper()) if written.strip() else None
    return int(digits[1]) if digits else roman_value(roman[0]) if roman else None


def _ordinal(written: str, language: Language) -> str | None:
    number = _number(written)
    if number is None or not 0 < number < _MAX_ORDINAL:
        return None
    if language.ordinal_sign:
        return f"{language.ordinal_sign}{number}"
    try:
        return ordinal(number, language.code)
    except (NotImplementedError, OverflowError, KeyError):  # a language that its library cannot count in
        return None


def _cardinal(written: str) -> str | None:
    number = None if written.strip().isdigit() else _number(written)
    return None if number is None else str(number)


def _date(written: str, form: str, language: Language) -> str | None:
    """Say the numbers of a date in the order that `form` gives, "dmy" or "md"."""
    order = re.sub(r"[^dmy]", "", "".join(dict.fromkeys(form)))
    numbers = [int(number) for number in re.findall(r"\d{1,4}", written)]
    if not language.date or len(numbers) != len(order) or not {"d", "m"} <= set(order):
        return None
    parts = dict(zip(order, numbers, strict=True))
    day, month, year = parts["d"], parts["m"], parts.get("y", 2000)
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    shape = language.date
    if "y" not in parts:
        without_year = _DAY_AND_MONTH.search(shape)
        shape = without_year[0] if without_year else shape
    elif year < 100:
        year += 2000 if year < 70 else 1900
    return shape.format(day=language.day_in_date(day), month=language.months[month - 1], number=month, year=year)


def _time(written: str, language: Language) -> str | None:
    """Say a time of the day. "2:30 pm" stays where halves of the day are said, else it is one of 24 hours."""
    time, half = _TIME.fullmatch(written.strip()), _HALF_DAY.fullmatch(written.strip())
    match = time or half
    if match is None or language.time is None or (half and language.half_days):
        return None
    hour = int(match["h"])
    if half:
        hour = hour % 12 + (12 if half["half"].lower() == "p" else 0)
    return language.time(hour, int(match["m"] or 0)) if hour <= 24 else None
