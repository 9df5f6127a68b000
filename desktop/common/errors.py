"""Defines what can go wrong on this side of the engine's door, as data; `messages.py` makes the sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


class DesktopError(Exception):
    """Is the base of all errors of the desktop."""


@dataclass(eq=False)
class InputError(DesktopError):
    """Reports that a text cannot be read. `problem`: "missing", "is_folder", "not_allowed", "failed", or "encoding"
    (neither UTF-8 nor marked UTF-16: at byte `offset`). `source` is a path, or "standard input"."""

    problem: str
    source: str
    offset: int = 0
    detail: str = ""


@dataclass(eq=False)
class PlaybackError(DesktopError):
    """Reports that sound cannot be played. `problem`: "no_library" (PortAudio), "no_device", "refused" (what was asked
    of the device), "vanished" (while playing), "stalled" (the device takes no more samples), "elsewhere" (on the
    default device: `detail` is the chosen one, which is not there)."""

    problem: str
    detail: str = ""


@dataclass(eq=False)
class RecordingError(DesktopError):
    """Reports that nothing can be recorded. `problem`: "no_library" (PortAudio), "no_device", "refused" (what was asked
    of the device), "vanished" (while recording)."""

    problem: str
    detail: str = ""


@dataclass(eq=False)
class TerminalError(DesktopError):
    """Reports that sound was to be written to standard output, which is a terminal or is closed."""


@dataclass(eq=False)
class NoCheckpointError(DesktopError):
    """Reports that a command needs S1 Mini's files, and no place has them; `folder` is where they could be put."""

    folder: Path


@dataclass(eq=False)
class RuntimeFolderError(DesktopError):
    """Reports that the folder for the running instance's socket cannot be used; `detail` says why."""

    path: Path
    detail: str


@dataclass(eq=False)
class RemoteError(DesktopError):
    """Reports that the running instance could not be reached. `problem`: "no_answer" (within `limit_s`), "too_long"
    (the text has `found` bytes of at most `limit`), "bad_answer" (it hung up, or answered what cannot be read), "busy"
    (it reads something else, which is not interrupted), "refused" (it says why in `detail`, a sentence)."""

    problem: str
    limit_s: float = 0.0
    found: int = 0
    limit: int = 0
    detail: str = ""


@dataclass(eq=False)
class NotRunningError(DesktopError):
    """Reports that a command is for the running instance, and there is none."""


@dataclass(eq=False)
class StartError(DesktopError):
    """Reports that the tray could not be started. `problem`: "no_window" (PySide6 is not installed), "no_desktop" (no X
    or Wayland display), "ended" (`detail` is its last line), "no_answer" (within `limit_s`). `log` is where its
    standard error is."""

    problem: str
    detail: str = ""
    limit_s: float = 0.0
    log: Path | None = None


@dataclass(eq=False)
class InstallError(DesktopError):
    """Reports that what Lectern brings cannot be put where it belongs. `problem`: "platform"; "passing" (this Lectern
    runs from a cache); "no_icon" (`path`, or another file, is missing); "failed" (`path`); "not_ours" (`path` has
    other things in it)."""

    problem: str
    path: Path | None = None
    detail: str = ""


@dataclass(eq=False)
class SetupError(DesktopError):
    """Reports that `lectern setup` has nobody to ask."""


@dataclass(eq=False)
class SpeechDispatcherError(DesktopError):
    """Reports that speech-dispatcher cannot be told of Lectern. `problem`: "platform", "absent", "no_configuration"
    (the system's), "failed" (`path`)."""

    problem: str
    path: Path | None = None
    detail: str = ""


@dataclass(eq=False)
class PyTorchError(DesktopError):
    """Reports that PyTorch cannot be installed. `problem`: "no_installer" (neither uv nor pip), "passing" (this Lectern
    runs from a cache), "system_python" (the system's own, closed to others), "not_described" (this Lectern's metadata
    does not say what S1 Mini needs), "index" (PyTorch's own, `detail`, does not answer); of the
    installer, whose last words are in `detail`: "disk_full", "not_allowed", "network", "failed"; "failed_above" (all
    was seen); "does_not_load" (it is installed, twice, and does not: `detail`)."""

    problem: str
    detail: str = ""
