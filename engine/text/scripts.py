"""What a text shows of its language: its script, and the words and letters that only one language of the script has."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache

from engine.text.languages import all_records, record_of
from engine.text.languages.record import LATIN, Script
from engine.text.markers import MARKER

SAMPLE_LETTERS = 2000
"""A text is judged by so many letters at its beginning."""

_NOISES = (  # each with a sign that it cannot be without
    (":", r"https?://\S{1,2000}"),
    (".", r"www\.\S{1,2000}"),
    ("@", r"\S{1,64}@\S{1,255}"),
    ("<", r"<[^<>]{1,200}>"),
    ("(", MARKER.pattern),
    ("（", MARKER.pattern),
)
_ENDS = re.compile(r"[.!?…¡¿]")
_MAX_NAME_WORDS = 4
_ASCII = re.compile(r"[\x00-\x7f]+")
_WORD = re.compile(r"[^\W\d_]+")
_INNER_WORD = re.compile(r"(?<=[\w,;] )[^\W\d_]+")
_MAX_BORROWED_LETTERS = 2
"""A text that has words of one language has so many letters of another at most in what it borrows."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Hold what a text shows of its language.

    `script` is a script's name, "" for a text without letters: that of a `Script`, or for others the first word of the
    names that Unicode gives to its letters. `own_words` and `own_letters` are those that only one language has, by its
    code, the words with how often they come. `is_name`: all its few words begin with a capital, and
    nothing ends a sentence. `has_strange_letters`: some are used by none of our languages.
    """

    sample: str
    script: str
    n_letters: int
    n_words: int
    own_words: dict[str, Counter[str]]
    own_letters: dict[str, frozenset[str]]
    has_strange_letters: bool
    is_name: bool


def evidence_of(text: str) -> Evidence:
    """Look at the first `SAMPLE_LETTERS` or so of `text`, without what belongs to no language."""
    sample = _sample(text)
    script = _script(sample)
    written = _WORD.findall(sample)
    words = [word.lower() for word in written]
    owners = _owners_of_words(script)
    if script in mixed_scripts():  # no spaces divide its words
        own = [(code, word) for word, code in owners.items() if word in sample]
    else:
        own = [(owners[word], word) for word in words if word in owners]
    names = _names(sample, frozenset(written)) if len(own) > 1 or (own and not sample.isascii()) else frozenset[str]()
    told = {code for code, word in own if word not in names}
    if told:  # "the office of Señor Pérez": names and borrowed words stand in texts of many languages
        own = [(code, word) for code, word in own if word not in names or code in told]
    own_words: dict[str, Counter[str]] = {}
    for code, word in own:
        own_words.setdefault(code, Counter())[word] += 1
    beyond = "" if sample.isascii() else _ASCII.sub("", sample).lower()  # nobody's own letters are in ASCII
    found = {code: frozenset(_own_letters(code).findall(beyond)) for code in languages_of(script)} if beyond else {}
    return Evidence(
        sample,
        script,
        sum(map(len, words)),
        len(words),
        own_words,
        {
            code: letters
            for code, letters in found.items()
            if letters and (not told or code in told or len(letters) > _MAX_BORROWED_LETTERS)
        },
        bool(beyond and script) and _strange_letters(script).search(beyond) is not None,
        len(words) <= _MAX_NAME_WORDS and not _ENDS.search(sample) and all(word[0].isupper() for word in written),
    )


def script_of(text: str) -> str:
    """Return the prevailing script of a text's beginning, as `Evidence` has it."""
    return _script(_sample(text))


def is_written_as(text: str, language: str) -> bool:
    """Return whether `text` may be in `language` by its script: Latin words and what a script is mixed with stand in
    texts of many."""
    if text.isascii():
        return True
    script, own = script_of(text), record_of(language).script
    return script in ("", LATIN.name, own.name, own.mixed_with)


def _names(sample: str, words: frozenset[str]) -> frozenset[str]:
    """Return those of the `words` of `sample` that have a capital within sentences, and are written with one only, in
    small letters."""
    inner = {word for word in _INNER_WORD.findall(sample) if word[0].isupper()}
    return frozenset(low for word in inner if (low := word.lower()) not in words)


def _sample(text: str) -> str:
    beginning = text.lstrip()[: 2 * SAMPLE_LETTERS]
    kinds = tuple(sign for sign, _ in _NOISES if sign in beginning)
    return (_noise(kinds).sub(" ", beginning) if kinds else beginning)[:SAMPLE_LETTERS]


@cache
def _noise(signs: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds all that belongs to no language in a text that has these `signs` of it: looking for what cannot
    be there takes longer than all else here."""
    return re.compile("|".join(pattern for sign, pattern in _NOISES if sign in signs), re.I)


@cache
def languages_of(script: str) -> tuple[str, ...]:
    """Return the languages that are written in `script` and may be meant by a text in it alone, those that only mix it
    with their own last."""
    own = [record.code for record in all_records() if record.script.name == script]
    return (*own, *(record.code for record in all_records() if own and record.script.mixed_with == script))


@cache
def mixed_scripts() -> frozenset[str]:
    """Return the scripts that languages mix with another, their own: of Han signs alone nobody can tell."""
    return frozenset(record.script.mixed_with for record in all_records() if record.script.mixed_with)


@cache
def _scripts() -> dict[str, tuple[Script, re.Pattern[str]]]:
    """Return all scripts by name, with what finds their letters; Latin, which is in every text, comes last."""
    scripts = {record.script.name: record.script for record in all_records() if record.script.name != LATIN.name}
    scripts[LATIN.name] = LATIN
    return {name: (script, re.compile(f"[{script.letters}]+")) for name, script in scripts.items()}


def _script(sample: str) -> str:
    """Return the name of the prevailing script; "" without letters."""
    if sample.isascii():
        return LATIN.name if _WORD.search(sample) else ""
    beyond = _ASCII.sub("", sample)  # no other script has letters in ASCII
    counts = {
        name: sum(map(len, letters.findall(sample if name == LATIN.name else beyond)))
        for name, (_, letters) in _scripts().items()
    }
    weights = {name: script.weight * counts[name] for name, (script, _) in _scripts().items()}
    for name, (script, _) in _scripts().items():
        if 0 < weights.get(script.mixed_with, 0) <= 9 * weights[name]:  # a tenth of kana, and the rest is kanji
            weights[name] += weights.pop(script.mixed_with)
    prevailing = max(weights, key=weights.__getitem__)
    others = Counter[str]()
    if sum(map(len, _WORD.findall(sample))) - sum(counts.values()) > weights[prevailing]:
        others = _other_scripts(sample)
    other, n_other = others.most_common(1)[0] if others else ("", 0)
    return other if n_other > weights[prevailing] else prevailing if weights[prevailing] else ""


def _other_scripts(sample: str) -> Counter[str]:
    """Count the letters of scripts that no language of ours is written in."""
    known = re.compile("|".join(letters.pattern for _, letters in _scripts().values()))
    counts: Counter[str] = Counter()
    for letter, n in Counter(known.sub("", sample)).items():
        if letter.isalpha():  # "²" is none, though it may be part of a word
            counts[unicodedata.name(letter, "?").split(None, 1)[0]] += n
    return counts


@cache
def _owners_of_words(script: str) -> dict[str, str]:
    """Map the words that one language of `script` alone has to it."""
    return {word: code for code in languages_of(script) for word in record_of(code).frequent_words}


@cache
def _own_letters(code: str) -> re.Pattern[str]:
    letters = record_of(code).own_letters
    return re.compile(f"[{letters}]" if letters else "(?!)")


@cache
def _strange_letters(script: str) -> re.Pattern[str]:
    """Return what finds the small letters that no language of `script` uses, whatever they are elsewhere."""
    usual = "".join(record_of(code).letters + record_of(code).own_letters for code in languages_of(script))
    return re.compile(rf"[^\x00-\x7f{usual}\W\d_]")
