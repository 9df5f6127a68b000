"""The glyphs on a PDF's pages with their places, as PDFium finds them. The only file that calls PDFium's functions.

PDFium orders glyphs as they are drawn and guesses spaces and line ends; only the glyphs and where they stand are taken
from it. Coordinates are in points, and turned so that the page's text runs from left to right: x to the right, y up.
"""

from __future__ import annotations

import ctypes
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2.raw as pdfium

MAX_PAGES = 20_000
MAX_PAGE_GLYPHS = 100_000
"""A page of a newspaper has up to 20 000."""
FREE_GLYPHS, GLYPHS_PER_BYTE = 500_000, 20
"""Of a whole file. Prose is packed to a third; what unpacks to more than twenty times its size is no text."""
MAX_OUTLINE, MAX_DEPTH, MAX_TITLE_BYTES = 10_000, 20, 2_000
_HYPHEN = 2  # what PDFium gives for a hyphen at a line's end
_SPACE, _DEL = 0x20, 0x7F
_StringOf = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_SHEER = math.radians(5)  # so far from upright text may lean
_DEPTH = 0.22  # of its size that a glyph reaches below its baseline, about
_MAX_OBJECTS = 2_000  # that are looked at for a picture
_OT1 = {"\x0b": "ff", "\x0c": "fi", "\x0d": "fl", "\x0e": "ffi", "\x0f": "ffl"}
_CORK = {"\x1b": "ff", "\x1c": "fi", "\x1d": "fl", "\x1e": "ffi", "\x1f": "ffl"} | dict(
    zip("\x10\x11\x12\x13\x14\x15\x16", "“”„«»–—", strict=True),
    **dict(
        zip(
            map(chr, (*range(0x80, 0xC0), 0xD7, 0xDF, 0xF7, 0xFF)),
            "ĂĄĆČĎĚĘĞĹĽŁŃŇŊŐŔŘŚŠŞŤŢŰŮŸŹŽŻĲİđ§ăąćčďěęğĺľłńňŋőŕřśšşťţűůÿźžżĳ¡¿£Œẞœß",
            strict=True,
        )
    ),
)
_MIN_LETTERS, _VOWELS = 0.7, (0.2, 0.6)  # of glyphs whose letters are guessed, where the guess is right


class TooLargeError(Exception):
    """Report that a file unpacks to more than any book has."""


class PasswordError(Exception):
    """Report that a file opens only with a password."""


class BrokenError(Exception):
    """Report that a file is no PDF that can be read."""


class Glyph(NamedTuple):
    """Hold what is drawn at one place: a letter, two that are joined, a space. `y` is its baseline."""

    text: str
    x0: float
    x1: float
    y: float
    size: float
    is_turned: bool = False  # it runs in another direction than the page's text
    is_unknown: bool = False  # its font does not say which letter it is
    string: int = 0  # which of the page's strings it is drawn with


@dataclass(frozen=True, slots=True)
class GlyphPage:
    """Hold the glyphs of a page in the order of the file. `height` and `width` are those of the turned page, and `left`
    and `bottom` where it begins."""

    glyphs: tuple[Glyph, ...] = ()
    left: float = 0.0
    bottom: float = 0.0
    width: float = 0.0
    height: float = 0.0
    has_pictures: bool = False
    is_vertical: bool = False
    is_unreadable: bool = False  # fonts do not say which letters their glyphs are
    is_damaged: bool = False


class GlyphFile:
    """Open the PDF in `data`. Raises `PasswordError`, `BrokenError` and `TooLargeError`."""

    def __init__(self, data: bytes) -> None:
        pdfium.FPDF_InitLibrary()
        self._data = data  # PDFium reads it as long as the document is open
        self._document = pdfium.FPDF_LoadMemDocument64(data, len(data), None)
        if not self._document:
            reason = pdfium.FPDF_GetLastError()
            raise PasswordError if reason == pdfium.FPDF_ERR_PASSWORD else BrokenError
        self.n_pages = pdfium.FPDF_GetPageCount(self._document)
        if self.n_pages > MAX_PAGES:
            raise TooLargeError
        self._n_left = FREE_GLYPHS + GLYPHS_PER_BYTE * len(data)

    def pages(self) -> Iterator[GlyphPage]:
        """Read the pages in order. Raises `TooLargeError`."""
        for number in range(self.n_pages):
            page = pdfium.FPDF_LoadPage(self._document, number)
            if not page:
                yield GlyphPage(is_damaged=True)
                continue
            text = pdfium.FPDFText_LoadPage(page)
            try:
                n_glyphs = max(pdfium.FPDFText_CountChars(text), 0) if text else 0
                self._n_left -= n_glyphs
                if self._n_left < 0:
                    raise TooLargeError
                is_damaged = not text or n_glyphs > MAX_PAGE_GLYPHS
                yield _page(page, [] if is_damaged else _raw_glyphs(text, n_glyphs), is_damaged)
            finally:
                if text:
                    pdfium.FPDFText_ClosePage(text)
                pdfium.FPDF_ClosePage(page)

    def field(self, name: str) -> str:
        """Return a field about the document: "Title", "Author"."""
        return self._words(lambda buffer, n: pdfium.FPDF_GetMetaText(self._document, name.encode(), buffer, n))

    def language(self) -> str:
        """Return the language that the document declares, as it writes it; "" for none."""
        return self._words(lambda buffer, n: pdfium.FPDFCatalog_GetLanguage(self._document, buffer, n))

    def outline(self) -> list[tuple[str, int, float, int]]:
        """List the table of contents: title, page (from 1), height on it in points (infinite where none is said), depth
        (from 1)."""
        entries: list[tuple[str, int, float, int]] = []
        waiting: list[tuple[Any, int]] = [(pdfium.FPDFBookmark_GetFirstChild(self._document, None), 1)]
        seen: set[int] = set()  # it may go round in circles
        while waiting and len(entries) < MAX_OUTLINE:
            mark, depth = waiting.pop()
            address = ctypes.cast(mark, ctypes.c_void_p).value
            if address is None or address in seen:
                continue
            seen.add(address)
            waiting.append((pdfium.FPDFBookmark_GetNextSibling(self._document, mark), depth))
            if depth < MAX_DEPTH:
                waiting.append((pdfium.FPDFBookmark_GetFirstChild(self._document, mark), depth + 1))
            destination = pdfium.FPDFBookmark_GetDest(self._document, mark)
            if not destination and (action := pdfium.FPDFBookmark_GetAction(mark)):
                destination = pdfium.FPDFAction_GetDest(self._document, action)
            page = pdfium.FPDFDest_GetDestPageIndex(self._document, destination) if destination else -1
            if page >= 0:
                title = self._words(lambda buffer, n, mark=mark: pdfium.FPDFBookmark_GetTitle(mark, buffer, n))
                entries.append((title, page + 1, _height(destination), depth))
        return entries

    @staticmethod
    def _words(get: Any) -> str:
        """Read what PDFium writes as UTF-16 into a buffer."""
        n_bytes = min(get(None, 0), MAX_TITLE_BYTES * 2)
        if n_bytes <= 2:
            return ""
        buffer = (ctypes.c_ushort * (n_bytes // 2))()
        if get(buffer, n_bytes) > n_bytes:
            return ""
        return bytes(buffer).decode("utf-16-le", "ignore").split("\0")[0]


def _height(destination: Any) -> float:
    has_x, has_y, has_zoom = (pdfium.FPDF_BOOL() for _ in range(3))
    x, y, zoom = (pdfium.FS_FLOAT() for _ in range(3))
    found = pdfium.FPDFDest_GetLocationInPage(destination, has_x, has_y, has_zoom, x, y, zoom)
    return float(y.value) if found and has_y.value else math.inf


class _Raw(NamedTuple):
    """A glyph as the file places it: its box, its baseline, and the angle at which it runs, in radians."""

    text: str
    x0: float
    x1: float
    low: float
    high: float
    y: float
    size: float
    angle: float
    is_unknown: bool
    string: int


def _raw_glyphs(text: Any, n_glyphs: int) -> list[_Raw]:
    raw: list[_Raw] = []
    x, y, box, matrix = ctypes.c_double(), ctypes.c_double(), pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    at_x, at_y, at_box = ctypes.byref(x), ctypes.byref(y), ctypes.byref(box)
    string_of = ctypes.cast(pdfium.FPDFText_GetTextObject, _StringOf)  # as a number: many times faster
    page = ctypes.cast(text, ctypes.c_void_p)
    size, angle, latest, string, has_unknown = 1.0, 0.0, None, 0, False
    half = 0  # the first half of a sign that UTF-16 writes as two
    for i in range(n_glyphs):
        code = pdfium.FPDFText_GetUnicode(text, i)
        if code <= _SPACE and pdfium.FPDFText_IsGenerated(text, i) == 1:
            continue
        if 0xD800 <= code < 0xDC00:
            half = code
            continue
        if 0xDC00 <= code < 0xE000:
            code = 0x10000 + ((half - 0xD800) << 10) + code - 0xDC00 if half else 0xFFFD
        half = 0
        address = string_of(page, i)
        if address is None or address != latest:
            pdfium.FPDFText_GetMatrix(text, i, ctypes.byref(matrix))
            size = abs(pdfium.FPDFText_GetFontSize(text, i)) * math.hypot(matrix.c, matrix.d)
            angle, latest = math.atan2(matrix.b, matrix.a), address
            string += 1
            has_unknown = pdfium.FPDFText_HasUnicodeMapError(text, i) == 1
        is_unknown = has_unknown or not _SPACE <= code < _DEL
        if is_unknown:
            is_unknown = pdfium.FPDFText_HasUnicodeMapError(text, i) == 1 or code in (0, 0xFFFD)
        pdfium.FPDFText_GetCharOrigin(text, i, at_x, at_y)
        pdfium.FPDFText_GetLooseCharBox(text, i, at_box)
        sign = "-" if code == _HYPHEN and not is_unknown else chr(code) if code <= 0x10FFFF else "\ufffd"
        low, high = box.bottom, box.top
        height = size or high - low
        if math.isfinite(box.left + box.right + y.value + low + high + height) and height > 0:
            raw.append(_Raw(sign, box.left, box.right, low, high, y.value, height, angle, is_unknown, string))
    return raw


def _page(page: Any, raw: list[_Raw], is_damaged: bool) -> GlyphPage:
    turns = Counter(round(glyph.angle / (math.pi / 2)) % 4 for glyph in raw if glyph.text != " ")
    n_quarters = max(turns, key=turns.__getitem__, default=0)
    left, bottom, right, top = _edges(page, n_quarters)
    glyphs: list[Glyph] = []
    for glyph in raw:
        x0, x1, y = glyph.x0, glyph.x1, glyph.y
        if n_quarters:
            one, other = _turned(x0, glyph.low, n_quarters), _turned(x1, glyph.high, n_quarters)
            x0, x1 = sorted((one[0], other[0]))
            y = min(one[1], other[1]) + _DEPTH * glyph.size
        size = glyph.size
        if left - size < x0 < right + size and bottom - size < y < top + size:
            is_turned = (glyph.angle or n_quarters) and _is_turned(glyph.angle, n_quarters)
            glyphs.append(Glyph(glyph.text, x0, x1, y, size, bool(is_turned), glyph.is_unknown, glyph.string))
    glyphs = _with_ligatures_of_tex(glyphs)
    is_vertical = _runs_down(glyphs)
    if is_vertical:  # columns from the right become lines from above
        glyphs = [glyph._replace(x0=-glyph.y, x1=-glyph.y + glyph.size, y=glyph.x0) for glyph in glyphs]
        left, bottom, right, top = -top, left, -bottom, right
    is_unreadable = _is_unreadable(glyphs)
    return GlyphPage(
        () if is_unreadable else tuple(glyphs),
        left,
        bottom,
        right - left,
        top - bottom,
        _has_pictures(page),
        is_vertical,
        is_unreadable,
        is_damaged,
    )


def _is_turned(angle: float, n_quarters: int) -> bool:
    """Whether a glyph runs in another direction than the page's text, which is turned by `n_quarters`."""
    lean = (angle - n_quarters * math.pi / 2 + math.pi) % (2 * math.pi) - math.pi
    return abs(lean) > _SHEER


def _edges(page: Any, n_quarters: int) -> tuple[float, float, float, float]:
    """The page's left, lower, right and upper edge, turned."""
    box = [ctypes.c_float() for _ in range(4)]
    left, bottom, right, top = 0.0, 0.0, pdfium.FPDF_GetPageWidthF(page), pdfium.FPDF_GetPageHeightF(page)
    if pdfium.FPDFPage_GetCropBox(page, *box) or pdfium.FPDFPage_GetMediaBox(page, *box):
        left, bottom, right, top = (edge.value for edge in box)
    one, other = _turned(left, bottom, n_quarters), _turned(right, top, n_quarters)
    left, right = sorted((one[0], other[0]))
    bottom, top = sorted((one[1], other[1]))
    return left, bottom, right, top


def _has_pictures(page: Any) -> bool:
    n_objects = min(pdfium.FPDFPage_CountObjects(page), _MAX_OBJECTS)
    objects = (pdfium.FPDFPage_GetObject(page, i) for i in range(n_objects))
    return any(pdfium.FPDFPageObj_GetType(part) == pdfium.FPDF_PAGEOBJ_IMAGE for part in objects)


def _turned(x: float, y: float, n_quarters: int) -> tuple[float, float]:
    """Turn a place round the page's corner, so that text that runs up (1), back (2) or down (3) runs to the right."""
    return ((x, y), (y, -x), (-x, -y), (-y, x))[n_quarters]


def _runs_down(glyphs: list[Glyph]) -> bool:
    """Return whether most Chinese or Japanese signs stand below the one before, as in books from there."""
    signs = [glyph for glyph in glyphs if "\u2e80" <= glyph.text < "\uffff" and not "\ue000" <= glyph.text < "\uf900"]
    pairs = list(pairwise(signs))
    n_below = sum(
        abs(one.x0 - other.x0) < 0.3 * one.size and 0.5 * one.size < one.y - other.y < 2.5 * one.size
        for one, other in pairs
    )
    return len(pairs) >= 3 and n_below > 0.5 * len(pairs)


def _with_ligatures_of_tex(glyphs: list[Glyph]) -> list[Glyph]:
    """Name the joined letters of TeX's bitmap fonts, which have codes and no names. It has two tables for them."""
    codes = {glyph.text for glyph in glyphs if glyph.is_unknown}
    table = next((table for table in (_OT1, _CORK) if codes & table.keys()), None)
    if table is None:
        return glyphs
    return [
        glyph._replace(text=table[glyph.text]) if glyph.is_unknown and glyph.text in table else glyph
        for glyph in glyphs
    ]


def _is_unreadable(glyphs: list[Glyph]) -> bool:
    """Return whether most glyphs are of fonts that do not say which letters they are, and look like none when they are
    taken for those of ASCII (which they are in old TeX)."""
    seen = [glyph for glyph in glyphs if glyph.text != " "]
    unknown = [glyph.text for glyph in seen if glyph.is_unknown]
    if len(unknown) < 0.5 * len(seen) or not seen:
        return False
    letters = [sign for sign in "".join(unknown) if sign.isascii() and sign.isalpha()]
    n_vowels = sum(letter in "aeiouAEIOU" for letter in letters)
    return len(letters) < _MIN_LETTERS * len(unknown) or not _VOWELS[0] < n_vowels / len(letters) < _VOWELS[1]
