"""A voice's name becomes references: those in a folder of voices, or of a file or folder anywhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.errors import VoiceError
from engine.types import Voice
from engine.voice_library.library import VoiceLibrary, load_path


def load_voice(name: str, voices_folder: Path, encode: Callable[[np.ndarray], np.ndarray], n_codebooks: int) -> Voice:
    """The voice `name`, by its name or id in `voices_folder`, or by the path of a voice's file or folder anywhere.

    `encode` makes codes int64 `(n_codebooks, n_frames)` of float32 mono 44.1 kHz; it is called for the
    recordings that have none, and a voice's file keeps them. Raises `VoiceError`, `AudioFileError`, `CodesFileError`.
    """
    library = VoiceLibrary(voices_folder)
    if "/" in name or "\\" in name:
        path = Path(name).expanduser()
        if not _exists(path):
            raise VoiceError("unknown", name, known=library.names())
        return load_path(path.resolve(), encode, n_codebooks)
    return library.load(name, encode, n_codebooks)


def list_voices(voices_folder: Path) -> tuple[str, ...]:
    """The names in `voices_folder`, sorted; none when it does not exist."""
    return VoiceLibrary(voices_folder).names()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long for a path, or with a NUL byte in it
        return False
