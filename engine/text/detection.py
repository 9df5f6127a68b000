"""Which language a text is in: told by its script, and among the languages of one script by its words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from engine.text.languages import DEFAULT_LANGUAGE, all_records, record_of
from engine.text.languages.record import LATIN, Script
from engine.text.markers import MARKER

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

SAMPLE_LETTERS = 2000
"""The document's language is told from so many letters at its beginning."""

LONG_PARAGRAPH_LETTERS = 100
"""A paragraph shorter than this inherits the document's language, when the script is the same."""

_MIN_LETTERS = 7  # "Non lo so" can be told, "Hola" cannot
_MIXED_HEADING_LETTERS = 30
_NOISE = re.compile(rf"(?:https?://|www\.)\S{{1,2000}}|\S{{1,64}}@\S{{1,255}}|<[^<>]{{1,200}}>|{MARKER.pattern}", re.I)
_WORD = re.compile(r"[^\W\d_]+")


def detect_language(text: str) -> str:
    """Return the one of `LANGUAGES` that `text` is in; `DEFAULT_LANGUAGE` where it is short or tells nothing."""
    sample = _sample(text)
    script = _script(sample)
    return DEFAULT_LANGUAGE if script is None else _language_in(script, sample)


def guess_language(text: str) -> str:
    """Return the one of `LANGUAGES` that `text` is in by script and frequent words alone.

    It takes a millisecond, since it goes without the classifier.
    """
    sample = _sample(text)
    script = _script(sample) or LATIN.name
    votes = _votes(script, (word.lower() for word in _WORD.findall(sample)))
    return max(votes, key=votes.__getitem__)  # the first where nothing tells


def paragraph_language(text: str, inherited: str, *, chosen: bool) -> str:
    """Return the language of a paragraph of a document in language `inherited`, which somebody may have `chosen`.

    Another script overrides it, and so does a long paragraph that is surely in another language, unless
    its language was chosen.
    """
    sample = _sample(text)
    script = _script(sample)
    if script is None or (script == LATIN.name and chosen):
        return inherited
    if inherited in _languages_of(script):
        if chosen or len(_languages_of(script)) == 1 or len(sample) < LONG_PARAGRAPH_LETTERS:
            return inherited
        return _told_by_words(script, sample, min_confidence=0.9) or inherited
    if script == record_of(inherited).script.mixed_with and (chosen or len(sample) < _MIXED_HEADING_LETTERS):
        return inherited  # Japanese headings are often all Chinese characters
    return _language_in(script, sample)


def _sample(text: str) -> str:
    """Return the first `SAMPLE_LETTERS` or so of `text`, without what belongs to no language."""
    return _NOISE.sub(" ", text.lstrip()[: 2 * SAMPLE_LETTERS])[:SAMPLE_LETTERS]


def _language_in(script: str, sample: str) -> str:
    """Return the language of `script` that `sample` is in; where nothing tells, the first of them."""
    languages = _languages_of(script)
    if len(languages) == 1:
        return languages[0]
    return _told_by_words(script, sample, min_confidence=0.5) or languages[0]


# --- scripts ----------------------------------------------------------------------------------------------------------


@cache
def _scripts() -> dict[str, tuple[Script, re.Pattern[str]]]:
    """Return all scripts by name, with what finds their letters; Latin, which is in every text, comes last."""
    scripts = {record.script.name: record.script for record in all_records() if record.script.name != LATIN.name}
    scripts[LATIN.name] = LATIN
    return {name: (script, re.compile(f"[{script.letters}]+")) for name, script in scripts.items()}


@cache
def _languages_of(script: str) -> tuple[str, ...]:
    return tuple(record.code for record in all_records() if record.script.name == script)


def _script(sample: str) -> str | None:
    """Return the name of the prevailing script; None without letters of any."""
    if sample.isascii():
        return LATIN.name if _WORD.search(sample) else None
    weights = {
        name: script.weight * sum(map(len, letters.findall(sample))) for name, (script, letters) in _scripts().items()
    }
    for name, (script, _) in _scripts().items():
        if 0 < weights.get(script.mixed_with, 0) <= 9 * weights[name]:  # a tenth of kana, and the rest is kanji
            weights[name] += weights.pop(script.mixed_with)
    prevailing = max(weights, key=weights.__getitem__)
    return prevailing if weights[prevailing] else None


# --- words ------------------------------------------------------------------------------------------------------------


def _told_by_words(script: str, sample: str, min_confidence: float) -> str | None:
    """Tell the language of `script` by frequent words, and by the classifier where they do not decide."""
    words = [word.lower() for word in _WORD.findall(sample)]
    if len(words) < 2 or sum(map(len, words)) < _MIN_LETTERS:
        return None
    telling = [word for word in words if word in _frequent_words(script)]
    votes = _votes(script, telling)
    second, first = sorted(votes.items(), key=lambda item: item[1])[-2:]
    if len(set(telling)) >= 2 and first[1] >= 4 * max(second[1], 0.5) and first[1] * 12 >= len(words):
        return first[0]
    classifier = _classifier(script)
    if classifier is None:
        return None
    language, confidence = classifier.classify(sample)
    return language if confidence >= min_confidence else None


def _votes(script: str, words: Iterable[str]) -> dict[str, int]:
    """Count the lower-case `words` that tell of each language of `script`."""
    votes = dict.fromkeys(_languages_of(script), 0)
    for word in words:
        if (language := _frequent_words(script).get(word)) is not None:
            votes[language] += 1
    return votes


@cache
def _frequent_words(script: str) -> dict[str, str]:
    """Map the frequent words of all languages of `script` to their language."""
    return {word: code for code in _languages_of(script) for word in record_of(code).frequent_words}


@cache  # an immutable model of 5 MB that takes 1 s to load: loaded once, and only when it must decide
def _classifier(script: str) -> LanguageIdentifier | None:
    """Load what tells the languages of `script` apart, as far as it knows them; None where it knows too few."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    classifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    known = set(_languages_of(script)) & set(classifier.nb_classes)
    if len(known) < 2:
        return None
    classifier.set_languages(known)
    return classifier
