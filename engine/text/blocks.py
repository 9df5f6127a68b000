"""The block structure of a text, read lazily: paragraphs, headings, list items, table rows, lines of code.

Markdown where it is Markdown, and otherwise plain text: nothing here may harm a text that only looks like it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

MAX_BLOCK_CODEPOINTS = 8192
"""A longer paragraph comes in several blocks, so that work and memory per block stay bounded."""

_SENTENCE_END = r"(?:[.!?…؟۔][\"'”’»)\]]*|[。！？][」』”’）]*)"
_BREAKS = r"\r\n\x0b\x0c\x85\u2028\u2029"
_LINE = re.compile(rf"[^{_BREAKS}]*")
_BREAK = re.compile(rf"\r\n|[{_BREAKS}]")
_BLANK_LINES = re.compile(rf"(?:[ \t]*[{_BREAKS}])+")
_QUOTE_SIGNS = re.compile(r"(?:>[ \t]*)+")
_FENCE = re.compile(r"(`{3,}|~{3,})[^`]{0,200}\Z")
_HEADING = re.compile(r"#{1,6}(?:[ \t]+|\Z)")
_RULE = re.compile(r"(?:=+|-{2,}|_{3,}|\*{3,}|(?:[-*_•·⁂] ?){3,}|⁂)\Z")
_DEFINITION = re.compile(
    r"\[[^\]]{1,200}\]:\s*<?(?:https?://|www\.|mailto:|[/#]|\.{1,2}/)\S*(?:\s.{0,200})?\Z", re.DOTALL
)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]{1,60}\]:\s*")
_TABLE_RULE = re.compile(r"(?=.*\|)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*){0,200}\|?\Z")
_TABLE_ROW = re.compile(r"\|.+\|.+\|\Z")
_BULLET = re.compile(r"(?:[-*+]|[•‣⁃◦▪▫●○■□◆◇★☆☐☑✓✔✅✗✘➤➢►▶→]\ufe0f?)[ \t]+(?:\[[ xX]\][ \t]+)?")
_NUMBER = re.compile(r"(\d{1,9}[.)]|[a-z]\))[ \t]+\S")
_LETTER = re.compile(r"[a-z]\.[ \t]+\S")  # of an item, where there are items
_CALL_OUT = re.compile(r"\[![A-Za-z]{2,20}\][+-]?[ \t]+\S")  # with a title of its own
_DIALOGUE = re.compile(r"[—–―]")
_ENDS_SENTENCE = re.compile(rf"{_SENTENCE_END}\Z")
_CUT_AFTER = re.compile(rf"{_SENTENCE_END}\s|[。！？]")

# Where a line ends early: the next line's first word would have fitted. Only a line far shorter than the
# paragraph's longest tells, and only a longest line of this many code points tells it at all.
_MIN_TELLING_WIDTH = 60
_SHORT_LINE = 0.7

Span = tuple[int, int]


class BlockKind(Enum):
    TEXT = auto()
    TABLE_ROW = auto()
    CODE = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of the source that belong together; markup at the lines' beginnings is left out of their spans.

    `starts_paragraph` is False for what goes on in the same paragraph: the next item of a list,
    the next row of a table, the rest of a paragraph over `MAX_BLOCK_CODEPOINTS`.
    """

    kind: BlockKind
    lines: tuple[Span, ...]
    starts_paragraph: bool


def iter_blocks(source: str) -> Iterator[Block]:
    """Yield the blocks of `source` in order, reading line by line; some may turn out to hold nothing that is spoken."""
    return _Scanner(source).blocks()


class _Scanner:
    """One walk over the source; its attributes are the walk's state."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0
        self.lines: list[Span] = []  # of the paragraph or list item being read
        self.n_pending = 0
        self.in_item = False
        self.in_table = False
        self.fresh = True  # the next block starts a paragraph
        self.unclosed_fence = {"`": 1 << 30, "~": 1 << 30}  # the shortest fence known to be closed nowhere
        self.unclosed_comment = False

    def blocks(self) -> Iterator[Block]:
        while self.position < len(self.source):
            start, end = self._next_line()
            if start == end:
                yield from self._flush(ends_paragraph=True)
                continue
            yield from self._read_line(start, end)
        yield from self._flush(ends_paragraph=True)

    def _read_line(self, start: int, end: int) -> Iterator[Block]:
        line = self.source[start : min(end, start + MAX_BLOCK_CODEPOINTS)]
        if (fence := _FENCE.match(line)) and (closing := self._closing_fence(fence[1])):
            yield from self._flush(ends_paragraph=True)
            yield from self._code(closing)
        elif line.startswith("<!--") and (after := self._comment_end(start)):
            yield from self._flush(ends_paragraph=True)
            self.position = after
        elif heading := _HEADING.match(line):
            yield from self._flush(ends_paragraph=True)
            yield from self._single(BlockKind.TEXT, start + heading.end(), _heading_end(self.source, start, end))
            self.fresh = True
        elif _RULE.match(line) or (self.in_table and _TABLE_RULE.match(line)):
            if not self.in_table:
                yield from self._flush(ends_paragraph=True)
        elif _DEFINITION.match(line):
            yield from self._flush(ends_paragraph=False)
        elif self._is_table_row(line):
            yield from self._flush(ends_paragraph=not self.in_table)
            self.in_table = True
            yield from self._single(BlockKind.TABLE_ROW, start, end)
        else:
            if self.in_table:
                yield from self._flush(ends_paragraph=True)
            yield from self._text_line(line, start, end)

    def _text_line(self, line: str, start: int, end: int) -> Iterator[Block]:
        number = _NUMBER.match(line)
        if mark := _FOOTNOTE.match(line):
            yield from self._flush(ends_paragraph=True)
            start += mark.end()
        elif mark := _BULLET.match(line):
            yield from self._flush(ends_paragraph=False)
            start += mark.end()
            self.in_item = True
        elif (number and (number[1] in ("1.", "1)", "a)") or self.in_item or not self.lines)) or (
            self.in_item and _LETTER.match(line)
        ):
            yield from self._flush(ends_paragraph=False)
            self.in_item = True  # its number is spoken
        elif _DIALOGUE.match(line) and self.lines and self._ends_sentence(self.lines[-1]):
            yield from self._flush(ends_paragraph=False)
        yield from self._append(start, end)
        if _CALL_OUT.match(line):
            yield from self._flush(ends_paragraph=False)

    def _next_line(self) -> Span:
        """Read the next line without indentation, quote signs and trailing space; empty for all blank ones in a row."""
        blank = _BLANK_LINES.match(self.source, self.position)
        if blank:
            self.position = blank.end()
            return 0, 0
        start, end = _line_at(self.source, self.position)
        line_break = _BREAK.match(self.source, end)
        self.position = line_break.end() if line_break else end
        if line_break and line_break[0] == "\u2029":  # the paragraph separator, which is what Qt's selections hold
            self.position -= 1 if end > start else 0
        return _stripped(self.source, start, end)

    def _append(self, start: int, end: int) -> Iterator[Block]:
        """Add a line to what is being read, in parts if it is very long."""
        while end - start > MAX_BLOCK_CODEPOINTS:
            cut = cut_line(self.source, start, start + MAX_BLOCK_CODEPOINTS)
            self.lines.append((start, cut))
            yield from self._flush(ends_paragraph=False, goes_on=True)
            start = cut
        if start == end:
            return  # a mark with nothing after it
        self.lines.append((start, end))
        self.n_pending += end - start
        full = self.n_pending > MAX_BLOCK_CODEPOINTS
        if full or (self.n_pending > MAX_BLOCK_CODEPOINTS // 2 and self._ends_sentence((start, end))):
            yield from self._flush(ends_paragraph=False, goes_on=True)

    def _flush(self, *, ends_paragraph: bool, goes_on: bool = False) -> Iterator[Block]:
        lines, self.lines, self.n_pending = self.lines, [], 0
        self.in_item = self.in_item and goes_on
        self.in_table = self.in_table and not ends_paragraph
        if lines:
            for part in self._parts_at_short_lines(lines):
                yield Block(BlockKind.TEXT, tuple(part), self.fresh)
                self.fresh = True
            self.fresh = False
        self.fresh = self.fresh or ends_paragraph

    def _single(self, kind: BlockKind, start: int, end: int) -> Iterator[Block]:
        while start < end:
            cut = (
                end
                if end - start <= MAX_BLOCK_CODEPOINTS
                else cut_line(self.source, start, start + MAX_BLOCK_CODEPOINTS)
            )
            yield Block(kind, ((start, cut),), self.fresh)
            self.fresh = False
            start = cut

    def _code(self, closing: Span) -> Iterator[Block]:
        while self.position < closing[0]:
            start, end = self._next_line()
            yield from self._single(BlockKind.CODE, start, end)
        self.position = closing[1]
        self.fresh = True

    def _closing_fence(self, fence: str) -> Span | None:
        if len(fence) >= self.unclosed_fence[fence[0]]:
            return None
        pattern = rf"[{_BREAKS}][ \t>]{{0,20}}{fence[0]}{{{len(fence)},}}[ \t]*(?=[{_BREAKS}]|\Z)"
        closing = re.compile(pattern).search(self.source, max(0, self.position - 1))
        if closing is None:
            self.unclosed_fence[fence[0]] = len(fence)
        return closing.span() if closing else None

    def _comment_end(self, start: int) -> int | None:
        end = -1 if self.unclosed_comment else self.source.find("-->", start + 4)
        self.unclosed_comment = end < 0
        return end + 3 if end >= 0 else None

    def _is_table_row(self, line: str) -> bool:
        if "|" not in line:
            return False
        if self.in_table or _TABLE_ROW.match(line):
            return True
        start, end = _stripped(self.source, *_line_at(self.source, self.position))
        return end - start <= MAX_BLOCK_CODEPOINTS and bool(_TABLE_RULE.match(self.source[start:end]))

    def _ends_sentence(self, line: Span) -> bool:
        return bool(_ENDS_SENTENCE.search(self.source, max(line[0], line[1] - 8), line[1]))

    def _parts_at_short_lines(self, lines: list[Span]) -> Iterator[list[Span]]:
        """Tell paragraphs that are set one a line, with no blank line between, from hard-wrapped ones."""
        width = max(end - start for start, end in lines)
        part: list[Span] = []
        for line in lines:
            if part and width >= _MIN_TELLING_WIDTH and self._ended_early(part[-1], line, width):
                yield part
                part = []
            part.append(line)
        yield part

    def _ended_early(self, line: Span, following: Span, width: int) -> bool:
        first = self.source[following[0] : min(following[1], following[0] + width)]
        n_first_word = len(first.split(None, 1)[0])
        goes_on = first[0].islower() or self.source[line[1] - 1] in ",;:-–—،、，；"
        return not goes_on and line[1] - line[0] + 1 + n_first_word < _SHORT_LINE * width


def _line_at(source: str, position: int) -> Span:
    match = _LINE.match(source, position)
    assert match is not None, "the pattern matches the empty line"
    return match.span()


def _stripped(source: str, start: int, end: int) -> Span:
    while start < end and source[start].isspace():
        start += 1
    if start < end and source[start] == ">":
        match = _QUOTE_SIGNS.match(source, start, end)
        start = match.end() if match else start
    while end > start and source[end - 1].isspace():
        end -= 1
    return start, end


def _heading_end(source: str, start: int, end: int) -> int:
    """Leave out a closing run of number signs, which needs a space before it: "C#" keeps its own."""
    signs = end
    while signs > start and source[signs - 1] == "#":
        signs -= 1
    title = signs
    while title > start and source[title - 1] in " \t":
        title -= 1
    return title if title < signs else end


def cut_line(source: str, start: int, limit: int) -> int:
    """Find where to cut a line that is too long: after a sentence, else at white space, else between graphemes."""
    half = (start + limit) // 2
    sentence_ends = [match.end() for match in _CUT_AFTER.finditer(source, half, limit)]
    if sentence_ends:
        return sentence_ends[-1]
    space = max(source.rfind(" ", half, limit), source.rfind("\t", half, limit))
    return space + 1 if space >= 0 else grapheme_boundary(source, limit)


def grapheme_boundary(text: str, position: int) -> int:
    """Move `position` on past combining marks and joiners, at most 64 of them."""
    for i in range(position, min(position + 64, len(text))):
        is_mark = unicodedata.category(text[i])[0] == "M" or "\u1160" <= text[i] <= "\u11ff"
        if not is_mark and text[i] != "\u200d" and text[i - 1] != "\u200d":
            return i
    return min(position + 64, len(text))
