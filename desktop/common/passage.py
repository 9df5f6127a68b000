"""A part of a book that is to be read aloud, as the reader asks for it. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass

import engine


@dataclass(frozen=True, slots=True)
class Passage:
    """Asks for `text` to be read from the sentence at code point `place` on. `languages` are what its file declares of
    it. With `goes_on` it follows right after what was heard, and sounds the same."""

    text: str
    place: int = 0
    languages: tuple[engine.LanguageSpan, ...] = ()
    goes_on: bool = False
