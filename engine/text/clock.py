"""Times of the day, spans of them, and durations, in words."""

from __future__ import annotations

import re

from engine.text.amounts import compiled, units_of
from engine.text.languages import Language
from engine.text.languages.forms import NEVER, alternatives, form_after, said
from engine.text.mapped_text import MappedText, Rule

_HOUR, _MINUTE = r"(?:[01]?\d|2[0-4])", r"[0-5]\d"
_TO = r"\s?[–—~〜～-]\s?"
_START = r"(?<![\w.,:/−-])"
_END = r"(?![\w:]|[.,]\d|\s[05]00(?!\d))"  # "1:25 000" is a map's scale
_LAST_DURATION_H = 12
"""Beyond, "14:05:30" is rather a time of the day than a duration."""


def clock_rules(language: Language) -> list[Rule]:
    """Return the rules for times and durations, in the order in which they are to be applied."""
    if language.time is None:
        return []
    clock = _Clock(language)
    return [clock.say_durations, clock.say_parts, clock.say_spans, clock.say_times]


class _Clock:
    """How one language writes and says times."""

    def __init__(self, language: Language) -> None:
        assert language.time is not None, "a language without times has no rules for them"
        self.language, self.time_of = language, language.time
        self.parts = [units_of(language).get(unit, "") for unit in ("h", "min", "s")]
        hours = {"h", *(said(self.parts[0], i) for i in range(3))} if self.parts[0] else set()
        self.after = rf"\s?(?:{alternatives(language.hour_words)})(?!\w)"
        before = rf"(?:(?<!\w)(?i:(?P<before>{alternatives(language.time_words)}))(?:\s|(?<=['’])))?{_START}"
        self.duration = compiled(
            language,
            rf"{before}(?P<written>(?P<h>\d{{1,3}}):(?P<m>{_MINUTE})(?::(?P<s>{_MINUTE}))?"
            rf"(?:(?P<clock>{self.after})|\s(?P<unit>{alternatives(hours - {*language.hour_words})})(?!\w))?){_END}",
        )
        self.in_parts = compiled(
            language,
            rf"{before}(?P<written>(?P<h>\d{{1,3}})\s?h\s?(?P<m>{_MINUTE}|\d)\s?min(?:\s?(?P<s>{_MINUTE}|\d)\s?s)?)(?!\w)",
        )
        half = rf"\s?(?:{language.half_days or NEVER})"
        end = rf"(?:(?={half})|{_END})"
        first = rf"(?:{self._time(1)}(?P<half>{half}\.?)?|(?P<plain>{_HOUR}))"
        to = rf"(?:{_TO}|\s(?P<to>{re.escape(language.range_word) or NEVER})\s)"
        self.span = compiled(language, rf"{before}(?P<written>{first}{to}{self._time(2)}){end}")
        self.single = compiled(language, rf"{before}(?P<written>{self._time(1)}){end}")
        self.full_hour_before = re.compile(rf"\s?(?:{language.half_days or NEVER})")
        ratio = alternatives({form for word in language.ratio_words for form in (word, word.capitalize())})
        self.after_ratio = re.compile(rf"(?<!\w)(?:{ratio})\W{{1,3}}(?:\w{{1,4}}\s)?\Z")
        self.before_ratio = re.compile(rf"[\s-](?:{ratio})(?!\w)")

    def _time(self, i: int) -> str:
        """Make the pattern for "14:30", "14.30 Uhr", "14h30" or "14 h"; its groups' names end in `i`."""
        with_h = (
            rf"|\s?hs?(?P<n{i}>)(?:\s?(?P<o{i}>{_MINUTE})(?:min)?)?(?!\w)" if "h" in self.language.hour_words else ""
        )
        return rf"(?P<h{i}>{_HOUR})(?:(?P<sign{i}>[:.'’])(?P<m{i}>{_MINUTE})(?P<w{i}>{self.after})?{with_h})"

    def say_durations(self, text: MappedText) -> MappedText:
        """Say "2:05:30" as hours, minutes and seconds, or as a time and seconds where it is one of the day."""
        return text.sub_group(self.duration, "written", self._duration)

    def say_parts(self, text: MappedText) -> MappedText:
        """Say "1 h 20 min"; after a word for a time of the day it is one."""
        return text.sub_group(self.in_parts, "written", self._parts)

    def say_spans(self, text: MappedText) -> MappedText:
        """Say "9:00–17:00"."""
        return text.sub_group(self.span, "written", self._span)

    def say_times(self, text: MappedText) -> MappedText:
        """Say "14:30"."""
        return text.sub_group(self.single, "written", self._single)

    def _duration(self, match: re.Match[str]) -> str | None:
        hours, minutes, seconds = match["h"], match["m"], match["s"] or ""
        has_word = match["clock"] or match["before"] or self.full_hour_before.match(match.string, match.end())
        is_of_day = has_word or int(hours) > _LAST_DURATION_H
        if not all(self.parts) or (is_of_day and int(hours) > 24):
            return None
        if not seconds and (not match["unit"] or (match["unit"] != "h" and (is_of_day or hours[0] == "0"))):
            return None
        glue = self.language.glue
        if is_of_day and not seconds:
            return self.time_of(int(hours), int(minutes))
        if is_of_day:
            link = f" {said(self.language.signs['&'])} " if glue and "&" in self.language.signs else glue
            return f"{self.time_of(int(hours), int(minutes))}{link}{self._counted(seconds, 2)}"
        spoken = [self._counted(part, i) for i, part in enumerate((hours, minutes, seconds or "0")) if int(part)]
        if match["unit"] and int(seconds or "0"):  # the word for the hours is written after all of them
            spoken[-1] = str(int(seconds))
        return self.language.between_parts.join(spoken) or None

    def _parts(self, match: re.Match[str]) -> str | None:
        if match["before"] or not all(self.parts):
            return None
        counted = [self._counted(match[part], i) for i, part in enumerate("hms") if match[part]]
        return self.language.between_parts.join(counted)

    def _counted(self, number: str, i: int) -> str:
        return f"{int(number)}{self.language.glue}{form_after(str(int(number)), self.parts[i], self.language.plural)}"

    def _span(self, match: re.Match[str]) -> str | None:
        language, is_plain = self.language, match["plain"] is not None
        has_word = match["w2"] or match.groupdict().get("n2") is not None
        if (is_plain and not has_word) or not language.range_word or self._is_other(match, "sign1", "sign2"):
            return None
        if match["to"] and match["sign1"] != ".":
            return None  # each time is said alone: "9:00 bis 17:00"
        start, end = (int(match["plain"] or match["h1"]), _minute(match, 1)), (int(match["h2"]), _minute(match, 2))
        is_short = is_plain or match["half"] or (start[1] == 0 and end[1] == 0 and language.glue)
        first = str(start[0]) if is_short and start[1] == 0 else self.time_of(*start)
        to = f"{language.glue}{said(language.range_word)}{language.glue}"
        return f"{first}{match['half'] or ''}{to}{self._followed(match, *end)}"

    def _single(self, match: re.Match[str]) -> str | None:
        if self._is_other(match, "sign1"):
            return None
        return self._followed(match, int(match["h1"]), _minute(match, 1))

    def _followed(self, match: re.Match[str], hour: int, minute: int) -> str:
        """Say a time before what follows: "9:00 a.m." is no "9 o’clock a.m."."""
        half = self.full_hour_before.match(match.string, match.end())
        space = " " if half and not half[0][0].isspace() else ""
        return (str(hour) if half and minute == 0 else self.time_of(hour, minute)) + space

    def _is_other(self, match: re.Match[str], *signs: str) -> bool:
        """Tell a ratio, a verse and, without a word that makes it a time, a number with a full stop."""
        written = {match[sign] for sign in signs}
        has_word = match["w1"] or match.groupdict().get("w2")
        if written & {".", "'", "’"} and not has_word and not (match["before"] and self.language.has_dotted_times):
            return True
        start = match.start("written")
        return ":" in written and bool(
            self.after_ratio.search(match.string, max(0, start - 40), start)
            or self.before_ratio.match(match.string, match.end())
        )


def _minute(match: re.Match[str], i: int) -> int:
    groups = match.groupdict()
    return int(groups[f"m{i}"] or groups.get(f"o{i}") or 0)
