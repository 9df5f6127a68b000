"""Which language a text is in: told by its script, by words and letters that only one language has, by statistics, and
by what stands around it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.text.languages import DEFAULT_LANGUAGE, record_of
from engine.text.languages.record import LATIN
from engine.text.other_languages import language_of_script, same_language
from engine.text.scripts import Evidence, evidence_of, languages_of, mixed_scripts, script_of
from engine.types import LANGUAGES

# What is added to the logarithm of a language's probability. Tried on tests/engine/text/detection.tsv.
_PER_WORD, _MAX_WORDS = 1.4, 6
"""A word that no other language has."""
_PER_LETTER, _MAX_LETTERS, _MAX_MIXED_LETTERS = 1.2, 2, 10
"""A letter that no other language has: some names have one. Where languages share signs, such signs are all that
tells."""
_PER_MISSING, _MAX_MISSING = 0.022, 1.5
"""Every so many letters of a text are those that only its language has in its script: "ы" and the like in Russian."""
_AROUND, _AROUND_SHORT = 4.0, 6.0
"""All text around is in it; the more where the text itself has few letters."""
_SHORT_LETTERS = 30
_DECLARED_BY_FILE = 3.0
"""The file as a whole declares it: many programs write the same into every file."""
_DECLARED_HERE = 8.0
"""The file declares it for this part."""
_DEFAULT, _DEFAULT_SHORT, _FEWEST_LETTERS = 0.4, 1.5, 10
"""Nothing is known of a text, which may have the fewest letters that tell anything by their statistics."""
_UNVOICED, _UNVOICED_SHORT = -1.0, -3.0
"""No voice speaks it: reading on without a warning is better than a wrong one."""
_MIN_UNVOICED_LETTERS = 20

_MIN_PROBABILITY_OF_SCRIPT = 0.2

_SURE_WORDS, _SURE_SHARE, _SURE_LEAD = 3, 0.15, 4
"""With so many words of its own, this share of all and so many times those of any other, nothing else is asked."""
_SURE_SHARE_OF_FEW = 0.34
"""Of a text that has words of one language alone."""
_FEW_LETTERS = 60

_HALF_LIFE_LETTERS = 1000.0
"""How far a text remembers the languages of its paragraphs."""
_FIRST_LETTERS, _FIRST_SHARE = 300, 0.3
"""What a document's own language counts at its beginning, in letters, and at most, in a short one, of its length."""


@dataclass(frozen=True, slots=True)
class Told:
    """Say which of `LANGUAGES` a text is read in, and in `unvoiced` the code of what it is in, where that is none of
    them."""

    language: str
    unvoiced: str = ""


@dataclass(slots=True)
class Surroundings:
    """Remember the languages of what has been read of a document, the latest the best.

    `document` is what the whole of it was told to be in, or what a person has `chosen`, which holds for all but texts
    in another script; it has `n_chars`.
    """

    document: Told
    n_chars: int
    chosen: bool = False
    letters: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        n_first = max(1.0, min(_FIRST_LETTERS, _FIRST_SHARE * self.n_chars))
        self.letters[self.document.unvoiced or self.document.language] = n_first

    def add(self, told: Told, n_letters: int) -> None:
        """Add what a paragraph of `n_letters` was told to be in."""
        left = 0.5 ** (n_letters / _HALF_LIFE_LETTERS)
        self.letters = {code: n * left for code, n in self.letters.items()}
        code = told.unvoiced or told.language
        self.letters[code] = self.letters.get(code, 0.0) + n_letters

    def share(self, code: str) -> float:
        """Return how much of what has been read, of 1, is in the language `code`."""
        return self.letters.get(code, 0.0) / sum(self.letters.values())

    @property
    def most_heard(self) -> str:
        """Return the one of `LANGUAGES` that most of it was in; the document's, where none was."""
        heard = {code: n for code, n in self.letters.items() if code in LANGUAGES}
        return max(heard, key=heard.__getitem__) if heard else self.document.language


def detect_language(text: str) -> str:
    """Return the one of `LANGUAGES` that `text` is in; `DEFAULT_LANGUAGE` where it is short or tells nothing."""
    return document_language(text).language


def guess_language(text: str) -> str:
    """Return the one of `LANGUAGES` that `text` is in by script, frequent words and letters alone.

    It takes a millisecond, since it goes without the classifier.
    """
    evidence = evidence_of(text)
    languages = languages_of(evidence.script or LATIN.name) or (DEFAULT_LANGUAGE,)
    return max(languages, key=lambda code: _own_signs(evidence, code))  # the first where nothing tells


def document_language(text: str, declared: str = "") -> Told:
    """Tell the language of the document `text`, which says that it is in `declared`, a code, or "" for nothing said.

    A declaration holds unless the text contradicts it.
    """
    declared = same_language(declared)
    evidence = evidence_of(text)
    if not evidence.script:
        return Told(declared if declared in LANGUAGES else DEFAULT_LANGUAGE)
    default = _DEFAULT_SHORT if evidence.n_letters < _FEWEST_LETTERS else _DEFAULT
    prior = {declared: _DECLARED_BY_FILE} if declared else {DEFAULT_LANGUAGE: default}
    fallback = declared if declared in LANGUAGES else DEFAULT_LANGUAGE
    return _told(evidence, prior, fallback)


def paragraph_language(text: str, around: Surroundings, declared: str = "", nearby: str = "") -> Told:
    """Tell the language of a paragraph that the file itself `declared` to be in one, "" where it says nothing.

    Its script comes first, then what only one language has, then statistics, with the languages `around` as prior.
    `nearby` is text around it: signs that two languages share are read as those there.
    """
    document = around.document.language
    if around.chosen:
        script = script_of(text)
        if script in ("", LATIN.name) or document in languages_of(script):
            return Told(document)
        return _told(evidence_of(text), {}, document)
    evidence = evidence_of(text)
    fallback = around.most_heard
    declared = same_language(declared)
    if not evidence.script:
        return Told(declared if declared in LANGUAGES else fallback)
    if declared:
        return _told(evidence, {declared: _DECLARED_HERE}, fallback)
    if evidence.is_name and fallback in languages_of(evidence.script):
        return Told(fallback)  # "Los Angeles" is in the language around it
    weight = _AROUND_SHORT if evidence.n_letters < _SHORT_LETTERS else _AROUND
    prior = {code: weight * around.share(code) for code in around.letters}
    if evidence.script in mixed_scripts() and not (evidence.own_words or evidence.own_letters):
        _add_neighbours(prior, evidence.script, nearby)
    return _told(evidence, prior, fallback, around=fallback if fallback in prior else "")


def _add_neighbours(prior: dict[str, float], script: str, nearby: str) -> None:
    """Add to `prior` a language that mixes `script` with its own, where its own stands nearby."""
    for code in languages_of(script_of(nearby)):
        if record_of(code).script.mixed_with == script:
            prior[code] = prior.get(code, 0.0) + 1.0


def _told(evidence: Evidence, prior: Mapping[str, float], fallback: str, around: str = "") -> Told:
    """Weigh the languages of a script against each other, and against those that no voice speaks."""
    spoken = languages_of(evidence.script)
    if sure := _sure(evidence, spoken, around):
        return Told(sure)
    scores = _scores(evidence, spoken, prior)
    best = max(scores, key=scores.__getitem__)  # the first where nothing tells
    if best in spoken:
        return Told(best)
    return Told(fallback if fallback in spoken or not spoken else spoken[0], best)


def _sure(evidence: Evidence, spoken: Sequence[str], around: str) -> str:
    """Return the language that is certain without statistics, which take half a second to load; "" where none is.

    Where all is in the language `around`, and nothing tells of another, a few words are in it, too.
    """
    if not spoken or evidence.has_strange_letters:
        return ""
    counts = {code: len(evidence.own_words.get(code, {})) for code in spoken}
    first = max(counts, key=counts.__getitem__)
    second = max((n for code, n in counts.items() if code != first), default=0)
    share = sum(evidence.own_words.get(first, {}).values()) / max(1, evidence.n_words)
    if counts[first] >= _SURE_WORDS and counts[first] >= _SURE_LEAD * second and share >= _SURE_SHARE:
        return first
    telling = {code for code in spoken if counts[code] or code in evidence.own_letters}
    if len(telling) == 1:
        (only,) = telling
        if evidence.script in mixed_scripts():
            return only
        is_alone = len(spoken) == 1 or share >= _SURE_SHARE_OF_FEW
        return only if is_alone or (only == around and evidence.n_letters < _FEW_LETTERS) else ""
    return around if not telling and around in spoken and evidence.n_letters < _FEW_LETTERS else ""


def _scores(evidence: Evidence, spoken: Sequence[str], prior: Mapping[str, float]) -> dict[str, float]:
    scores = {code: _own_signs(evidence, code) + prior.get(code, 0.0) for code in spoken}
    if evidence.script in mixed_scripts():  # statistics know whole texts, and not single signs
        return scores
    from engine.text.classifier import MIN_PROBABILITY, probabilities

    likely = probabilities(evidence.sample)
    for code in spoken:
        scores[code] += math.log(likely.get(code, MIN_PROBABILITY)) - _missing(evidence, spoken)
    if not spoken and max(likely.values()) < _MIN_PROBABILITY_OF_SCRIPT:
        return {language_of_script(evidence.script): 0.0}
    for code, probability in likely.items():
        if code not in LANGUAGES:
            malus = _UNVOICED_SHORT if evidence.n_letters < _MIN_UNVOICED_LETTERS else _UNVOICED
            scores[code] = math.log(probability) + prior.get(code, 0.0) + (malus if spoken else 0.0)
    return scores


def _missing(evidence: Evidence, spoken: Sequence[str]) -> float:
    """Weigh that a text has none of the letters that tell the only language of its script from others."""
    if len(spoken) > 1 or evidence.own_letters or evidence.own_words:
        return 0.0
    return min(_PER_MISSING * evidence.n_letters, _MAX_MISSING)


def _own_signs(evidence: Evidence, code: str) -> float:
    """Weigh the words and letters that only the language `code` has."""
    n_words = min(sum(min(n, 2) for n in evidence.own_words.get(code, {}).values()), _MAX_WORDS)
    max_letters = _MAX_MIXED_LETTERS if evidence.script in mixed_scripts() else _MAX_LETTERS
    n_letters = min(len(evidence.own_letters.get(code, ())), max_letters)
    return _PER_WORD * n_words + _PER_LETTER * n_letters
