"""From what the daemon sends, SSML, to plain text and the places of its marks: what espeak-ng says here. Lectern is
given the source, and understands the rest of it."""

from __future__ import annotations

from dataclasses import dataclass

import engine
import engine.text


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text, and its marks in order: the code point before which each stands, and its name. `ssml` is its source, ""
    where it is no more than the text."""

    text: str
    marks: tuple[tuple[int, str], ...] = ()
    ssml: str = ""

    def after(self, position: int, n_told: int) -> MarkedText:
        """Return what is left from `position` on, without the first `n_told` marks."""
        return MarkedText(
            self.text[position:], tuple((max(0, place - position), name) for place, name in self.marks[n_told:])
        )


def read_message(ssml: str) -> MarkedText:
    """Read what the daemon sends. Tags are never read out, and what is no SSML is text; what is too long for Lectern
    is said as it is."""
    try:
        read = engine.text.read_ssml(ssml)
    except engine.TextError:
        return MarkedText(ssml)
    return MarkedText(read.text, tuple((mark.at, mark.name) for mark in read.notes.bookmarks), ssml)
