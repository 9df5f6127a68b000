"""What is written short, said in words: amounts, dates, times, ordinals, Roman numbers, abbreviations, addresses.

Only what can be said rightly: where a rule would need to know the case or gender that a sentence asks for, the digits
stay, which every voice reads. Plain numbers always stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from engine.text.amounts import BEFORE_NUMBER, NEVER, amount_rules
from engine.text.dates import date_rules
from engine.text.languages import Language, record_of
from engine.text.languages.forms import said
from engine.text.languages.record import Rewriting
from engine.text.mapped_text import MappedText, Rule
from engine.text.roman import roman_rules

# What numbers' rules have something to do with; compiling them takes 30 ms, which plain sentences need not wait for.
_NUMBERS = re.compile(r"\d|[%€$£¥₩₹₽§№#°]|(?<!\w)[IVXLC]+(?!\w)")
_TLD = (
    "com|org|net|io|edu|gov|info|dev|app|eu|de|at|ch|fr|be|es|it|nl|pl|pt|br|ru|ua|jp|kr|cn|uk|us|ca|au|mx|ar|ai|me|tv"
)
_MAIL = re.compile(r"(?<![\w.@-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[a-z]{2,10}(?![\w@])", re.IGNORECASE | re.ASCII)
# In small letters: "the end.It went on" lacks a space.
_HOST = re.compile(rf"(?<![\w.@-])(?:[A-Za-z0-9][A-Za-z0-9-]{{0,62}}\.){{1,4}}(?:{_TLD})(?![\w@-]|\.\w)", re.ASCII)
_GROUPED = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})+(?![\w-]|[ \u00a0\u202f]\d)")


def spoken_form(text: MappedText, code: str) -> MappedText:
    """Say `text`, a sentence in the language `code`, as a reader would; each code point knows where it came from."""
    addresses, others = _word_rules(code)
    numbers = _number_rules(code) if _NUMBERS.search(text.text) else ()
    for rule in (*addresses, *numbers, *others):
        text = rule(text)
    return text


@cache  # immutable, one for each language
def _word_rules(code: str) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Return the rules that come before those for numbers, and those that come after."""
    language = record_of(code)
    first = [_addresses(language), *map(_rule_of, language.contextual)]
    return _those(first), _those([*_abbreviations(language), *_signs(language)])


@cache
def _number_rules(code: str) -> tuple[Rule, ...]:
    language = record_of(code)
    return _those(
        [
            _ungrouped if language.has_grouping_spaces else None,
            *roman_rules(language),
            *date_rules(language),
            *amount_rules(language),
            *map(_rule_of, language.ordinals),
        ]
    )


def _those(rules: Iterable[Rule | None]) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules if rule is not None)


def _rule_of(rewriting: Rewriting) -> Rule:
    pattern = re.compile(rewriting.pattern)
    if "written" in pattern.groupindex:
        return lambda text: text.sub_group(pattern, "written", rewriting.say)
    return lambda text: text.sub(pattern, rewriting.say)


def _ungrouped(text: MappedText) -> MappedText:
    return text.sub(_GROUPED, lambda match: re.sub(r"\D", "", match[0]))


def _addresses(language: Language) -> Rule | None:
    """Say "example.com" with the language's word for the dot, and so the signs of an e-mail address."""
    words = language.address_signs
    if not words:
        return None

    def say(address: MappedText, signs: str) -> MappedText:
        pattern = re.compile("|".join(re.escape(sign) for sign in signs if sign in words) or NEVER)
        return address.sub(pattern, lambda match: f" {said(words[match[0]])} ")

    def rule(text: MappedText) -> MappedText:
        if "@" in text.text:
            with_mail = text
            text = text.sub(_MAIL, lambda match: say(with_mail.slice(*match.span()), "@._-"))
        with_host = text
        return text.sub(_HOST, lambda match: say(with_host.slice(*match.span()), "."))

    return rule


def _abbreviations(language: Language) -> list[Rule | None]:
    no_initial = r"(?<!\b\w\.\s)"  # in "J. D. Salinger" there is no "Don"
    return [
        _replacing(_capitalised(language.number_abbreviations), r"\s?(?=\d)", " "),
        _replacing(language.title_abbreviations, r"\s?(?=[^\W\d_a-zа-я])", " ", no_initial),
        _closing(language),
        _replacing(_capitalised(language.abbreviations), r"(?!\w)", ""),
    ]


def _capitalised(entries: Mapping[str, str]) -> dict[str, str]:
    """Add the entries as they stand at the beginning of a sentence."""
    begun = {short[0].upper() + short[1:]: form[0].upper() + form[1:] for short, form in entries.items()}
    return {**begun, **entries}


def _replacing(entries: Mapping[str, str], after: str, then: str, before: str = "") -> Rule | None:
    """Say what stands in `entries` where the patterns fit around it; what the one behind takes becomes `then`."""
    if not entries:
        return None
    pattern = re.compile(rf"(?<![\w.]){before}(?P<short>{_any_of(entries)}){after}")
    spoken = {_unspaced(short): said(words) for short, words in entries.items()}
    return lambda text: text.sub(pattern, lambda match: spoken[_unspaced(match["short"])] + then)


def _closing(language: Language) -> Rule | None:
    """Say the abbreviations that may end a sentence; there, they keep its full stop."""
    entries = language.closing_abbreviations
    if not entries:
        return None
    pattern = re.compile(rf"(?<![\w.])(?P<short>{_any_of(entries)})(?!\w)(?P<end>[\"'”’»)\]]*\Z)?")
    spoken = {_unspaced(short): said(form) for short, form in entries.items()}

    def say(match: re.Match[str]) -> str:
        stop = "." if match["end"] is not None and match["short"].endswith(".") else ""
        return spoken[_unspaced(match["short"])] + stop + (match["end"] or "")

    return lambda text: text.sub(pattern, say)


def _any_of(entries: Iterable[str]) -> str:
    """Make a pattern of `entries`, longest first; a space in one may be missing."""
    return "|".join(re.escape(key).replace(r"\ ", r"\s?") for key in sorted(entries, key=len, reverse=True))


def _unspaced(short: str) -> str:
    return "".join(short.split())


def _signs(language: Language) -> list[Rule | None]:
    """Say signs between numbers, before one, and "&" between words."""
    signs = {sign: said(form) for sign, form in language.signs.items()}
    between = "".join(sign for sign in "+=×÷±<>≤≥−" if sign in signs)
    rules: list[Rule | None] = []
    glue = language.glue or " "
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
    if language.range_word:
        to = f"{language.glue}{language.range_word}{language.glue}"
        dash = re.compile(
            rf"{BEFORE_NUMBER}(?P<a>\d{{1,9}}(?:[.,]\d{{1,3}})?)\s?–\s?(?=\d{{1,9}}(?:[.,]\d{{1,3}})?(?![\d–-]))"
        )
        rules.append(lambda text: text.sub(dash, lambda match: text.slice(*match.span("a")).text + to))
    return rules
