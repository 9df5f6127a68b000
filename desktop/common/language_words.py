"""The names of the languages, for people. No Qt here."""

from __future__ import annotations

LANGUAGE_WORDS = {
    "en": "English",
    "zh": "Chinese",
    "ja": "Japanese",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
    "ko": "Korean",
    "ar": "Arabic",
    "ru": "Russian",
    "nl": "Dutch",
    "it": "Italian",
    "pl": "Polish",
    "pt": "Portuguese",
}
