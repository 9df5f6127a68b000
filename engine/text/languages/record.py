"""The record of one language: all that is particular to it. A new language is one more file with one in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.text.languages.forms import ONE_OTHER, Plural


@dataclass(frozen=True, slots=True)
class Script:
    """A script as a language's own file defines it; languages that share one share its `name`.

    `letters` is the inside of a class of a regular expression; each of them weighs `weight` when scripts are compared,
    as many Latin letters as it is worth. Text in this script may hold signs of the script `mixed_with`.
    """

    name: str
    letters: str
    weight: int = 1
    mixed_with: str = ""


LATIN = Script("Latin", r"A-Za-z\xaa\xb5\xba\xc0-\xd6\xd8-\xf6\xf8-\u024f\u1e00-\u1eff")

WESTERN_ENCODINGS = ("cp1252", "iso8859_15", "cp850")


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A pattern, compiled when a text first needs it, and what is said for a match; None leaves it as it is written.

    Where the pattern has a group `written`, only that is replaced.
    """

    pattern: str
    say: Callable[[re.Match[str]], str | None]


@dataclass(frozen=True, slots=True)
class Rulers:
    """Names after which a Roman number is an ordinal: "Henry VIII"."""

    names: frozenset[str]
    say: Callable[[str, str, int], str | None]
    """What is said for the number, from the word before the name, the name, and the number; None leaves it."""
    ranks: tuple[str, ...] = ()
    """Words that may stand between the name and the word before it, where that word matters: "von König Ludwig II."."""
    endings: str = ""
    """An expression for what may be written after the number: "François Ier"."""
    has_stop: bool = False
    """Whether a full stop after the number is part of it: "Wilhelm II."."""


@dataclass(frozen=True, slots=True)
class OrdinalNouns:
    """A Roman number before one of these nouns is an ordinal: "XIX secolo", "II Guerra Mundial"."""

    nouns: str
    """An expression for the nouns in all their forms."""
    say: Callable[[int, str, str], str | None]
    """What is said, from the number, the noun, and the word before the number in small letters; None leaves it."""
    has_stop: bool = False
    """Whether a full stop after the number is part of it: "II. Weltkrieg"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """All that is particular to one language. What has a default may be left out: the voice then reads as it can.

    In the tables of what is said, forms after a number stand in the order of the rule `plural`: "kilometre
    kilometres", one form for all where there is one; underscores are spaces.
    """

    code: str
    """Two letters of ISO 639-1; also the file's name."""
    name: str
    """In English, as windows show it and files of Project Gutenberg write it."""
    long_codes: tuple[str, ...] = ()
    """Its three letters in ISO 639-2, which documents may name."""

    # --- telling the language of a text -------------------------------------------------------------------------------

    script: Script = LATIN
    frequent_words: frozenset[str] = frozenset()
    """Words that are frequent in it, greetings and headings among them, and words of no other language of its script:
    they decide most texts at once."""
    letters: str = ""
    """Its usual letters beyond ASCII, as the inside of a class: they tell in which encoding a file is."""
    own_letters: str = ""
    """Those letters and signs that no other language of its script has, as the inside of a class."""
    encodings: tuple[str, ...] = WESTERN_ENCODINGS
    """What its texts were written in before UTF-8, by Python's names."""

    # --- sentences ----------------------------------------------------------------------------------------------------
    # All in small letters, and abbreviations without the last full stop. They mend what `sentencex` does not know.

    never_last: frozenset[str] = frozenset()
    """Abbreviations after which no sentence ends: titles, units."""
    before_numbers: frozenset[str] = frozenset()
    """Abbreviations after which none ends where a number follows; those that are said in words need not be here."""
    may_be_last: frozenset[str] = frozenset()
    """Abbreviations after which one ends where a capital letter follows."""
    after_names: frozenset[str] = frozenset()
    """Abbreviations of `never_last` that may end a sentence after a name: "Main St."."""
    after_numbers: frozenset[str] = frozenset()
    """The same after a number: "1999 r."."""
    words_after: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Abbreviations that are a word after one of these words: "said no."."""
    first_words: frozenset[str] = frozenset()
    """Frequent first words of a sentence: before one of them even an initial or "U.S." ends a sentence."""
    plain_words: frozenset[str] = frozenset()
    """Words that look like abbreviations, and end a sentence before the first word of another."""
    sentencex_code: str = ""
    """The language whose rules `sentencex` applies; empty for its own."""
    elides: bool = False
    """Whether it puts a shortened word before another with an apostrophe: "l'art"."""
    has_dotted_ordinals: bool = False
    """Whether a number with a full stop may be an ordinal: "im 19. Jahrhundert"."""
    quotatives: str = ""
    """An expression for particles after a closed quotation that go on with the sentence around it."""
    clitics: str = ""
    """Letters that stand small, after an apostrophe, before a sentence's first capital: "'s Avonds"."""
    compound_firsts: frozenset[str] = frozenset()
    """First parts of compounds that keep a hyphen at a line's end: "self-made"."""
    one_letter_words: str = ""
    """In capitals: they tell "A cat", whose first letter is set apart, from "W ord"."""
    after_suspended_hyphen: frozenset[str] = frozenset()
    """Words after a hyphen that stands for a part left out: "pre- and post-war"."""

    # --- what is written short, in words ------------------------------------------------------------------------------

    plural: Plural = ONE_OTHER
    glue: str = " "
    """What stands between a number and its unit; empty where no spaces divide words."""
    between_parts: str = " "
    """What stands between the parts of a duration: hours, minutes and seconds."""
    has_grouping_spaces: bool = False
    """Whether thousands may be divided by spaces: "12 345"."""
    months: tuple[str, ...] = ()
    """Their names in a date."""
    short_months: tuple[str, ...] = ()
    """The same as they are written short beside a day or a year, in their order; "|" stands between several forms."""
    date: str = ""
    """A date, with {day}, {month}, {number} (the month's) and {year}."""
    day_in_date: Callable[[int], str] = str
    """How {day} is said there."""
    day_month_year: str = ""
    """Signs between the numbers of a date whose order is sure."""
    year_month_day: str = ""
    """The same of a date that begins with the year, beside the hyphen of ISO 8601."""
    time: Callable[[int, int], str] | None = None
    """A time of the day, from hour and minute; see `time_of_day`."""
    hour_words: tuple[str, ...] = ()
    """Words written after a time, and part of how it is said: "Uhr"."""
    time_words: tuple[str, ...] = ()
    """Words before a time of the day, so that "14:05:30" after one is no duration: "at"."""
    has_dotted_times: bool = False
    """Whether a full stop after these words and an hour is the time's: "alle 14.30"."""
    half_days: str = ""
    """An expression for what may follow a full hour, which then is said as its number alone: "9:00 a.m."."""
    ratio_words: tuple[str, ...] = ()
    """Words before or after two numbers with a colon that are no time: "scale", and books that have verses."""
    units: Mapping[str, str] = field(default_factory=dict)
    has_ordinal_rings: bool = False
    """Whether "25°" before a word is as often an ordinal, which is left to the voice."""
    """Those whose names are other than in CLDR (see `cldr`), and signs of its own, with "=km" for CLDR's name of "km".
    The sign may be "*", for the stars of a hotel."""
    joins_units: str = ""
    """What is said for the hyphen in "a 5-km run"; empty where such compounds are not made."""
    is_attributive: Callable[[str, str], bool] | None = None
    """Tells from what stands before and after an amount whether it describes a noun and keeps its singular then: "a 5
    kilometre run"."""
    per: str = ""
    """Said for the stroke in "€5/kg"; empty where what follows would need a case."""
    currencies: Mapping[str, str] = field(default_factory=dict)
    """Those whose names are other than in CLDR, by their signs or codes of ISO 4217; without any, money is left."""
    cents: Mapping[str, str] = field(default_factory=dict)
    names_cents: bool = False
    """Whether their name is said after a whole amount, too, and not alone only."""
    before_cents: str = " "
    scales: tuple[str, ...] = ()
    """Words for large numbers that may stand between an amount and its currency: "million"."""
    magnitudes: Mapping[str, str] = field(default_factory=dict)
    """How they are written short, and their forms after a number: "mln". One letter is so only in amounts of money."""
    of_scale: str = " "
    """What stands between such a word and the currency."""
    of_scale_before_vowel: str = ""
    """The same before a vowel, where that differs."""
    thousand: str = ""
    """The one of these words after which nothing stands between."""
    capitalises_nouns: bool = False
    """Whether nouns are written with a capital."""
    counted_nouns: tuple[str, ...] = ()
    """Nouns after which a hyphen between two numbers is a range: "3-5 days"."""
    percent: str = ""
    """With {n} for the number; without, forms that follow it."""
    range_word: str = ""
    """Said for a dash between two numbers."""
    signs: Mapping[str, str] = field(default_factory=dict)
    """Signs between numbers or before one, which may have a second form there; "§§" before several."""
    powers: Callable[[str], str] | None = None
    """What is said after a base for its exponent, "2", "-3" or "n"."""
    phrases: tuple[Rewriting, ...] = ()
    """What only its surroundings tell, such as "St." for a street; applied before all abbreviations."""
    address_signs: Mapping[str, str] = field(default_factory=dict)
    """Signs in names of hosts and in e-mail addresses."""
    sign_names: Mapping[str, str] = field(default_factory=dict)
    """What signs are called where they are spelt out."""
    title_abbreviations: Mapping[str, str] = field(default_factory=dict)
    """Said so before a name."""
    name_particles: tuple[str, ...] = ()
    """Words in small letters with which a name may begin, which tell a title before them, too: "von"."""
    number_abbreviations: Mapping[str, str] = field(default_factory=dict)
    """Said so before a number."""
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    """Said so wherever they stand."""
    closing_abbreviations: Mapping[str, str] = field(default_factory=dict)
    """Said so wherever they stand; one at a sentence's end keeps the sentence's full stop."""

    # --- ordinals and Roman numbers -----------------------------------------------------------------------------------

    ordinals: tuple[Rewriting, ...] = ()
    """How ordinals in digits, or in Roman numbers with an ending, are said; applied one after the other."""
    ordinal_sign: str = ""
    """What makes a number in digits an ordinal, where nothing else does."""
    rulers: Rulers | None = None
    ordinal_nouns: tuple[OrdinalNouns, ...] = ()
    numbered_words: tuple[str, ...] = ()
    """Words after which a Roman number is a plain one: "chapter"; after `number_abbreviations` it is, too."""
    century_words: tuple[str, ...] = ()
    """More of them, after which the number may be in small letters: "siglo xix"."""
    number_after_word: Callable[[str, int], str] = lambda _word, number: str(number)
    """How the number is said after such a word, which is given in small letters."""
    before_roman: str = ""
    after_roman: str = ""
    """Expressions for what precedes or follows a Roman number where no spaces divide words: "第", "世紀"."""
    has_numbered_names: bool = False
    """Whether a Roman number after any other name is a plain one."""
    has_word_i: bool = False
    """Whether "I" is a word, so that it is no number after a word in small letters: "the part I like"."""
    verbs_of_i: tuple[str, ...] = ()
    """Verbs in a form that no ruler has after his name, so that "I" before one is a word: "James I know well"."""
    verbs_before_infinitives: tuple[str, ...] = ()
    """Verbs after which a ruler has that form, too: "Did Charles I know it?"."""

    # --- headings in documents ----------------------------------------------------------------------------------------

    heading_words: tuple[str, ...] = ()
    """Words that begin a heading before a number: "chapter". The next ones may, too."""
    lone_headings: tuple[str, ...] = ()
    """Headings without a number: "prologue"."""
    heading_pattern: str = ""
    """An expression for the beginning of a heading of any other form."""
    contents_headings: tuple[str, ...] = ()
    """Expressions for the heading of a table of contents."""
    page_words: tuple[str, ...] = ()
    """Words before a page's number at the edge of a page."""

    # --- voices -------------------------------------------------------------------------------------------------------

    espeak_voice: str
    """The identifier of espeak-ng's voice (a plain code makes it read all 245 voice files first, 3.5 ms a segment);
    of several accents, the one that most of its speakers have."""
    espeak_codes: tuple[str, ...] = ()
    """The codes of its accents in espeak-ng, where they are not `code`."""
    espeak_needs_kana: bool = False
    """Whether espeak-ng reads its texts only in kana."""
    recording_script: str
    """A text to be read aloud for a recording, which the voices of a gallery and a preview say, too: some 15 seconds
    when read calmly, with a question and an exclamation, so that a voice shows how it rises and falls."""
    letters_per_s: tuple[float, float] = (5.0, 28.0)
    """The fewest and the most letters that anybody speaks in a second, pauses left out."""


def table(text: str) -> dict[str, str]:
    """Read a table with one entry a line: what is written, a space, what is said.

    An underscore in what is written is a space; see `Language` for what is said.
    """
    pairs = (line.strip().split(None, 1) for line in text.strip().splitlines())
    return {written.replace("_", " ") if len(written) > 1 else written: said for written, said in pairs}


def listed(text: str) -> tuple[str, ...]:
    """Read words that spaces divide, in their order."""
    return tuple(text.split())


def word_set(text: str) -> frozenset[str]:
    """Read words that spaces divide, in no order."""
    return frozenset(text.split())


def span_of_days(days: str, to: str) -> Rewriting:
    """Make the rule for "Mon–Fri" and "Mo.-Fr." from a table of the days' short names, without stops, and `to`."""
    names = table(days)
    short = "|".join(names)
    return Rewriting(
        rf"(?<![\w.])(?P<first>{short})\.?\s?[–-]\s?(?!(?P=first)\b)(?P<last>{short})(?:(?!\w)\.(?!\Z)|(?!\w))",
        lambda match: f"{names[match['first']]} {to} {names[match['last']]}",
    )


def time_of_day(clock: str, full_hour: str) -> Callable[[int, int], str]:
    """Make the saying of times from two templates: `clock` with {hour} and {minute}, `full_hour` with {hour}."""
    return lambda hour, minute: (clock if minute else full_hour).format(hour=hour, minute=minute)


def powers(squared: str, cubed: str, other: str, *, minus: str) -> Callable[[str], str]:
    """Make the saying of exponents from words for 2 and 3, and a template with {n} for the others."""

    def say(exponent: str) -> str:
        return {"2": squared, "3": cubed}.get(exponent) or other.format(n=exponent.replace("-", f"{minus} "))

    return say
