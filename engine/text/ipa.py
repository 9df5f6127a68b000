"""The International Phonetic Alphabet as people type and copy it: which signs it has, one spelling for each, and which
of the sounds that a voice has is nearest to one that it lacks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

MAX_SIGNS = 200
"""Of one pronunciation: a name of many words."""

_VOWELS = "iyɨʉɯuɪʏʊeøɘɵɤoəɛœɜɞʌɔæɐaɶɑɒɚᵻ"
_CONSONANTS = "pbtdʈɖcɟkɡqɢʔmɱnɳɲŋɴʙrʀⱱɾɽɸβfvθðszʃʒʂʐçʝxɣχʁħʕhɦɬɮʋɹɻjɰlɭʎʟʍwɥɕʑɺɧɫɓɗʄɠʛ"
VOWELS_AND_CONSONANTS = _VOWELS + _CONSONANTS
_STRESS = "ˈˌ"
# Length, tones, syllables, ties and what is written over, under and behind a letter. Voices leave most of it out.
_MARKS = "ːˑ̆.‿|‖ ˥˦˧˨˩꜀ꜛꜜ↗↘ʰʷʲᵝˠˤⁿˡ̚ʼ˞͜͡"
_DIACRITICS = "".join(
    map(chr, (*range(0x300, 0x304), 0x308, 0x30A, 0x30B, 0x30C, 0x30F, *range(0x318, 0x31D), *range(0x31E, 0x327)))
) + "".join(map(chr, (*range(0x329, 0x331), 0x334, *range(0x339, 0x33E), 0x342, 0x346, 0x34D, 0x351, 0x357, 0x361)))
_KNOWN = frozenset(VOWELS_AND_CONSONANTS + _STRESS + _MARKS + _DIACRITICS)

# What looks the same, or was one letter once.
_SPELLINGS = str.maketrans(
    {
        **{"g": "ɡ", ":": "ː", "'": "ˈ", "’": "ˈ", "′": "ˈ", ",": "ˌ", "ɝ": "ɜː", "ɩ": "ɪ", "ɷ": "ʊ", "ȷ": "ɟ"},
        **{"ʤ": "dʒ", "ʧ": "tʃ", "ʦ": "ts", "ʣ": "dz", "ʨ": "tɕ", "ʥ": "dʑ", "ɿ": "ɨ", "ʅ": "ɨ", "ƞ": "n", "\xa0": " "},
    }
)
_DELIMITERS = re.compile(r"^\s*[/\[]\s*|\s*[/\]]\s*$")
_FINER = re.compile("[\u0300-\u0302\u0304-\u0328\u032a-\u036fˑʰʷʲᵝˠˤⁿˡʼ˞]")
_UNHEARD = re.compile("[.‿|‖˥˦˧˨˩꜀ꜛꜜ↗↘͜͡]")

# The nearest sounds, best first; of several letters where no single one will do.
_NEAREST: dict[str, tuple[str, ...]] = {
    **{"i": ("iː", "ɪ"), "y": ("yː", "ʏ", "i"), "ɨ": ("ᵻ", "ɪ", "i"), "ʉ": ("uː", "u"), "ɯ": ("u", "ɨ")},
    **{
        "u": ("uː", "ʊ", "ɯ"),
        "ɪ": ("i", "ᵻ", "e"),
        "ʏ": ("yː", "y", "ɪ"),
        "ʊ": ("u", "ɯ", "o"),
        "e": ("eː", "eɪ", "ɛ"),
    },
    **{"ø": ("øː", "œ", "ɜː", "e"), "ɘ": ("ə",), "ɵ": ("ø", "ə"), "ɤ": ("o", "ə"), "o": ("oː", "oʊ", "əʊ", "ɔ")},
    **{"ə": ("ɐ", "ɜ", "ɛ", "e"), "ɛ": ("ɛː", "e", "æ"), "œ": ("œː", "ø", "ɜː"), "ɜ": ("ɜː", "ə", "ɛ")},
    **{"ɞ": ("ɜ",), "ʌ": ("ɐ", "a", "ə"), "ɔ": ("ɔː", "ɒ", "o"), "æ": ("ɛ", "a"), "ɐ": ("a", "ʌ", "ə")},
    **{"a": ("aː", "æ", "ɑ", "ɐ"), "ɶ": ("œ",), "ɑ": ("ɑː", "a"), "ɒ": ("ɔ", "ɑ"), "ɚ": ("əɹ", "ə"), "ᵻ": ("ɪ",)},
    **{"ʈ": ("t",), "ɖ": ("d",), "c": ("tɕ", "tʃ", "k"), "ɟ": ("dʒ", "ɡ"), "ɡ": ("k",), "q": ("k",), "ɢ": ("ɡ",)},
    **{"ɱ": ("m",), "ɳ": ("n",), "ɲ": ("nj", "n"), "ŋ": ("n",), "ɴ": ("ŋ",), "ʙ": ("b",), "ⱱ": ("v",)},
    **{"r": ("ɾ", "ɹ", "ʁ", "ʀ"), "ʀ": ("ʁ", "r"), "ɾ": ("r", "ɹ", "d"), "ɽ": ("ɾ",), "ɹ": ("ɻ", "r"), "ɻ": ("ɹ",)},
    **{"ɸ": ("f",), "β": ("v", "b"), "v": ("f", "w"), "θ": ("s",), "ð": ("d", "z"), "z": ("s",), "ʃ": ("ʂ", "s")},
    **{"ʒ": ("ʐ", "ʃ"), "ʂ": ("ʃ",), "ʐ": ("ʒ",), "ç": ("ʃ", "h"), "ʝ": ("j",), "x": ("χ", "h", "k"), "ɣ": ("ɡ",)},
    **{"χ": ("x",), "ʁ": ("ʀ", "r"), "ħ": ("h",), "ʕ": ("ʔ",), "h": ("x",), "ɦ": ("h",), "ɬ": ("l",), "ɮ": ("l",)},
    **{"ʋ": ("v",), "ɰ": ("ɣ", "w"), "ɭ": ("l",), "ʎ": ("lj", "l"), "ʟ": ("l",), "ʍ": ("w",), "w": ("ʊ",)},
    **{"ɥ": ("j",), "ɕ": ("ʃ",), "ʑ": ("ʒ",), "ɺ": ("l",), "ɧ": ("ʃ",), "ɫ": ("l",), "ɓ": ("b",), "ɗ": ("d",)},
    **{"ʄ": ("ɟ",), "ɠ": ("ɡ",), "ʛ": ("ɢ",), "b": ("p",), "d": ("t",), "j": ("ɪ",), "l": ("ɫ",)},
}


def canonical_ipa(typed: str) -> str:
    """Give `typed` the one spelling that voices are asked with: no slashes around it, no ties, tones or dots in it,
    one sign for each sound."""
    text = _UNHEARD.sub("", _decomposed(typed))
    return " ".join(text.split())


def foreign_sign(typed: str) -> str | None:
    """Find what makes `typed` no pronunciation in IPA: the first sign that is not of it, or "" where there is no sound
    in it or more than `MAX_SIGNS`; None where it is one."""
    text = _decomposed(typed)
    unknown = next((sign for sign in text if sign not in _KNOWN), None)
    if unknown is not None:
        return unknown
    has_sound = any(sign in VOWELS_AND_CONSONANTS for sign in text)
    return None if has_sound and len(text) <= MAX_SIGNS else ""


def broad_ipa(ipa: str) -> str:
    """Leave out of `ipa`, as `canonical_ipa` gives it, what only finer transcriptions have; nasal vowels and syllabic
    consonants stay."""
    return _FINER.sub("", ipa)


def nearest_ipa(sign: str, sounds: Collection[str]) -> tuple[str, ...]:
    """Find what of `sounds` is nearest to the letter `sign`, which is not among them: one sound or two; none for a mark
    that has no sound of its own."""
    seen = {sign}
    waiting = list(_NEAREST.get(sign, ()))
    while waiting:
        near = waiting.pop(0)
        if near in sounds:
            return (near,)
        if len(near) > 1 and all(letter in sounds for letter in near):
            return tuple(near)
        if near not in seen:
            seen.add(near)
            waiting += _NEAREST.get(near, ())
    return ()


def _decomposed(typed: str) -> str:
    text = _DELIMITERS.sub("", typed)
    text = unicodedata.normalize("NFD", text).replace("c\u0327", "ç").translate(_SPELLINGS)
    return " ".join(text.split())
