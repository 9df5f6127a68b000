"""Raised and lowered signs, kept apart from what stands before them: "10^12" and "x²", no "1012".

Whoever knows that signs are raised puts marks around them, and `RAISED_RULES` make text of the marked one.
"""

from __future__ import annotations

import re
from collections.abc import Callable

RAISED, LOWERED, LEVEL_END = "\x10", "\x11", "\x12"
"""What no text may hold stands before raised and lowered signs, and after them."""

_MARKS = f"{RAISED}{LOWERED}{LEVEL_END}"
_FRACTION = re.compile(
    rf"(?:(?P<whole>\d)[ \u00a0]?)?{RAISED}\s?(?P<over>\d{{1,3}})\s?{LEVEL_END}[ \u2009]?[/⁄∕][ \u2009]?"
    rf"{LOWERED}\s?(?P<under>\d{{1,4}})\s?{LEVEL_END}"
)
_RAISED = re.compile(rf"{RAISED}(?P<signs>[^{_MARKS}]{{0,80}}){LEVEL_END}")
_LOWERED = re.compile(rf"{LOWERED}(?P<signs>[^{_MARKS}]{{0,80}}){LEVEL_END}")
_LEFT = re.compile(f"[{_MARKS}]")

_NUMBER = re.compile(r"[+−–-]?\d{1,4}")
_SEVERAL_NOTES = re.compile(r"\d{1,3}(?:\s?[,–-]\s?\d{1,3}){1,20}")
_BRACKETED_NOTES = re.compile(r"(?:\[\^?\w{1,6}\]\s?){1,9}")
_EXPRESSION = re.compile(r"[+−–-]?[\w.]{1,20}(?:\s?[+*/−–-]\s?[\w.]{1,20}){0,5}")
_POWERS = frozenset("nmkijpqxyzT")
"""Letters that are a power after a single letter; others there are the end of a word: "Mᵉ", "Dʳ", "nᵒ"."""
_ORDINALS = {"o": "º", "a": "ª"}
_SIGNS = {"tm": "™", "sm": "℠", "®": "®"}
_YEAR = re.compile(r"(?:\A|\D)(?:1[5-9]|20)\d\d\Z")
_RAISED_DIGITS = str.maketrans("0123456789+-−–", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_FRACTIONS = {
    **{"1/2": "½", "1/3": "⅓", "2/3": "⅔", "1/4": "¼", "3/4": "¾", "1/5": "⅕", "2/5": "⅖", "3/5": "⅗", "4/5": "⅘"},
    **{"1/6": "⅙", "5/6": "⅚", "1/8": "⅛", "3/8": "⅜", "5/8": "⅝", "7/8": "⅞"},
}


def fraction(over: str, under: str) -> str:
    """Write a fraction on one line: "½", "3/7", "(a + b)/c"."""
    plain = f"{over}/{under}"
    return _FRACTIONS.get(plain, plain if plain.replace("/", "").isalnum() else f"{_grouped(over)}/{_grouped(under)}")


def power(base: str, exponent: str) -> str:
    """Write a power on one line: "x²", "10^12", "(a + b)^n"."""
    base = _grouped(base)
    if _NUMBER.fullmatch(exponent) and not base[-1:].isdigit():
        return base + exponent.translate(_RAISED_DIGITS)
    return f"{base}^{_grouped(exponent).replace('−', '-')}"


def with_index(base: str, index: str) -> str:
    """Write a base with what stands below it: "x1", "x i"."""
    return f"{base}{index}" if index.isdigit() and base[-1:].isalpha() else f"{base} {index}".strip()


def root(radicand: str, degree: str = "") -> str:
    """Write a root on one line: "√2", "√(a + b)"."""
    sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(degree, f"{degree}√")
    return f"{sign}{radicand}" if radicand.isalnum() else f"{sign}({radicand})"


def without_levels(text: str) -> str:
    """Return `text` with what is between marks written on the line."""
    for pattern, replace in RAISED_RULES if _LEFT.search(text) else ():
        text = pattern.sub(replace, text)
    return text


def _grouped(words: str) -> str:
    is_one = " " not in words or (words.startswith("(") and words.endswith(")"))
    return words if is_one else f"({words})"


def _write_fraction(match: re.Match[str]) -> str:
    written = fraction(match["over"], match["under"])
    space = " " if match["whole"] and len(written) > 1 else ""
    return (match["whole"] or "") + space + written


def _write_raised(match: re.Match[str]) -> str:
    signs = match["signs"].strip()
    before = match.string[max(0, match.start() - 6) : match.start()]
    last = before[-1:]
    if signs.lower() in _SIGNS:
        return _SIGNS[signs.lower()]
    if _NUMBER.fullmatch(signs):
        if _YEAR.search(before) and len(signs) < 3:
            return f"[^{signs}]"  # a note; nobody takes a year to a power
        if last.isdigit():
            return "^" + re.sub("[−–]", "-", signs)
        return signs if not last or last.isspace() else signs.translate(_RAISED_DIGITS)
    if _SEVERAL_NOTES.fullmatch(signs) and last and not last.isspace():
        return f"[{signs}]"
    if _BRACKETED_NOTES.fullmatch(signs) and last and not last.isspace():
        return re.sub(r"\[\^?", "[^", signs)
    is_variable = last.isalpha() and not before[-2:-1].isalpha()
    if last.isdigit() or (is_variable and last in "nN"):
        signs = _ORDINALS.get(signs, signs)
    is_letters = signs.rstrip(".").isalpha()
    is_power = (
        (last.isdigit() and len(signs) == 1 and signs in _POWERS)
        or (is_variable and signs in _POWERS)
        or ((is_variable or last.isdigit() or last == ")") and not is_letters and _EXPRESSION.fullmatch(signs))
    )
    return f"^{_grouped(signs)}" if is_power else signs


def _write_lowered(match: re.Match[str]) -> str:
    signs = match["signs"].strip()
    before = match.string[max(0, match.start() - 3) : match.start()]
    after = match.string[match.end() : match.end() + 1]
    is_element = before[-1:].isalpha() and not before[-2:].islower()  # "CO", "Na", "x", but not "log"
    if len(before) == 1 or not before[-2:-1].isalpha():
        is_element = before[-1:].isalpha() or before[-1:] == ")"
    if signs.isdigit() and is_element:
        return signs + (" " if after.isdigit() else "")
    return (" " if before[-1:].isalnum() else "") + signs + (" " if after.isalnum() and signs else "")


RAISED_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_FRACTION, _write_fraction),
    (_RAISED, _write_raised),
    (_LOWERED, _write_lowered),
    (_LEFT, lambda _: ""),
)
