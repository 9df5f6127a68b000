"""Cuts a text into pieces that Qt lays out one at a time: its paragraphs, very long ones cut.

Qt lays out a paragraph in one go: a book without line breaks would stop the window for a second at each paint.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

MAX_PIECE_CHARS = 2000
_SENTENCE_END_THEN_SPACE = re.compile(r"[.!?…。！？][\"'”’»)\]]*(?= )|[。！？]")
_JOINERS = "\u200d\ufe0e\ufe0f"
_SURROGATE = re.compile("[\ud800-\udfff]")
_SEPARATORS = str.maketrans({"\r": "\n", "\u2029": "\n", "\ufdd0": "\n", "\ufdd1": "\n"})  # what Qt breaks at


class Joint(IntEnum):
    """Says what stands in the text between a piece and the one before it."""

    NEWLINE = 0
    SPACE = 1
    NOTHING = 2


@dataclass(frozen=True, slots=True)
class Piece:
    text: str
    joint: Joint = Joint.NEWLINE


def normalize(text: str) -> str:
    """Give `text` one kind of line break and no half signs, as Qt can hold it."""
    return normalize_in_place(text.replace("\r\n", "\n"))


def normalize_in_place(text: str) -> str:
    """Normalize `text` code point for code point: every place stays what it was."""
    if "\r\n" in text:
        text = text.replace("\r\n", " \n")
    if _SURROGATE.search(text):
        text = _SURROGATE.sub("\ufffd", text)
    return text.translate(_SEPARATORS) if any(sign in text for sign in "\r\u2029\ufdd0\ufdd1") else text


def cut(text: str) -> Iterator[Piece]:
    """Cut a normalized text into pieces."""
    for paragraph in text.split("\n"):
        joint, start = Joint.NEWLINE, 0
        while len(paragraph) - start > MAX_PIECE_CHARS:
            end = _find_end(paragraph, start)
            yield Piece(paragraph[start:end], joint)
            joint = Joint.SPACE if paragraph[end] == " " else Joint.NOTHING
            start = end + (joint is Joint.SPACE)
        yield Piece(paragraph[start:], joint)


def _find_end(paragraph: str, start: int) -> int:
    """Where the piece from `start` ends: after a sentence, at a space, or between any two signs."""
    earliest, latest = start + MAX_PIECE_CHARS // 2, start + MAX_PIECE_CHARS
    ends = [match.end() for match in _SENTENCE_END_THEN_SPACE.finditer(paragraph, earliest, latest)]
    if ends:
        return ends[-1]
    space = paragraph.rfind(" ", earliest, latest)
    if space > 0:
        return space
    end = latest
    while end > earliest and not _can_begin(paragraph[end - 1], paragraph[end]):
        end -= 1
    return end


def _can_begin(before: str, sign: str) -> bool:
    return not unicodedata.category(sign).startswith("M") and sign not in _JOINERS and before != "\u200d"
