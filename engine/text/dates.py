"""Dates and times in words."""

from __future__ import annotations

import re
from datetime import date

from engine.text.amounts import BEFORE_NUMBER, compiled
from engine.text.languages import Language
from engine.text.mapped_text import Rule


def date_rules(language: Language) -> list[Rule]:
    """Return the rules for dates whose order is sure and for times, in the order in which they are to be applied."""
    return [*_dates(language), *_times(language)]


def _dates(language: Language) -> list[Rule]:
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


def _times(language: Language) -> list[Rule]:
    time_of = language.time
    if time_of is None:
        return []
    hour, minute = r"(?P<h>[01]?\d|2[0-4])", r"(?P<m>[0-5]\d)"
    after = "|".join(map(re.escape, language.hour_words))
    after = rf"(?:\s?(?:{after})(?!\w))" if after else "(?!)"
    patterns = [rf"{BEFORE_NUMBER}{hour}:{minute}(?::[0-5]\d)?{after}?(?![\w:]|[.,]\d)"]
    if language.hour_words:  # "14.30 Uhr", "14h30"
        patterns.append(rf"{BEFORE_NUMBER}{hour}\.{minute}{after}")
        if "h" in language.hour_words:
            patterns.append(rf"{BEFORE_NUMBER}{hour}\s?h(?:\s?{minute})?(?!\w)")

    def say(match: re.Match[str]) -> str:
        return time_of(int(match["h"]), int(match["m"] or 0))

    return [
        lambda text, pattern=pattern: text.sub(pattern, say)
        for pattern in (compiled(language, pattern) for pattern in patterns)
    ]
