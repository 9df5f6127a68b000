"""Which of the 13 languages a text is in: by its script, and among Latin scripts by its words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

from engine.text.markers import MARKER

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

LATIN_LANGUAGES = ("en", "de", "fr", "es", "nl", "it", "pl", "pt")

SAMPLE_LETTERS = 2000
"""The document's language is told from so many letters at its beginning."""

LONG_PARAGRAPH_LETTERS = 100
"""A paragraph shorter than this inherits the document's language, when the script is the same."""

_LATIN = "latin"
_MIN_LETTERS = 7  # "Non lo so" can be told, "Hola" cannot
_NOISE = re.compile(rf"(?:https?://|www\.)\S{{1,2000}}|\S{{1,64}}@\S{{1,255}}|<[^<>]{{1,200}}>|{MARKER.pattern}", re.I)
_WORD = re.compile(r"[^\W\d_]+")

# Words that are frequent in one of these languages and rare in the seven others. Where they decide, the
# classifier need not be loaded, which takes 1 s of the time to the first sound.
_FREQUENT_WORDS = {
    "en": "the and that with you this have from are they which were been would their there it your our what when who",
    "de": "und ist nicht ich ein eine mit auf sie dem zu für sich auch wird wir einen einer oder sind",
    "fr": "et est une dans pour pas avec vous nous sur cette sont elle qu ses aux très être ce au",
    "es": "el los las y pero muy está más hay cuando yo fue donde eran él había sus",
    "nl": "het een van niet dat zijn op voor ook naar maar wordt deze hij wij aan bij heeft werd nog",
    "it": "di che è sono della gli nel anche più questo alla dei perché nella degli delle nei dal",
    "pl": "się nie jest że w z jak ale był tak dla od przez są było jego który już po",
    "pt": "não é uma os um em ao são você foi isso pelo pela seu ele também muito eu",
}
_LANGUAGE_OF_WORD = {word: language for language, words in _FREQUENT_WORDS.items() for word in words.split()}


def detect_language(text: str) -> str:
    """One of `LANGUAGES`. Very short or undecidable text is "en"."""
    sample = _sample(text)
    script = _script(sample)
    if script is None:
        return "en"
    return script if script != _LATIN else _latin_language(sample, min_confidence=0.5) or "en"


def guess_language(text: str) -> str:
    """One of `LANGUAGES`, in a millisecond: by script and frequent words alone, without the classifier."""
    sample = _sample(text)
    script = _script(sample) or _LATIN
    if script != _LATIN:
        return script
    votes = _votes(word.lower() for word in _WORD.findall(sample))
    return max(votes, key=votes.__getitem__)  # the first, "en", where nothing tells


def paragraph_language(text: str, inherited: str, *, chosen: bool) -> str:
    """The language of a paragraph of a document in language `inherited`, which somebody may have `chosen`.

    Another script overrides it, and so does a long paragraph that is surely in another language, unless
    its language was chosen.
    """
    sample = _sample(text)
    script = _script(sample)
    if script is None or script == inherited or (script == _LATIN and chosen):
        return inherited
    if script == _LATIN:
        if inherited not in LATIN_LANGUAGES:
            return _latin_language(sample, min_confidence=0.5) or "en"
        if len(sample) < LONG_PARAGRAPH_LETTERS:
            return inherited
        return _latin_language(sample, min_confidence=0.9) or inherited
    if script == "zh" and inherited == "ja" and (chosen or len(sample) < 30):
        return inherited  # Japanese headings are often all Chinese characters
    return script


def _sample(text: str) -> str:
    """The first `SAMPLE_LETTERS` or so of `text`, without what belongs to no language."""
    return _NOISE.sub(" ", text.lstrip()[: 2 * SAMPLE_LETTERS])[:SAMPLE_LETTERS]


def _script(sample: str) -> str | None:
    """The prevailing script as the language it tells, `_LATIN`, or None without letters."""
    if sample.isascii():
        return _LATIN if _WORD.search(sample) else None
    weights = dict.fromkeys(("ja", "zh", "ko", "ar", "ru", _LATIN), 0)
    for letter in sample:
        if letter <= "\u024f":
            weights[_LATIN] += letter.isalpha()
        elif "\u0400" <= letter <= "\u052f":
            weights["ru"] += 1
        elif "\u0600" <= letter <= "\u06ff" or "\u0750" <= letter <= "\u077f" or "\ufb50" <= letter <= "\ufefc":
            weights["ar"] += letter.isalpha()
        elif "\u3041" <= letter <= "\u30fa" or "\uff66" <= letter <= "\uff9d":
            weights["ja"] += 3  # one of these is worth about three letters
        elif "\u3400" <= letter <= "\u9fff" or letter in "々〇" or "\U00020000" <= letter <= "\U0003ffff":
            weights["zh"] += 3
        elif "\uac00" <= letter <= "\ud7a3" or "\u1100" <= letter <= "\u11ff":
            weights["ko"] += 2
        elif "\u1e00" <= letter <= "\u1eff":
            weights[_LATIN] += 1
    if weights["ja"] * 9 >= weights["zh"] > 0:  # a tenth of kana, and the rest is kanji
        weights["ja"] += weights.pop("zh")
    script = max(weights, key=weights.__getitem__)
    return script if weights[script] else None


def _latin_language(sample: str, min_confidence: float) -> str | None:
    words = [word.lower() for word in _WORD.findall(sample)]
    if len(words) < 2 or sum(map(len, words)) < _MIN_LETTERS:
        return None
    telling = [word for word in words if word in _LANGUAGE_OF_WORD]
    votes = _votes(telling)
    second, first = sorted(votes.items(), key=lambda item: item[1])[-2:]
    if len(set(telling)) >= 2 and first[1] >= 4 * max(second[1], 0.5) and first[1] * 12 >= len(words):
        return first[0]
    language, confidence = _identifier().classify(sample)
    return language if confidence >= min_confidence else None


def _votes(words: Iterable[str]) -> dict[str, int]:
    """How many of the lower-case `words` tell of each Latin language."""
    votes: dict[str, int] = dict.fromkeys(LATIN_LANGUAGES, 0)
    for word in words:
        if (language := _LANGUAGE_OF_WORD.get(word)) is not None:
            votes[language] += 1
    return votes


@cache  # an immutable model of 5 MB that takes 1 s to load: loaded once, and only when it must decide
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(LATIN_LANGUAGES)
    return identifier
