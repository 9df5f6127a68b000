"""From the International Phonetic Alphabet to espeak-ng's own phonemes, which are other ones in each of its voices.

Nothing here knows what a voice has: each of the mnemonics below is tried, and espeak-ng says what it would be in IPA.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.builtin.espeak import Espeak
from engine.text.ipa import broad_ipa, canonical_ipa, foreign_sign, nearest_ipa

# In the order in which they are taken where two are the same in a voice.
_VOWELS = (
    *("@", "a", "A", "V", "E", "e", "I", "i", "O", "o", "U", "u", "y", "Y", "W", "&", "0", "3", "8", "A:", "a:", "E:"),
    *("e:", "i:", "I:", "o:", "O:", "u:", "y:", "Y:", "W:", "3:", "@:", "aI", "aU", "eI", "OI", "OY", "oU", "@U"),
    *("au", "ai", "ei", "EI", "Au", "ui", "e@", "i@", "i@3", "U@", "A@", "O@", "o@", "I@", "aI@", "aI3", "aU@"),
    *("A~", "E~", "O~", "W~", "e~", "o~", "i~", "u~", "a~", "&~", "&U~", "aU~", "eI~", "oI~", "@L", "I#", "a#"),
    *("i.", "i[", 'u"', "@r", "I2", 'U"', 'V"', "l-", "m-", "n-", "N-"),
)
_CONSONANTS = (
    *("p", "b", "t", "d", "k", "g", "f", "v", "T", "D", "s", "z", "S", "Z", "h", "m", "n", "N", "n^", "n.", "l", "l^"),
    *("l.", "r", "j", "w", "x", "C", "Q", 'Q"', "X", "R", 'r"', "*", "L", "q", "c", "J", "?", "B", "tS", "dZ", "ts"),
    *("dz", "pF", "tS;", "dZ;", "S;", "z;", "s.", "z.", "ts.", "dz.", "tS;h", "ts.h", "tsh", "ph", "th", "kh", "t["),
    *("d[", "w#", "v#", "l#", "J^", "s;", "z;", "l;", "n;", "t;", "d;", "p;", "b;", "m;", "f;", "v;", "k;", "g;"),
    *("r.", "r`"),
)
_MAX_WORD_BYTES = 160
"""Of a word in mnemonics. espeak-ng 1.52 overruns its buffers from about 310 on, and takes the process with it."""
_ELIDED = re.compile(r"[^\W\d_]+['’]\Z")
_STRESSES = {"ˈ": "'", "ˌ": ","}
_SIGNS_AFTER = ",.;:!?…"


@dataclass(frozen=True, slots=True)
class GivenPhonemes:
    """Says how the code points `[start, end)` of a text sound: `ipa`, in the spelling of `canonical_ipa`."""

    start: int
    end: int
    ipa: str


@dataclass(frozen=True, slots=True)
class PhonemeInput:
    """Holds a text in which espeak-ng finds phonemes in [[ ]], and for each of its code points where it stands in the
    text that it was made of."""

    text: str
    places: Sequence[int]

    def place_of(self, position: int) -> int:
        """Find where `position` stands in the text that this one was made of; its end stands at its end."""
        return self.places[position] if position < len(self.places) else len(self.places)


def phoneme_input(espeak: Espeak, text: str, spans: Sequence[GivenPhonemes]) -> PhonemeInput:
    """Put what the voice of `espeak` has for `spans`, which are in order, into `text`; what of `text` looks like
    phonemes stays text."""
    inventory = _inventory(espeak)
    pieces: list[str] = []
    places: list[int] = []
    done = 0

    def put(piece: str, where: Sequence[int]) -> None:
        pieces.append(piece)
        places.extend(where)

    for span in spans:
        elided = _ELIDED.search(text, done, span.start)
        start = elided.start() if elided else span.start
        words = [*_mnemonic_words(_ipa_of_elided(espeak, elided) + span.ipa, inventory)]
        if not words:
            continue
        put(_as_text(text[done:start]), range(done, start))
        # A bracket or a quotation mark that touches them swallows the phonemes.
        before = "" if text[:start][-1:].isspace() else " "
        after = "" if text[span.end : span.end + 1].isspace() or text[span.end : span.end + 1] in _SIGNS_AFTER else " "
        phonemes = f"{before}[[{' '.join(words)}]]{after}"
        put(phonemes, [start] * len(phonemes))
        done = span.end
    put(_as_text(text[done:]), range(done, len(text)))
    return PhonemeInput("".join(pieces), places)


def _as_text(text: str) -> str:
    return text.replace("[", "(")  # to espeak-ng, a pause as well


def _ipa_of_elided(espeak: Espeak, elided: re.Match[str] | None) -> str:
    """How "l'" sounds before a vowel: alone, it would be spelt."""
    return canonical_ipa(espeak.phonemes(f"{elided[0]}a")).replace("ˈ", "").replace("ˌ", "")[:-1] if elided else ""


def _inventory(espeak: Espeak) -> dict[str, str]:
    """What the voice has: mnemonics by their IPA, as it is and without its finer marks. Takes 1.5 ms."""
    found: dict[str, str] = {}
    for mnemonics, before, after in ((_VOWELS, "p'", "k"), (_CONSONANTS, "", "'a")):
        for mnemonic in mnemonics:
            onset, _, rime = canonical_ipa(
                espeak.phonemes(f"[[{before}{mnemonic}{after}]]", has_phonemes=True)
            ).partition("ˈ")
            # A mnemonic that the voice does not have ends the word, so that what comes after it is missing.
            sign = rime[:-1] if before and rime.endswith("k") else onset if rime and not before else ""
            if foreign_sign(sign) is None:
                found.setdefault(sign, mnemonic)
                found.setdefault(broad_ipa(sign), mnemonic)
    if any(found.get(sign) == "r" for sign in "ɹʁʀ"):
        found["r"] = "r"  # what is written so in dictionaries of a language that has no trill
    return found


def _mnemonic_words(ipa: str, inventory: dict[str, str]) -> Iterator[str]:
    for word in ipa.split():
        said = ""
        for mnemonic in _mnemonics(word, inventory):
            if len(said) + len(mnemonic) > _MAX_WORD_BYTES:
                yield said
                said = ""
            said += mnemonic
        if said.strip("',|"):
            yield said


def _mnemonics(word: str, inventory: dict[str, str]) -> Iterator[str]:
    """Take the longest that the voice has, each time; of what it has not, the nearest."""
    i = 0
    while i < len(word):
        if word[i] in _STRESSES:
            yield _STRESSES[word[i]]
            i += 1
            continue
        end = next((end for end in range(min(len(word), i + 5), i, -1) if word[i:end] in inventory), i + 1)
        signs = (word[i:end],) if word[i:end] in inventory else nearest_ipa(word[i], inventory.keys())
        yield from (f"{inventory[sign]}|" for sign in signs)
        if signs and word[end : end + 1] == "ː" and not signs[-1].endswith("ː"):
            yield ":|"
        i = end
