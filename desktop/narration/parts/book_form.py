"""Shows how a book is to be narrated and written: voice, format, loudness, pauses, subtitles, and where the file
goes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QWidget,
)

import engine
import engine.narration
import engine.registry
from desktop.common.language_words import LANGUAGE_WORDS
from desktop.common.status_words import missing_engine_words, voice_words
from desktop.widgets.file_dialogs import ask_where_to_save

FORMAT_WORDS = {
    "m4b": "M4B audiobook, with chapters and cover",
    "mp3": "MP3",
    "opus": "Opus, the smallest",
    "flac": "FLAC, lossless",
    "wav": "WAV",
}
SUBTITLE_WORDS = {"srt": "SRT", "vtt": "WebVTT", "epub": "EPUB that reads along", "json": "Words as JSON"}
FIELD_MIN_PX = 240
_PAUSES = (("sentence_ms", "sentences"), ("paragraph_ms", "paragraphs"), ("chapter_ms", "chapters"))


class BookForm(QWidget):
    set_settings_requested = Signal(object, object)
    """(`engine.narration.NarrationSettings`, the target as a `Path`), after each change"""
    show_login_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._settings, self._target = engine.narration.NarrationSettings(), Path()
        self._is_rendering = self._can_clone = False
        self._kept: tuple[str, ...] = ()
        self.voice_note, self.get_s1 = QLabel(), QPushButton("Get S1 Mini…")
        self.voice_note.setWordWrap(True)
        self.voice_note.setTextFormat(Qt.TextFormat.PlainText)
        self.get_s1.clicked.connect(self.show_login_requested)
        self.voice, self.language, self.format = QComboBox(), QComboBox(), QComboBox()
        for box in (self.voice, self.language, self.format):
            box.setMinimumWidth(FIELD_MIN_PX)
            box.activated.connect(self._take)
        self.language.addItem("The book's own", None)
        for code in engine.LANGUAGES:
            self.language.addItem(LANGUAGE_WORDS[code], code)
        for code in engine.narration.FORMATS:
            self.format.addItem(FORMAT_WORDS[code], code)
        self.per_chapter = QCheckBox("A file for each cha&pter")
        self.per_chapter.toggled.connect(self._take)
        self.markers = QCheckBox("Act out &emotion markers such as (whispering)")
        self.markers.setToolTip("Names of emotions and tones in parentheses, where a sentence or clause begins.")
        self.markers.toggled.connect(self._take)
        self.subtitles = {name: QCheckBox(SUBTITLE_WORDS[name]) for name in engine.narration.SUBTITLES}
        self.by_word = QCheckBox("&Word by word, in WebVTT and EPUB")
        self.by_word.setToolTip("Players and readers that can light each word as it is heard.")
        self.by_word.toggled.connect(self._take)
        self.levels, self.loudness = QCheckBox("Bring it to"), QDoubleSpinBox()
        self.levels.toggled.connect(self._take)
        self.loudness.setRange(-35, -10)
        self.loudness.setDecimals(1)
        self.loudness.setSuffix(" LUFS")
        self.loudness.setAccessibleName("Loudness")
        self.loudness.valueChanged.connect(self._take)
        self.pauses = {name: QDoubleSpinBox() for name, _ in _PAUSES}
        self.place, self.choose = QLabel(), QPushButton("C&hoose…")
        self.place.setWordWrap(True)
        self.choose.setAccessibleName("Choose where the audiobook goes")
        self.choose.clicked.connect(self._choose_place)
        form = QFormLayout(self)
        form.setContentsMargins(16, 16, 16, 16)
        form.setSpacing(8)
        form.addRow("V&oice", self.voice)
        self._note_row = QWidget()
        note = QHBoxLayout(self._note_row)
        note.setContentsMargins(0, 0, 0, 0)
        note.setSpacing(8)
        note.addWidget(self.voice_note, 1)
        note.addWidget(self.get_s1)
        form.addRow("", self._note_row)
        form.addRow("&Language", self.language)
        form.addRow("&Format", self.format)
        form.addRow("", self.per_chapter)
        form.addRow("", self.markers)
        form.addRow("Subtitles", self._row(*self._subtitle_boxes()))
        form.addRow("", self.by_word)
        form.addRow("Loudness", self._row(self.levels, self.loudness))
        form.addRow("Pauses after", self._row(*self._pause_boxes()))
        form.addRow("Audiobook", self._row(self.place, self.choose, stretched=self.place))
        self.set_voices(())

    def set_voices(self, own: Sequence[str], kept: Sequence[str] = (), *, can_clone: bool = False) -> None:
        """Offer the voices that a book can be narrated with; "" is whichever the engine has. Those that are `kept` need
        an engine that can clone: without it they are not offered."""
        self._kept, self._can_clone = tuple(kept), can_clone
        self._is_rendering = True
        self.voice.clear()
        for name in ("", *(name for name in (*own, *(kept if can_clone else ())) if name)):
            self.voice.addItem(voice_words(name), name)
        self._is_rendering = False
        self.render_settings(self._settings, self._target)

    def render_settings(self, settings: engine.narration.NarrationSettings, target: Path) -> None:
        self._settings, self._target, self._is_rendering = settings, target, True
        if self.voice.findData(settings.voice) < 0:
            self.voice.addItem(voice_words(settings.voice), settings.voice)
        self.voice.setCurrentIndex(self.voice.findData(settings.voice))
        self._note_voice(settings.voice)
        self.language.setCurrentIndex(max(0, self.language.findData(settings.language)))
        self.format.setCurrentIndex(self.format.findData(settings.format))
        self.per_chapter.setChecked(settings.per_chapter)
        self.markers.setChecked(settings.markers)
        for name, box in self.subtitles.items():
            box.setChecked(name in settings.subtitles)
        self.by_word.setChecked(settings.by_word)
        self.by_word.setEnabled(bool({"vtt", "epub"}.intersection(settings.subtitles)))
        self.levels.setChecked(settings.loudness_lufs is not None)
        self.loudness.setEnabled(settings.loudness_lufs is not None)
        if settings.loudness_lufs is not None and not self.loudness.hasFocus():
            self.loudness.setValue(settings.loudness_lufs)
        for name, box in self.pauses.items():
            if not box.hasFocus():
                box.setValue(getattr(settings.pauses, name) / 1000)
        self.place.setText(str(target) if target != Path() else "")
        self._is_rendering = False

    def _note_voice(self, voice: str) -> None:
        """Say who speaks where it is not the one that was chosen for the book."""
        words = ""
        if voice and engine.registry.engine_of_voice(voice) is None:
            if voice not in self._kept:
                words = f"The voice {voice} is not there any more. Choose another one."
            elif not self._can_clone:
                words = missing_engine_words(voice)
        self.voice_note.setText(words)
        self._note_row.setVisible(bool(words))
        self.get_s1.setVisible(voice in self._kept)

    def _subtitle_boxes(self) -> list[QWidget]:
        for box in self.subtitles.values():
            box.toggled.connect(self._take)
        return list(self.subtitles.values())

    def _pause_boxes(self) -> list[QWidget]:
        boxes: list[QWidget] = []
        for name, words in _PAUSES:
            box = self.pauses[name]
            box.setRange(0, 60)
            box.setSingleStep(0.05)
            box.setDecimals(2)
            box.setSuffix(" s")
            box.setAccessibleName(f"Pause after {words}")
            box.valueChanged.connect(self._take)
            boxes += [QLabel(words), box]
        return boxes

    @staticmethod
    def _row(*widgets: QWidget, stretched: QWidget | None = None) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        for widget in widgets:
            row.addWidget(widget, 1 if widget is stretched else 0)
        if stretched is None:
            row.addStretch(1)
        return row

    def _take(self, *_: object) -> None:
        if self._is_rendering:
            return
        values: dict[str, Any] = {
            "voice": self.voice.currentData(),
            "language": self.language.currentData(),
            "format": self.format.currentData(),
            "per_chapter": self.per_chapter.isChecked(),
            "markers": self.markers.isChecked(),
            "subtitles": tuple(name for name, box in self.subtitles.items() if box.isChecked()),
            "by_word": self.by_word.isChecked(),
            "loudness_lufs": round(self.loudness.value() or -18.0, 1) if self.levels.isChecked() else None,
            "pauses": engine.narration.Pauses(**{name: round(1000 * box.value()) for name, box in self.pauses.items()}),
        }
        settings = replace(self._settings, **values)
        base = self._target if self._settings.per_chapter else self._target.with_suffix("")
        target = base if settings.per_chapter else base.with_name(f"{base.name}.{settings.format}")
        self._use(settings, target)

    def _use(self, settings: engine.narration.NarrationSettings, target: Path) -> None:
        if (settings, target) != (self._settings, self._target):
            self.render_settings(settings, target)
            self.set_settings_requested.emit(settings, target)

    def _choose_place(self) -> None:
        """Not modal: nothing waits for it."""
        ask_where_to_save(self, "Where the audiobook goes", self._target, self.use_place)

    def use_place(self, target: Path) -> None:
        """Have the audiobook go to `target`, with its format's ending."""
        if not self._settings.per_chapter and target.suffix.lower() != f".{self._settings.format}":
            target = target.with_name(f"{target.name}.{self._settings.format}")
        self._use(self._settings, target)
