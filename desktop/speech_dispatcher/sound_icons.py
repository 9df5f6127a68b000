"""Sounds that a program calls by name, where the system has a set of them; else the name is said."""

from __future__ import annotations

import re
import wave
from array import array
from pathlib import Path

from desktop.speech_dispatcher.voices import Piece

FOLDER = Path("/usr/share/sounds/sound-icons")
MAX_FRAMES = 480_000
_NAME = re.compile(r"[\w-][\w.-]*")


def icon_sound(name: str, gain: float, folder: Path = FOLDER) -> Piece | None:
    """Read the sound `name`, as loud as `gain`; None where there is none that can be played."""
    if not _NAME.fullmatch(name):
        return None
    try:
        with wave.open(str(folder / f"{name.removesuffix('.wav')}.wav"), "rb") as file:
            if file.getsampwidth() != 2:
                return None
            samples = array("h", file.readframes(MAX_FRAMES))[:: file.getnchannels()]
            rate_hz = file.getframerate()
    except (OSError, EOFError, wave.Error):
        return None
    return Piece(array("h", (int(sample * gain) for sample in samples)).tobytes(), rate_hz)
