"""Dates in words."""

from __future__ import annotations

import re
from datetime import date

from engine.text.amounts import BEFORE_NUMBER, compiled
from engine.text.languages import Language
from engine.text.languages.forms import NEVER, alternatives
from engine.text.mapped_text import Rule


def date_rules(language: Language) -> list[Rule]:
    """Return the rules for dates whose order is sure, in the order in which they are to be applied."""
    return [*_short_months(language), *_in_digits(language)]


def _short_months(language: Language) -> list[Rule]:
    """Say "Jan. 5", "5 janv. 2024" and "ene. de 2024" with the month's whole name, and the words that a date has."""
    month_of = {
        form.rstrip("."): month
        for written, month in zip(language.short_months, language.months, strict=False)
        for short in written.split("|")
        for form in (short, short.capitalize())
        if short != month
    }
    if not month_of:
        return []
    shorts = alternatives(month_of)
    before = re.search(r"\{day\}\W*(?P<word>\w*)\s?\{month\}", language.date)
    after = re.search(r"\{month\}\s(?P<word>\w*)\s?\{year\}", language.date)
    of_day, of_year = before["word"] if before else "", after["word"] if after else ""
    day = rf"(?<![\w.,:/-])(?:[1-9]|[12]\d|3[01])[.ºª°]?\s(?:{of_day or NEVER}\s)?"
    year = rf"(?:\s(?:{of_year or NEVER}\s)?[12]\d{{3}}(?!\w))"
    following_day = r"\s(?:[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\w:%]|[.,]\d)" if before is None else NEVER
    pattern = compiled(
        language,
        rf"(?P<day>{day})?(?<!\w)(?P<written>(?P<short>{shorts})(?P<stop>\.?))(?!\w)"
        rf"(?=(?P<year>{year})|(?P<other>{following_day})|(?P<end>[\"'”’»)\]]*\Z)?)",
    )

    def say(match: re.Match[str]) -> str | None:
        is_sure = match["stop"] or match["day"] or before is None  # "Aug 2024", but no "mar 5" or "5 set"
        if not (match["other"] or (match["year"] and is_sure) or (match["day"] and match["stop"])):
            return None
        first = f"{of_day} " if of_day and match["day"] and not match["day"].endswith(f" {of_day} ") else ""
        last = f" {of_year}" if of_year and match["year"] and not match["year"].startswith(f" {of_year} ") else ""
        stop = "." if match["stop"] and match["end"] is not None else ""  # it ends the sentence, too
        return f"{first}{month_of[match['short']]}{last}{stop}"

    return [lambda text: text.sub_group(pattern, "written", say)]


def _in_digits(language: Language) -> list[Rule]:
    if not language.date:
        return []

    def say(match: re.Match[str]) -> str | None:
        year, month, day = int(match["y"]), int(match["m"]), int(match["d"])
        try:
            date(year, month, day)
        except ValueError:
            return None
        return language.date.format(
            year=year, month=language.months[month - 1], number=month, day=language.day_in_date(day)
        )

    end = r"(?![\w/-]|[.,]\d)"
    year = r"(?P<y>[12]\d{3})"
    signs = f"[-{re.escape(language.year_month_day)}]"
    year_first = rf"{BEFORE_NUMBER}{year}(?P<s>{signs})(?P<m>\d{{1,2}})(?P=s)(?P<d>\d{{1,2}}){end}"
    patterns = [compiled(language, year_first)]
    if language.day_month_year:
        signs = f"[{re.escape(language.day_month_year)}]"
        day_first = rf"{BEFORE_NUMBER}(?P<d>\d{{1,2}})(?P<s>{signs})(?P<m>\d{{1,2}})(?P=s){year}{end}"
        patterns.append(compiled(language, day_first))
    return [lambda text, pattern=pattern: text.sub(pattern, say) for pattern in patterns]
