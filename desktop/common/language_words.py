"""The languages' names, in English."""

import engine

LANGUAGE_WORDS = engine.language_names()
