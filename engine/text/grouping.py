"""Digits in groups: of a large number, whose groups are joined, and of a telephone or an account, which keep theirs."""

from __future__ import annotations

import re

from engine.text.amounts import currencies_of, units_of
from engine.text.languages import Language
from engine.text.languages.forms import alternatives
from engine.text.mapped_text import MappedText, Rule

_GROUPED = re.compile(
    r"(?<![\w.,+/(-])(?<!\d[ \u00a0\u202f])[1-9]\d{0,2}(?:[ \u00a0\u202f]\d{3})+(?![\w-]|[ \u00a0\u202f]\d)"
)
_INDIAN = re.compile(r"(?<![\w.,])\d{1,2}(?:,\d{2})+,\d{3}(?![\d,])")  # lakhs and crores, which no voice knows
# Of all languages together: what is called so in one is so in all, and the words are borrowed.
_NUMBER_OF_SOMETHING = re.compile(
    r"(?:\b(?:tel|tél|fax|phone|call|dial|gsm|numer|nummer|rufnummer|telefon|mobil|número|numéro|numero|móvil|nr|n[°º]|"
    r"no|id|code|código|codice|kod|iban|konto|cuenta|compte|conto|siret|siren|kvk|btw|nip|pesel|regon|krs|cif|nif|cpf|"
    r"cnpj|ust|vat|inn|инн|тел|телефон|номер|моб|pin|isbn|seri)\w*[^\d]{0,24}|[:+]|(?-i:\b[A-Z]{2}\s?))\Z",
    re.IGNORECASE,
)
_NOUN = re.compile(r"\s(?P<word>[^\W\d_]{3,})")
_DECIMALS = re.compile(r"[.,]\d")


def grouping_rules(language: Language) -> list[Rule]:
    """Return the rules that join the groups of a number, where those are no voice's affair."""
    rules: list[Rule] = [lambda text: text.sub(_INDIAN, lambda match: match[0].replace(",", ""))]
    if language.has_grouping_spaces:
        rules.append(_joining(language))
    return rules


def _joining(language: Language) -> Rule:
    currencies = currencies_of(language)
    signs = {*currencies, *units_of(language), *language.scales, *language.magnitudes, "%"}
    counted = re.compile(rf"\s?(?:{alternatives(signs)})(?!\w)")
    money = re.compile(rf"(?:{alternatives(currencies)})\s?\Z")
    function_words = language.first_words | language.frequent_words | language.after_suspended_hyphen

    def is_amount(match: re.Match[str]) -> bool:
        """Tell whether something is counted; where nothing tells, a first group of three digits is a telephone's."""
        text, (start, end) = match.string, match.span()
        before = text[max(0, start - 40) : start]
        if counted.match(text, end) or money.search(before) or _DECIMALS.match(text, end):
            return True
        if _NUMBER_OF_SOMETHING.search(before):
            return False
        noun = _NOUN.match(text, end)
        is_noun = noun is not None and noun["word"].islower() is not language.capitalises_nouns
        is_counted = noun is not None and is_noun and noun["word"].lower() not in function_words
        return is_counted or len(re.split(r"\s", match[0])[0]) < 3

    def join(match: re.Match[str]) -> str | None:
        return re.sub(r"\D", "", match[0]) if is_amount(match) else None

    def rule(text: MappedText) -> MappedText:
        return text.sub(_GROUPED, join)

    return rule
