"""Where the words of a paragraph are emphasised, found beside the text, so that no rule of the text can tell.

A paragraph's words go through many hands before they are its text: white space is joined, marks become signs, signs
are escaped. What is emphasised is noted by the number of a word, and found again in the text by counting signs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from engine.narration.styles import StyleKind, StyleSpan

_NO_SIGN = re.compile(r"[\s\\\x0e-\x1f]+")  # white space, marks, and what escapes a sign
_SIGNS = re.compile(r"[^\s\\\x0e-\x1f]+")

_Noted = tuple[StyleKind, int, int]


class Styling:
    """Note which words of a paragraph are of which kind, by their numbers. Kinds within themselves count once."""

    def __init__(self) -> None:
        self._depths: Counter[StyleKind] = Counter()
        self._begun: dict[StyleKind, int] = {}
        self._noted: list[_Noted] = []

    def begin(self, kind: StyleKind, word: int) -> None:
        """Note that words from number `word` on are of `kind`."""
        self._depths[kind] += 1
        if self._depths[kind] == 1:
            self._begun[kind] = word

    def end(self, kind: StyleKind, word: int) -> None:
        """Note that word number `word` is so no more."""
        self._depths[kind] -= 1
        if not self._depths[kind]:
            self._note(kind, self._begun.pop(kind), word)

    def cut(self, word: int) -> None:
        """Note that the words from number `word` on were taken back."""
        clipped: list[_Noted] = []
        while self._noted and self._noted[-1][2] > word:  # they are in the order of their ends
            kind, start, _ = self._noted.pop()
            clipped += [(kind, start, word)] if start < word else []
        self._noted += reversed(clipped)
        for kind, start in self._begun.items():
            self._begun[kind] = min(start, word)

    def take(self, words: Sequence[str]) -> Styled | None:
        """Return what is noted of a paragraph's `words`; kinds that are open go on in the next."""
        if not self._noted and not self._begun:
            return None
        for kind, start in self._begun.items():
            self._note(kind, start, len(words))
            self._begun[kind] = 0
        noted, self._noted = self._noted, []
        return Styled(words, noted) if noted else None

    def _note(self, kind: StyleKind, start: int, end: int) -> None:
        if start < end:
            self._noted.append((kind, start, end))


class Styled:
    """Hold what is noted of a paragraph, until its text is there. Places count signs."""

    def __init__(self, words: Sequence[str], noted: Sequence[_Noted]) -> None:
        self._signs = ""
        places: dict[int, int] = {}
        done = 0
        for number in sorted({number for _, start, end in noted for number in (start, end)}):
            self._signs += _NO_SIGN.sub("", "".join(words[done:number]))
            places[number], done = len(self._signs), number
        self._signs += _NO_SIGN.sub("", "".join(words[done:]))
        self._spans = [(kind, places[start], places[end]) for kind, start, end in noted]

    def fit(self, texts: Sequence[str]) -> list[list[StyleSpan]]:
        """Return what is noted for each of the `texts` that the words have become."""
        signs = [_NO_SIGN.sub("", text) for text in texts]
        waiting = sorted(self._moved("".join(signs)), key=lambda span: span[1])[::-1]
        fitted: list[list[StyleSpan]] = []
        within: list[_Noted] = []
        first = 0
        for text, own in zip(texts, signs, strict=True):
            end = first + len(own)
            while waiting and waiting[-1][1] < end:
                within.append(waiting.pop())
            inner = [(kind, max(a, first) - first, min(b, end) - first) for kind, a, b in within]
            fitted.append(_placed(text, inner, len(own)) if inner else [])
            within = [span for span in within if span[2] > end]
            first = end
        return fitted

    def _moved(self, signs: str) -> list[_Noted]:
        """The spans in `signs`: where those are others than the words had, as in formulas, what stands before the first
        and after the last of them is found."""
        if len(signs) == len(self._signs):
            return self._spans
        n_before = _n_common(self._signs, signs)
        n_after = _n_common(self._signs[n_before:][::-1], signs[n_before:][::-1])
        last, change = len(self._signs) - n_after, len(signs) - len(self._signs)

        def moved(place: int) -> int:
            return place if place <= n_before else max(n_before, max(place, last) + change)

        spans = [(kind, moved(start), moved(end)) for kind, start, end in self._spans]
        return [span for span in spans if span[1] < span[2]]


def _n_common(one: str, other: str) -> int:
    """How many signs are the same from the beginning on."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(one), len(other)))


def _placed(text: str, spans: Sequence[_Noted], n_signs: int) -> list[StyleSpan]:
    if all(span[1:] == (0, n_signs) for span in spans):
        return [StyleSpan(0, len(text), kind) for kind, _, _ in spans]
    at: dict[int, int] = {}  # where signs stand whose numbers are asked for
    asked = iter(sorted({number for _, start, end in spans for number in (start, end - 1)}))
    number, done = next(asked), 0
    for run in _SIGNS.finditer(text):
        first, done = done, done + len(run[0])
        while number < done:
            at[number] = run.start() + number - first
            number = next(asked, n_signs)
    placed = [StyleSpan(at[start], at[end - 1] + 1, kind) for kind, start, end in spans]
    return sorted(placed, key=lambda span: (span.start, -span.end))
