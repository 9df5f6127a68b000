"""How the natural voice reads a text: the phonemes of each word, and the words that it cannot say.

hibari's lexicon and tagger do it; for words that they do not know espeak-ng is asked, after which they were made.
hibari's own rewriting of numbers and the like is left out, because `engine.text` has done that, with every sign's
place kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.builtin.neural.phonemes import from_ipa
from engine.builtin.phonemes import GivenPhonemes
from engine.errors import BuiltInVoiceError
from engine.files.foreign import Library, foreign
from engine.text.languages.record import LATIN

if TYPE_CHECKING:
    from hibari.g2p import G2P

MAX_DIGITS = 15
"""Of a number that is said as one; of a longer one each digit is said."""
MAX_WORD_CHARS = 80
"""Of a word that the lexicon is asked for: what is longer is no word."""

_CHUNK = re.compile(r"\S+")
_DIGITS = re.compile(rf"\d(?:[,.]?\d){{{MAX_DIGITS},}}|(?<![\d.,:/-])0\d+(?![\d.,:/-]*\d)")
"""Numbers that are said digit by digit: very long ones, and those that begin with a zero."""
_FRACTION = re.compile(r"(?<![\d/.,])([1-9])/([2-9]|10)(?![\d/.,]*\d)")
_PARTS = ("", "", "half", "third", "quarter", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_FOREIGN = re.compile(rf"(?:(?![{LATIN.letters}])[^\W\d_][\u0300-\u036f]*)+")
"""Letters of other scripts."""
_APOSTROPHE = re.compile("[‘’ʼ]")
_BETWEEN_DIGITS = re.compile(r"(?<=\d)'(?=\d)")
_BEFORE_SIGN = re.compile(" (?=[;:,.!?…”)])")
_PER = re.compile(r"(?:^|(?<=\w))/(?=(?:second|minute|hour|day|night|week|month|year|person|head|user)\b)")


@dataclass(frozen=True, slots=True)
class ReadWord:
    """Code points `[start, end)` of the text, and its phonemes, in the voice's alphabet.

    None where the voice cannot say it; a comma or a quotation mark has phonemes, too. `spaced`: a space follows.
    """

    start: int
    end: int
    phonemes: str | None
    spaced: bool


def read_words(g2p: G2P, text: str, given: Sequence[GivenPhonemes] = ()) -> list[ReadWord]:
    """Read `text`, any signs at all; `given` lie apart, and are taken as they are.

    Raises `BuiltInVoiceError` where the lexicon fails.
    """
    words: list[ReadWord] = []
    reached = 0
    for part in sorted(given, key=lambda part: part.start):
        words += _read_part(g2p, text, reached, part.start)
        words.append(
            ReadWord(part.start, part.end, from_ipa(part.ipa) or None, text[part.end : part.end + 1].isspace())
        )
        reached = part.end
    return words + _read_part(g2p, text, reached, len(text))


def _read_part(g2p: G2P, text: str, start: int, end: int) -> list[ReadWord]:
    chunks = list(_chunks(text, start, end))
    with foreign(Library.VOICE, lambda error: BuiltInVoiceError(f"its lexicon could not read a text: {error!r}")):
        groups = _phonemized(g2p, [chunk.said for chunk in chunks])
    assert len(groups) == len(chunks), (text, groups)
    return [word for chunk, group in zip(chunks, groups, strict=True) for word in _placed(chunk, group, text)]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """What stands between two spaces, and what is looked up for it."""

    start: int
    end: int
    said: str


def _chunks(text: str, start: int, end: int) -> Iterator[_Chunk]:
    """Cut at white space and where another script begins or ends; `_DIGITS` one by one, and nothing longer than
    `MAX_WORD_CHARS`."""
    for match in _CHUNK.finditer(text, start, end):
        cuts = {match.start(), match.end(), *range(match.start(), match.end(), MAX_WORD_CHARS)}
        for number in _DIGITS.finditer(text, *match.span()):
            cuts.update(range(number.start(), number.end() + 1))
        for letters in _FOREIGN.finditer(text, *match.span()):
            cuts.update(letters.span())
        for begin, finish in pairwise(sorted(cuts)):
            yield _Chunk(begin, finish, _lookup(text[begin:finish]))


def _lookup(written: str) -> str:
    """Write a chunk as the lexicon knows it: with straight apostrophes, none between digits, where it would join them;
    and with what a reader says for a slash."""
    straight = _APOSTROPHE.sub("'", written)
    return _PER.sub("/per/", _FRACTION.sub(_fraction, _BETWEEN_DIGITS.sub("-", straight)))


def _fraction(match: re.Match[str]) -> str:
    """Say "3/4" as three quarters; what is more than one, as "24/7", is none."""
    above, below = int(match[1]), int(match[2])
    if above >= below:
        return match[0]
    return f"{above}/{_PARTS[below]}" + ("" if above == 1 else "s")


@dataclass(frozen=True, slots=True)
class _Found:
    text: str
    phonemes: str


def _phonemized(g2p: G2P, chunks: list[str]) -> list[list[_Found]]:
    """Look the chunks up, all of them together, since a word's sound depends on its neighbours."""
    from hibari.g2p.token import Tok

    pairs = [pair for chunk in chunks for pair in _spaced(g2p.tokenizer(chunk) or [(chunk, "")])]
    tags = g2p.tagger([token for token, _ in pairs])
    tokens = [Tok(token, tag, space) for (token, space), tag in zip(pairs, tags, strict=True)]
    groups: list[list[_Found]] = [[]]
    for token in g2p.phonemize_tokens(tokens) if tokens else ():
        groups[-1].append(_Found(token.text, token.phonemes or ""))
        if token.whitespace:
            groups.append([])
    return groups[:-1]


def _spaced(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give the last token of a chunk a space, by which its end is told again."""
    return [*pairs[:-1], (pairs[-1][0], " ")]


def _placed(chunk: _Chunk, group: list[_Found], text: str) -> Iterable[ReadWord]:
    """Place what was found for a chunk: token by token where they spell it, else as one word."""
    spaced = chunk.end >= len(text) or text[chunk.end].isspace() or text[chunk.end - 1].isdigit()
    written = text[chunk.start : chunk.end]
    if "".join(found.text for found in group) != written:
        phonemes = " ".join(filter(None, (found.phonemes for found in group)))
        group = [_Found(written, _BEFORE_SIGN.sub("", phonemes))]
    start = place = chunk.start
    for i, found in enumerate(group):
        end = place + len(found.text)
        last = i == len(group) - 1
        if not found.phonemes and not last and _is_prefix(found.text):
            place = end  # "$" belongs to the number after it, where it is said
            continue
        unsaid = not found.phonemes and needs_saying(text[start:end])
        yield ReadWord(start, end, None if unsaid else found.phonemes, spaced and last)
        start = place = end


def _is_prefix(token: str) -> bool:
    return all(unicodedata.category(sign) == "Sc" for sign in token)


def needs_saying(written: str) -> bool:
    """Tell whether somebody who reads `written` out would say something: a letter, a digit, or a sign with a name."""
    return any(sign.isalnum() or sign == "§" or unicodedata.category(sign) in ("So", "Sm", "Sc") for sign in written)


def has_foreign_letters(word: str) -> bool:
    """Tell whether a letter of `word` is of another script than the Latin one."""
    return _FOREIGN.search(word) is not None
