"""What a paragraph shows by size and place alone: initials, and lines that are no sentence."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from engine.text.languages import all_records

INITIAL, PICTURE = "\x13", "\x14"
"""What no text may hold stands after a letter that is set apart as an initial, or that is a picture."""

_INITIAL = re.compile(
    rf"(?P<letter>[^\W\d_])(?P<mark>[{INITIAL}{PICTURE}])(?P<space>\s{{0,5}})(?P<next>[^\W\d_]|[’'])?"
)

_MAX_LINE_CHARS = 50  # of a line that stands for itself; a longer one was wrapped
_RUNS_ON = re.compile(r"[^\w)\]’”»\"']\Z|[,;:–—-]['\"”’»)]{0,3}\Z")
_BEGINS = re.compile(r"[\"'“‘«(\[¿¡]{0,2}[\w+]")


def with_initials(text: str, code: str = "") -> str:
    """Join initials to their words: "W" and " ord" are "Word", "A" and " cat" two words. `code` is the language's."""
    if INITIAL not in text and PICTURE not in text:
        return text

    words = _one_letter_words(code)

    def joined(match: re.Match[str]) -> str:
        letter, space, following = match["letter"], match["space"], match["next"] or ""
        if not space and following:
            return letter + following
        if match["mark"] == PICTURE:
            return following  # a picture of a letter that begins no word is an icon
        is_word = letter.upper() in words or not following.isalpha() or following.isupper()
        return letter + (space if is_word else "") + following

    return _INITIAL.sub(joined, text)


@lru_cache(maxsize=64)
def _one_letter_words(code: str) -> frozenset[str]:
    """Of a language; where none is known, those that more than one has."""
    own = [record.one_letter_words for record in all_records() if record.code == code]
    letters = Counter("".join(own or [record.one_letter_words for record in all_records()]))
    return frozenset(letter for letter, n in letters.items() if own or n > 1 or letter > "\u0400")


def lines_apart(text: str) -> list[str]:
    """Divide a paragraph at those of its line ends that divide more than a line: in an address, a list, a signature.

    A line that ends with a sign or is long goes on in the next, and so do all in verse.
    """
    lines = text.split("\n")
    if len(lines) == 1 or _is_verse(lines):
        return [text]
    parts = [[lines[0]]]
    for line in lines[1:]:
        before = parts[-1][-1]
        begins = _BEGINS.match(line)
        stands_alone = (
            begins is not None
            and (begins[0][-1].isupper() or begins[0][-1].isdigit() or begins[0][-1] == "+")
            and len(before) <= _MAX_LINE_CHARS
            and not _RUNS_ON.search(before[-6:])
        )
        if stands_alone:
            parts.append([])
        parts[-1].append(line)
    return ["\n".join(part) for part in parts]


def _is_verse(lines: Sequence[str]) -> bool:
    n_run_on = sum(line.endswith((",", ";", ":", "—", "–", "،", "，")) for line in lines[:-1])
    has_numbers = any(line[:1].isdigit() for line in lines)  # of houses
    return len(lines) >= 3 and 4 * n_run_on >= len(lines) and not has_numbers
