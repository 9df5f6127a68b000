"""What is read aloud for a recording, and what a gallery's voices and a preview say."""

from __future__ import annotations

from engine.types import LANGUAGES


def script_in(language: str) -> str:
    """Return the text for `language`: some 15 seconds when read calmly; English where nobody said a language."""
    from engine.text.languages import DEFAULT_LANGUAGE, record_of  # the door imports this file, and needs no text cut

    return record_of(language if language in LANGUAGES else DEFAULT_LANGUAGE).recording_script
