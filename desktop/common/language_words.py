"""Names the languages, for people. No Qt here."""

from __future__ import annotations

import engine
import engine.text

LANGUAGE_WORDS = engine.text.language_names()


def unvoiced_words(segment: engine.Segment) -> str:
    """Say that no voice speaks the language of `segment`, and what it is read as; "" where one does."""
    if not segment.unvoiced_language:
        return ""
    name = engine.text.name_of_language(segment.unvoiced_language)
    return f"This looks like {name}, which no voice speaks: it is read as {LANGUAGE_WORDS[segment.language]}."
