"""Hyphens at the ends of a PDF's lines: the word's own, or put in to break it. The rest of the document tells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from engine.narration.document import OmissionReason
from engine.narration.readers.building import Gathering
from engine.narration.readers.pdf_layout import Line

_END = re.compile(r"([^\W\d_]+)[-‐]\Z")
_BEGIN = re.compile(r"[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+")
_PAIR = re.compile(r"(?<![^\W\d_])([^\W\d_]+)[-‐](?=([^\W\d_]+))")
_MIN_PART = 4  # letters of a word that may stand alone


class Hyphens:
    """Know the words of a document, with and without hyphens."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self._words = Counter[str]()
        self._pairs = Counter[str]()
        n_breaks, n_own = Counter[str](), Counter[str]()
        for line in lines:
            whole = _END.sub("", line.text)
            self._words.update(word.casefold() for word in _WORD.findall(whole))
            self._pairs.update(f"{a}-{b}".casefold() for a, b in _PAIR.findall(whole))
            n_breaks[line.text[-1:]] += 1
            n_own.update(sign for sign in whole if sign in "-‐")
        # Some programs break words with the other sign of the two.
        self._breaking = "‐" if n_breaks["‐"] and n_own["-"] > n_own["‐"] else ""

    def settled(self, texts: Sequence[str], gathering: Gathering, place: str) -> list[str]:
        """Join those of a paragraph's lines between which the document tells what the hyphen is."""
        joined: list[str] = []
        for text in texts:
            end = _END.search(joined[-1]) if joined else None
            begin = _BEGIN.match(text)
            is_own = self._is_own(end[1], begin[0], joined[-1][-1]) if end and begin else None
            if is_own is None:
                joined.append(text)
                continue
            if not is_own:
                gathering.omit(OmissionReason.HYPHEN, joined[-1][-1], place)
                joined[-1] = joined[-1][:-1]
            joined[-1] += text
        return joined

    def _is_own(self, left: str, right: str, sign: str) -> bool | None:
        """Whether the hyphen between two parts is the word's own; None where nothing tells."""
        if sign == self._breaking:
            return False
        left, right = left.casefold(), right.casefold()
        n_own, n_whole = self._pairs[f"{left}-{right}"], self._words[left + right]
        if n_own or n_whole:
            return n_own > n_whole
        may_be_words = min(len(left), len(right)) >= _MIN_PART and self._words[left] and self._words[right]
        return True if may_be_words else None
