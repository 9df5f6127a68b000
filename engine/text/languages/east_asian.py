"""What Chinese, Japanese and Korean write alike, and say each in its own words: wide signs, ranges, ratios."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal

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
    Rewriting(r"(?P<written>[＄￡])(?=[0-9])", _narrow),
    Rewriting(r"(?<![0-9０-９])(?P<written>[0-9０-９]{1,2}：[0-5０-５][0-9０-９])(?![0-9０-９])", _narrow),
)
"""Signs for units, and wide digits before a unit, as other languages write them; wide digits alone stay."""


def ranges(to: str, percent: Callable[[str, str], str], years: str, counters: str) -> tuple[Rewriting, ...]:
    """Say ranges: of percents, by `percent` from both ends; of times, of years before `years`, and after a wave dash.

    `to` is said between the ends; a hyphen stands for it before `counters`, the inside of a class.
    """

    def said_if_rising(match: re.Match[str]) -> str | None:
        return to if int(match["a"]) < int(match["b"]) else None

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
            rf"{_BEGINS}(?P<a>\d{{1,4}})(?P<written>\s?[–—-]\s?)(?=(?P<b>\d{{1,4}})\s?[{counters}])", said_if_rising
        ),
        Rewriting(
            rf"{_BEGINS}\d{{1,4}}(?P<unit>[点點时時시年년月월日일号號])(?P<written>\s?[{_DASH}]\s?)(?=\d{{1,4}}(?P=unit))",
            said,
        ),
        Rewriting(
            rf"{_BEGINS}(?<![$€£¥￥₩]){_NUMBER}(?:[^\W\d_a-zA-Z]{{1,2}}|[a-zA-Z]{{1,3}})?(?P<written>\s?[~～〜∼]\s?)(?=\d)",
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


def month_and_day(weekday: str, words: str) -> Rewriting:
    """Say "5/12(日)" by `words`: the `weekday`, an expression, tells that it is a date."""
    date = r"(?P<m>1[0-2]|0?[1-9])(?:/|\.\s)(?P<d>[12]\d|3[01]|0?[1-9])\.?"
    return Rewriting(
        rf"{_BEGINS}(?<!\d\.\s)(?P<written>{date})(?=\s?[(（]{weekday}[)）])",
        lambda match: words.format(int(match["m"]), int(match["d"])),
    )


def minus_percent(word: str) -> Rewriting:
    """Say the minus before a percent."""
    pattern = rf"(?<![A-Za-z0-9.,:/%])(?P<written>[-−－])(?={_NUMBER}\s?%)"
    return Rewriting(pattern, lambda _match: word)


def large_amounts(ten_thousand: str, hundred_million: str) -> Rewriting:
    """Say "$1.2M" with the large numbers that these languages count in: "$120万"."""

    def say(match: re.Match[str]) -> str:
        value = Decimal(match["n"]) * {"k": 10**3, "m": 10**6, "b": 10**9}[match["scale"].lower()[0]]
        for size, word in ((10**8, hundred_million), (10**4, ten_thousand)):
            if value >= size:
                return f"{(value / size).normalize():f}{word}"
        return f"{value.normalize():f}"

    return Rewriting(
        r"(?:[$€£¥￥₩]|US\$)\s?(?P<written>(?P<n>\d{1,9}(?:\.\d{1,3})?)\s?(?P<scale>[kKMB]|bn|mn))(?![A-Za-z0-9])", say
    )
