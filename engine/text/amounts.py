"""Numbers with what belongs to them, in words: amounts of money, units, percents, and ranges of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

from engine.text.languages import Language
from engine.text.languages.cldr import currency_names, unit_names
from engine.text.languages.forms import NEVER, ONE_OTHER, UNDER_TWO_OTHER, alternatives, form_after, said
from engine.text.mapped_text import Rule

BEFORE_NUMBER = r"(?<![\w.,:/−-])"
"""Where a number begins that is no part of another or of a name."""

"""What no text matches."""

_DIGITS = r"(?:\d{1,3}(?:[.,'’]\d{3})+(?:[.,]\d{1,9})?|\d{1,15}(?:[.,]\d{1,9})?)"
_DASH = r"\s?[–—~～〜-]\s?"
_BEFORE = rf"(?:(?<![\w.,:/)−-])(?P<minus>[−-])|{BEFORE_NUMBER})"
_JOINED_SCALE = re.compile(r"\d-[^\W\d_]")  # "a $5-million house"
_FRACTIONS = "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_CLOSED = re.compile(r"[\"'”’»)\]]*\Z")

# Signs that stand for a code of ISO 4217, where a record does not say them as their country does.
_CURRENCY_SIGNS = {
    **{"US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD"},
    **{"R$": "BRL", "MX$": "MXN", "NT$": "TWD", "₴": "UAH", "₪": "ILS", "₫": "VND", "฿": "THB", "₱": "PHP", "₦": "NGN"},
}
# Units that are one sign; what they are composed of, NFKC tells.
_PRINTED = "℃℉㎜㎝㎞㎎㎏㎖㎗ℓ㎐㎑㎒㎓㎾㎸㎅㎆㎇㎈㎉"
# Codes that tell, after an amount, which dollars or pesos the sign before it means.
_DOLLARS = ("USD", "AUD", "CAD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "BRL")
# Codes for which a reader says no more than for the sign.
_PLAIN_CODES = {"EUR": "€", "GBP": "£", "JPY": "¥", "RUB": "₽", "KRW": "₩", "INR": "₹"}


def amount_rules(language: Language) -> list[Rule]:
    """Return the rules for what follows or precedes a number, in the order in which they are to be applied."""
    return [*_currencies(language), *_units(language), *_percents(language), *_magnitudes(language)]


def compiled(language: Language, pattern: str) -> re.Pattern[str]:
    """Compile `pattern` for `language`.

    Where no spaces divide words, only ASCII letters go on with a number or a unit: "走了5km去".
    """
    return re.compile(pattern, 0 if language.glue else re.ASCII)


def currencies_of(language: Language) -> dict[str, str]:
    """Return the forms of the currencies that `language` knows, by their signs and codes."""
    if not language.currencies:
        return {}
    named = currency_names(language.code)
    plain = {code: language.currencies[sign] for code, sign in _PLAIN_CODES.items() if sign in language.currencies}
    signs = {sign: named[code] for sign, code in _CURRENCY_SIGNS.items() if code in named}
    return {**named, **plain, **signs, **language.currencies}


def units_of(language: Language) -> dict[str, str]:
    """Return the forms of the units that `language` knows, by their signs; "m2" is one, too."""
    if not language.units:
        return {}
    own = {sign: forms for sign, forms in language.units.items() if forms[0] != "="}
    named = {**unit_names(language.code), **own}
    units = {**named, **{sign: named[forms[1:]] for sign, forms in language.units.items() if forms[0] == "="}}
    plain = {
        f"{unit[:-1]}{caret}{'23'['²³'.index(unit[-1])]}": forms
        for unit, forms in units.items()
        if unit[-1] in "²³"
        for caret in ("", "^")
    }
    printed = {sign: units[unit] for sign in _PRINTED if (unit := unicodedata.normalize("NFKC", sign)) in units}
    raised = {"ºC": "°C", "ºF": "°F", "㎡": "m²", "㎢": "km²", "㎥": "m³", "㎠": "cm²"}
    printed |= {sign: units[unit] for sign, unit in raised.items() if unit in units}
    return {**units, **plain, **printed}


class _Numbers:
    """How the numbers of a match are said: one or a range, with a word for a large one."""

    def __init__(self, language: Language) -> None:
        self.language = language
        dotted = {f"{sign}.": forms for sign, forms in language.magnitudes.items() if sign[1:] and sign[-1] != "."}
        self.scales = {**{word: word.replace(" ", "_") for word in language.scales}, **dotted, **language.magnitudes}
        long, short = _any_of(self.scales, is_short=False), _any_of(self.scales, is_short=True)
        self.scale = rf"(?:[\s-]?(?P<{{0}}>{long})(?![^\W\d_])|(?P<{{0}}_short>{short})(?![^\W\d_]))?"

    def pattern(self, own: str, lead: str = "", scale: bool = False) -> str:
        """Make the pattern for a number or a range; in that, `own` may follow the first one, and `lead` precede the
        second one."""
        first, second = (self.scale.format(name) for name in ("scale", "to_scale")) if scale else ("", "")
        return rf"(?P<n>{_DIGITS}){first}(?:{own}(?P<dash>{_DASH}){lead}(?P<to>{_DIGITS}){second})?"

    def last(self, match: re.Match[str]) -> str:
        """Return the number that a noun after it agrees with."""
        return match["to"] or match["n"]

    def said(self, match: re.Match[str]) -> str:
        """Return the numbers of `match` with the words for large ones."""
        groups = match.groupdict()
        first, second = (groups.get(f"{s}_short") or groups.get(s) for s in ("scale", "to_scale"))
        if match["to"] is None:
            return self._scaled(match["n"], first)
        if first == second:
            first = None
        glue = self.language.glue
        to = f"{glue}{self.language.range_word.replace('_', ' ')}{glue}" if self.language.range_word else match["dash"]
        return f"{self._scaled(match['n'], first)}{to}{self._scaled(match['to'], second)}"

    def last_scale(self, match: re.Match[str]) -> str:
        """Return the word for a large number that stands last, or nothing."""
        groups = match.groupdict()
        name = "to_scale" if match["to"] is not None else "scale"
        scale = groups.get(f"{name}_short") or groups.get(name)
        return self._word(self.last(match), scale) if scale else ""

    def _scaled(self, number: str, scale: str | None) -> str:
        return f"{number}{self.language.glue}{self._word(number, scale)}" if scale else number

    def _word(self, number: str, scale: str) -> str:
        return form_after(number, self.scales[scale], self.language.plural)


def _any_of(signs: Iterable[str], *, is_short: bool) -> str:
    return alternatives(sign for sign in signs if _is_letter(sign) == is_short)


def _is_letter(sign: str) -> bool:
    """Tell whether `sign` is one letter: "5g", "1990s" and "3D" have no unit, nor "5 k" a thousand."""
    return len(sign) == 1 and sign.isalpha() and sign.isascii()


def _stop(language: Language, match: re.Match[str]) -> str:
    """Return the full stop that ends the sentence where one of an abbreviation in `match` does so, too."""
    if not match[0].endswith("."):
        return ""
    following = match.string[match.end() : match.end() + 2].strip()
    is_begun = following[:1].isdigit() or (following[:1].isupper() and not language.capitalises_nouns)
    return "." if is_begun or _CLOSED.match(match.string, match.end()) else ""


def _dot(language: Language, match: re.Match[str]) -> str:
    """Return the full stop after a unit where it is a sentence's, too: "5 min. later" and "5 min., then" have none."""
    if not match["dot"]:
        return _stop(language, match)
    return "." if match.string[match.end() : match.end() + 2].strip().isupper() else ""


def _is_attributive(language: Language, match: re.Match[str]) -> bool:
    """Tell whether what `match` has describes a noun after it, where the language has a form for that."""
    if language.is_attributive is None:
        return False
    before = match.string[max(0, match.start() - 40) : match.start()]
    return language.is_attributive(before, match.string[match.end() : match.end() + 40])


def _minus(language: Language, match: re.Match[str]) -> str:
    if not match["minus"] or "−" not in language.signs:
        return match["minus"] or ""
    return f"{said(language.signs['−'])}{language.glue}"


def _currencies(language: Language) -> list[Rule]:
    known = currencies_of(language)
    if not known:
        return []
    numbers = _Numbers(language)
    signs = alternatives(known)
    codes = alternatives(code for code in _DOLLARS if code in known)
    no_cents = r"(?P<bare>[.,][-–—]{1,2})?"
    per = r"(?:/(?P<per>[^\W\d_]{1,12})(?!\w))?"
    leading = compiled(
        language,
        rf"(?:(?<![\w.,)−-])(?P<minus>[−-])|(?<![\w.,])(?<!\d\s))(?P<sign>{signs})\s?"
        rf"{numbers.pattern('', lead='(?:(?P=sign))?', scale=True)}{no_cents}(?:\s?(?P<code>{codes})(?!\w))?"
        rf"{per}(?!\w|[.,]\d)",
    )
    own = rf"(?:\s?(?P<own>{signs}))?"
    trailing = compiled(
        language,
        rf"{_BEFORE}{numbers.pattern(own, scale=True)}{no_cents}(?:\s?|(?P<joined>-)(?=(?:{signs})-[^\W\d_]))"
        rf"(?P<sign>(?(own)(?P=own)|(?:{signs}))){per}(?!\w)",
    )
    spaced_letter = compiled(  # "3,5 M€"
        language,
        rf"{_BEFORE}(?P<n>{_DIGITS})\s(?P<to>(?!))?(?P<scale_short>{_any_of(numbers.scales, is_short=True)})"
        rf"(?P<bare>(?!))?\s?(?P<sign>{signs}){per}(?!\w)",
    )

    def say(match: re.Match[str]) -> str:
        is_joined = language.is_attributive is not None and _JOINED_SCALE.search(match[0]) is not None
        is_attributive = is_joined or _is_attributive(language, match)
        ending = f"{_per(language, match['per'])}{_stop(language, match)}"
        money = _money(language, numbers, match, known, is_attributive)
        if match.groupdict().get("joined"):
            money = money.replace(" ", language.joins_units or " ")  # "ein 5-€-Schein"
        return f"{_minus(language, match)}{money}{ending}"

    return [lambda text, pattern=pattern: text.sub(pattern, say) for pattern in (leading, trailing, spaced_letter)]


def _money(
    language: Language, numbers: _Numbers, match: re.Match[str], known: Mapping[str, str], is_attributive: bool
) -> str:
    """Say the amount that `match` has, with its currency after it."""
    sign, number = match["sign"], numbers.last(match)
    code = match.groupdict().get("code")
    if code and code != "USD" and sign.endswith("$"):  # "$50 CAD"
        sign = code
    scale = numbers.last_scale(match)
    if scale:
        name = said(known[sign], 0 if is_attributive else language.plural.many)
        of = language.glue if scale == language.thousand else _of_scale(language, name)
        return f"{numbers.said(match)}{of}{name}"
    parts = re.fullmatch(r"(.*)[.,](\d\d)", number)
    if match["to"] is not None or parts is None or not language.glue:
        name = said(known[sign]) if is_attributive else form_after(number, known[sign], language.plural)
        return f"{numbers.said(match)}{language.glue}{name}"
    whole, hundredths = re.sub(r"\D", "", parts[1]), int(parts[2])
    name = said(known[sign]) if is_attributive else form_after(whole, known[sign], language.plural)
    cents = language.cents.get(sign) or language.cents.get({**_PLAIN_CODES, "USD": "$", "US$": "$"}.get(sign, ""), "")
    minor = form_after(str(hundredths), cents, language.plural) if cents else ""
    if not hundredths:
        return f"{whole} {name}"
    if not int(whole) and minor:
        return f"{hundredths} {minor}"
    if is_attributive or not language.names_cents:
        return f"{whole} {name}{' ' if is_attributive else language.before_cents}{hundredths}"
    return f"{whole} {name}{language.before_cents}{hundredths} {minor}".rstrip()


def _of_scale(language: Language, name: str) -> str:
    elided = language.of_scale_before_vowel
    return elided if elided and name[0].lower() in "aeiouyéè" else language.of_scale


def _per(language: Language, what: str | None) -> str:
    """Say "/kg" or "/month" after a price; as it is written where the language has no word that fits all nouns."""
    if not what:
        return ""
    units = units_of(language)
    if not language.per or (what not in units and len(what) < 3):
        return f"/{what}"
    return f" {said(language.per)} {said(units[what]) if what in units else what}"


def _units(language: Language) -> list[Rule]:
    units = units_of(language)
    if not units:
        return []
    in_text = {unit: re.escape(unit) for unit in units}
    in_text |= {unit: rf"°\s?{unit[1]}" for unit in ("°C", "°F") if unit in units}
    if language.has_ordinal_rings:
        in_text["°"] = r"°(?!\s?[^\W\d_])"
    longest_first = sorted(units, key=len, reverse=True)
    long = "|".join(in_text[unit] for unit in longest_first if not _is_letter(unit)) or NEVER
    short = "|".join(in_text[unit] for unit in longest_first if _is_letter(unit)) or NEVER
    short_joined = (
        "|".join(unit for unit in longest_first if unit in ("mgWV" if language.joins_units == " " else "mgWVAlh"))
        or NEVER
    )
    space = r"\s" if language.glue else r"\s?"
    joined = rf"|-(?:{long}|{short_joined})" if language.joins_units else ""
    others = "|".join(re.escape(short) for short in language.abbreviations if "/" in short) or NEVER  # "t/m" is no ton
    sign = rf"(?!\s(?:{others})(?!\w))(?:\s?(?:{long})|{space}(?:{short}){joined})"
    over = rf"(?:/(?P<over>{alternatives(units)}))?" if language.per else "(?P<over>(?!))?"
    end = r"(?![\w/²³'’]|-(?![^\W\d_])|\.\w)" if language.joins_units else r"(?![\w/²³'’-]|\.\w)"
    numbers = _Numbers(language)
    own = rf"(?P<own>{sign})?"
    dot = r"(?P<dot>\.(?=\s\(?[^\W\d_]|[,;:)]))?"
    pattern = compiled(
        language, rf"{_BEFORE}{numbers.pattern(own)}(?P<sign>(?(own)(?P=own)|(?:{sign}))){over}{dot}{end}"
    )

    def say(match: re.Match[str]) -> str | None:
        unit = match["sign"].strip().removeprefix("-").replace("° ", "°")
        if unit == "*" and not (match["n"] in tuple("1234567") and match["sign"] == "*"):
            return None
        goes_on = match.string[match.end() : match.end() + 1] == "-"
        is_joined = match["sign"][0] == "-" or goes_on
        name = form_after(numbers.last(match), units[unit], language.plural)
        if _is_attributive(language, match) or (is_joined and language.is_attributive is not None):
            name = said(units[unit])
        if match["over"]:
            name = f"{name} {said(language.per)} {said(units[match['over']])}"
        dot = _dot(language, match)
        minus = match["minus"] or ""
        if minus == "−" or unit[0] in "°℃℉":  # a hyphen may be a dash elsewhere
            minus = _minus(language, match)
        glue = language.joins_units if is_joined else language.glue
        return f"{minus}{numbers.said(match)}{glue}{name}{dot}"

    fractions = _units_after_fractions(language, units, rf"(?P<sign>{sign}){dot}{end}")
    return [lambda text: text.sub(pattern, say), *fractions, *_units_without_number(language, units)]


def _units_after_fractions(language: Language, units: Mapping[str, str], unit: str) -> list[Rule]:
    """Say the unit in "1/2 tsp" and "1½ kg", where one is said after less than two or as after many."""
    if language.plural not in (ONE_OTHER, UNDER_TWO_OTHER):
        return []
    before = rf"{BEFORE_NUMBER}(?:(?P<whole>\d{{1,3}})\s?(?=[{_FRACTIONS}]|(?<=\s)))?"
    before += rf"(?:(?P<above>\d)/(?P<below>[2-9]|1[026])|[{_FRACTIONS}])"
    pattern = compiled(language, rf"{before}(?P<written>{unit})")

    def say(match: re.Match[str]) -> str | None:
        if match["above"] and int(match["above"]) >= int(match["below"]):
            return None
        sign = match["sign"].strip()
        number = f"{match['whole']}.5" if match["whole"] else "1"
        name = form_after(number, units[sign.removeprefix("-").replace("° ", "°")], language.plural)
        dot = _dot(language, match)
        return f"{language.joins_units if sign[0] == '-' else language.glue}{name}{dot}"

    return [lambda text: text.sub_group(pattern, "written", say)]


def _units_without_number(language: Language, units: Mapping[str, str]) -> list[Rule]:
    """Say "per km²", where the raised sign tells that it is a unit."""
    if not language.per:
        return []
    raised = alternatives(unit for unit in units if unit[-1] in "²³")
    pattern = compiled(language, rf"(?<=\b{re.escape(language.per)}\s)(?P<unit>{raised})(?!\w)")
    return [lambda text: text.sub(pattern, lambda match: said(units[match["unit"]]))]


def _percents(language: Language) -> list[Rule]:
    if not language.percent:
        return []
    numbers = _Numbers(language)
    own = r"(?P<own>\s?[%٪])?"
    joined = r"(?:\s?|-(?=%-))" if language.joins_units == "-" else r"\s?"
    pattern = compiled(language, rf"{_BEFORE}{numbers.pattern(own)}{joined}[%٪](?![^\W\d_]|-ig)")  # "20%-ige"

    def say(match: re.Match[str]) -> str:
        number = f"{_minus(language, match)}{numbers.said(match)}"
        if "{n}" in language.percent:
            spoken = language.percent.format(n=number)
            goes_on = language.joins_units == "-" and match.string[match.end() : match.end() + 1] == "-"
            return spoken.replace(" ", "-") if goes_on else spoken  # "die 5%-Hürde"
        return f"{number} {form_after(numbers.last(match), language.percent, language.plural)}"

    return [lambda text: text.sub(pattern, say)]


def _magnitudes(language: Language) -> list[Rule]:
    """Say "3,5 mln" before anything that is counted; one letter may mean something else there."""
    numbers = _Numbers(language)
    long = [sign for sign in numbers.scales if sign not in language.scales and not _is_letter(sign)]
    if not long:
        return []
    scale = rf"\s?(?P<scale>{alternatives(long)})(?![\w/])"
    pattern = compiled(language, rf"{BEFORE_NUMBER}(?P<n>{_DIGITS})(?P<to>(?!))?{scale}")
    return [lambda text: text.sub(pattern, lambda match: f"{numbers.said(match)}{_stop(language, match)}")]
