"""The engines that can be opened in a process of their own. PyTorch is imported in there only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.host.protocol import Report, StartStage
from engine.types import CancelToken, PcmChunk, SpeechEngine, SpeechOptions, SpeechRequest

WARM_UP = SpeechRequest("Yes.", options=SpeechOptions(seed=0, language="en", max_attempts=1))
"""Short, and the same each time."""


@dataclass(frozen=True, slots=True)
class BuiltInOpener:
    """The built-in voice. Raises `BuiltInVoiceError`."""

    def __call__(self, report: Report) -> SpeechEngine:
        report(StartStage.IMPORTING, 0.0)
        from engine.builtin import BuiltInVoice

        return BuiltInVoice()


@dataclass(frozen=True, slots=True)
class S1Opener:
    """S1 Mini, which speaks a word to itself before it is ready. Raises `CheckpointError`, `DeviceError`."""

    checkpoint: Path
    device: str = "auto"
    precision: str = "auto"
    voices_folder: Path | None = None
    cache_folder: Path | None = None

    def __call__(self, report: Report) -> SpeechEngine:
        report(StartStage.IMPORTING, 0.0)
        from engine.speech import S1Engine

        report(StartStage.LOADING_MODEL, 0.3)
        engine = S1Engine.load(
            self.checkpoint,
            self.device,
            self.precision,
            self.voices_folder,
            before_codec=lambda: report(StartStage.LOADING_CODEC, 0.6),
            cache_folder=self.cache_folder,
        )
        report(StartStage.WARMING_UP, 0.8)
        for _ in engine.speak(WARM_UP, CancelToken()):
            pass
        return engine


def try_out(engine: SpeechEngine) -> None:
    """Use every part of `engine` a little: up to the first sound of a word."""
    cancel = CancelToken()
    for event in engine.speak(WARM_UP, cancel):
        if isinstance(event, PcmChunk):
            cancel.cancel()
