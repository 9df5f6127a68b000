"""Converts places in a text: they are code points everywhere, except in Qt, which counts UTF-16 units of its
document."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")


class Offsets:
    """Converts places of one text: one pass over it, then O(log n) a place. The text must be the one that Qt shows,
    sign by sign.

    `joints` are the code points, ascending, before which the document has a separator that the text has not.
    """

    def __init__(self, text: str, joints: Sequence[int] = ()) -> None:
        # the code points that take one unit more than one, a joint counted to the sign before it
        wide = [] if text.isascii() else [match.start() for match in _ASTRAL.finditer(text)]
        self._wide = sorted([*wide, *(joint - 1 for joint in joints)]) if joints else wide
        self._extra = [code_point + n for n, code_point in enumerate(self._wide)]
        self.n_code_points = len(text)

    def to_utf16(self, code_point: int) -> int:
        """Return where the document has the sign `code_point`; len(text) is its end."""
        assert 0 <= code_point <= self.n_code_points, (code_point, self.n_code_points)
        return code_point + bisect_left(self._wide, code_point)

    def to_code_point(self, unit: int) -> int:
        """Return which sign the document has at `unit`; inside a sign of two units it is that sign."""
        code_point = unit - bisect_left(self._extra, unit)
        assert 0 <= code_point <= self.n_code_points, (unit, self.n_code_points)
        return code_point
