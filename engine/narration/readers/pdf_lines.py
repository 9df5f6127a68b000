"""Glyphs of a PDF's page put together to pieces of lines: words with their accents, spaces, raised and lowered signs.

A piece ends where a wide gap is. Whether that is one between columns, or only wide, is told by the whole page, later.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from engine.narration.readers.pdf_direction import has_sign, in_order, runs_from_right
from engine.narration.readers.pdf_glyphs import Glyph, GlyphPage

_SAME_LINE = 0.2  # of its size that a glyph may stand off the baseline
_CLOSING = ",.;:!?)]}»”’%…"  # no space stands before them, whatever a note's mark left
_TOUCHING, _LOGO = 0.2, 0.32  # signs that touch may stand further off: TeX's name does
_WORD_GAP = 0.15  # of the size: what is further apart are two words
_PIECE_GAP = 0.8  # of the size: what is further apart may be two columns
_SMALL = 0.86  # of the text's size: raised and lowered signs have less
_MAX_STRAYS = 3
MAX_PIECES = 20_000  # of a page; a page of print has a few hundred

_ACCENTS = dict(
    zip(
        "¨´`ˆ^˜~ˇ˘¯˙˚˝¸˛",
        "\u0308\u0301\u0300\u0302\u0302\u0303\u0303\u030c\u0306\u0304\u0307\u030a\u030b\u0327\u0328",
        strict=True,
    )
)
_DOTLESS = {"ı": "i", "ȷ": "j"}
_STROKED = {"L": "Ł", "l": "ł"}
_RAISED = str.maketrans("0123456789+-−–n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻ⁿ")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_MARK = re.compile(r"(?:\d{1,3}|[*†‡§¶∗]{1,3})(?:\s*[,;–-]\s*(?:\d{1,3}|[*†‡§¶∗]{1,3}))*")
_POWERS = (
    # behind a short number, as in 10¹²; behind a year it is a note's
    (re.compile(r"(?<!\d)\d{1,2}\Z"), re.compile(r"[+−–-]?\d{1,4}|n")),
    # behind a quantity in one letter, or a unit
    (
        re.compile(r"(?<![^\W\d_])(?:[a-zA-Zα-ωΑ-Ω]|[kcmdµμnh]?[mslg]|ha|yd|ft|in|mc|eV)\Z"),
        re.compile(r"[+−–-]?[2-9n]|[+−–-]\d{1,2}"),
    ),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Hold a piece of a line. `x0`, `x1`, and `y` of its baseline are in points; `order` is its place in the file;
    `marks` are the raised marks of notes that stood in it."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    order: int
    marks: tuple[str, ...] = ()
    is_turned: bool = False
    is_from_right: bool = False


class _Span:
    """Glyphs that stand side by side on one baseline."""

    __slots__ = ("glyphs", "order", "size", "x0", "x1", "y")

    def __init__(self, glyph: Glyph, order: int) -> None:
        self.glyphs = [glyph]
        self.x0, self.x1, self.y, self.size = glyph.x0, glyph.x1, glyph.y, glyph.size
        self.order = order

    def takes(self, glyph: Glyph) -> bool:
        """Return whether `glyph` goes on with it."""
        size = min(self.size, glyph.size)
        is_touching = abs(glyph.x0 - self.x1) < _TOUCHING * size
        is_level = (
            abs(glyph.y - self.y) <= (_LOGO if is_touching else _SAME_LINE) * size
            and 0.8 < glyph.size / self.size < 1.25
        )
        is_joined = glyph.x0 == self.glyphs[-1].x0  # letters of a ligature have one box
        return is_level and (is_joined or -size < glyph.x0 - self.x1 < _PIECE_GAP * size)

    def add(self, *glyphs: Glyph) -> None:
        for glyph in glyphs:
            self.glyphs.append(glyph)
            self.x0 = min(glyph.x0, self.x0)
            self.x1 = max(glyph.x1, self.x1)


def pieces_of(page: GlyphPage) -> tuple[list[Piece], bool]:
    """Return the pieces of the page's lines, from above and each line from the left, and whether most of the page runs
    from right to left; none of a page that has far too many."""
    spans = _spans([glyph for glyph in page.glyphs if not glyph.is_turned])
    if len(spans) > MAX_PIECES:
        return [], False
    rows = _rows(spans)
    texts: list[str] = []
    found: list[tuple[_Span, tuple[str, ...]]] = []
    for row in rows:
        for span, small in _split(row):
            text, marks = _text(span, small)
            texts.append(text)
            found.append((span, marks))
    texts, is_from_right = in_order(
        texts, [_strings(span) if has_sign(text) else [] for text, (span, _) in zip(texts, found, strict=True)]
    )
    pieces: list[Piece] = []
    for text, (span, marks) in zip(texts, found, strict=True):
        text = " ".join(text.split())
        if text or marks:
            pieces.append(
                Piece(
                    text, span.x0, span.x1, span.y, round(span.size, 1), span.order, marks, False, runs_from_right(text)
                )
            )
    turned = [glyph for glyph in page.glyphs if glyph.is_turned]
    words = " ".join("".join(glyph.text for glyph in some) for _, some in groupby(turned, lambda glyph: glyph.string))
    if words.strip():
        pieces.append(Piece(" ".join(words.split()), 0.0, 0.0, 0.0, 1.0, len(page.glyphs), is_turned=True))
    return pieces, is_from_right


def _spans(glyphs: Sequence[Glyph]) -> list[_Span]:
    spans: list[_Span] = []
    for order, glyph in enumerate(glyphs):
        if spans and (spans[-1].takes(glyph) or (_is_accent(glyph) and _overlaps(spans[-1], glyph))):
            spans[-1].add(glyph)
        elif spans and all(one.text in _ACCENTS for one in spans[-1].glyphs) and _overlaps(spans[-1], glyph):
            spans[-1].add(glyph)  # a raised accent and the capital below it
            spans[-1].y = glyph.y
        else:
            spans.append(_Span(glyph, order))
    return [span for span in spans if any(not glyph.text.isspace() for glyph in span.glyphs)]


def _is_accent(glyph: Glyph) -> bool:
    return glyph.text in _ACCENTS or unicodedata.combining(glyph.text[0]) > 0


def _overlaps(span: _Span, glyph: Glyph) -> bool:
    """Whether an accent and its letter stand at the same place, but for the accent's height."""
    return span.x0 - 0.1 * span.size <= (glyph.x0 + glyph.x1) / 2 <= span.x1 + 0.1 * span.size and (
        abs(glyph.y - span.y) < 0.5 * span.size
    )


_Row = list[tuple[_Span, list[_Span]]]
"""The spans of a line, each with the raised and lowered ones that belong to it."""


def _rows(spans: list[_Span]) -> list[_Row]:
    """Lines from above. A small span that is raised or lowered goes with the word that it stands at."""
    by_height = _with_strays(sorted(spans, key=lambda span: span.y))
    heights = [span.y for span in by_height]
    small: dict[int, list[_Span]] = {}
    hosted: set[int] = set()
    for span in by_height:
        first = bisect_left(heights, span.y - 0.75 * span.size / 0.6)
        last = bisect_right(heights, span.y + 0.45 * span.size / 0.6)
        hosts = [host for host in by_height[first:last] if _is_host(host, span)]
        if hosts:
            host = min(hosts, key=lambda host: _distance(host, span))
            small.setdefault(id(host), []).append(span)
            hosted.add(id(span))
    rows: list[_Row] = []
    for span in reversed(by_height):
        if id(span) in hosted:
            continue
        if not rows or rows[-1][0][0].y - span.y > _SAME_LINE * min(span.size, rows[-1][0][0].size):
            rows.append([])
        rows[-1].append((span, small.get(id(span), [])))
    return [sorted(row, key=lambda part: part[0].x0) for row in rows]


def _with_strays(by_height: list[_Span]) -> list[_Span]:
    """The spans, a few signs that stand a little off the line added to their words: accents over capitals, TeX's E."""
    heights = [span.y for span in by_height]
    kept: list[_Span] = []
    for span in by_height:
        host = None
        if len(span.glyphs) <= _MAX_STRAYS:
            reach = 0.5 * span.size
            near = by_height[bisect_left(heights, span.y - reach) : bisect_right(heights, span.y + reach)]
            host = next((host for host in near if len(host.glyphs) > len(span.glyphs) and _is_stray(host, span)), None)
        if host is None:
            kept.append(span)
        else:
            host.add(*span.glyphs)
    return kept


def _is_stray(host: _Span, span: _Span) -> bool:
    if all(glyph.text in _ACCENTS for glyph in span.glyphs):
        return _overlaps(host, span.glyphs[0])
    is_off = _SAME_LINE * span.size < abs(host.y - span.y) < _LOGO * span.size
    return is_off and 0.8 < span.size / host.size < 1.25 and _distance(host, span) < 0.1 * span.size


def _distance(host: _Span, span: _Span) -> float:
    return max(span.x0 - host.x1, host.x0 - span.x1, 0.0)


def _is_host(host: _Span, span: _Span) -> bool:
    off = span.y - host.y
    return (
        span.size < _SMALL * host.size
        and 0.08 * host.size < abs(off)
        and -0.35 * host.size < off < 0.7 * host.size
        and len(span.glyphs) <= 12
        and _distance(host, span) < 0.3 * host.size
    )


def _split(row: _Row) -> list[tuple[_Span, list[_Span]]]:
    """The row's pieces: what stands near each other becomes one span."""
    pieces: list[tuple[_Span, list[_Span]]] = []
    end = 0.0
    for span, small in row:
        edge = max([span.x1, *(one.x1 for one in small)])
        begin = min([span.x0, *(one.x0 for one in small)])
        near = pieces and begin - end < _PIECE_GAP * min(span.size, pieces[-1][0].size)
        if pieces and near and 0.7 < span.size / pieces[-1][0].size < 1.4:
            pieces[-1][0].add(*span.glyphs)
            pieces[-1][1].extend(small)
            end = max(end, edge)
        else:
            pieces.append((span, list(small)))
            end = edge
    return pieces


def _text(span: _Span, small: Sequence[_Span]) -> tuple[str, tuple[str, ...]]:
    """A piece's text, its glyphs from left to right, and the marks of notes in it."""
    clusters = _clusters(sorted(span.glyphs, key=lambda glyph: glyph.x0))
    gaps = [b[1] - a[2] for a, b in pairwise(clusters) if a[0].strip() and b[0].strip()]
    spread = max(median(gaps), 0.0) if len(gaps) > 3 else 0.0  # letters that were set apart
    word_gap = _WORD_GAP * span.size + (1.5 * spread if spread < _PIECE_GAP * span.size else 0.0)
    waiting = sorted(small, key=lambda one: one.x0)
    text, marks = "", list[str]()
    end: float | None = None
    for words, x0, x1 in clusters:
        while waiting and (waiting[0].x0 + waiting[0].x1) / 2 < (x0 + x1) / 2:
            one = waiting.pop(0)
            text, is_mark = _with_small(text, one, span, marks)
            end = end if is_mark else one.x1
        is_word = words[0] not in _CLOSING or not marks
        if (
            end is not None
            and x0 - end > word_gap
            and not text.endswith(" ")
            and (is_word or x0 - end > 0.9 * span.size)
        ):
            text += " "
        text += words
        end = max(x1, end) if end is not None else x1
    for one in waiting:
        text, _ = _with_small(text, one, span, marks)
    return text, tuple(marks)


def _strings(span: _Span) -> list[str]:
    """The strings that a piece was drawn with, from the right, their signs from left to right."""
    strings: dict[int, list[Glyph]] = {}
    for glyph in span.glyphs:
        strings.setdefault(glyph.string, []).append(glyph)
    from_right = sorted(strings.values(), key=lambda glyphs: -min(glyph.x0 for glyph in glyphs))
    parts = [_Span(glyphs[0], 0) for glyphs in from_right]
    for part, glyphs in zip(parts, from_right, strict=True):
        part.add(*glyphs[1:])
    return [_text(part, [])[0] for part in parts]


def _with_small(text: str, small: _Span, span: _Span, marks: list[str]) -> tuple[str, bool]:
    """`text` with a raised or lowered span behind it; or as it is, and the span among the `marks` of notes."""
    words = "".join(words for words, _, _ in _clusters(sorted(small.glyphs, key=lambda glyph: glyph.x0))).strip()
    if small.y < span.y:
        return text + words.translate(_LOWERED), False
    if any(base.search(text) and power.fullmatch(words) for base, power in _POWERS):
        return text + words.translate(_RAISED), False
    if _MARK.fullmatch(words) and text.strip():
        marks.append(words)
        return text, True
    return text + words, False


def _clusters(glyphs: Sequence[Glyph]) -> list[tuple[str, float, float]]:
    """Glyphs with those that are drawn over them: joined letters, accents."""
    clusters: list[tuple[str, float, float]] = []
    for glyph in glyphs:
        if clusters:
            text, x0, x1 = clusters[-1]
            centre = (glyph.x0 + glyph.x1) / 2
            if abs(glyph.x0 - x0) < 0.01 and abs(glyph.x1 - x1) < 0.01 and not glyph.text.isspace():
                clusters[-1] = (composed(text, glyph.text), x0, x1)
                continue
            if (
                glyph.text == " " and text in _STROKED and x0 <= centre < x1
            ):  # TeX draws a stroke with the code of a space
                clusters[-1] = (_STROKED[text], x0, x1)
                continue
            is_over = x0 <= centre <= x1 or glyph.x0 <= (x0 + x1) / 2 <= glyph.x1
            if is_over and (mended := composed(text, glyph.text)) != text + glyph.text:
                clusters[-1] = (mended, min(x0, glyph.x0), max(x1, glyph.x1))
                continue
        clusters.append((glyph.text, glyph.x0, glyph.x1))
    return clusters


def composed(one: str, other: str) -> str:
    """Put two signs together that are drawn at the same place: an accent and its letter, in either order, or both."""
    for accent, letter in ((one, other), (other, one)):
        mark = _ACCENTS.get(accent) or (accent if len(accent) == 1 and unicodedata.combining(accent) else "")
        if mark and letter and letter[-1].isalpha():
            base = letter[:-1] + _DOTLESS.get(letter[-1], letter[-1])
            if len(whole := unicodedata.normalize("NFC", base + mark)) == len(base) or unicodedata.combining(accent):
                return whole
        if accent in ("\u0335", "\u0337") and letter in _STROKED:
            return _STROKED[letter]
    return one + other
