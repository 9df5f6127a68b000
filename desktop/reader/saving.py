"""Asks where the sound of a text is to be saved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QWidget

from desktop.speech.sound_file import name_for
from desktop.widgets.file_dialogs import ask_where_to_save

FORMATS = {"MP3 (*.mp3)": ".mp3", "Opus (*.opus)": ".opus", "FLAC (*.flac)": ".flac", "WAV (*.wav)": ".wav"}


def ask_where_to_save_sound(window: QWidget, text: str, file_name: str, then: Callable[[Path], object]) -> None:
    """Propose a file named like the one that `text` came from, else by its first words, and call `then` with the one
    that was chosen."""
    proposed = _music_folder() / f"{file_name or name_for(text)}.mp3"
    ask_where_to_save(window, "Save as audio", proposed, then, endings=FORMATS)


def _music_folder() -> Path:
    """Where sound files go when nobody has said anything."""
    named = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation)
    return Path(named) if named and Path(named).is_dir() else Path.home()
