"""How an engine is opened: what it is given, what it reports while it starts, and how it is tried out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from engine.types import CancelToken, PcmChunk, SpeechEngine, SpeechOptions, SpeechRequest

WARM_UP = SpeechRequest("Yes.", options=SpeechOptions(seed=0, language="en", max_attempts=1))
"""Short, and the same each time."""


@dataclass(frozen=True, slots=True)
class EngineSetup:
    """Describes what an engine is opened with; each takes of it what its entry in the registry says that it needs.

    Voices that a request only names are looked for in `voices_folder`. What is compiled is kept in `cache_folder`;
    None compiles nothing.
    """

    checkpoint: Path | None = None
    device: str = "auto"
    precision: str = "auto"
    voices_folder: Path | None = None
    cache_folder: Path | None = None


class StartStage(StrEnum):
    """Names what an engine is doing before it is ready."""

    IMPORTING = "importing"
    LOADING_MODEL = "loading_model"
    COMPILING = "compiling"  # on a GPU: compiling and capturing what makes frames; on a CPU, once: weights are rounded
    LOADING_CODEC = "loading_codec"
    WARMING_UP = "warming_up"


class Report(Protocol):
    """Takes note of how far a start is: called when a stage begins, and within it when a part is done."""

    def __call__(self, stage: StartStage, fraction: float, left_s: float | None = None, /) -> None:
        """`fraction` of the start-up is done, 0 to 1; `left_s` is about how long it still takes, None when unknown."""
        ...


Opener = Callable[[Report], SpeechEngine]
"""Opens an engine in a process of its own. It goes there by pickle: a function of a module, or a value of a class."""


@dataclass(frozen=True, slots=True)
class PlainOpener:
    """Opens an engine whose start is one step. `open` is a function of a module."""

    open: Callable[[EngineSetup], SpeechEngine]
    setup: EngineSetup = EngineSetup()

    def __call__(self, report: Report) -> SpeechEngine:
        report(StartStage.IMPORTING, 0.0)
        return self.open(self.setup)


def try_out(engine: SpeechEngine) -> None:
    """Use every part of `engine` a little: up to the first sound of a word."""
    cancel = CancelToken()
    for event in engine.speak(WARM_UP, cancel):
        if isinstance(event, PcmChunk):
            cancel.cancel()
