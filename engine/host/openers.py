"""The engines that can be opened in a process of their own. PyTorch is imported in there only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.host.protocol import Report, StartStage
from engine.host.start_clock import StartClock
from engine.machine.torch_check import require_torch
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
    """S1 Mini, which speaks a word to itself before it is ready. Raises `CheckpointError`, `DeviceError`,
    `TorchError`."""

    checkpoint: Path
    device: str = "auto"
    precision: str = "auto"
    voices_folder: Path | None = None
    cache_folder: Path | None = None

    def __call__(self, report: Report) -> SpeechEngine:
        times = None if self.cache_folder is None else self.cache_folder / "start-times.json"
        clock = StartClock(report, times, f"{self.device} {self.precision}")
        clock.begin(StartStage.IMPORTING)
        require_torch()
        from engine.speech.s1_engine import S1Engine

        clock.begin(StartStage.LOADING_MODEL)
        engine = S1Engine.load(
            self.checkpoint,
            self.device,
            self.precision,
            self.voices_folder,
            before_codec=lambda: clock.begin(StartStage.LOADING_CODEC),
            cache_folder=self.cache_folder,
            compiling=lambda share: clock.part(StartStage.COMPILING, share),
        )
        clock.begin(StartStage.WARMING_UP)
        for _ in engine.speak(WARM_UP, CancelToken()):
            pass
        clock.finish()
        return engine


def try_out(engine: SpeechEngine) -> None:
    """Use every part of `engine` a little: up to the first sound of a word."""
    cancel = CancelToken()
    for event in engine.speak(WARM_UP, cancel):
        if isinstance(event, PcmChunk):
            cancel.cancel()
