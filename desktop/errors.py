"""What can go wrong on this side of the engine's door, as data; `messages.py` makes the sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class DesktopError(Exception):
    """The base of all."""


@dataclass(eq=False)
class InputError(DesktopError):
    """A text cannot be read. `problem`: "missing", "is_folder", "not_allowed", "failed", or "encoding"
    (neither UTF-8 nor marked UTF-16: at byte `offset`). `source` is a path, or "standard input"."""

    problem: str
    source: str
    offset: int = 0
    detail: str = ""


@dataclass(eq=False)
class PlaybackError(DesktopError):
    """Sound cannot be played. `problem`: "no_library" (PortAudio), "no_device", "refused" (what was asked of
    the device), "vanished" (while playing), "stalled" (the device takes no more samples)."""

    problem: str
    detail: str = ""


@dataclass(eq=False)
class TerminalError(DesktopError):
    """Sound was to be written to standard output, which is a terminal or is closed."""


@dataclass(eq=False)
class NoCheckpointError(DesktopError):
    """A command needs S1 Mini's files, and no place has them; `folder` is where they could be put."""

    folder: Path
