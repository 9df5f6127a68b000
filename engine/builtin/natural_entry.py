"""The natural voice in the registry of engines: English, by a network that comes in a wheel."""

from __future__ import annotations

from engine.builtin.names import NATURAL, NATURAL_DISPLAY_NAME
from engine.builtin.versions import builtin_version
from engine.opening import EngineSetup
from engine.registry import Capabilities, EngineEntry
from engine.types import SpeechEngine


def _open(_setup: EngineSetup) -> SpeechEngine:
    from engine.builtin.natural_voice import NaturalVoice

    return NaturalVoice()


ENTRY = EngineEntry(
    name=NATURAL,
    display_name=NATURAL_DISPLAY_NAME,
    sentence_name=f"the {NATURAL_DISPLAY_NAME}",
    model_id=NATURAL,
    capabilities=Capabilities(has_voices=True, word_times=True, phonemes=True, languages=("en",)),
    open=_open,
    offered_voices=(NATURAL,),
    version=builtin_version,
)
