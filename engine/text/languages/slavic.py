"""Abbreviations of Slavic languages in the case that stands around them: "на ул. Ленина", "z prof. Nowakiem".

A case is a letter of `CASES`. The word before tells which cases are possible, a preposition above all, and so does the
ending of the name behind. Where both leave more than one form, what is written stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from engine.text.languages.forms import alternatives
from engine.text.languages.record import Rewriting

CASES = "ngdail"
"""Nominative, genitive, dative, accusative, instrumental, and locative, which Russian calls prepositional."""

ROMAN = r"(?=[XVI])X{0,3}(?:IX|IV|V?I{0,3})"
"""A Roman number from 1 to 39."""

Declined = Mapping[str, str]
"""By abbreviation: its words in the order of `CASES`, one for all where there is one; underscores are spaces."""

Endings = tuple[tuple[str, str], ...]
"""Expressions for ends of names, and the cases in which such a name may stand; the first that fits counts."""

_OPENERS = " \"'“„«»([—–-"
_MAX_CONTEXT_CODEPOINTS = 80
_MAX_CHAIN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """What tells the case of an abbreviation in one language."""

    prepositions: Mapping[str, str]
    """The cases that a preposition, or one or two words that work as one, asks for; the likelier first."""
    times: Mapping[str, str]
    """The same before years and centuries, where it differs."""
    places: frozenset[str]
    """The prepositions that ask for the accusative where one goes to, and the locative where one is."""
    conjunctions: str
    """An expression for words between two of a kind, which are in the same case."""
    motion: str
    """An expression for verbs of going somewhere, after which the accusative is likelier than the locative."""
    imperatives: str
    """An expression for ends of verbs after which a number's abbreviation is in the accusative: "прочитайте стр. 5"."""
    attributed: str
    """An expression for ends of nouns that have what follows them in the genitive: "нарушение ст. 5"."""
    chains_in_genitive: bool
    """Whether of two numbered parts the second is the first one's genitive: "п. 2 ст. 5"."""

    def cases_after(self, before: str, *, of_times: bool = False) -> str:
        """Return the cases that the last words of `before` ask for, the likelier first; empty if they ask for none."""
        if not re.search(r"[^\W\d_]\.?\s\Z", before):
            return ""
        words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", before[-_MAX_CONTEXT_CODEPOINTS:].lower())
        last = words[-1]
        if of_times and last in self.times:
            return self.times[last]
        cases = self.prepositions.get(" ".join(words[-2:])) or self.prepositions.get(last, "")
        if cases == "la" and last in self.places and re.search(self.motion, " ".join(words[-5:-1])):
            return "a" + cases.replace("a", "")
        return cases


def in_case(forms: str, case: str) -> str:
    """Return the one of `forms` that stands in `case`."""
    every = forms.split()
    return every[min(CASES.index(case), len(every) - 1)].replace("_", " ")


def capitalised_as(written: str, words: str) -> str:
    """Give `words` a capital where `written` begins with one."""
    return words[0].upper() + words[1:] if written[0].isupper() else words


def begins_phrase(before: str) -> bool:
    """Tell whether nothing stands before in the sentence, or in its brackets."""
    return not before.strip(_OPENERS) or before.rstrip(" \"'“„«»").endswith(("(", "[", "—", "–", ":"))


def shared_stop(match: re.Match[str]) -> str:
    """Return the full stop that an abbreviation, the group `written`, shares with the sentence it ends."""
    after = match.string[match.end("written") : match.end("written") + 8]
    return "." if match["written"].endswith(".") and not after.strip("\"'”’»") else ""


def any_of(entries: Iterable[str]) -> str:
    """Make a pattern of `entries`, longest first, each also as it stands at the beginning of a sentence."""
    spelled = {entry for short in entries for entry in (short, short[0].upper() + short[1:])}
    return alternatives(spelled)


def named_after(short: str, words: str, genitive: str) -> Rewriting:
    """Say `short` before a name: one with an ending of the `genitive`, an initial, a first name, or a number.

    Elsewhere it is a pronoun: "Он стал им. Его полюбили".
    """

    def say(match: re.Match[str]) -> str | None:
        name, following = match["name"] or "", match["next"]
        if name[:1].islower():
            return None
        is_name = not name or len(name) == 1 or re.search(rf"(?:{genitive})\Z", name)
        return capitalised_as(match["written"], f"{words} ") if is_name or following[-1:].isupper() else None

    behind = r"[«„\"]?(?:\d|(?P<name>[^\W\d_]+)(?P<next>\s[^\W\d_]|))"
    return Rewriting(rf"(?<!\w)(?P<written>(?:{any_of([short])})\s?)(?={behind})", say)


def _words_of(entries: Declined, written: str) -> str:
    return entries.get(written) or entries[written[0].lower() + written[1:]]


def _only(forms: str, cases: str) -> str | None:
    """Return the one form that `forms` have in all of `cases`, if there is one."""
    found = {in_case(forms, case) for case in cases}
    return found.pop() if len(found) == 1 else None


def _fitting(endings: Endings, name: str) -> str:
    return next((cases for ending, cases in endings if re.search(f"(?:{ending})\\Z", name.lower())), CASES)


def _cases(
    grammar: Grammar,
    chained: str,
    before: str,
    next_of: Callable[[re.Match[str], str], str],
    depth: int = 0,
) -> str:
    """Return the cases asked for at the end of `before`, also through another abbreviation there; empty if none are."""
    asked = grammar.cases_after(before)
    window = before[-_MAX_CONTEXT_CODEPOINTS:]
    previous = re.search(chained, window) if not asked and depth < _MAX_CHAIN else None
    if previous is None:
        return asked
    first = before[: len(before) - len(window) + previous.start()]
    return next_of(previous, _cases(grammar, chained, first, next_of, depth + 1))


def before_names(
    grammar: Grammar,
    entries: Declined,
    endings: Endings,
    *,
    of_people: bool = False,
    only: str = "",
    first_form: str = "",
) -> Rewriting:
    """Say titles (`of_people`) and words for places before a name: "г. Москва", "prof. Nowak".

    `only` is an expression for the names that count, `first_form` one for those before which nothing is declined.
    """
    short = any_of(entries)
    chained = rf"(?<!\w)(?:{short})\s?[^\W\d_]+(?:[\s.-]+[^\W\d_]+){{0,3}},?\s(?:{grammar.conjunctions})\s\Z"

    titles = rf"(?<!\w)(?:(?:{short})\s)+\Z" if of_people else r"(?!)"

    def say(match: re.Match[str]) -> str | None:
        name, before = match["name"], match.string[: match.start("written")]
        if not name[0].isupper() or (only and not re.fullmatch(only, name.lower())):
            return None
        written = match["written"].rstrip()
        forms, possible = _words_of(entries, written), _fitting(endings, name)
        asked = _cases(grammar, chained, re.sub(titles, "", before), lambda _previous, cases: cases)
        if first_form and re.search(rf"(?:{first_form})\Z", name.lower()):
            said = in_case(forms, "n")
        elif asked:
            cases = "".join(case for case in asked if case in possible) or asked
            said = _only(forms, cases) if of_people else in_case(forms, cases[0])
        else:
            nominative = "n" in possible and (
                begins_phrase(re.sub(titles, "", before)) or (not of_people and before.endswith(", "))
            )
            attributed = "g" in possible and re.search(rf"(?:{grammar.attributed})\s\Z", before)
            said = _only(forms, "n" if nominative else "g" if attributed else possible)
        return None if said is None else capitalised_as(written, said) + " "

    initials = rf"(?:(?:{short})\s){{0,3}}(?:[^\W\d_]\.\s?){{0,3}}" if of_people else ""
    return Rewriting(
        rf"(?<![\w.-])(?P<written>(?:{short})\s?)(?={initials}[«„\"]?(?P<name>[^\W\d_]{{2,}}(?:-[^\W\d_]+)*))", say
    )


def before_numbers(
    grammar: Grammar,
    entries: Declined,
    ranges: Declined,
    *,
    in_addresses: frozenset[str] = frozenset(),
    first_form: frozenset[str] = frozenset(),
) -> Rewriting:
    """Say abbreviations before a number: "см. гл. IV", "w art. 3".

    `ranges` has the words before two numbers, "стр. 5–10". Those `in_addresses` are nominative after a comma, and those
    of `first_form` where no case is asked for.
    """
    short = any_of(entries)
    number = rf"(?:\d{{1,5}}\w?|{ROMAN}(?!\w))"
    joined = rf",\s|,?\s(?:{grammar.conjunctions})\s"
    chained = rf"(?<!\w)(?:(?:{short})\s?{number}(?P<between>{joined}|\s)|[^\W\d_]+\s{number}(?:{joined}))\Z"

    def next_of(previous: re.Match[str], cases: str) -> str:
        return "g" if previous["between"] == " " and grammar.chains_in_genitive else cases or "n"

    def say(match: re.Match[str]) -> str | None:
        before, written = match.string[: match.start("written")], match["written"].rstrip()
        if in_addresses and before.endswith(", ") and written[0].lower() + written[1:] in in_addresses:
            cases = "n"
        else:
            cases = _cases(grammar, chained, before, next_of)
        if not cases and re.search(rf"(?:{grammar.imperatives})\s\Z", before):
            cases = "a"
        if not cases and (begins_phrase(before) or written in first_form):
            cases = "n"
        if not cases and re.search(rf"(?:{grammar.attributed})\s\Z", before):
            cases = "g"
        known = {**entries, **ranges} if match["range"] else entries
        return capitalised_as(written, in_case(_words_of(known, written), cases[0])) + " " if cases else None

    dash = r"(?P<range>(?:[.:]\d\d)?\s?[–—-]\s?\d)?"
    return Rewriting(rf"(?<![\w.-])(?P<written>(?:{short})\s?)(?={number}{dash})", say)
