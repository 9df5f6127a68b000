"""What is written short, said in words: amounts, dates, times, ordinals, Roman numbers, abbreviations, addresses.

Only what can be said rightly: where a rule would need to know the case or gender that a sentence asks for, the digits
stay, which every voice reads. Plain numbers always stay.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from engine.text.amounts import number_rules
from engine.text.languages import Words, words_of
from engine.text.languages.record import said
from engine.text.mapped_text import MappedText

# What numbers' rules have something to do with; compiling them takes 30 ms, which plain sentences need not wait for.
_NUMBERS = re.compile(r"\d|[%€$£¥₩₹₽§№#°]|(?<!\w)[IVXLC]+(?!\w)")
_BEFORE = r"(?<![\w.,:/−-])"  # a number that is no part of another or of a name
_TLD = (
    "com|org|net|io|edu|gov|info|dev|app|eu|de|at|ch|fr|be|es|it|nl|pl|pt|br|ru|ua|jp|kr|cn|uk|us|ca|au|mx|ar|ai|me|tv"
)
_MAIL = re.compile(r"(?<![\w.@-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[a-z]{2,10}(?![\w@])", re.IGNORECASE | re.ASCII)
# In small letters: "the end.It went on" lacks a space.
_HOST = re.compile(rf"(?<![\w.@-])(?:[A-Za-z0-9][A-Za-z0-9-]{{0,62}}\.){{1,4}}(?:{_TLD})(?![\w@-]|\.\w)", re.ASCII)
_GROUPED = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})+(?![\w-]|[ \u00a0\u202f]\d)")
_GROUPING_LANGUAGES = ("de", "es", "fr", "it", "nl", "pl", "pt", "ru")  # with spaces: "12 345"

Rule = Callable[[MappedText], MappedText]


def spoken_form(text: MappedText, language: str) -> MappedText:
    """`text`, a sentence in `language`, as a reader would say it, each code point with the place it came from."""
    rules = _word_rules(language)
    if _NUMBERS.search(text.text):
        rules = (*rules[:1], *_number_rules(language), *rules[1:])
    for rule in rules:
        text = rule(text)
    return text


@cache  # immutable, one for each language
def _word_rules(language: str) -> tuple[Rule, ...]:
    words = words_of(language)
    return _those([_addresses(words), *_abbreviations(words), *_signs(words)])


@cache
def _number_rules(language: str) -> tuple[Rule, ...]:
    ungrouped = _ungrouped if language in _GROUPING_LANGUAGES else None
    return _those([ungrouped, *number_rules(language, words_of(language))])


def _those(rules: Iterable[Rule | None]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule is not None)


def _ungrouped(text: MappedText) -> MappedText:
    return text.sub(_GROUPED, lambda match: re.sub(r"\D", "", match[0]))


def _addresses(words: Words) -> Rule | None:
    """ "example.com" is said with the language's word for the dot, and so are the signs of an e-mail address."""
    if not words.address:
        return None

    def say(address: MappedText, signs: str) -> MappedText:
        pattern = re.compile("[" + re.escape(signs) + "]")
        return address.sub(pattern, lambda match: f" {said(words.address[match[0]])} ")

    def rule(text: MappedText) -> MappedText:
        if "@" in text.text:
            with_mail = text
            text = text.sub(_MAIL, lambda match: say(with_mail.slice(*match.span()), "@._-"))
        with_host = text
        return text.sub(_HOST, lambda match: say(with_host.slice(*match.span()), "."))

    return rule


def _abbreviations(words: Words) -> list[Rule | None]:
    no_initial = r"(?<!\b\w\.\s)"  # in "J. D. Salinger" there is no "Don"
    return [
        _replacing(_capitalised(words.before_numbers), r"\s?(?=\d)", " "),
        _replacing(words.titles, r"\s?(?=[^\W\d_a-zа-я])", " ", no_initial),
        _closing(words),
        _replacing(_capitalised(words.anywhere), r"(?!\w)", ""),
    ]


def _capitalised(entries: Mapping[str, str]) -> dict[str, str]:
    """The entries, also as they stand at the beginning of a sentence."""
    begun = {short[0].upper() + short[1:]: form[0].upper() + form[1:] for short, form in entries.items()}
    return {**begun, **entries}


def _replacing(entries: Mapping[str, str], after: str, then: str, before: str = "") -> Rule | None:
    """Says what stands in `entries` where the patterns fit around it; what the one behind takes becomes `then`."""
    if not entries:
        return None
    pattern = re.compile(rf"(?<![\w.]){before}(?P<short>{_any_of(entries)}){after}")
    spoken = {_unspaced(short): said(words) for short, words in entries.items()}
    return lambda text: text.sub(pattern, lambda match: spoken[_unspaced(match["short"])] + then)


def _closing(words: Words) -> Rule | None:
    """Those that may end a sentence keep its full stop."""
    if not words.closing:
        return None
    pattern = re.compile(rf"(?<![\w.])(?P<short>{_any_of(words.closing)})(?!\w)(?P<end>[\"'”’»)\]]*\Z)?")
    spoken = {_unspaced(short): said(form) for short, form in words.closing.items()}

    def say(match: re.Match[str]) -> str:
        stop = "." if match["end"] is not None and match["short"].endswith(".") else ""
        return spoken[_unspaced(match["short"])] + stop + (match["end"] or "")

    return lambda text: text.sub(pattern, say)


def _any_of(entries: Iterable[str]) -> str:
    """Longest first; a space in one may be missing."""
    return "|".join(re.escape(key).replace(r"\ ", r"\s?") for key in sorted(entries, key=len, reverse=True))


def _unspaced(short: str) -> str:
    return "".join(short.split())


def _signs(words: Words) -> list[Rule | None]:
    """Signs between numbers, before one, and "&" between words."""
    signs = {sign: said(form) for sign, form in words.signs.items()}
    between = "".join(sign for sign in "+=×÷±<>≤≥−" if sign in signs)
    rules: list[Rule | None] = []
    glue = words.glue or " "
    if between:
        pattern = re.compile(rf"(?<=[\d%)])\s?(?P<sign>[{re.escape(between)}])\s?(?=[\d(])")
        rules.append(lambda text: text.sub(pattern, lambda match: f"{glue}{signs[match['sign']]}{glue}"))
    leading = "".join(sign for sign in "±≈<>≤≥−§№#" if sign in signs)
    if leading:
        before = re.compile(rf"(?<!\S)(?P<open>[(\"“„«]?)(?P<sign>[{re.escape(leading)}])(?P=sign)?\s?(?=\d)")
        rules.append(lambda text: text.sub(before, lambda match: f"{match['open']}{signs[match['sign']]}{glue}"))
    if "&" in signs:
        both = re.compile(r"(?<=\w)\s?&\s?(?=\w)")
        rules.append(lambda text: text.sub(both, f" {signs['&']} "))
    if words.to:
        to = f"{words.glue}{words.to}{words.glue}"
        dash = re.compile(
            rf"{_BEFORE}(?P<a>\d{{1,9}}(?:[.,]\d{{1,3}})?)\s?–\s?(?=\d{{1,9}}(?:[.,]\d{{1,3}})?(?![\d–-]))"
        )
        rules.append(lambda text: text.sub(dash, lambda match: text.slice(*match.span("a")).text + to))
    return rules
