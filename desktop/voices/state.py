"""Describes what the voices' window shows, as values. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

from desktop.common.messages import Message
from engine.voice_library import MAX_RECORDINGS, RecordingCheck, VoiceInfo

NEW_RECORDING = "new recording"
"""What is playing when the recording of a voice that is being made is heard; else a voice's id or `candidate N`."""


@dataclass(frozen=True, slots=True)
class LibraryState:
    """Describes the voices there are. `note` is what was done last, in one sentence, and `can_undo` whether that can be
    taken back. `checks` are of the voice `checked_id`; None for a recording of which only codes are kept."""

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
    """Describes one recording of a voice that is being made. `key` stays its own wherever it stands; `name` is its
    file's; `text` what is said in it, as far as that is known; `level` 0 to 1; `left_s` seconds until it begins."""

    phase: RecordingPhase = RecordingPhase.EMPTY
    name: str = ""
    text: str = ""
    left_s: int = 0
    seconds: float = 0.0
    level: float = 0.0
    check: RecordingCheck | None = None
    key: int = 0

    @property
    def is_busy(self) -> bool:
        """Say whether the microphone listens, or is about to."""
        return self.phase in (RecordingPhase.COUNTDOWN, RecordingPhase.RECORDING)

    @property
    def is_good(self) -> bool:
        """Say whether a voice can be made of it."""
        return (
            self.phase is RecordingPhase.THERE and bool(self.text) and self.check is not None and self.check.is_usable
        )


@dataclass(frozen=True, slots=True)
class NewVoiceState:
    """Describes a voice that is being made: its recordings, one at least, which may be empty, and the one that is
    looked at."""

    recordings: tuple[RecordingState, ...] = (RecordingState(),)
    current: int = 0
    problem: Message | None = None

    @property
    def now(self) -> RecordingState:
        return self.recordings[self.current]

    @property
    def is_complete(self) -> bool:
        """Say whether all that is recorded is good, and something is. What is empty counts for nothing."""
        filled = [recording for recording in self.recordings if recording.phase is not RecordingPhase.EMPTY]
        return bool(filled) and all(recording.is_good for recording in filled)

    @property
    def has_room(self) -> bool:
        return len(self.recordings) < MAX_RECORDINGS


class GalleryPhase(StrEnum):
    IDLE = auto()
    WAITING = auto()  # for S1 Mini to be ready
    MAKING = auto()


@dataclass(frozen=True, slots=True)
class CandidateView:
    """Describes an improvised voice. `warning` is what may be wrong with it; `kept_as` the name that it was given."""

    seed: int
    seconds: float
    warning: str = ""
    kept_as: str = ""


@dataclass(frozen=True, slots=True)
class GalleryState:
    phase: GalleryPhase = GalleryPhase.IDLE
    n_requested: int = 0
    candidates: tuple[CandidateView, ...] = ()
    problem: Message | None = None
