"""The person's own dictionary: what is said instead of what is written.

Entries for words are tried before patterns, each in the dictionary's order; what one has replaced is not touched again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from engine.errors import PronunciationError
from engine.text.ipa import foreign_sign
from engine.text.languages import record_of
from engine.text.mapped_text import MappedText
from engine.text.markers import find_markers
from engine.types import LANGUAGES, Pronunciation

if TYPE_CHECKING:
    from regex import Pattern

TIMEOUT_S = 0.2
"""A pattern that takes longer over a sentence is left out there: a usual one takes microseconds."""

# Of these a pattern that has trouble with any text usually has some with one. (`regex` itself defuses most of them.)
_PROBES = ("a" * 300 + "!", "1" * 300 + "!", " " * 300 + "!", "a " * 150 + "!", "aA1. " * 60)
_CONTROL = re.compile("[\0-\x08\x0a-\x1f\x7f\ud800-\udfff]")

_UNSPACED = "\u2e80-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"

_Found = tuple[int, int, str, str]  # start, end, what is said, and how that sounds
_Rule = Callable[[str], Iterable[_Found]]


@dataclass(frozen=True, slots=True)
class Part:
    """Holds a part of a text, whether the dictionary gave it (`is_given`), and how it sounds where it says so."""

    text: MappedText
    is_given: bool = False
    ipa: str = ""


def check_pronunciation(entry: Pronunciation, *, try_out: bool = True) -> None:
    """Raise `PronunciationError` where `entry` cannot be used; "slow" only with `try_out`, which takes up to 3 s."""
    if not entry.written.strip():
        raise PronunciationError("empty")
    if entry.language is not None and entry.language not in LANGUAGES:
        raise PronunciationError("language", entry.written, entry.language)
    if _CONTROL.search(entry.spoken) or (not entry.is_pattern and _CONTROL.search(entry.written)):
        raise PronunciationError("control", entry.written)
    sign = foreign_sign(entry.ipa) if entry.ipa else None
    if sign is not None:
        raise PronunciationError("ipa" if sign else "ipa_length", entry.written, sign)
    if entry.is_pattern:
        _check_pattern(entry, try_out)


def _check_pattern(entry: Pronunciation, try_out: bool) -> None:
    import regex

    try:
        pattern = _compiled(entry)
    except regex.error as error:
        raise PronunciationError("pattern", entry.written, str(error)) from error
    except (RecursionError, OverflowError) as error:
        raise PronunciationError("slow", entry.written) from error
    try:
        if pattern.match("", timeout=TIMEOUT_S) is not None:
            raise PronunciationError("matches_nothing", entry.written)
        own = dict.fromkeys(filter(str.isalnum, entry.written))
        for probe in () if not try_out else (*_PROBES, *(letter * 200 + "!" for letter in list(own)[:10])):
            for _ in pattern.finditer(probe, timeout=TIMEOUT_S):
                pass
    except TimeoutError as error:
        raise PronunciationError("slow", entry.written) from error
    try:  # a group that took no part is as good as any other here
        empty = regex.compile(f"(?:{entry.written})?+", _flags(entry)).match("")
        assert empty is not None, "it is optional"
        empty.expand(entry.spoken)
    except (regex.error, IndexError) as error:
        raise PronunciationError("replacement", entry.written, str(error)) from error


def _flags(entry: Pronunciation) -> int:
    import regex

    return regex.VERSION1 | (0 if entry.match_case else regex.IGNORECASE)


def _compiled(entry: Pronunciation) -> Pattern[str]:
    import regex

    return regex.compile(unicodedata.normalize("NFC", entry.written), _flags(entry))


class Pronouncer:
    """Applies `entries`, which were checked; what it learns about them is kept for as long as it lives."""

    def __init__(self, entries: Sequence[Pronunciation]) -> None:
        self._entries = entries
        self._rules: dict[str, tuple[_Rule, ...]] = {}

    def parts(self, text: MappedText, language: str, given: Sequence[tuple[int, int, str]] = ()) -> list[Part]:
        """Divide `text` into parts, in order; markers are left alone, and so are the ranges that are `given` already,
        with how they sound, or ""."""
        parts = list(_divided(text, given)) if given else [Part(text)]
        if not self._entries:
            return parts
        if language not in self._rules:
            self._rules[language] = tuple(self._rules_for(language))
        for rule in self._rules[language]:
            parts = _applied(parts, rule)
        return parts

    def _rules_for(self, language: str) -> Iterator[_Rule]:
        own = [entry for entry in self._entries if entry.language in (None, language)]
        words = [entry for entry in own if not entry.is_pattern]
        if words:
            yield _Words(words, language).found
        for entry in own:
            if entry.is_pattern:
                yield _Expression(entry).found


def _divided(text: MappedText, given: Sequence[tuple[int, int, str]]) -> Iterator[Part]:
    done = 0
    for start, end, ipa in [*given, (len(text), len(text), "")]:
        if done < start:
            yield Part(text.slice(done, start))
        if max(done, start) < end:
            yield Part(text.slice(max(done, start), end), True, ipa)
        done = max(done, end)


def _applied(parts: Sequence[Part], rule: _Rule) -> list[Part]:
    """Divide the parts that are still as written where `rule` finds something."""
    divided: list[Part] = []
    for part in parts:
        if part.is_given:
            divided.append(part)
            continue
        text, begin = part.text, 0
        markers = find_markers(text.text)
        for start, end, spoken, ipa in rule(text.text):
            if start == end or start < begin or any(m.start < end and start < m.end for m in markers):
                continue
            written = text.slice(start, end)
            said = written if ipa and not spoken.strip() else written.replaced(spoken)
            divided += [Part(text.slice(begin, start)), Part(said, True, ipa)]
            begin = end
        divided.append(Part(text.slice(begin, len(text))))
    return [part for part in divided if part.text.text]


@cache  # compiled in 10 ms, where there is a dictionary
def _token(elides: bool) -> re.Pattern[str]:
    """Return what a word is: with its apostrophes, but for languages that put another word before one; a sign of a
    script without spaces is a word of its own, and so is any other sign."""
    tail = "" if elides else rf"(?:['’][^\W{_UNSPACED}]+)*"
    return re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+{tail}|[^\w\s]")


class _Words:
    """Words found whole: token by token, so that the number of entries costs nothing."""

    def __init__(self, entries: Sequence[Pronunciation], language: str) -> None:
        self._token = _token(record_of(language).elides)
        self._by_first: dict[str, list[tuple[list[str], Pronunciation]]] = {}
        for entry in entries:
            written = unicodedata.normalize("NFC", entry.written)
            tokens = [match[0] for match in self._token.finditer(written)]
            self._by_first.setdefault(_key(tokens[0]), []).append((tokens, entry))
        for candidates in self._by_first.values():
            candidates.sort(key=lambda candidate: -len(candidate[0]))  # "New York" before "New"

    def found(self, text: str) -> Iterator[_Found]:
        tokens = list(self._token.finditer(text))
        i = 0
        while i < len(tokens):
            for words, entry in self._by_first.get(_key(tokens[i][0]), ()):
                there = [token[0] for token in tokens[i : i + len(words)]]
                if words == there or (not entry.match_case and list(map(_key, words)) == list(map(_key, there))):
                    i += len(words) - 1
                    yield tokens[i - len(words) + 1].start(), tokens[i].end(), entry.spoken, entry.ipa
                    break
            i += 1


class _Expression:
    """What a regular expression fits; given up for a text over which it takes too long."""

    def __init__(self, entry: Pronunciation) -> None:
        self._pattern, self._spoken, self._ipa = _compiled(entry), entry.spoken, entry.ipa

    def found(self, text: str) -> Iterator[_Found]:
        try:
            for match in self._pattern.finditer(text, timeout=TIMEOUT_S):
                yield match.start(), match.end(), match.expand(self._spoken) or "", self._ipa
        except TimeoutError:
            return


def _key(token: str) -> str:
    return token.casefold().replace("’", "'")
