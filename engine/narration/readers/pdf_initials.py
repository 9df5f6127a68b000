"""What is uneven in a PDF's lines made even before they are ordered: initials, and sizes that a scanner guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from engine.narration.readers.pdf_layout import Line, Page, body_size_of

_INITIAL = 1.6  # of the text's size: what is smaller is none
_SAME_SIZE = 0.03
_MIN_SHARE = 0.5  # of the text that is of one size, in a document that was not scanned
_GUESSED = (0.72, 1.4)  # of the text's size, where a scanner guessed it
_ONE_LETTER_WORDS = frozenset("AÀIOÓYEÉUWZ" + "АВИКОСУЯ")


def made_even(pages: Sequence[Page]) -> list[Page]:
    """Return the pages with initials put to their words, and with one size for text whose sizes were guessed."""
    lines = [line for page in pages for line in page.lines]
    body_size = body_size_of(lines)
    n_chars = sum(len(line.text) for line in lines)
    n_same = sum(len(line.text) for line in lines if abs(line.size - body_size) <= _SAME_SIZE * body_size)
    is_guessed = n_same < _MIN_SHARE * n_chars
    words = Counter(word.casefold() for line in lines for word in line.text.split())
    even: list[Page] = []
    for page in pages:
        some = list(page.lines)
        if is_guessed:
            some = [
                replace(line, size=body_size) if _GUESSED[0] < line.size / body_size < _GUESSED[1] else line
                for line in some
            ]
        initials = [line for line in some if _is_initial(line, body_size)]
        for initial in initials:
            some = _with_initial(some, initial, words)
        even.append(replace(page, lines=tuple(some)))
    return even


def _is_initial(line: Line, body_size: float) -> bool:
    letters = line.text.strip("\"“„«‘'¿¡—– ")
    return len(letters) == 1 and letters.isupper() and line.size > _INITIAL * body_size


def _with_initial(lines: Sequence[Line], initial: Line, words: Counter[str]) -> list[Line]:
    """The lines with an initial before the first of those that stand beside it, which begin where it does."""
    beside = [line for line in lines if line is not initial and _is_beside(line, initial)]
    if not beside:
        return list(lines)
    first = max(beside, key=lambda line: line.y)
    word = (first.text.split() or [""])[0].casefold()
    is_alone = initial.text in _ONE_LETTER_WORDS and words[word] > 1 and not words[initial.text.casefold() + word]
    text = f"{initial.text} {first.text}" if is_alone else initial.text + first.text
    changed = {line: replace(line, x0=initial.x0) for line in beside}
    changed[first] = replace(changed[first], text=text)
    return [changed.get(line, line) for line in lines if line is not initial]


def _is_beside(line: Line, initial: Line) -> bool:
    is_near = -0.2 * line.size < line.x0 - initial.x1 < 1.2 * line.size
    return is_near and line.size < initial.size / 1.4 and -0.3 * line.size < line.y - initial.y < initial.size
