"""Japanese in kana, which espeak-ng can read; of kanji it says "Chinese letter"."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from engine.text.mapped_text import MappedText, joined
from engine.types import SourceMap

_KANJI = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\u3005\U00020000-\U0003ffff]")
_DAYS = {
    **{"1": "ついたち", "2": "ふつか", "3": "みっか", "4": "よっか", "5": "いつか", "6": "むいか", "7": "なのか"},
    **{"8": "ようか", "9": "ここのか", "10": "とおか", "14": "じゅうよっか", "20": "はつか", "24": "にじゅうよっか"},
}
_DAY = re.compile(r"(?<=月)(?P<day>\d{1,2})日(?!間)")
_PEOPLE = re.compile(r"(?<![\d.,])(?P<n>[12])人(?![\u3400-\u9fff])")
_PARTICLES = {"は": "わ", "へ": "え"}
_TOPIC = re.compile(
    "は(?=まだ|もう|とても|ない|いつ|どこ|どう|なぜ|[こそあ](?:の|れ|こ)|また|すぐ|よく|あまり|みんな|だれ|なに|いい|ある|いる|ずっと)"
)
_GREETING = {"今日は": "きょうは", "今晩は": "こんばんは"}


def in_kana(text: str, source: SourceMap) -> tuple[str, SourceMap]:
    """Write the kanji of `text` in kana, the particles は and へ as they sound, and a space before each word of those.

    Returns it with its map: each word stands for the one that was written. The first call with kanji takes half a
    second.
    """
    if not _KANJI.search(text):
        return text, source
    written = MappedText(text, source)
    written = written.sub(_DAY, lambda match: _DAYS.get(match["day"]))
    written = written.sub(_PEOPLE, lambda match: "ひとり" if match["n"] == "1" else "ふたり")
    parts: list[MappedText] = []
    done = 0
    for word in _converter().convert(written.text):
        start = written.text.find(word["orig"], done) if word["orig"] else -1
        if start < 0:
            continue
        parts.append(written.slice(done, start))
        done = start + len(word["orig"])
        parts.append(_said(written.slice(start, done), word["hira"], after=written.text[max(0, start - 1) : start]))
    said = joined([*parts, written.slice(done, len(written))])
    return said.text, said.source


def _said(written: MappedText, reading: str, *, after: str) -> MappedText:
    has_kanji = bool(_KANJI.search(written.text))
    kana = _GREETING.get(written.text, reading) if has_kanji else written.text
    if not kana or _KANJI.search(kana):
        return written  # a sign that has no reading of its own
    if written.text in _PARTICLES or (len(written.text) > 1 and written.text[-1] in _PARTICLES):
        kana = kana[:-1] + _PARTICLES[kana[-1]]
    elif _TOPIC.match(kana) and _KANJI.match(after):
        kana = f"わ{kana[1:]}"
    if has_kanji and not (after.isspace() or after.isdigit() or not after):
        kana = f" {kana}"  # by words espeak-ng tells where each begins
    return written if kana == written.text else written.replaced(kana)


@cache
def _converter() -> Any:
    """Load the dictionary: 0.5 s, and 130 MB for as long as the process lives."""
    import pykakasi

    return pykakasi.kakasi()
