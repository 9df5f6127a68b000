"""Text in PDFs that runs from right to left: most keep it as it looks, and not as it is read.

What comes in are the pieces of a page's lines, their signs from left to right as they stand. Most are read from their
end; where a file was written in the wrong direction, so that its text looks turned round, they are right as they stand,
which their last letters show.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

_RTL = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
_SIGN = re.compile(f"[{_RTL}]")
_WORD = re.compile(f"[{_RTL}]{{2,}}")
_FORM = re.compile("[\ufb1d-\ufdff\ufe70-\ufefc]+")
_FOREIGN = re.compile(
    f"[^\\W{_RTL}_](?:[^{_RTL}]*[^\\W{_RTL}_])?|[\u0660-\u0669\u06f0-\u06f9]+(?:[.,\u066b\u066c:/-][\u0660-\u0669\u06f0-\u06f9]+)*"
)
"""A number or words of another script in such a line: they run from left to right."""
_TURNED_WORDS = re.compile(f"(?:[{_RTL}][{_RTL}\\s\"'׳״,-]*)?[{_RTL}]")
_LAST_LETTERS = frozenset("ךםןףץةى")
"""In Hebrew and in Arabic: no word begins with one."""
_ARTICLE = "ال"
"""In Arabic: many words begin with it, and few end with its mirror image."""
_BRACKETS = str.maketrans("()[]{}«»<>", ")(][}{»«><")


def has_sign(text: str) -> bool:
    """Return whether `text` has a sign that runs from right to left."""
    return bool(_SIGN.search(text))


def runs_from_right(text: str) -> bool:
    """Return whether most letters of `text` are of a script that runs from right to left."""
    n_letters = sum(map(str.isalpha, text))
    return 2 * len(_SIGN.findall(text)) > n_letters > 0


def in_order(texts: Sequence[str], strings: Sequence[Sequence[str]]) -> tuple[list[str], bool]:
    """Return the pieces of a page's lines as they are read, and whether most of the page runs from right to left.

    `strings` are what each piece was drawn with, from the right, where it has signs that run from there.
    """
    ordered = list(texts)
    turned = [i for i, text in enumerate(texts) if runs_from_right(text)]
    is_kept_as_read = _is_kept_as_read(texts[i] for i in turned)
    for i, text in enumerate(texts):
        if i not in turned and _SIGN.search(text):
            ordered[i] = text if is_kept_as_read and turned else _TURNED_WORDS.sub(lambda match: match[0][::-1], text)
    as_read = [" ".join(strings[i]) if is_kept_as_read else _as_read(texts[i]) for i in turned]
    for i, text in zip(turned, _with_brackets_turned(as_read), strict=True):
        ordered[i] = _FORM.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    return ordered, runs_from_right("".join(texts))


def _is_kept_as_read(texts: Iterable[str]) -> bool:
    """Whether words that are taken from left to right begin and end as words do."""
    words = [unicodedata.normalize("NFKC", word) for text in texts for word in _WORD.findall(text)]
    n_turned = sum((word[0] in _LAST_LETTERS) + word.endswith(_ARTICLE[::-1]) for word in words)
    n_right = sum((word[-1] in _LAST_LETTERS) + word.startswith(_ARTICLE) for word in words)
    return n_right > n_turned


def _as_read(text: str) -> str:
    """A line from its right end; what runs from the left in it keeps its order."""
    return _FOREIGN.sub(lambda match: match[0][::-1], text[::-1])


def _with_brackets_turned(lines: Sequence[str]) -> list[str]:
    """The lines of a page, their brackets the other way round where they would all open at words' ends."""
    n_right = sum(len(re.findall(r"(?:^|\s)[(\[{«]\S|\S[)\]}»](?:\s|$)", line)) for line in lines)
    n_wrong = sum(len(re.findall(r"(?:^|\s)[)\]}»]\S|\S[(\[{«](?:\s|$)", line)) for line in lines)
    return [line.translate(_BRACKETS) for line in lines] if n_wrong > n_right else list(lines)
