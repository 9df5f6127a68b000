"""Roman numbers in words or digits: of rulers, centuries, chapters, wars, and alone as headings."""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from engine.text.languages import Language
from engine.text.languages.counting import ROMAN, roman_value
from engine.text.languages.forms import NEVER, alternatives, said
from engine.text.languages.record import OrdinalNouns, Rulers
from engine.text.mapped_text import MappedText, Rule

_ROMAN = rf"(?P<roman>{ROMAN})"
_END = r"(?!\w|['’](?!s?(?!\w)))"  # "Henry VIII’s" has one, "I’m" and "L’été" have none
_SIGNS = re.compile("[\u2160-\u217f]+")  # Ⅻ
_BEFORE_NAME = re.compile(r"\.\s[^\W\d_]")  # "Charles V. Hamilton"
_HIGHEST_CENTURY = 30
_HIGHEST_OF_RULER = 39  # "Richard M." is no thousandth one
_HIGHEST_OF_NAME = 89  # beyond, letters are abbreviations as often
_WORDS = frozenset(
    ("DIX", "MIX", "CLI", "CIV", "DVI", "MCI", "CCI", "CDI", "DCI", "MDI", "CMI", "CCC", "CCV", "CML", "MMC", "MMX")
)
"""What is a word or an abbreviation far oftener than a number."""


def roman_rules(language: Language) -> list[Rule]:
    """Return the rules for Roman numbers, in the order in which they are to be applied."""
    rules = [_say_signs, *(_rule_for_ordinal_nouns(nouns, language) for nouns in language.ordinal_nouns)]
    rules.append(_rule_for_headings(language))
    if language.rulers:
        rules.append(_rule_for_rulers(language.rulers, language))
    if language.numbered_words or language.number_abbreviations:
        rules.append(_rule_for_numbered_words(language))
    if language.after_roman:
        rules.append(_rule_for_counters(language))
    if language.has_numbered_names:
        rules += [_rule_for_lists(language), _rule_for_other_names(language)]
    return rules


def _is_number(roman: str) -> bool:
    """Tell a number from letters and words: "Appendix C", "USB Type C", "CHAPITRE DIX", "LIBRO DI LETTURA"."""
    if set(roman) <= set("IVXL"):
        return roman != "L"
    return len(roman) > 2 and roman not in _WORDS


def _say_signs(text: MappedText) -> MappedText:
    """Say "Ⅻ", one sign, which is nothing else than a number."""
    return text.sub(_SIGNS, lambda match: str(roman_value(unicodedata.normalize("NFKC", match[0]).upper())))


def _rule_for_headings(language: Language) -> Rule:
    """Say a number that stands alone ("II", "IV.", "– V –") or before a title ("II. The Storm", "I. – The Storm")."""
    pattern = re.compile(
        rf"\A(?:(?P<frame>[*~—–-])\s?|[\"“„«(\[])?{_ROMAN}(?(frame)\.?\s?(?P=frame)\Z|"
        r"(?:(?P<alone>[.:)\]]?[\"”“»]?\Z)|(?P<sign>[.:)]?\s[—–-]|[.:)])\s(?P<word>[^\W\d_]+)))"
    )

    def say(match: re.Match[str]) -> str | None:
        roman, word = match["roman"], match["word"]
        if not _is_number(roman) or (word and word.islower()):
            return None
        is_initial = len(roman) == 1 and word and match["sign"] == "."  # "V. Woolf"
        begins_title = word and word.lower() in {*language.first_words, *language.lone_headings}
        return None if is_initial and not begins_title else str(roman_value(roman))

    return lambda text: text.sub_group(pattern, "roman", say)


def _rule_for_rulers(rulers: Rulers, language: Language) -> Rule:
    every = rulers.names | {name.upper() for name in rulers.names}
    names = alternatives(every)
    ranks = "|".join(map(re.escape, rulers.ranks))
    before = rf"(?:(?P<before>[^\W\d_]+)\s(?:(?:{ranks})\s)?)?" if ranks else "(?P<before>(?!))?"
    stop = r"(?P<stop>\.)?" if rulers.has_stop else "(?P<stop>(?!))?"
    number = rf"{_ROMAN}(?:{rulers.endings})?{stop}{_END}(?P<end>[\"'”’»)\]]*\Z)?"
    pattern = re.compile(rf"(?<!\w){before}(?P<name>{names})\s(?P<written>{number})")
    written_so = {name.casefold(): name for name in rulers.names}
    word_i = re.compile(rf"\s(?:{'|'.join(language.verbs_of_i) or NEVER})(?!\w)")
    auxiliary = re.compile(rf"(?<!\w)(?i:{'|'.join(language.verbs_before_infinitives) or NEVER})(?!\w)")

    def say(match: re.Match[str]) -> str | None:
        name = match["name"] if match["name"] in rulers.names else written_so[match["name"].casefold()]
        is_initial = len(match["roman"]) == 1 and not rulers.has_stop and _BEFORE_NAME.match(match.string, match.end())
        is_word = match["roman"] == "I" and word_i.match(match.string, match.end("roman"))
        if is_word and not auxiliary.search(match.string, 0, match.start()):
            return None  # "James I know well", but "Did Charles I know it?"
        if is_initial or roman_value(match["roman"]) > _HIGHEST_OF_RULER:
            return None
        spoken = rulers.say(match["before"] or "", name, roman_value(match["roman"]))
        if spoken is None:
            return None
        stop = "." if match["stop"] and match["end"] is not None else ""  # it ends the sentence, too
        return f"{spoken}{stop}{match['end'] or ''}"

    return lambda text: text.sub_group(pattern, "written", say)


def _rule_for_ordinal_nouns(nouns: OrdinalNouns, language: Language) -> Rule:
    """Say the numbers before a noun, one or several: "tra il XV e il XVI secolo"."""
    stop = r"\.?" if nouns.has_stop else ""
    numbers = _several(rf"{ROMAN}{stop}", language)
    pattern = re.compile(rf"(?<![\w-])(?P<numbers>{numbers})\s(?P<noun>{nouns.nouns})(?!\w)")
    one = re.compile(rf"(?<!\w){_ROMAN}{stop}(?!\w)")

    def rule(text: MappedText) -> MappedText:
        def say(match: re.Match[str]) -> MappedText:
            before = match.string[: match.start()].split()
            last = before[-1].lower() if before else ""

            def value(number: re.Match[str]) -> str | None:
                i = roman_value(number["roman"])
                return nouns.say(i, match["noun"], last) if i <= _HIGHEST_CENTURY else None

            end = match.end("numbers")
            return text.slice(match.start(), end).sub(one, value) + text.slice(end, match.end())

        return text.sub(pattern, say)

    return rule


def _rule_for_numbered_words(language: Language) -> Rule:
    """Say the numbers after "chapter" or "cap.", one or several: "chapters II, III and V–VII"."""
    short = {*language.number_abbreviations, *language.century_words}
    every = {*language.numbered_words, *(f"{word}s" for word in language.numbered_words), *short}
    words = {form for word in every for form in (word, word.capitalize(), word.upper())}
    numbers = _several(rf"(?:{ROMAN}|[ivx]{{2,}})", language)
    pattern = re.compile(rf"(?<!\w)(?P<word>{alternatives(words)})\s(?P<numbers>{numbers})")
    one = re.compile(rf"(?<!\w){_ROMAN}(?!\w)|(?<!\w)(?P<small>[ivx]{{2,}})(?!\w)")
    say_number = language.number_after_word

    def rule(text: MappedText) -> MappedText:
        def say(match: re.Match[str]) -> MappedText | None:
            word, is_word_i = match["word"], match["numbers"] == "I" and language.has_word_i
            if is_word_i and (word.islower() or word.endswith(".")) and re.match(r"\s\w", text.text[match.end() :]):
                return None  # "the part I like"
            numbers = text.slice(*match.span("numbers"))
            return text.slice(match.start(), match.start("numbers")) + numbers.sub(one, lambda m: value(word, m))

        def value(word: str, match: re.Match[str]) -> str | None:
            roman = match["roman"] or match["small"].upper()
            if match["small"] and (word.lower() not in short or not re.fullmatch(ROMAN, roman)):
                return None
            return say_number(word.lower(), roman_value(roman)) if _is_number(roman) else None

        return text.sub(pattern, say)

    return rule


def _rule_for_lists(language: Language) -> Rule:
    """Say numbers that stand in a row and grow, whatever is counted: "les stades I, II et III"."""
    pattern = re.compile(rf"(?<![\w-]){_several(ROMAN, language)}(?!-)")
    one = re.compile(rf"(?<!\w){_ROMAN}(?!\w)")

    def rule(text: MappedText) -> MappedText:
        def say(match: re.Match[str]) -> MappedText | None:
            romans = [number["roman"] for number in one.finditer(match[0])]
            values = [roman_value(roman) for roman in romans]
            is_row = len(values) > 1 and all(a < b for a, b in pairwise(values)) and set("".join(romans)) <= set("IVX")
            if not is_row or max(map(len, romans)) < 2:  # "I and V" may be words and letters
                return None
            return text.slice(*match.span()).sub(one, lambda number: str(roman_value(number["roman"])))

        return text.sub(pattern, say)

    return rule


def _several(each: str, language: Language) -> str:
    """Make the pattern for one number or more, with commas, dashes, or the words for "and" and "to" between."""
    words = [said(word).strip() for word in (language.signs.get("&"), language.range_word) if word]
    link = "|".join(map(re.escape, words)) or NEVER
    between = rf"(?:,\s|\s?[–-]\s?|,?\s(?:{link})\s(?:[^\W\d_]{{1,3}}\s)?)"
    return rf"{each}{_END}(?:{between}{each}{_END})*"


def _rule_for_counters(language: Language) -> Rule:
    """Say numbers among signs without capitals, by what stands around them: "第II章", "XIX世紀", "路易XIV"."""
    patterns = (
        rf"(?<={language.before_roman or NEVER})\s?{_ROMAN}(?![A-Za-z0-9])",
        rf"(?<![A-Za-z0-9]){_ROMAN}(?=\s?{language.after_roman})",
        rf"(?<=[^\W\d_A-Za-z])\s?{_ROMAN}(?<=[IVX]{{2}})(?![A-Za-z0-9])",
    )

    def say(match: re.Match[str]) -> str | None:
        is_sure = match.re.pattern == patterns[0]
        roman = match["roman"]
        is_placeholder = roman in ("XX", "XXX") or (roman == "IV" and match.re.pattern == patterns[2])
        return str(roman_value(roman)) if is_sure or not is_placeholder else None

    def rule(text: MappedText) -> MappedText:
        for pattern in map(re.compile, patterns):
            text = text.sub_group(pattern, "roman", say)
        return text

    return rule


def _rule_for_other_names(language: Language) -> Rule:
    """Say numbers after any other name ("Apollo XIII") or noun ("diabetes mellitus II"), where they can be no word."""
    pattern = re.compile(rf"(?<!\w)(?P<word>[^\W\d_]{{3,}})\s{_ROMAN}(?<=[IVXL]{{2}}){_END}(?!-)")

    def say(match: re.Match[str]) -> str | None:
        word, roman = match["word"], match["roman"]
        if word.lower() in language.first_words or word.isupper() or not set(roman) <= set("IVXL"):
            return None
        if roman in ("XL", "LI", "XXX") or (word[0].islower() and roman in ("IV", "XX")):  # a size, a drip
            return None
        return str(roman_value(roman)) if roman_value(roman) <= _HIGHEST_OF_NAME else None

    return lambda text: text.sub_group(pattern, "roman", say)
