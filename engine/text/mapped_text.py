"""Text that remembers where each of its code points came from."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from engine.types import SourceMap


@dataclass(frozen=True, slots=True)
class MappedText:
    """Cleaned text and, per code point, the half-open span of the source it stands for.

    Starts and ends never decrease along the text. Every operation gives a new value and is linear.
    """

    text: str
    source: SourceMap

    @classmethod
    def of_span(cls, source: str, start: int, end: int) -> MappedText:
        """Take the source's own `[start, end)`, each code point standing for itself."""
        return cls(source[start:end], SourceMap(array("I", range(start, end)), array("I", range(start + 1, end + 1))))

    @classmethod
    def of_lines(cls, source: str, lines: Iterable[tuple[int, int]]) -> MappedText:
        """Take spans of the source, joined by one newline each that stands for all that lay between."""
        text: list[str] = []
        starts, ends = array("I"), array("I")
        for start, end in lines:
            if text:
                text.append("\n")
                starts.append(ends[-1])
                ends.append(start)
            text.append(source[start:end])
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
        return cls("".join(text), SourceMap(starts, ends))

    def __len__(self) -> int:
        return len(self.text)

    def __add__(self, other: MappedText) -> MappedText:
        source = SourceMap(self.source.starts + other.source.starts, self.source.ends + other.source.ends)
        return MappedText(self.text + other.text, source)

    def replaced(self, text: str) -> MappedText:
        """Return `text`, each of whose code points stands for the whole of this non-empty one."""
        start, end = self.source.span(0, len(self.text))
        return MappedText(text, SourceMap(array("I", [start] * len(text)), array("I", [end] * len(text))))

    def slice(self, start: int, end: int) -> MappedText:
        """Return the code points `[start, end)` with their spans."""
        return MappedText(self.text[start:end], self.source.slice(start, end))

    def translate(self, table: dict[int, str]) -> MappedText:
        """Apply `str.translate` with a table of single code points, so that the map still fits."""
        text = self.text.translate(table)
        assert len(text) == len(self.text), "a translation table maps to single code points"
        return MappedText(text, self.source)

    def strip(self) -> MappedText:
        """Leave out white space at both ends."""
        start = len(self.text) - len(self.text.lstrip())
        end = len(self.text.rstrip())
        if start == 0 and end == len(self.text):
            return self
        return self.slice(start, max(start, end))

    def sub(
        self, pattern: re.Pattern[str], replace: str | Callable[[re.Match[str]], str | MappedText | None]
    ) -> MappedText:
        """Replace each match of `pattern`.

        A string's code points all stand for the whole match; a `MappedText` (a slice of this one, say)
        keeps its own map; None leaves the match as it is.
        """
        text: list[str] = []
        starts, ends = array("I"), array("I")
        done = 0
        for match in pattern.finditer(self.text):
            new = replace if isinstance(replace, str) else replace(match)
            if new is None:
                continue
            start, end = match.span()
            text.append(self.text[done:start])
            starts.extend(self.source.starts[done:start])
            ends.extend(self.source.ends[done:start])
            if isinstance(new, str):
                new = self.slice(start, end).replaced(new)
            text.append(new.text)
            starts.extend(new.source.starts)
            ends.extend(new.source.ends)
            done = end
        if not text:
            return self
        text.append(self.text[done:])
        starts.extend(self.source.starts[done:])
        ends.extend(self.source.ends[done:])
        return MappedText("".join(text), SourceMap(starts, ends))

    def sub_group(
        self, pattern: re.Pattern[str], group: str, replace: Callable[[re.Match[str]], str | None]
    ) -> MappedText:
        """Replace what `group` takes of each match of `pattern`; what stands around it keeps its own map.

        None leaves the match as it is.
        """

        def replaced(match: re.Match[str]) -> MappedText | None:
            new = replace(match)
            if new is None:
                return None
            start, end = match.span(group)
            return (
                self.slice(match.start(), start) + self.slice(start, end).replaced(new) + self.slice(end, match.end())
            )

        return self.sub(pattern, replaced)

    def without(self, ranges: Iterable[tuple[int, int]]) -> MappedText:
        """Leave out the given ranges, which are in order and do not overlap."""
        text: list[str] = []
        starts, ends = array("I"), array("I")
        done = 0
        for start, end in [*ranges, (len(self.text), len(self.text))]:
            text.append(self.text[done:start])
            starts.extend(self.source.starts[done:start])
            ends.extend(self.source.ends[done:start])
            done = end
        return MappedText("".join(text), SourceMap(starts, ends))


Rule = Callable[[MappedText], MappedText]
"""From a text to the same with something said otherwise."""


def joined(texts: Iterable[MappedText]) -> MappedText:
    """Join `texts` one after the other, in linear time."""
    words: list[str] = []
    starts, ends = array("I"), array("I")
    for text in texts:
        words.append(text.text)
        starts.extend(text.source.starts)
        ends.extend(text.source.ends)
    return MappedText("".join(words), SourceMap(starts, ends))
