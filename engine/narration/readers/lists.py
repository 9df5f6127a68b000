"""The numbers that a page shows before the items of a list, and that no text of the file has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_PART_OF_LIST = re.compile(
    r"<(?P<end>/?)(?P<tag>ol|ul|menu|li)\b(?P<values>(?:[^<>\"']|\"[^\"]{0,2000}\"|'[^']{0,2000}'){0,200})>",
    re.IGNORECASE,
)


@dataclass(slots=True)
class NumberedList:
    """Count the items of one list. `kind` is as HTML's `type`: "1", "a", "A", "i", "I"; "" has no numbers."""

    kind: str = ""
    number: int = 1
    step: int = 1

    @classmethod
    def of_html(cls, tag: str, values: dict[str, str], n_items: int = 1) -> NumberedList:
        """Make the list that the tag `ol`, `ul` or `menu` begins; one that counts down begins at `n_items`."""
        style = values.get("style", "").replace(" ", "").lower()
        kind = values.get("type", "1") if tag == "ol" else ""
        for name, its_kind in _STYLES:
            if f"list-style:{name}" in style or f"list-style-type:{name}" in style:
                kind = its_kind
        first, step = (n_items, -1) if "reversed" in values else (1, 1)
        return cls(kind if kind in ("1", "a", "A", "i", "I") else "", _whole(values.get("start", ""), first), step)

    def next_label(self, value: str = "") -> str:
        """Return what stands before the next item, "3." or "c)", of which an own `value` says the number."""
        self.number = _whole(value, self.number)
        label = label_of(self.kind, self.number)
        self.number += self.step
        return label


def sizes_of_reversed(markup: str) -> Iterator[int]:
    """Return how many items each list of `markup` has that counts down, in order."""
    if "reversed" not in markup:
        return iter(())
    sizes: list[int] = []
    open_lists: list[int | None] = []  # where in `sizes` one that counts down has its own
    for part in _PART_OF_LIST.finditer(markup):
        if part["tag"].lower() == "li":
            if not part["end"] and open_lists and (place := open_lists[-1]) is not None:
                sizes[place] += 1
        elif part["end"]:
            del open_lists[-1:]
        else:
            is_reversed = "reversed" in part["values"].lower()
            open_lists.append(len(sizes) if is_reversed else None)
            sizes += [0] if is_reversed else []
    return iter(sizes)


def label_of(kind: str, number: int) -> str:
    """Write the number of an item. Roman ones are written in digits: it is the number that a voice says."""
    if kind in ("a", "A") and number > 0:
        return f"{letters_of(number).upper() if kind == 'A' else letters_of(number)})"
    return f"{number}." if kind else ""


def letters_of(number: int) -> str:
    """Count in letters: a … z, aa, ab …"""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


_STYLES = (
    ("none", ""),
    *((name, "") for name in ("disc", "circle", "square")),
    *(("lower-alpha", "a"), ("lower-latin", "a"), ("upper-alpha", "A"), ("upper-latin", "A")),
    *(("lower-roman", "i"), ("upper-roman", "I"), ("decimal", "1")),
)


def _whole(digits: str, otherwise: int) -> int:
    digits = digits.strip()
    is_number = digits.removeprefix("-").isdecimal() and len(digits) < 8
    return int(digits) if is_number else otherwise


def with_label(label: str, text: str) -> str:
    """Put an item's label before its text, unless the text has it already."""
    bare = label.rstrip(".)")
    has_it = text.startswith((f"{bare}.", f"{bare})", f"({bare})"))
    return text if not label or has_it else f"{label} {text}"
