"""Text in PDFs that runs from right to left: most keep it as it looks, and not as it is read.

pypdf gives the runs of each string from left to right, and turns those of right-to-left signs round. What is written
here puts the runs of a line in the order in which they are read; where a file has kept its text as it is read, pypdf
has turned words round that were right, which their last letters show.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import groupby

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_SIGN = re.compile(f"[{_RTL}]")
_WORD = re.compile(f"[{_RTL}]{{2,}}")
_FORM = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc]+")
_LAST_LETTERS = frozenset("ךםןףץةى")
"""In Hebrew and in Arabic: no word begins with one."""
_ARTICLE = "ال"
"""In Arabic: many words begin with it, and few end with its mirror image."""
_BRACKETS = str.maketrans("()[]{}«»<>", ")(][}{»«><")

Run = tuple[float, str]
"""Where its string begins, in points, and what pypdf makes of it: signs of one direction, and others among them."""
_String = tuple[float, list[str]]


def runs_from_right(text: str) -> bool:
    """Return whether most letters of `text` are of a script that runs from right to left."""
    n_letters = sum(map(str.isalpha, text))
    return 2 * len(_SIGN.findall(text)) > n_letters > 0


def is_kept_as_read(runs: Iterable[str]) -> bool:
    """Return whether the file has these runs as they are read: then pypdf's words end where they should begin."""
    words = [unicodedata.normalize("NFKC", word) for run in runs for word in _WORD.findall(run)]
    n_right = sum((word[-1] in _LAST_LETTERS) + word.startswith(_ARTICLE) for word in words)
    n_turned = sum((word[0] in _LAST_LETTERS) + word.endswith(_ARTICLE[::-1]) for word in words)
    return n_turned > n_right


def as_read(runs: Sequence[Run], size: float, *, kept_as_read: bool) -> str:
    """Join the runs of one line of `size` points as a reader says them."""
    strings = [(x, [run for _, run in some]) for x, some in groupby(runs, key=lambda run: run[0])]
    ordered: list[_String] = []
    from_right = sorted(strings, key=lambda string: -string[0])
    for is_other, some in groupby(from_right, key=lambda string: not any(map(_SIGN.search, string[1]))):
        together = list(some)
        ordered += _foreign(together) if is_other else together
    has_spaces = any(" " in run.strip() or run.isspace() for _, run in runs)
    text = ""
    for i, string in enumerate(ordered):
        text += " " if i and not has_spaces and _is_apart(ordered[i - 1], string, size) else ""
        text += _string_as_read(string[1], kept_as_read)
    return _FORM.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)


def among_others(run: str) -> str:
    """Turn a run round in a line that goes from left to right: what pypdf puts before its words stands after them."""
    first = _SIGN.search(run)
    return run if first is None else run[first.start() :] + run[: first.start()][::-1]


def with_brackets_turned(lines: Sequence[str]) -> list[str]:
    """Return the lines of a page, their brackets the other way round where they would all open at words' ends."""
    n_right = sum(len(re.findall(r"(?:^|\s)[(\[{«]\S|\S[)\]}»](?:\s|$)", line)) for line in lines)
    n_wrong = sum(len(re.findall(r"(?:^|\s)[)\]}»]\S|\S[(\[{«](?:\s|$)", line)) for line in lines)
    return [line.translate(_BRACKETS) for line in lines] if n_wrong > n_right else list(lines)


def _foreign(strings: list[_String]) -> list[_String]:
    """Strings without a sign that runs from right to left, the right one first: a number that was drawn digit by digit
    is read from the left."""
    digits = [i for i, (_, runs) in enumerate(strings) if any(map(str.isalnum, "".join(runs)))]
    if digits:
        core = slice(digits[0], digits[-1] + 1)
        strings[core] = strings[core][::-1]
    return strings


def _string_as_read(runs: Sequence[str], kept_as_read: bool) -> str:
    if kept_as_read:
        return "".join(run[::-1] if _SIGN.search(run) else run for run in runs)
    return "".join(run if _SIGN.search(run) else _turned(run) for run in reversed(runs))


def _turned(run: str) -> str:
    """A number or a foreign word, as it is; the spaces and signs after it stand before it."""
    core = run.rstrip()
    while core and not core[-1].isalnum():
        core = core[:-1]
    return run[len(core) :][::-1] + core


def _is_apart(one: _String, other: _String, size: float) -> bool:
    """Whether there is a space between two strings of a line in which none is written: words that were placed one by
    one. Between single signs there is one where they are further apart than signs are wide."""
    n_signs = max(sum(map(len, string[1])) for string in (one, other))
    return n_signs > 1 or abs(one[0] - other[0]) > 0.9 * size
