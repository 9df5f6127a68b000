"""What the daemon sets before each message, and what it means for espeak-ng and for Lectern's voices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field

import engine
from engine.builtin import EspeakManner

SLOWEST, USUAL, FASTEST = 80, 170, 449
"""Words a minute at rate -100, 0 and 100: those of the daemon's own module for espeak-ng, so that a person who changes
from one to the other hears the same pace."""

PITCH_OCTAVES = 0.5
"""By which pitch 100 is higher than 0."""

CHOSEN = "Lectern"
"""The voice that is chosen in Lectern, as it is called in the list of voices."""

# The daemon's symbolic names. The first is what every program sends that asks for nothing: the voice that was chosen.
_BY_KIND = {
    "male2": "built-in/m3",
    "male3": "built-in/m7",
    "female1": "built-in/f2",
    "female2": "built-in/f5",
    "female3": "built-in/f3",
    "child_male": "built-in/m4",
    "child_female": "built-in/f4",
}
_TIMBRE = re.compile(r"built-in/(?:espeak/)?([fm]\d)")
_SIGNS = {"some": "@#+_&*/\\", "most": '@#+_&*/\\<>=%$^~|`{}[]()"§°€£¥–—•…'}
"""What is named in these modes; "all" are all of the categories P and S. The daemon may have put words in the place of
signs before (its `SymbolsPreproc`), and then there are none."""

_PUNCTUATION = {"none": 0, "all": 1, "some": 2, "most": 2}
_CAPITALS = {"none": 0, "icon": 1, "spell": 2}


@dataclass(frozen=True, slots=True)
class Prosody:
    """The daemon's parameters. `language` is a tag in small letters, "" where none is known; `voice` as Lectern names
    voices, "" for the one that is chosen there."""

    rate: int = 0
    pitch: int = 0
    pitch_range: int = 0
    volume: int = 100
    punctuation: str = "none"
    spelling: bool = False
    capitals: str = "none"
    language: str = ""
    voice: str = ""

    @property
    def speed(self) -> float:
        """How many times as fast as usual."""
        return self._words_per_minute / USUAL

    @property
    def pitch_factor(self) -> float:
        return 2 ** (PITCH_OCTAVES * self.pitch / 100)

    @property
    def gain(self) -> float:
        return (self.volume + 100) / 200

    def is_exact(self, text: str) -> bool:
        """Say whether signs of `text` are asked for by name: only espeak-ng tells those."""
        if self.spelling or self.capitals != "none":
            return True
        if self.punctuation == "all":
            return any(unicodedata.category(sign)[0] in "PS" for sign in text)
        return any(sign in _SIGNS.get(self.punctuation, "") for sign in text)

    @property
    def language_code(self) -> str:
        """What Lectern calls the language, where it has it; else the tag's first part."""
        return self.language.split("-")[0]

    @property
    def timbre(self) -> str:
        """espeak-ng's, for what is said with it."""
        found = _TIMBRE.fullmatch(self.voice)
        return found[1] if found else ""

    @property
    def manner(self) -> EspeakManner:
        """The same in espeak-ng's terms."""
        return EspeakManner(
            rate=round(self._words_per_minute),
            volume=round(100 * self.gain),
            pitch=(self.pitch + 100) // 2,
            pitch_range=(self.pitch_range + 100) // 2,
            punctuation=_PUNCTUATION.get(self.punctuation, 0),
            capitals=_CAPITALS.get(self.capitals, 0),
            signs=_SIGNS.get(self.punctuation, ""),
        )

    @property
    def _words_per_minute(self) -> float:
        end = FASTEST if self.rate > 0 else SLOWEST
        return USUAL + abs(self.rate) / 100 * (end - USUAL)


@dataclass(slots=True)
class Parameters:
    """Collects what the daemon sets; what it does not set stays."""

    values: dict[str, str] = field(default_factory=dict)

    def set(self, line: str) -> bool:
        """Take "name=value"; whether it is that."""
        name, equals, value = line.partition("=")
        if equals and len(self.values) < 100:
            self.values[name] = value
        return bool(equals)

    def prosody(self) -> Prosody:
        values = self.values
        return Prosody(
            rate=_number(values, "rate", 0),
            pitch=_number(values, "pitch", 0),
            pitch_range=_number(values, "pitch_range", 0),
            volume=_number(values, "volume", 100),
            punctuation=values.get("punctuation_mode", "none"),
            spelling=values.get("spelling_mode") == "on",
            capitals=values.get("cap_let_recogn", "none"),
            language=_language(values.get("language", "")),
            voice=_voice(values),
        )


def _number(values: Mapping[str, str], name: str, usual: int) -> int:
    try:
        return min(100, max(-100, int(values.get(name, usual))))
    except ValueError:
        return usual


def _language(tag: str) -> str:
    """ "c" is what programs send that run without a locale."""
    tag = tag.lower().replace("_", "-")
    return "" if tag in ("null", "none", "c", "posix") else tag


def _voice(values: Mapping[str, str]) -> str:
    named = values.get("synthesis_voice", "NULL")
    if named == CHOSEN:
        return ""
    return named if named not in ("NULL", "") else _BY_KIND.get(values.get("voice", ""), "")


def is_spoken_by_lectern(prosody: Prosody) -> bool:
    """Say whether Lectern's voices have the language that is asked for; none is whatever the text is in."""
    return not prosody.language or prosody.language_code in engine.LANGUAGES
