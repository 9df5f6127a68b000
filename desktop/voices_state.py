"""What the voices' window shows, as values. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

from desktop.messages import Message
from engine import RecordingCheck, VoiceInfo

NEW_RECORDING = "new recording"
"""What is playing when the recording of a voice that is being made is heard; else a voice's id or `candidate N`."""


@dataclass(frozen=True, slots=True)
class LibraryState:
    """`note` is what was done last, in one sentence, and `can_undo` whether that can be taken back. `checks` are of the
    voice `checked_id`; None for a recording of which only codes are kept."""

    voices: tuple[VoiceInfo, ...] = ()
    is_read: bool = False
    note: str = ""
    can_undo: bool = False
    problem: Message | None = None
    checked_id: str = ""
    checks: tuple[RecordingCheck | None, ...] = ()


class RecordingPhase(StrEnum):
    EMPTY = auto()
    COUNTDOWN = auto()
    RECORDING = auto()
    READING = auto()  # a file, or what was just recorded
    THERE = auto()


@dataclass(frozen=True, slots=True)
class RecordingState:
    """The recording of a voice that is being made. `name` is its file's; `text` what is said in it, as far as that is
    known; `level` 0 to 1; `left_s` seconds until it begins."""

    phase: RecordingPhase = RecordingPhase.EMPTY
    name: str = ""
    text: str = ""
    left_s: int = 0
    seconds: float = 0.0
    level: float = 0.0
    check: RecordingCheck | None = None
    problem: Message | None = None


class GalleryPhase(StrEnum):
    IDLE = auto()
    WAITING = auto()  # for S1 Mini to be ready
    MAKING = auto()


@dataclass(frozen=True, slots=True)
class CandidateView:
    """`doubt` is what may be wrong with it; `kept_as` the name that it was given."""

    seed: int
    seconds: float
    doubt: str = ""
    kept_as: str = ""


@dataclass(frozen=True, slots=True)
class GalleryState:
    phase: GalleryPhase = GalleryPhase.IDLE
    n_wished: int = 0
    candidates: tuple[CandidateView, ...] = ()
    problem: Message | None = None
