"""IPA in the voice's own alphabet: what a person writes in the dictionary, and what espeak-ng says of unknown words.

The alphabet is that of Kokoro, in which hibari was trained: IPA for American English with one sign for each diphthong,
no signs of length, and stress right before the vowel. What English lacks becomes the nearest sound that it has.
"""

from __future__ import annotations

import re
import unicodedata

VOWELS = "AIOWYaiuæɑɔəɛɜɪʊʌᵊᵻɐ"
"""The signs that may bear a stress."""
STRESSES = "ˈˌ"

# Longest first: what stands earlier wins. Marks that combine stand behind their letter (NFD).
_SIGNS: tuple[tuple[str, str], ...] = (
    # diphthongs and affricates, which are one sign each
    *(("aɪ", "I"), ("aj", "I"), ("aʊ", "W"), ("aw", "W"), ("eɪ", "A"), ("ej", "A"), ("oʊ", "O"), ("ow", "O")),
    *(("əʊ", "O"), ("ɔɪ", "Y"), ("ɔj", "Y"), ("oɪ", "Y"), ("tʃ", "ʧ"), ("dʒ", "ʤ"), ("tɕ", "ʧ"), ("dʑ", "ʤ")),
    # syllabic consonants, and nasal vowels with the consonant that English speakers hear
    *(("ʔn\u0329", "tᵊn"), ("n\u0329", "ᵊn"), ("l\u0329", "ᵊl"), ("m\u0329", "ᵊm"), ("ɹ\u0329", "əɹ")),
    *(("ɑ\u0303", "ɑn"), ("ɔ\u0303", "ɔn"), ("ɛ\u0303", "æn"), ("œ\u0303", "ʌn"), ("a\u0303", "ɑn"), ("o\u0303", "ɔn")),
    # r-coloured vowels
    *(("ɜːɹ", "ɜɹ"), ("ɜɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɚɹ", "əɹ"), ("ɚ", "əɹ"), ("ɝ", "ɜɹ"), ("əl", "ᵊl")),
    # consonants that are written otherwise, or that English has not
    *(("r", "ɹ"), ("g", "ɡ"), ("ɫ", "l"), ("ɾ", "T"), ("ʁ", "ɹ"), ("ʀ", "ɹ"), ("ɽ", "ɹ"), ("ɻ", "ɹ"), ("ɺ", "ɹ")),
    *(("x", "k"), ("χ", "k"), ("q", "k"), ("ɣ", "ɡ"), ("ɢ", "ɡ"), ("ʛ", "ɡ"), ("ɠ", "ɡ"), ("ɟ", "ʤ"), ("c\u0327", "ʃ")),
    *(("c", "ʧ"), ("ɕ", "ʃ"), ("ʂ", "ʃ"), ("ɧ", "ʃ"), ("ʑ", "ʒ"), ("ʐ", "ʒ"), ("ʝ", "j"), ("ɲ", "nj"), ("ŋ", "ŋ")),
    *(("ɴ", "ŋ"), ("ɳ", "n"), ("ɱ", "m"), ("ʎ", "lj"), ("ɬ", "l"), ("ɮ", "l"), ("ɭ", "l"), ("ʟ", "l"), ("ɸ", "f")),
    *(("β", "v"), ("ʋ", "v"), ("ʍ", "w"), ("ɥ", "w"), ("ɰ", "ɡ"), ("ɦ", "h"), ("ħ", "h"), ("ʜ", "h"), ("ʔ", "t")),
    *(("ʕ", ""), ("ɓ", "b"), ("ɗ", "d"), ("ɖ", "d"), ("ʈ", "t"), ("ʦ", "ts"), ("ʣ", "dz"), ("ʨ", "ʧ"), ("ʥ", "ʤ")),
    # vowels
    *(("a", "ɑ"), ("e", "ɛ"), ("o", "O"), ("ɒ", "ɑ"), ("y", "u"), ("ʏ", "ʊ"), ("ø", "ɜ"), ("œ", "ɜ"), ("ɶ", "æ")),
    *(("ɨ", "ɪ"), ("ʉ", "u"), ("ɯ", "u"), ("ɤ", "ʌ"), ("ɵ", "ə"), ("ɘ", "ə"), ("ɞ", "ɜ"), ("ɜ", "ɜ"), ("ɐ", "ɐ")),
    # stress as it is typed
    *(("'", "ˈ"), ("’", "ˈ"), ("\u02cc", "ˌ")),
)
_PLAIN = "bdfhijklmnpstuvwzæðŋɑɔəɛɡɪɹʃʊʌʒʤʧθᵊᵻˈˌ "
"""Signs that mean the same in both."""
# Ties and dots between syllables; length; how a consonant is breathed, voiced and made; tones.
_UNHEARD = "[./\\[\\]ːˑˤˠʰʲʷⁿˡ\u02bc\u0300-\u036f˥˦˧˨˩↗↘‿|‖-]"

_TABLE = {**{sign: sign for sign in _PLAIN}, **dict(_SIGNS)}
_SIGN = re.compile("|".join((*map(re.escape, sorted(_TABLE, key=len, reverse=True)), _UNHEARD)))


def from_ipa(ipa: str) -> str:
    """Return `ipa` in the voice's alphabet: "həˈloʊ" becomes "həlˈO".

    A word without a stress gets one on its first vowel. Signs that mean nothing to the voice are left out.
    """
    said = "".join(_TABLE.get(match[0], "") for match in _SIGN.finditer(_spelled(ipa)))
    return " ".join(map(_stressed, said.split()))


def unknown_signs(ipa: str) -> str:
    """Return the signs of `ipa` that the voice leaves out though they are no mere detail; "" where there are none."""
    return "".join(dict.fromkeys(_SIGN.sub("", _spelled(ipa)).replace(" ", "")))


def _spelled(ipa: str) -> str:
    """Return `ipa` with marks behind their letters, and without the ties that divide two signs of one sound."""
    return unicodedata.normalize("NFD", ipa).replace("\u0361", "").replace("\u035c", "")


def _stressed(word: str) -> str:
    """Put each stress right before its vowel, and one before the first vowel where there is none."""
    if not any(sign in STRESSES for sign in word):
        return re.sub(f"[{VOWELS}]", lambda match: f"ˈ{match[0]}", word, count=1)
    return re.sub(f"([{STRESSES}])([^{VOWELS}{STRESSES}]*)(?=[{VOWELS}])", r"\2\1", word)
