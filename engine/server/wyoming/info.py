"""What the server says of itself: which voices there are, and for which languages."""

from __future__ import annotations

from importlib.metadata import version

from wyoming.info import Attribution, Info, TtsProgram, TtsVoice

from engine.registry import engines
from engine.server.voice_book import VoiceBook
from engine.types import LANGUAGES

_OURS = Attribution("Lectern", "")


def describe(voices: VoiceBook, engine_voices: tuple[str, ...], speaker: str) -> Info:
    """Describe the voices: the usual one, those that a person keeps, and those of the engines that windows offer.

    `speaker` is what the engine that speaks is called. Reads the folder of the voices.
    """
    described = [_voice("default", f"The usual voice ({speaker})", LANGUAGES)]
    described += [_voice(info.id, info.name, LANGUAGES) for info in voices.infos()]
    for entry in engines():
        if any(map(entry.has_voice, engine_voices)):
            described += [_voice(name, name, entry.capabilities.languages) for name in entry.offered_voices]
    program = TtsProgram(
        name="lectern",
        attribution=_OURS,
        installed=True,
        description="Lectern reads aloud",
        version=version("lectern"),
        voices=described,
        supports_synthesize_streaming=True,
    )
    return Info(tts=[program])


def _voice(name: str, words: str, languages: tuple[str, ...]) -> TtsVoice:
    return TtsVoice(name, _OURS, installed=True, description=words, version=None, languages=list(languages))
