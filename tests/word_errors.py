"""Words that were recognised, compared with those that were said."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from num2words import num2words

_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:st|nd|rd|th)?")
_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")

# One spelling where there are two; a recogniser writes American, and joins or divides some words.
_SPELLINGS = {
    **{"centimetres": "centimeters", "harbour": "harbor", "neighbour": "neighbor", "cheque": "check", "grey": "gray"},
    **{"dr": "doctor", "mr": "mister", "mrs": "missus", "okay": "ok"},
}


def said_words(text: str) -> list[str]:
    """Divide `text` into words that can be compared: small letters, numbers as words, no signs, one spelling."""
    text = unicodedata.normalize("NFKC", text).replace("’", "'").replace("%", " percent").casefold()
    text = _NUMBER.sub(lambda match: f" {_number(match[0])} ", text)
    return [_SPELLINGS.get(word[0], word[0]) for word in _WORD.finditer(text)]


def word_errors(said: str, recognised: str) -> int:
    """Count the words that have to be changed, added or left out to make `said` of `recognised`."""
    return _distance(said_words(said), said_words(recognised))


def _number(written: str) -> str:
    digits = written.rstrip("stndrh").replace(",", "")
    if digits != written.replace(",", ""):
        return num2words(int(digits), to="ordinal")
    if "." not in digits and "," not in written and 1100 <= int(digits) <= 2099 and int(digits) % 1000 >= 100:
        return num2words(int(digits), to="year")
    return num2words(float(digits) if "." in digits else int(digits))


def _distance(a: Sequence[str], b: Sequence[str]) -> int:
    row = list(range(len(b) + 1))
    for i, word in enumerate(a, 1):
        before, row = row, [i]
        for j, other in enumerate(b, 1):
            row.append(min(before[j] + 1, row[-1] + 1, before[j - 1] + (word != other)))
    return row[-1]
