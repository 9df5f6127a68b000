"""The built-in voice in the registry of engines: it needs nothing and speaks at once."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from engine.builtin.names import BUILT_IN, DISPLAY_NAME, ESPEAK
from engine.builtin.versions import builtin_version
from engine.opening import EngineSetup, Opener, Report, StartStage
from engine.registry import Capabilities, EngineEntry
from engine.types import SpeechEngine


def _open(_setup: EngineSetup) -> SpeechEngine:
    from engine.builtin.voice import BuiltInVoice

    return BuiltInVoice()


@dataclass(frozen=True, slots=True)
class BuiltInOpener:
    """Opens the built-in voice in a process of its own. It is ready at once, and loads its better half meanwhile."""

    def __call__(self, report: Report) -> SpeechEngine:
        from engine.builtin.voice import BuiltInVoice

        report(StartStage.IMPORTING, 0.0)
        voice = BuiltInVoice()
        threading.Thread(target=voice.prepare, name="natural-voice", daemon=True).start()
        return voice


def _opener(_setup: EngineSetup) -> Opener:
    return BuiltInOpener()


def _variants() -> tuple[str, ...]:
    from engine.builtin.catalogue import variants

    return variants()


ENTRY = EngineEntry(
    name=BUILT_IN,
    display_name=DISPLAY_NAME,
    sentence_name=f"the {DISPLAY_NAME}",
    model_id=BUILT_IN,
    capabilities=Capabilities(has_voices=True, word_times=True, phonemes=True),
    open=_open,
    opener=_opener,
    variants=_variants,
    # A few of the many: the settings, the command line and HTTP take any.
    offered_voices=(BUILT_IN, *(f"{BUILT_IN}/{variant}" for variant in (ESPEAK, "f2", "f5", "m3", "m7", "whisper"))),
    version=builtin_version,
)
