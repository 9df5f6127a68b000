"""The parts of a voice, as values. Loads neither NumPy, PyAV nor PyTorch."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, auto
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

ENDING = ".voice"
"""Of a voice's file."""
MIN_ADVISED_S, MAX_ADVISED_S = 10.0, 30.0
"""So long a recording should be; the model was made for it (specification section 6)."""
MIN_RECORDING_S, MAX_RECORDING_S = 1.0, 90.0
"""What is shorter or longer is not taken."""
MAX_RECORDINGS = 16
MAX_VOICES = 24
"""That are improvised at a time, to choose from."""
MAX_NOTES_CHARS, MAX_TRANSCRIPT_CHARS = 2_000, 5_000


@dataclass(frozen=True, slots=True)
class VoiceRecording:
    """Hold one recording: what is said in it, and its codes int64 `(n_codebooks, n_frames)`, its sound as FLAC, or
    both."""

    text: str
    seconds: float
    codes: np.ndarray | None = None
    flac: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        assert self.codes is not None or self.flac is not None


@dataclass(frozen=True, slots=True)
class StoredVoice:
    """Hold all of a voice's file. `language` is one of `LANGUAGES`, or "" where nobody named one."""

    name: str
    recordings: tuple[VoiceRecording, ...]
    language: str = ""
    notes: str = ""


@dataclass(frozen=True, slots=True)
class VoiceInfo:
    """Describe a voice as a list shows it.

    `id` is the file's own name, which any path and address can hold; `seconds` None where that would have to be found
    out; `is_encoded`: the codec has nothing left to do; `has_sound`: it can be heard without S1 Mini; `is_folder`: in
    the original server's layout. `problem` says why it cannot be used, else "".
    """

    id: str
    name: str
    path: Path
    language: str = ""
    notes: str = ""
    n_recordings: int = 0
    seconds: float | None = None
    is_encoded: bool = False
    has_sound: bool = False
    is_folder: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RemovedVoice:
    """Name a voice that is set aside, and can be restored until it is discarded."""

    name: str
    was: Path
    now: Path


class RecordingDoubt(StrEnum):
    """Name what may be wrong with a recording."""

    SILENT = auto()  # no speech in it
    TOO_SHORT = auto()
    TOO_LONG = auto()
    SHORT = auto()  # usable, though more is better
    LONG = auto()  # usable, though less is better
    CLIPPED = auto()
    QUIET = auto()
    NOISY = auto()
    PAUSES = auto()
    TEXT_SHORT = auto()  # fewer words than are said, it seems
    TEXT_LONG = auto()
    SEVERAL_SPEAKERS = auto()


HOPELESS = frozenset({RecordingDoubt.SILENT, RecordingDoubt.TOO_SHORT, RecordingDoubt.TOO_LONG})
"""A recording with one of these makes no voice."""


@dataclass(frozen=True, slots=True)
class RecordingCheck:
    """Describe a recording: times in seconds, levels in dB below full scale, pitches in Hz (0: none was found).

    `doubts` is empty when all is well. `pitches_hz` are the two groups that its pitch falls into, where it does.
    """

    seconds: float
    speech_s: float
    longest_pause_s: float
    level_db: float
    noise_db: float
    pitch_hz: float
    doubts: tuple[RecordingDoubt, ...] = ()
    pitches_hz: tuple[float, float] | None = None

    @property
    def is_usable(self) -> bool:
        """Return whether a voice can be made of it."""
        return not HOPELESS.intersection(self.doubts)


def codes_s(codes: np.ndarray) -> float:
    """Return how many seconds codes `(n_codebooks, n_frames)` sound."""
    return codes.shape[1] * 2048 / 44_100
