"""Signs nobody reads out: invisible characters, emoji, decoration, hard line ends, piled-up punctuation."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from engine.text.languages import all_records
from engine.text.mapped_text import MappedText

# Combining marks of the languages' scripts (and emoji keycaps), vowels and finals of decomposed Hangul.
_MARKS = (
    r"\u0300-\u036f\u0483-\u0487\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed"
    r"\u1160-\u11ff\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\u3099\u309a\ufe20-\ufe2f"
)
# Single signs that normalise to others: ohm, kelvin, angstrom, compatibility ideographs.
_COMPOSABLE = re.compile(rf"[^{_MARKS}\s][{_MARKS}]+|[\u2126\u212a\u212b\uf900-\ufaff\U0002f800-\U0002fa1f]")
# Letters in the shapes that printers give them, as PDFs hold them: ligatures, the forms of Arabic letters.
_SHAPED = re.compile(r"[\ufb00-\ufb06\ufb50-\ufbb1\ufbd3-\ufd3d\ufd50-\ufdfb\ufe70-\ufefc]")
_MAX_CLUSTER_CODEPOINTS = 16  # more marks on one letter are decoration, and slow to put in order

_ARABIC = r"\u0620-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc"
_SOFT_LINE_END = r"\u00ad[^\S\n]*\n[^\S\n]*"
_INVISIBLE = re.compile(
    rf"{_SOFT_LINE_END}|[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b"
    rf"\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffd"
    rf"\ue000-\uf8ff\U000e0000-\U0010ffff]+"
    rf"|[\u200c\u200d]+(?![{_ARABIC}])|(?<![{_ARABIC}\u200c\u200d])[\u200c\u200d]+"
)

_CJK = r"\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
_CJK_SIGN = re.compile(f"[{_CJK}]")
_LINE_END = re.compile(
    r"(?P<hyphen>(?P<left>[^\W\d_]{2,40}|[\ufb00-\ufb06])[-‐])?[^\S\n]*\n[^\S\n]*(?P<right>[^\W\d_]{0,40})"
)
# Arrows, technical signs, box drawing, shapes, dingbats (but not circled numbers), Braille, emoji, marks of
# footnotes. Sharp and flat, currency, mathematics, degree, number and trade mark signs are read out, so they stay.
_DECORATION = (
    r"\u00b6\u2020-\u2023\u203b\u2042-\u2043\u204c-\u204d\u20dd-\u20e4\u2190-\u21ff\u2300-\u2307\u230c-\u2319\u231a-\u245f"
    r"\u2500-\u266c\u2670-\u2775\u2794-\u27bf\u27f0-\u297f\u2b00-\u2bff\u3004\u3012\u3013\u3020\u3030"
    r"\U0001f000-\U0001f0ff\U0001f10d-\U0001faff"
)
_DECORATIONS = re.compile(rf"\s?[{_DECORATION}](?:[\s{_DECORATION}]*[{_DECORATION}])?\s?")
_DECORATIVE = re.compile(f"[{_DECORATION}]")
_RATING = re.compile(r"(?<!\d)[1-7]\Z")
_NO_SPACE_BEFORE = frozenset(",.;:!?…)]}»”’。，、；：！？）」』")
_NO_SPACE_AFTER = frozenset("([{«“„‘（「『¿¡")

NOTE_MARK = re.compile(
    r"(?:(?<=[^\W\d_]{4})|(?<=[.,;:!?…”’»]))[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]{1,3}(?=[\s.,;:!?…)”’»]|\Z)"
)

_PILED = re.compile(
    r"(?P<exclaim>[!?]{2,})|(?P<wide>[！？]{2,})|(?P<ellipsis>…[….]+|\.{4,})|(?P<dash>-{3,5}(?!-)|[—―–]{2,})"
    r"|(?P<ruler>[=_*~#+|^<>\\/-])(?P=ruler){3,}|(?P<same>[,，、;；。،؛])(?P=same)+|(?P<many>[:：()\[\]{}（）「」『』【】])(?P=many){3,}"
)
_SPACES = re.compile(r"\s{2,}|[^\S ]")


def compose(text: MappedText) -> MappedText:
    """Bring `text` to Unicode NFC, and to letters instead of their printed shapes.

    What a cluster becomes stands for the whole of it.
    """

    def composed(match: re.Match[str]) -> str | None:
        cluster = unicodedata.normalize("NFC", match[0][:_MAX_CLUSTER_CODEPOINTS])
        if cluster == match[0]:
            return None
        return cluster

    if text.text.isascii():
        return text
    return text.sub(_SHAPED, lambda match: unicodedata.normalize("NFKC", match[0])).sub(_COMPOSABLE, composed)


def drop_invisible(text: MappedText) -> MappedText:
    """Leave out control, format and private-use characters, and hyphens that were never meant to be seen.

    The joiners stay between Arabic letters, where they shape the word.
    """
    return text.sub(_INVISIBLE, "")


def join_lines(text: MappedText) -> MappedText:
    """Make one line: a space for each line end, nothing between Chinese or Japanese signs, broken words mended."""

    def join(match: re.Match[str]) -> MappedText:
        right = text.slice(*match.span("right"))
        line_end = text.slice(match.end("hyphen") if match["hyphen"] else match.start(), match.start("right"))
        if match["hyphen"]:
            left, hyphenated = text.slice(*match.span("left")), text.slice(*match.span("hyphen"))
            goes_on = match.string[match.end() : match.end() + 1] in ("-", "‐")  # "state-of-the-art", not Dutch "of"
            if match["right"] in _words_after_suspended_hyphen() and not goes_on:
                return hyphenated + line_end.replaced(" ") + right
            return left + right if _is_broken_word(match) else hyphenated + right
        before = match.string[match.start() - 1 : match.start()] if match.start() else ""
        after = match.string[match.start("right") : match.start("right") + 1]
        if _CJK_SIGN.match(before) and _CJK_SIGN.match(after):
            return right
        return line_end.replaced(" ") + right

    return text.sub(_LINE_END, join) if "\n" in text.text else text


# Of all languages together: lines are joined before the language of a paragraph is told.


@cache
def _words_after_suspended_hyphen() -> frozenset[str]:
    return frozenset[str]().union(*(record.after_suspended_hyphen for record in all_records()))


@cache
def _compound_firsts() -> frozenset[str]:
    return frozenset[str]().union(*(record.compound_firsts for record in all_records()))


def _is_broken_word(match: re.Match[str]) -> bool:
    """Tell "exam-\\nple", a word that got a hyphen at the line's end, from "self-\\nmade", which had one."""
    left, right = match["left"], match["right"]
    preceding = match.string[: match.start()][-1:]
    following = match.string[match.end() : match.end() + 1]
    return (
        len(right) >= 2
        and left[-1].islower()
        and right.islower()
        and left.lower() not in _compound_firsts()
        and preceding not in ("-", "‐")
        and following not in ("-", "‐")
    )


def drop_decoration(text: MappedText) -> MappedText:
    """Leave out emoji, arrows, bullets and the like; the words on both sides stay apart."""

    def close_up(match: re.Match[str]) -> str:
        if match[0].strip() in ("★", "☆", "⭐") and _RATING.search(match.string, match.start() - 2, match.start()):
            return match[0].replace(match[0].strip(), "*")  # "a 4★ hotel" is one with 4*
        before = match.string[match.start() - 1 : match.start()]
        after = match.string[match.end() : match.end() + 1]
        if not before or not after or after in _NO_SPACE_BEFORE or before in _NO_SPACE_AFTER:
            return ""
        spaced = match[0][0].isspace() or match[0][-1].isspace()
        return " " if spaced or not (_CJK_SIGN.match(before) or _CJK_SIGN.match(after)) else ""

    return text if text.text.isascii() else text.sub(_DECORATIONS, close_up)


def drop_note_marks(text: MappedText) -> MappedText:
    """Leave out raised numbers after a word or a sentence, which lead to notes; "km²" and "x³" keep theirs."""
    return text if text.text.isascii() else text.sub(NOTE_MARK, "")


def is_decoration(sign: str) -> bool:
    """Tell whether `sign` is an emoji, an arrow, a bullet or the like."""
    return bool(_DECORATIVE.match(sign))


def tame_punctuation(text: MappedText) -> MappedText:
    """Leave one sign of a pile of the same, and nothing of rulers made of signs."""

    def tame(match: re.Match[str]) -> str | None:
        pile = match[0]
        kind = match.lastgroup
        if kind == "exclaim" or kind == "wide":
            first = pile[0]
            other = next((sign for sign in pile if sign != first), "")
            tamed = first + other
        else:
            tamed = {"ellipsis": "..." if pile[0] == "." else "…", "dash": "—", "ruler": " "}.get(str(kind), pile[0])
        return None if tamed == pile else tamed

    return text.sub(_PILED, tame)


def collapse_space(text: MappedText) -> MappedText:
    """Make white space single plain spaces, and none at the ends."""
    return text.sub(_SPACES, " ").strip()
