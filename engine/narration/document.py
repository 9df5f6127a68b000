"""A document as it was read: chapters of plain text, and all that its reader left out, with the reason.

What is not in a chapter is in an omission, so that a report can account for every character. A character is what leaves
a mark: white space is layout, which formats hold in different ways or not at all, and is never counted (`n_chars`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.narration.styles import Picture, StyleSpan
from engine.types import LanguageSpan


class OmissionReason(StrEnum):
    """Name why characters of a file are not in any chapter."""

    PAGE_HEADER = "page_header"
    PAGE_FOOTER = "page_footer"
    PAGE_NUMBER = "page_number"
    MARGIN_NUMBER = "margin_number"  # of a line or a paragraph, beside the text
    TURNED = "turned"  # text at another angle than the page's: a stamp, a watermark
    HYPHEN = "hyphen"  # of a word that a line's end had cut
    FOOTNOTE = "footnote"  # its mark, or its text, where the person wants none
    CONTENTS = "contents"  # a table of contents, navigation
    TIMING = "timing"  # of subtitles: numbers and times
    CODE = "code"  # scripts, styles
    HIDDEN = "hidden"  # what the file itself does not show
    LICENCE = "licence"  # of the file, around the book: Project Gutenberg's
    MARKUP = "markup"  # signs that say how text looks
    RUBY = "ruby"  # how signs are read, beside them
    REPETITION = "repetition"  # of subtitles that roll
    ADDRESS = "address"  # of a page, but for its host
    EMOJI = "emoji"  # and arrows, bullets and the like
    INVISIBLE = "invisible"  # joiners, marks of direction, soft hyphens
    SIGNS = "signs"  # punctuation that ends and divides nothing
    DICTIONARY = "dictionary"  # the person's says nothing for it
    CHOICE = "choice"  # the person's
    FRONT_MATTER = "front_matter"  # fields about the text, before it
    DELETED = "deleted"  # by whoever revised the text
    FURNITURE = "furniture"  # of a web page, around its text: menus, links to share it, notes on cookies
    SOUND = "sound"  # of subtitles: what is heard but not said, and who says it


def n_chars(text: str) -> int:
    """Count the characters of `text`, without white space."""
    return sum(map(len, text.split()))


@dataclass(frozen=True, slots=True)
class Omission:
    """Hold characters that were left out. `place` is for a person: a page, a file in the book, a line."""

    reason: OmissionReason
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """Hold one chapter.

    `text` is paragraphs with an empty line between them, the heading first if there is one in the file; what looks like
    markup in it and is text has a backslash before it.
    Segments' offsets count in it. `title` is for lists and tags, and may be empty. `languages` are what the file says
    of parts of `text` that are in another language than the document, an inner one after those around it. `styles` and
    `pictures` are for whoever shows it, in the order of their places.
    """

    title: str
    text: str
    languages: tuple[LanguageSpan, ...] = ()
    styles: tuple[StyleSpan, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """Hold a document as it was read. `language` is what the file names, one of `LANGUAGES`, else None; `cover` is the
    bytes of a JPEG or PNG.

    `warnings` are short sentences on what the reader is not sure of ("two columns on page 7"), for a person to look at.
    """

    title: str
    author: str
    language: str | None
    chapters: tuple[Chapter, ...]
    cover: bytes | None = None
    omissions: tuple[Omission, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def n_source_chars(self) -> int:
        """Count all characters of the file, without white space: those in the chapters and those that were left out."""
        return sum(n_chars(part.text) for part in (*self.chapters, *self.omissions))
