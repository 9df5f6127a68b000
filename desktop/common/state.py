"""Describes what the application is doing, as one value, and has the table of how it may change. No Qt here.

The controller makes an `AppState`; every view renders it whole. Nobody keeps a second truth.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto

from desktop.common.download_state import DownloadState
from desktop.common.messages import Message

SPEEDS = (0.5, 3.0)
"""The slowest and fastest speed, as factors."""


class Phase(StrEnum):
    """Names what is happening to the reading."""

    IDLE = auto()
    PREPARING = auto()  # asked to speak; the first sound has not come
    SPEAKING = auto()
    PAUSED = auto()


class Change(StrEnum):
    """Names what can happen to a phase."""

    SPEAK = auto()
    SOUND = auto()  # the first sample is heard, or the next after waiting
    WAIT = auto()  # nothing left to hear, and more is to come
    PAUSE = auto()
    RESUME = auto()
    STOP = auto()
    END = auto()  # all was heard, or it failed


_TABLE: dict[Phase, dict[Change, Phase]] = {
    Phase.IDLE: {Change.SPEAK: Phase.PREPARING, Change.STOP: Phase.IDLE},
    Phase.PREPARING: {
        Change.SPEAK: Phase.PREPARING,
        Change.SOUND: Phase.SPEAKING,
        Change.WAIT: Phase.PREPARING,
        Change.PAUSE: Phase.PAUSED,
        Change.STOP: Phase.IDLE,
        Change.END: Phase.IDLE,
    },
    Phase.SPEAKING: {
        Change.SPEAK: Phase.PREPARING,
        Change.SOUND: Phase.SPEAKING,
        Change.WAIT: Phase.PREPARING,
        Change.PAUSE: Phase.PAUSED,
        Change.STOP: Phase.IDLE,
        Change.END: Phase.IDLE,
    },
    Phase.PAUSED: {
        Change.SPEAK: Phase.PREPARING,
        Change.SOUND: Phase.PAUSED,
        Change.WAIT: Phase.PAUSED,
        Change.PAUSE: Phase.PAUSED,
        Change.RESUME: Phase.PREPARING,
        Change.STOP: Phase.IDLE,
        Change.END: Phase.IDLE,
    },
}


def next_phase(phase: Phase, change: Change) -> Phase | None:
    """Look up where `change` leads from `phase`; None where it means nothing and is ignored."""
    return _TABLE[phase].get(change)


class EnginePhase(StrEnum):
    """Names what is happening to the best engine that can be had here."""

    ABSENT = auto()  # there is none but that which is always there, and speaks
    UNLOADED = auto()  # there, and loaded when it is needed
    STARTING = auto()
    READY = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class EngineView:
    """Describes the best engine for the views. `name` is what it is called; "" for the best one.

    While starting: `progress` 0 to 1, and `left_s`, about how long it still takes; None when unknown.
    `memory_bytes` None when not on a GPU; `peak_memory_bytes`, on a CPU of the computer's memory, is the most since it
    was loaded, None where nobody knows; `problem` says what went wrong and what helps; `speed`: seconds of sound that
    a second of computing makes, as last measured. `lacks`: what an engine that speaks does without, and why."""

    phase: EnginePhase = EnginePhase.ABSENT
    progress: float | None = None
    device: str = ""
    memory_bytes: int | None = None
    peak_memory_bytes: int | None = None
    problem: Message | None = None
    left_s: float | None = None
    speed: float | None = None
    name: str = ""
    lacks: str = ""


Span = tuple[int, int]
"""Half-open, in code points of the reading's text (Qt counts UTF-16 units: convert in the window only)."""


@dataclass(frozen=True, slots=True)
class ReadingView:
    """Describes the text being read, or that was read last. `sentence` and `word` are being heard.

    `heard_s` and `left_s` are of the text at 1×; `left_s` None while nothing is known. `speaker` is the
    name of the engine that speaks ("S1 Mini", "built-in voice").
    """

    text: str = ""
    sentence: Span | None = None
    word: Span | None = None
    heard_s: float = 0.0
    left_s: float | None = None
    speaker: str = ""
    first_sound_ms: float | None = None
    from_window: bool = True
    """False for a hotkey's or the command line's: then the strip shows it while the window is hidden."""


@dataclass(frozen=True, slots=True)
class AppState:
    phase: Phase = Phase.IDLE
    engine: EngineView = field(default_factory=EngineView)
    reading: ReadingView = field(default_factory=ReadingView)
    voice: str = ""
    """"" is the usual voice; else a name of `voices`."""
    voices: tuple[str, ...] = ()
    can_keep_voice: bool = False
    """The model has improvised a voice for the reading, or for the last one."""
    speed: float = 1.0
    volume: float = 1.0
    problem: Message | None = None
    """Of the reading or the sound: what went wrong, until the next thing is asked for."""
    file_note: str = ""
    """The sound file being written, or written last, in a few words."""
    is_saving: bool = False
    """A text is being spoken into a file, which Stop ends."""
    offers_s1: bool = False
    """Show the card that offers S1 Mini, once."""
    download: DownloadState = field(default_factory=DownloadState)
    waiting: str = ""
    """Who else waits to speak with Lectern's voices: "the screen reader and 2 programs"; "" for nobody."""
    computer: str = ""
    """What this computer can do with S1 Mini, in a sentence; "" until it is known."""

    @property
    def is_active(self) -> bool:
        return self.phase is not Phase.IDLE
