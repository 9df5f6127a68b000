"""Japanese in kana, which espeak-ng can read; of kanji it says "Chinese letter"."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from engine.text.mapped_text import MappedText, joined

_KANJI = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3005\U00020000-\U0003ffff]")
_DAYS = {
    **{"1": "ついたち", "2": "ふつか", "3": "みっか", "4": "よっか", "5": "いつか", "6": "むいか", "7": "なのか"},
    **{"8": "ようか", "9": "ここのか", "10": "とおか", "14": "じゅうよっか", "20": "はつか", "24": "にじゅうよっか"},
}
_DAY = re.compile(r"(?<=月)(?P<day>\d{1,2})日(?!間)")
_PEOPLE = re.compile(r"(?<![\d.,])(?P<n>[12])人(?![\u3400-\u9fff])")
_PARTICLES = {"は": "わ", "へ": "え"}
_GREETING = {"今日は": "きょうは", "今晩は": "こんばんは"}


def in_kana(text: MappedText) -> MappedText:
    """Write the kanji of `text` in kana, and the particles は and へ as they sound.

    Each word stands for the one that was written. The first call takes half a second.
    """
    if not _KANJI.search(text.text):
        return text
    text = text.sub(_DAY, lambda match: _DAYS.get(match["day"]))
    text = text.sub(_PEOPLE, lambda match: "ひとり" if match["n"] == "1" else "ふたり")
    parts: list[MappedText] = []
    done = 0
    for word in _converter().convert(text.text):
        start = text.text.find(word["orig"], done) if word["orig"] else -1
        if start < 0:
            continue
        done, before = start + len(word["orig"]), done
        parts += [text.slice(before, start), _said(text.slice(start, done), word["hira"])]
    return joined([*parts, text.slice(done, len(text))])


def _said(written: MappedText, reading: str) -> MappedText:
    kana = _GREETING.get(written.text, reading) if _KANJI.search(written.text) else written.text
    if _KANJI.search(kana) or not kana:
        return written  # a sign that has no reading of its own
    if written.text in _PARTICLES or (len(written.text) > 1 and written.text[-1] in _PARTICLES):
        kana = kana[:-1] + _PARTICLES[kana[-1]]
    return written if kana == written.text else written.replaced(kana)


@cache
def _converter() -> Any:
    """Load the dictionary: 0.5 s, and 50 MB for as long as the process lives."""
    import pykakasi

    return pykakasi.kakasi()
