"""What Project Gutenberg puts around and into its books, told by its words, which are the same in all formats."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.narration.document import OmissionReason
from engine.narration.readers.building import Block, Gathering

START = re.compile(
    r"^[ \t]{0,20}\*\*\*[ \t]?START OF (?:THE|THIS) PROJECT GUTENBERG[^\n]*(?:\n|\Z)", re.MULTILINE | re.IGNORECASE
)
END = re.compile(
    r"^[ \t]{0,20}(?:\*\*\*[ \t]?END OF (?:THE|THIS) PROJECT GUTENBERG|End of (?:the )?Project Gutenberg)",
    re.MULTILINE | re.IGNORECASE,
)
_BEGINS_SO = re.compile(r"\A[\"“]?The Project Gutenberg e-?(?:Book|Text) of ", re.IGNORECASE)
_PAGE = re.compile(r"[ \u00a0]?\[(?:Pg|Page|p\.)[ \u00a0]?(?:\d{1,4}|[ivxlc]{1,8})\]", re.IGNORECASE)

_PICTURE = re.compile(r"\[Illustration\]")


def without_page_marks(text: str, gathering: Gathering, place: str = "") -> str:
    """Leave out "[Pg 13]", which stands where a page of the paper book ended, and "[Illustration]"."""
    if "[" not in text:
        return text
    for mark in _PAGE.findall(text):
        gathering.omit(OmissionReason.PAGE_NUMBER, mark, place)
    for mark in _PICTURE.findall(text):
        gathering.omit(OmissionReason.HIDDEN, mark, place)
    return _PICTURE.sub("", _PAGE.sub(_between_words, text))


def _between_words(match: re.Match[str]) -> str:
    """A mark without a space after it leaves the one before it: "went [Pg 13]home"."""
    return match[0][:1] if match[0][0] != "[" and match.string[match.end() : match.end() + 1].isalnum() else ""


class Licence:
    """Find the blocks of a book's files, one after the other, that are not the book but its licence."""

    def __init__(self) -> None:
        self._has_ended = False

    def kept(self, blocks: Sequence[Block]) -> list[bool]:
        """Say of each of a file's blocks whether it is the book's."""
        if self._has_ended:
            return [False] * len(blocks)
        start = next((i + 1 for i, block in enumerate(blocks) if START.search(block.text)), 0)
        if not start and len(blocks) > 1 and _BEGINS_SO.match(blocks[0].text) and "license" in blocks[1].text.lower():
            start = 2
        end = next((i for i in range(start, len(blocks)) if END.search(blocks[i].text)), len(blocks))
        self._has_ended = end < len(blocks)
        return [start <= i < end for i in range(len(blocks))]
