"""Finds words in a text whatever their case and accents, and says where: in the text as it is. No Qt here.

Texts are folded: "Élève", "ÉLÈVE" and "eleve" become one. Most signs become one sign, so that a place in the folded
text is one in the text; those that become none or several are noted, and only they cost a look-up.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence

import engine

MAX_FOUND = 50_000
PIECE_CHARS = 1 << 16
"""So much is folded at a time: a few milliseconds, between which the GUI thread has its turn."""
_ALIKE = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u2011": "-", "ı": "i"})
_SPACES = re.compile(r"\s")
_FIRST_MARK_CLASS = 10  # below are signs of writing that are no accents: nuktas, viramas, marks of kana

Span = tuple[int, int]


class Folded:
    """Holds one text, folded. Making it takes a while for a long one: not for the GUI thread."""

    def __init__(self, text: str, cancel: engine.CancelToken | None = None) -> None:
        self.text = text
        parts: list[str] = []
        self._shifts: list[int] = []  # places in the folded text from which on it is shifted
        self._by: list[int] = [0]  # how far, before the first and after each of them
        table = _Table()
        done = 0
        for start in range(0, len(text), PIECE_CHARS):
            if cancel is not None and cancel.cancelled:
                break
            piece = text[start : start + PIECE_CHARS]
            folded = piece.lower() if piece.isascii() else piece.translate(table)
            if len(folded) != len(piece) or table.is_uneven:
                self._note_shifts(piece, done, table)
            folded = _SPACES.sub(" ", folded)
            parts.append(folded)
            done += len(folded)
        self.folded = "".join(parts)

    def _note_shifts(self, piece: str, done: int, table: _Table) -> None:
        if table.uneven is None or piece.isascii():
            return
        n, last = done, 0
        for match in table.uneven.finditer(piece):
            n += match.start() - last
            width = len(table[ord(match[0])])
            for place, by in [(n + i, -1) for i in range(1, width)] or [(n, 1)]:  # one sign is several, or none
                self._shifts.append(place)
                self._by.append(self._by[-1] + by)
            last, n = match.end(), n + width

    def place(self, folded: int) -> int:
        """Return the place in the text of a place in the folded one."""
        return folded + self._by[bisect_right(self._shifts, folded)] if self._shifts else folded

    def find(self, words: str, cancel: engine.CancelToken | None = None) -> Iterator[Span]:
        """Yield where `words`, folded already, stand, in code points of the text."""
        at = self.folded.find(words)
        while at >= 0 and words and not (cancel is not None and cancel.cancelled):
            end = at + len(words)
            yield self.place(at), min(max(self.place(end - 1) + 1, self.place(at) + 1), len(self.text))
            at = self.folded.find(words, end)


class _Table(dict[int, str]):
    """Folds signs, each when it is met first. `uneven` finds those that become none or several."""

    def __init__(self) -> None:
        super().__init__()
        self._uneven: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def __missing__(self, code: int) -> str:
        folded = self[code] = fold(chr(code))
        if len(folded) != 1:
            self._uneven.add(chr(code))
            self._pattern = None
        return folded

    @property
    def is_uneven(self) -> bool:
        return bool(self._uneven)

    @property
    def uneven(self) -> re.Pattern[str] | None:
        if self._pattern is None and self._uneven:
            self._pattern = re.compile(f"[{re.escape(''.join(sorted(self._uneven)))}]")
        return self._pattern


def fold(words: str) -> str:
    """Return `words` without case and accents, and with one kind of quotation mark, hyphen and space."""
    apart = unicodedata.normalize("NFD", words.casefold().translate(_ALIKE))
    kept = (s for s in apart if unicodedata.combining(s) < _FIRST_MARK_CLASS and unicodedata.category(s) != "Cf")
    return _SPACES.sub(" ", unicodedata.normalize("NFC", "".join(kept)))


class Searcher:
    """Searches in texts that stand one after the other. Those it has folded it keeps, until there are others."""

    def __init__(self) -> None:
        self._folded: tuple[Folded, ...] = ()

    def search(self, texts: Sequence[str], words: str, cancel: engine.CancelToken) -> list[Span]:
        """Return where `words` stand, the first `MAX_FOUND` of them; places count through all the texts."""
        known = {id(one.text): one for one in self._folded}
        self._folded = tuple(known.get(id(text)) or Folded(text, cancel) for text in texts)
        if cancel.cancelled:
            self._folded = ()
            return []
        found: list[Span] = []
        start, folded = 0, fold(words)
        for one in self._folded:
            for first, last in one.find(folded, cancel):
                found.append((start + first, start + last))
                if len(found) >= MAX_FOUND or cancel.cancelled:
                    return found
            start += len(one.text)
        return found
