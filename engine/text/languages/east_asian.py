"""What Chinese, Japanese and Korean write alike, and say each in its own words: wide signs, ranges, ratios."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from engine.text.languages.record import Rewriting

_NUMBER = r"\d{1,9}(?:[.,]\d{1,3})?"
_DASH = "~～〜∼–—-"
_BEGINS = r"(?<![A-Za-z0-9.,:/–—~～〜-])"
_SQUARED = {"℃": "°C", "℉": "°F", "㎡": "m²", "㎢": "km²", "㎥": "m³", "ℓ": "l"}
_CELSIUS = r"(?:°C|℃|度|도)"


def _narrow(match: re.Match[str]) -> str:
    return "".join(_SQUARED.get(sign) or unicodedata.normalize("NFKC", sign) for sign in match["written"])


NARROWED = (
    Rewriting(
        r"(?P<written>(?:[0-9０-９]{1,15}[.,．，])?[0-9０-９]{1,15}\s?[℃℉㎡㎢㎥ℓ㎎㎏㎜㎝㎞㎖㎗㎐㎑㎒㎓㎾])", _narrow
    ),
    Rewriting(r"(?P<written>[0-9０-９]{1,15}(?:[.,．，][0-9０-９]{1,9})?％)", _narrow),
    Rewriting(r"(?P<written>[０-９]{1,15}(?:[．，][０-９]{1,9})?[ａ-ｚＡ-Ｚ]{1,3})(?![ａ-ｚＡ-Ｚ])", _narrow),
    Rewriting(r"(?<![0-9０-９])(?P<written>[0-9０-９]{1,2}：[0-5０-５][0-9０-９])(?![0-9０-９])", _narrow),
)
"""Signs for units, and wide digits before a unit, as other languages write them; wide digits alone stay."""


def ranges(to: str, percent: Callable[[str, str], str], years: str) -> tuple[Rewriting, ...]:
    """Say ranges: of percents, by `percent` from both ends; of times, of years before `years`, and after a wave dash.

    `to` is said between the ends.
    """

    def said(_match: re.Match[str]) -> str:
        return to

    return (
        Rewriting(
            rf"{_BEGINS}(?P<written>(?P<a>{_NUMBER})\s?%?\s?[{_DASH}]\s?(?P<b>{_NUMBER})\s?%)",
            lambda match: percent(match["a"], match["b"]),
        ),
        Rewriting(rf"(?<!\d)\d{{1,2}}:\d\d(?P<written>\s?[{_DASH}]\s?)(?=\d{{1,2}}:\d\d(?!\d))", said),
        Rewriting(rf"{_BEGINS}\d{{3,4}}(?P<written>\s?[{_DASH}]\s?)(?=\d{{3,4}}{years})", said),
        Rewriting(
            rf"{_BEGINS}{_NUMBER}(?:[^\W\d_a-z]|[a-zA-Z]{{1,3}})?(?P<written>\s?[~～〜∼]\s?)(?=\d)",
            said,
        ),
    )


def ratios(word: str) -> Rewriting:
    """Say "3:2" and "1:100" with `word`: a time of the day has two digits behind."""
    pattern = rf"{_BEGINS}\d{{1,3}}(?P<written>\s?[:：]\s?)(?=(?:\d|\d{{3,7}})(?![\d:：]))"
    return Rewriting(pattern, lambda _match: word)


def below_zero(words: str) -> Rewriting:
    """Say the minus before a temperature."""
    pattern = rf"(?<![A-Za-z0-9.,:/])(?P<written>[-−－])(?=\d{{1,3}}(?:\.\d{{1,2}})?\s?{_CELSIUS})"
    return Rewriting(pattern, lambda _match: words)


def minus(word: str) -> Rewriting:
    """Say the hyphen in a sum, "7-2=5"."""
    return Rewriting(r"(?<=\d)(?P<written>\s?[-−－]\s?)(?=\d{1,9}\s?=)", lambda _match: word)
