"""Ordinals in words, where their form can be known."""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.text.languages import Words
from engine.text.mapped_text import MappedText

Rule = Callable[[MappedText], MappedText]


def ordinal(number: int, language: str) -> str:
    """In words, in the form that dictionaries have it in."""
    from num2words import num2words  # 20 ms, when a text first has an ordinal

    return num2words(number, lang=language, to="ordinal")


def after_ruler(language: str, before: str, name: str, number: int) -> str | None:
    """How a ruler's number is said; None leaves it as it is written."""
    match language:
        case "en":
            return f"the {ordinal(number, 'en').capitalize()}" if number < 100 else None
        case "de":
            return _german_ruler(before.lower(), name, number)
        case "nl":
            return f"de {ordinal(number, 'nl')}" if number < 100 else None
        case "fr":
            return "premier" if number == 1 else str(number)
        case "it":
            return _gendered(ordinal(number, "it"), name) if number < 100 else None
        case _:  # Spanish and Portuguese: ordinals up to ten
            return _gendered(ordinal(number, language), name) if number <= 10 else str(number)


_QUEENS = ("Isabel", "Catalina", "Catarina", "Caterina", "Elisabetta", "Maria")


def _gendered(word: str, name: str) -> str:
    return f"{word[:-1]}a" if name in _QUEENS else word


_DATIVE = frozenset(("von", "mit", "bei", "zu", "nach", "seit", "aus", "unter", "gegenüber", "dem"))
_ACCUSATIVE = frozenset(("für", "gegen", "durch", "ohne", "um", "den"))


def _german_ruler(before: str, name: str, number: int) -> str:
    word = ordinal(number, "de").capitalize()
    genitive = name.endswith("s") and name not in ("Johannes", "Pius", "Nikolaus")
    if genitive:
        return f"des {word}n"
    if before in _DATIVE:
        return f"dem {word}n"
    return f"den {word}n" if before in _ACCUSATIVE else f"der {word}"


def century(language: str, pattern: re.Pattern[str]) -> list[Rule]:
    """ "XIX secolo", "w XIX wieku", "в XIX веке", "XIX eeuw"."""
    from engine.text.roman import value_of

    def rule(text: MappedText) -> MappedText:
        def say(match: re.Match[str]) -> MappedText | None:
            number = value_of(match["roman"])
            before = match.string[: match.start()].split()
            spoken = _century(language, number, match["noun"], before[-1].lower() if before else "")
            if spoken is None:
                return None
            return text.slice(*match.span("roman")).replaced(spoken) + text.slice(match.end("roman"), match.end())

        return text.sub(pattern, say)

    return [rule]


def _century(language: str, number: int, noun: str, before: str) -> str | None:
    if not 1 <= number <= 30:
        return None
    match language:
        case "ru":
            from num2words import num2words

            case = {"век": "n", "века": "g", "веку": "d", "веком": "i", "веке": "p"}[noun]
            return num2words(number, lang="ru", to="ordinal", case=case)
        case "pl":
            endings = {"wiek": "", "wieku": "m" if before in ("w", "we", "o", "po", "przy") else "ego", "wiekiem": "m"}
            return _polish(ordinal(number, "pl"), endings[noun]) if noun in endings else None
        case _:
            return ordinal(number, language)


def _polish(words: str, ending: str) -> str:
    """ "dwudziesty pierwszy", both words with the ending."""
    if not ending:
        return words
    return " ".join(
        word[:-1] + ("i" if word[-1] == "i" and ending == "ego" else "") + ending
        if ending == "ego" and word[-1] == "i"
        else (word[:-1] + "ego" if ending == "ego" else word + "m")
        for word in words.split()
    )


# --- written with digits ----------------------------------------------------------------------------------------------


def ordinal_rules(language: str, words: Words) -> list[Rule]:
    rules = {"en": _english, "de": _german, "fr": _french, "es": _iberian, "pt": _iberian, "it": _iberian, "nl": _dutch}
    return rules[language](language, words) if language in rules else []


def _english(language: str, words: Words) -> list[Rule]:  # noqa: ARG001
    """ "May 12, 2024" is the 12th, and the "1990s" are nineties; "12th" itself every voice reads."""
    from engine.text.amounts import english_suffix

    months = "|".join(words.months)
    day = re.compile(
        rf"(?<!\w)(?P<before>(?:{months})\s)(?P<d>[1-9]|[12]\d|3[01])(?=,?\s[12]\d{{3}}(?!\d)|[.,;:!?)]*\Z|,\s)"
    )
    decade = re.compile(
        r"(?<![\w.,:/-])(?P<century>1[1-9]|20)(?P<tens>[2-9])0['’]?s(?!\w)|(?<![\w.,])['’](?P<alone>[2-9])0s(?!\w)"
    )
    tens = ("twenties", "thirties", "forties", "fifties", "sixties", "seventies", "eighties", "nineties")

    def say_day(match: re.Match[str]) -> str:
        return f"{match['before']}{match['d']}{english_suffix(int(match['d']))}"

    def say_decade(match: re.Match[str]) -> str:
        if match["alone"]:
            return tens[int(match["alone"]) - 2]
        return f"{match['century']} {tens[int(match['tens']) - 2]}"

    return [lambda text: text.sub(day, say_day), lambda text: text.sub(decade, say_decade)]


_N_ENDINGS = re.compile(
    r"(?:im|am|vom|zum|beim|zur|dem|den|des|(?:k?ein|mein|dein|sein|ihr|unser|euer|dies|jed|jen)e[mnrs])\Z"
)
_E_ENDINGS = re.compile(r"(?:die|das|(?:k?ein|mein|dein|sein|ihr|unser|euer|dies|jed|jen)e)\Z")
_PREPOSITIONS = frozenset(
    (
        "in",
        "an",
        "auf",
        "aus",
        "bei",
        "mit",
        "nach",
        "seit",
        "von",
        "vor",
        "unter",
        "über",
        "hinter",
        "neben",
        "zwischen",
        "während",
        "trotz",
        "wegen",
        "gegenüber",
        "ab",
    )
)


def _german(language: str, words: Words) -> list[Rule]:  # noqa: ARG001
    """ "im 19. Jahrhundert", "der 5. Mann", "12. Mai": by the word before; where that does not tell, as it is."""
    months = "|".join(words.months)
    pattern = re.compile(
        rf"(?:(?P<two>[^\W\d_]+)\s)?(?:(?P<one>[^\W\d_]+)\s|(?P<none>\A|,\s|\())(?P<d>[1-9]\d?)\.\s(?=(?P<month>(?:{months})(?!\w))|[A-ZÄÖÜ„])"
    )

    def rule(text: MappedText) -> MappedText:
        def say(match: re.Match[str]) -> MappedText | None:
            one, two = (match["one"] or "").lower(), (match["two"] or "").lower()
            ending = _german_ending(one, two, match["month"] is not None)
            if ending is None:
                return None
            kept = text.slice(match.start(), match.start("d"))
            word = ordinal(int(match["d"]), "de") + ending
            return (
                kept
                + text.slice(match.start("d"), match.end() - 1).replaced(word)
                + text.slice(match.end() - 1, match.end())
            )

        return text.sub(pattern, say)

    return [rule]


def _german_ending(one: str, two: str, is_month: bool) -> str | None:
    if _N_ENDINGS.match(one) or (one == "der" and two in _PREPOSITIONS):
        return "n"
    if _E_ENDINGS.match(one) or one == "der":
        return ""
    if is_month:
        return "m" if one in ("ab", "seit", "vor", "nach", "von") else "r"
    return None


def _french(language: str, words: Words) -> list[Rule]:  # noqa: ARG001
    from engine.text.roman import value_of

    digits = re.compile(r"(?<![\w.,:/-])(?P<n>\d{1,3})(?:\s?(?P<first>er|re|ère)|(?:e|è?me|ᵉ)(?P<many>s)?)(?!\w)")
    roman = re.compile(r"(?<!\w)(?P<roman>[XVI]{1,7})(?:(?P<first>er|re)|(?:e|ème|ᵉ)(?P<many>s)?)(?!\w)")

    def say_number(number: int, first: str | None, many: str | None) -> str | None:
        if first:
            return {"er": "premier", "re": "première", "ère": "première"}[first] if number == 1 else None
        return ordinal(number, "fr") + (many or "") if number > 1 else None

    return [
        lambda text: text.sub(digits, lambda match: say_number(int(match["n"]), match["first"], match["many"])),
        lambda text: text.sub(roman, lambda match: say_number(value_of(match["roman"]), match["first"], match["many"])),
    ]


def _iberian(language: str, words: Words) -> list[Rule]:  # noqa: ARG001
    """ "1.º", "2ª", "3º": Spanish up to ten, beyond which cardinals are said."""
    pattern = re.compile(r"(?<![\w.,:/-])(?P<n>\d{1,2})\.?(?P<sign>[ºª])(?!\w)")

    def say(match: re.Match[str]) -> str | None:
        number = int(match["n"])
        if number == 0 or (language == "es" and number > 10):
            return None
        word = ordinal(number, language)
        return " ".join(f"{part[:-1]}a" for part in word.split()) if match["sign"] == "ª" else word

    return [lambda text: text.sub(pattern, say)]


def _dutch(language: str, words: Words) -> list[Rule]:  # noqa: ARG001
    pattern = re.compile(r"(?<![\w.,:/-])(?P<n>\d{1,3})(?:ste|de|e)(?!\w)")
    roman = re.compile(r"(?<!\w)(?P<roman>[XVI]{1,6})e(?=\seeuw)")

    def say(match: re.Match[str]) -> str | None:
        return ordinal(int(match["n"]), "nl") if int(match["n"]) else None

    def say_roman(match: re.Match[str]) -> str:
        from engine.text.roman import value_of

        return ordinal(value_of(match["roman"]), "nl")

    return [lambda text: text.sub(pattern, say), lambda text: text.sub(roman, say_roman)]
