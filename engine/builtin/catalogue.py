"""espeak-ng's voices, as names after "built-in/"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.builtin.espeak import loaded_espeak
from engine.builtin.names import BUILT_IN, ESPEAK
from engine.errors import VoiceError
from engine.text.languages import all_records, record_of


@dataclass(frozen=True, slots=True)
class Variant:
    """A timbre for any language (`suffix`), or an accent (`voice`) of one `language`, the others staying usual.

    `is_natural`: English is spoken by the natural voice; that has neither timbres nor accents.
    """

    suffix: str = ""
    language: str = ""
    voice: str = ""
    is_natural: bool = False

    def espeak_voice(self, language: str) -> str:
        return self.voice if self.language == language else record_of(language).espeak_voice + self.suffix


class Catalogue:
    """Knows the variants by name, and espeak-ng's `version`. Reading it takes about 7 ms.

    Raises `BuiltInVoiceError` when espeak-ng cannot be used.
    """

    def __init__(self) -> None:
        with loaded_espeak() as espeak:
            self.version = espeak.version()
            timbres = espeak.voices("variant")
            voices = espeak.voices()
        self._variants = {ESPEAK: Variant()}
        languages = {code: record.code for record in all_records() for code in record.espeak_codes or (record.code,)}
        for timbre in sorted(timbres, key=lambda voice: voice.identifier.casefold()):
            name = timbre.identifier.removeprefix("!v/")
            self._variants[name] = Variant(suffix=f"+{name}")
        for voice in sorted(voices, key=lambda voice: voice.identifier.casefold()):
            name = voice.languages[0]
            language = languages.get(name.split("-")[0])
            # A script in a voice's identifier (en-Shaw, cmn-Latn-pinyin) says that it reads no ordinary text.
            if language is not None and not re.search(r"-[A-Z][a-z]{3}\b", voice.identifier):
                self._variants[name] = Variant(language=language, voice=voice.identifier)
        self._by_folded_name = {name.casefold(): variant for name, variant in self._variants.items()}

    @property
    def names(self) -> tuple[str, ...]:
        """The names after "built-in/": "espeak", timbres ("f2", "Annie"), then accents ("en-gb-scotland")."""
        return tuple(self._variants)

    def variant(self, voice: str) -> Variant:
        """Find the variant with the full name `voice`, in any case; "" is "built-in". What is called "built-in/f2" is
        also "built-in/espeak/f2". Raises `VoiceError`."""
        if voice in ("", BUILT_IN):
            return Variant(is_natural=True)
        folded = voice.removeprefix(f"{BUILT_IN}/").casefold().removeprefix(f"{ESPEAK}/")
        variant = self._by_folded_name.get(folded) if voice.startswith(f"{BUILT_IN}/") else None
        if variant is None:
            raise VoiceError("unknown", voice, known=(BUILT_IN, *(f"{BUILT_IN}/{known}" for known in self._variants)))
        return variant


def variants() -> tuple[str, ...]:
    """List the names after "built-in/". Raises `BuiltInVoiceError`."""
    return Catalogue().names
