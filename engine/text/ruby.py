"""Readings that an author puts beside signs: what is said of them, where a voice can read it."""

from __future__ import annotations

import re

RUBY = re.compile(
    r"<ruby\b[^<>]{0,200}>\s{0,9}(?:<rb>)?(?P<signs>[^<>]{1,100})(?:</rb>)?\s{0,9}(?:<rp>[^<>]{0,5}</rp>\s{0,9})?"
    r"<rt>(?P<reading>[^<>]{1,100})</rt>\s{0,9}(?:<rp>[^<>]{0,5}</rp>\s{0,9})?</ruby>",
    re.IGNORECASE,
)
"""Signs with one reading, as they stand in a Markdown text."""

_READING = re.compile(r"[\u3041-\u3096\u309d-\u309f\u30a1-\u30ff\uff66-\uff9d\uac00-\ud7a3\s・=＝]+")  # kana, Hangul
_LETTER = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d\uac00-\ud7a3]")


def is_reading(signs: str, reading: str) -> bool:
    """Return whether `reading`, which stands beside `signs`, is how they are said: in kana or Hangul, which a voice
    reads as they are. Points for emphasis, and letters for learners, are none."""
    is_written = _READING.fullmatch(reading) and _LETTER.search(reading)
    return bool(is_written) and signs.strip() != reading.strip()
