"""Makes what several pages of the voices' window have."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QComboBox, QLabel

import engine
from desktop.common.language_words import LANGUAGE_WORDS
from desktop.voices.words import explain_recording_warning, verdict_of
from engine.voice_library import RecordingCheck

RECORDINGS_FILTER = "Recordings (*.wav *.flac *.mp3 *.opus *.ogg *.m4a *.aac *.wma *.mp4 *.mkv *.webm);;All files (*)"
VOICES_FILTER = "Voices (*.voice)"
VOICE_ENDING = ".voice"


def language_field(no_choice: str) -> QComboBox:
    """Make a field to choose a language; `no_choice` is what "" is called."""
    field = QComboBox()
    field.setAccessibleName("Language")
    field.addItem(no_choice, "")
    for code in engine.LANGUAGES:
        field.addItem(LANGUAGE_WORDS[code], code)
    return field


def choose_language(field: QComboBox, code: str) -> None:
    field.setCurrentIndex(max(0, field.findData(code)))


def quiet_label(words: str = "") -> QLabel:
    """Make a label for words of second rank."""
    label = QLabel(words)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    return label


def check_words(check: RecordingCheck) -> str:
    """Write the verdict, and each warning on a line of its own."""
    doubts = (f"•  {explain_recording_warning(doubt, check)}" for doubt in check.doubts)
    return "\n".join((verdict_of(check), *doubts))
