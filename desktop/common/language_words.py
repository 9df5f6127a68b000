"""Names the languages, for people. No Qt here."""

from __future__ import annotations

import engine.text

LANGUAGE_WORDS = engine.text.language_names()
