"""Readings that an author puts beside signs: what is said of them, where a voice can read it."""

from __future__ import annotations

import re

from engine.text.mapped_text import MappedText

RUBY = re.compile(
    r"<ruby\b[^<>]{0,200}>\s{0,9}(?:<rb>)?(?P<signs>[^<>]{1,100})(?:</rb>)?\s{0,9}(?:<rp>[^<>]{0,5}</rp>\s{0,9})?"
    r"<rt>(?P<reading>[^<>]{1,100})</rt>\s{0,9}(?:<rp>[^<>]{0,5}</rp>\s{0,9})?</ruby>",
    re.IGNORECASE,
)
"""Signs with one reading, as they stand in a Markdown text."""

_READING = re.compile(r"[\u3041-\u3096\u309d-\u309f\u30a1-\u30ff\uff66-\uff9d\uac00-\ud7a3\s・=＝]+")  # kana, Hangul
_LETTER = re.compile(r"[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d\uac00-\ud7a3]")

_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff々〆ヶ]"
IN_BRACKETS = re.compile(
    rf"(?P<signs>{_HAN}{{1,10}})（(?P<reading>[\u3041-\u3096ー・]{{2,24}})）"
    rf"|(?:[｜|](?P<marked>[^｜|《》\s]{{1,20}})|(?P<before>{_HAN}{{1,10}}))《(?P<told>[\u3041-\u3096\u30a1-\u30ffー・]{{1,24}})》"
)
"""Signs with their reading in brackets after them, as plain Japanese texts have it."""

_NO_READINGS = frozenset(("あり", "なし", "まで", "から", "など", "のみ", "だけ", "ほか", "たち", "さん"))


def say_readings(text: MappedText) -> MappedText:
    """Say signs once that have a reading in brackets after them: as the author says that they are read."""
    if "（" not in text.text and "《" not in text.text:
        return text

    def reading(match: re.Match[str]) -> MappedText | None:
        group = "reading" if match["reading"] else "told"
        is_long_enough = group == "told" or 2 * len(match["reading"]) >= 3 * len(match["signs"])
        return text.slice(*match.span(group)) if is_long_enough and match[group] not in _NO_READINGS else None

    return text.sub(IN_BRACKETS, reading)


def is_reading(signs: str, reading: str) -> bool:
    """Return whether `reading`, which stands beside `signs`, is how they are said: in kana or Hangul, which a voice
    reads as they are. Points for emphasis, and letters for learners, are none."""
    is_written = _READING.fullmatch(reading) and _LETTER.search(reading)
    return bool(is_written) and signs.strip() != reading.strip()
