"""The built-in voice in the registry of engines: espeak-ng, which needs nothing and speaks at once."""

from __future__ import annotations

from importlib import metadata

from engine.builtin.names import BUILT_IN, DISPLAY_NAME
from engine.opening import EngineSetup
from engine.registry import Capabilities, EngineEntry
from engine.types import SpeechEngine


def _open(_setup: EngineSetup) -> SpeechEngine:
    from engine.builtin.voice import BuiltInVoice

    return BuiltInVoice()


def _variants() -> tuple[str, ...]:
    from engine.builtin.voice import variants

    return variants()


def _version() -> str:
    return metadata.version("espeakng-loader")


ENTRY = EngineEntry(
    name=BUILT_IN,
    display_name=DISPLAY_NAME,
    sentence_name=f"the {DISPLAY_NAME}",
    model_id=BUILT_IN,
    capabilities=Capabilities(has_voices=True, word_times=True, phonemes=True),
    open=_open,
    variants=_variants,
    # A few of the many: the settings, the command line and HTTP take any.
    offered_voices=(BUILT_IN, *(f"{BUILT_IN}/{variant}" for variant in ("f2", "f5", "m3", "m7", "whisper"))),
    version=_version,
)
