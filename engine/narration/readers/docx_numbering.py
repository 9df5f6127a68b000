"""The numbers that Word counts: of lists, and of headings that have them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.narration.readers.archive import attribute, local, value_of
from engine.narration.readers.lists import label_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_KINDS = {
    **dict.fromkeys(("decimal", "decimalZero", "ordinal", "lowerRoman", "upperRoman", "cardinalText"), "1"),
    "lowerLetter": "a",
    "upperLetter": "A",
}
_PLACE = re.compile(r"%([1-9])")


@dataclass(frozen=True, slots=True)
class _Level:
    kind: str = ""  # as HTML's `type`; "" for bullets
    start: int = 1
    pattern: str = ""
    """What is shown: "%1." and the like, by levels."""
    style: str = ""


@dataclass(slots=True)
class Numbering:
    """Count the numbered paragraphs of a document, in their order."""

    _lists: dict[str, dict[int, _Level]] = field(default_factory=dict)  # by abstractNumId
    _numbers: dict[str, str] = field(default_factory=dict)  # numId -> abstractNumId
    _starts: dict[tuple[str, int], int] = field(default_factory=dict)  # by numId and level
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)
    _begun: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def of(cls, root: Element) -> Numbering:
        """Read the part `numbering.xml`."""
        numbering = cls()
        for element in root:
            if local(element.tag) == "abstractNum":
                levels = {_whole(attribute(e, "ilvl")): _level(e) for e in element if local(e.tag) == "lvl"}
                numbering._lists[attribute(element, "abstractNumId")] = levels
            elif local(element.tag) == "num":
                number = attribute(element, "numId")
                for part in element:
                    if local(part.tag) == "abstractNumId":
                        numbering._numbers[number] = value_of(part)
                    for start in part:
                        if local(start.tag) == "startOverride":
                            numbering._starts[number, _whole(attribute(part, "ilvl"))] = _whole(value_of(start))
        return numbering

    def next_label(self, number: str, level: int | None, style: str) -> str:
        """Return what stands before a paragraph of the list `number` (a numId); "" where nothing does.

        Without a `level` its `style` says which it is of.
        """
        key = self._numbers.get(number, "")
        levels = self._lists.get(key, {})
        if level is None:
            level = next((i for i, one in levels.items() if style and one.style == style), 0)
        own = levels.get(level)
        if own is None:
            return ""
        counts = self._counts.setdefault(key, {})
        start = self._starts.get((number, level))
        if start is not None and (number, level) not in self._begun:
            self._begun.add((number, level))
            counts[level] = start
        else:
            counts[level] = counts[level] + 1 if level in counts else own.start
        for deeper in [i for i in counts if i > level]:
            del counts[deeper]
        return self._label(own, levels, counts) if own.kind else ""

    def _label(self, own: _Level, levels: dict[int, _Level], counts: dict[int, int]) -> str:
        def written(match: re.Match[str]) -> str:
            i = int(match[1]) - 1
            level = levels.get(i, _Level())
            return label_of(level.kind or "1", counts.get(i, level.start)).rstrip(".)")

        label = _PLACE.sub(written, own.pattern).strip()
        return re.sub(r"(?<![^\W_])([A-Za-z]{1,3})\.\Z", r"\1)", label) if own.kind in ("a", "A") else label


def _level(element: Element) -> _Level:
    parts = {local(part.tag): value_of(part) for part in element}
    kind = _KINDS.get(parts.get("numFmt", "decimal"), "")
    return _Level(kind, _whole(parts.get("start", "1")), parts.get("lvlText", ""), parts.get("pStyle", ""))


def _whole(digits: str) -> int:
    return int(digits) if digits.isdecimal() and len(digits) < 8 else 0
