"""The names of the languages, for people. No Qt here."""

from __future__ import annotations

import engine

LANGUAGE_WORDS = engine.language_names()
