"""What is written short, said in words: amounts, dates, times, ordinals, Roman numbers, abbreviations, addresses.

Only what can be said rightly: where a rule would need to know the case or gender that a sentence asks for, the digits
stay, which every voice reads. Plain numbers always stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache

from engine.text.amounts import amount_rules
from engine.text.clock import clock_rules
from engine.text.dates import date_rules
from engine.text.formulas import power_rules, sign_rules
from engine.text.grouping import grouping_rules
from engine.text.languages import Language, record_of
from engine.text.languages.forms import NEVER, said
from engine.text.languages.record import Rewriting
from engine.text.mapped_text import MappedText, Rule
from engine.text.roman import roman_rules

# What numbers' rules have something to do with; compiling them takes 30 ms, which plain sentences need not wait for.
_NUMBERS = re.compile(
    r"\d|[%€$£¥₩₹₽§№#°¢²³\u2160-\u217f]|(?<![A-Za-z])[IVXLCDM]+(?![A-Za-z])"
    r"|(?<!\w)(?:[IVXLCDM]+|[ivx]{2,6})(?:[eèᵉ]\w{0,2}|re)?(?!\w)"
)
_TLD = (
    "com|org|net|io|edu|gov|info|dev|app|eu|de|at|ch|fr|be|es|it|nl|pl|pt|br|ru|ua|jp|kr|cn|uk|us|ca|au|mx|ar|ai|me|tv"
)
_OPENERS = " \"'“„«»‹([¿¡—–"
_MAIL = re.compile(r"(?<![\w.@-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,5}[a-z]{2,10}(?![\w@])", re.IGNORECASE | re.ASCII)
# In small letters: "the end.It went on" lacks a space.
_HOST = re.compile(rf"(?<![\w.@-])(?:[A-Za-z0-9][A-Za-z0-9-]{{0,62}}\.){{1,4}}(?:{_TLD})(?![\w@-]|\.\w)", re.ASCII)


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
    before = [_addresses(language), *map(_rule_of, language.phrases)]
    return _those(before), _those([*_abbreviations(language), *sign_rules(language), *power_rules(language)])


@cache
def _number_rules(code: str) -> tuple[Rule, ...]:
    language = record_of(code)
    return _those(
        [
            *grouping_rules(language),
            *roman_rules(language),
            *date_rules(language),
            *clock_rules(language),
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


def _addresses(language: Language) -> Rule | None:
    """Say "example.com" with the language's word for the dot, and so the signs of an e-mail address."""
    words = language.address_signs
    if not words:
        return None
    shorts = {key.lower().rstrip(".") for key in (*language.abbreviations, *language.closing_abbreviations)}

    def say(address: MappedText, signs: str) -> MappedText:
        pattern = re.compile("|".join(re.escape(sign) for sign in signs if sign in words) or NEVER)
        return address.sub(pattern, lambda match: f" {said(words[match[0]])} ")

    def rule(text: MappedText) -> MappedText:
        if "@" in text.text:
            with_mail = text
            text = text.sub(_MAIL, lambda match: say(with_mail.slice(*match.span()), "@._-"))
        with_host = text

        def said_host(match: re.Match[str]) -> MappedText | None:
            is_short = match.string.startswith(".", match.end()) and match[0].lower() in shorts  # "p.es."
            return None if is_short else say(with_host.slice(*match.span()), ".")

        return text.sub(_HOST, said_host)

    return rule


def _abbreviations(language: Language) -> list[Rule | None]:
    return [
        _replacing(_capitalised(language.number_abbreviations), r"\s?(?=\(?\d|[A-Z]\d)", " "),
        _titles(language),
        _whole({**_capitalised(language.abbreviations), **language.closing_abbreviations}, language),
    ]


def _capitalised(entries: Mapping[str, str]) -> dict[str, str]:
    """Add the entries as they stand at the beginning of a sentence."""
    begun = {short[0].upper() + short[1:]: form[0].upper() + form[1:] for short, form in entries.items()}
    return {**begun, **entries}


def _titles(language: Language) -> Rule | None:
    """Say a title before a name, before a particle of one ("Mme de Sévigné") and before another title ("M. et Mme")."""
    if not language.title_abbreviations:
        return None
    titles = _any_of(language.title_abbreviations)
    particles = "|".join(map(re.escape, language.name_particles)) or NEVER
    link = re.escape(said(language.signs["&"])) if "&" in language.signs else NEVER
    goes_on = rf"(?:{particles})(?:\s|(?<=['’]))|(?:{link}\s(?:[^\W\d_]{{1,3}}\s)?)?(?:{titles})(?!\w)"
    pattern = re.compile(
        r"(?<![\w.])(?<!\b\w\.\s)"  # in "J. D. Salinger" there is no "Don"
        rf"(?P<short>{titles})(?:(?<=\.)\s?|(?!\w)(?P<gap>[\s-]?))(?=(?P<goes_on>{goes_on})|(?P<letter>[^\W\d_]))"
        r"(?!(?<=\w\.)[A-Z]\.(?!\s?[A-Z]))"  # "viajó a D.F. el lunes"
    )
    spoken = {_unspaced(short): said(words) for short, words in language.title_abbreviations.items()}
    first_names = language.rulers.names if language.rulers else frozenset[str]()

    def say(match: re.Match[str]) -> str | None:
        is_initial = len(match["short"].rstrip(".")) == 1 and _is_after_first_name(match, first_names)
        if is_initial or (match["letter"] and match["letter"].islower()):
            return None
        return spoken[_unspaced(match["short"])] + (match["gap"] or " ")

    return lambda text: text.sub(pattern, say)


def _is_after_first_name(match: re.Match[str], first_names: frozenset[str]) -> bool:
    """Tell the initial in "Richard M. Stallman" from the title in "Selon M. Dupont"."""
    before = re.search(r"(?P<word>[^\W\d_]+)[\s-]\Z", match.string[max(0, match.start() - 40) : match.start()])
    if before is None or not before["word"][0].isupper():
        return False
    begins = not any(map(str.isalpha, match.string[: match.start() - len(before[0])]))
    return not begins or before["word"] in first_names


def _replacing(entries: Mapping[str, str], after: str, then: str) -> Rule | None:
    """Say what stands in `entries` where the patterns fit around it; what the one behind takes becomes `then`."""
    if not entries:
        return None
    pattern = re.compile(rf"(?<![\w.])(?P<short>{_any_of(entries)}){after}")
    spoken = {_unspaced(short): said(words) for short, words in entries.items()}
    return lambda text: text.sub(pattern, lambda match: spoken[_unspaced(match["short"])] + then)


def _whole(entries: Mapping[str, str], language: Language) -> Rule | None:
    """Say what stands in `entries` wherever it stands, but not as the end of an address ("bedrijf punt nl.").

    Where it ends the sentence, it keeps the full stop.
    """
    if not entries:
        return None
    dot = re.escape(said(language.address_signs.get(".", ".")))
    pattern = re.compile(
        rf"(?<![\w.])(?<!\w\s{dot}\s)(?P<short>{_any_of(entries)})(?!\w|(?<!\.)\.\w)(?P<end>[\"'”’»)\]]*\Z)?"
    )
    spoken = {_unspaced(short): said(form) for short, form in entries.items()}

    def say(match: re.Match[str]) -> str:
        stop = "." if match["end"] is not None and match["short"].endswith(".") else ""
        words = spoken[_unspaced(match["short"])]
        if match["short"][0].isupper() and not match.string[: match.start()].strip(_OPENERS):  # "Ud."
            words = words[0].upper() + words[1:]
        return words + stop + (match["end"] or "")

    return lambda text: text.sub(pattern, say)


def _any_of(entries: Iterable[str]) -> str:
    """Make a pattern of `entries`, longest first; a space in one may be missing."""
    return "|".join(re.escape(key).replace(r"\ ", r"\s?") for key in sorted(entries, key=len, reverse=True))


def _unspaced(short: str) -> str:
    return "".join(short.split())
