"""What a paragraph shows by size and place alone: initials, and lines that are no sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

INITIAL, PICTURE = "\x13", "\x14"
"""What no text may hold stands after a letter that is set apart as an initial, or that is a picture."""

_INITIAL = re.compile(
    rf"(?P<letter>[^\W\d_])(?P<mark>[{INITIAL}{PICTURE}])(?P<space>\s{{0,5}})(?P<next>[^\W\d_]|[’'])?"
)
_ONE_LETTER_WORDS = frozenset("AIOYEÀÈÉÓÁЯИАВСКОУ")
_MORE_ONE_LETTER_WORDS = {"pl": frozenset("UWZ"), "es": frozenset("U")}

_MAX_LINE_CHARS = 50  # of a line that stands for itself; a longer one was wrapped
_RUNS_ON = re.compile(r"[^\w)\]’”»\"']\Z|[,;:–—-]['\"”’»)]{0,3}\Z")
_BEGINS = re.compile(r"[\"'“‘«(\[¿¡]{0,2}[\w+]")


def with_initials(text: str, code: str = "") -> str:
    """Join initials to their words: "W" and " ord" are "Word", "A" and " cat" two words. `code` is the language's."""
    if INITIAL not in text and PICTURE not in text:
        return text

    words = _ONE_LETTER_WORDS | _MORE_ONE_LETTER_WORDS.get(code, frozenset())

    def joined(match: re.Match[str]) -> str:
        letter, space, following = match["letter"], match["space"], match["next"] or ""
        if not space and following:
            return letter + following
        if match["mark"] == PICTURE:
            return following  # a picture of a letter that begins no word is an icon
        is_word = letter.upper() in words or not following.isalpha() or following.isupper()
        return letter + (space if is_word else "") + following

    return _INITIAL.sub(joined, text)


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
    return len(lines) >= 4 and 4 * n_run_on >= len(lines)
