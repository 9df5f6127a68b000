"""Shows a new voice: recordings, what is said in each, and a name."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

import engine
import engine.voice_library
from desktop.common.status_words import clock
from desktop.s1.login.parts import plain_label, row_of, title_label
from desktop.voices.pages.fields import RECORDINGS_FILTER, check_words, language_field, quiet_label
from desktop.voices.pages.level_meter import LevelMeter
from desktop.voices.pages.recording_list import RecordingList
from desktop.voices.state import NEW_RECORDING, NewVoiceState, RecordingPhase, RecordingState
from desktop.widgets.file_dialogs import ask_for_files
from desktop.widgets.icons import symbolic_icon

ADVICE = "10 to 30 seconds of one person who speaks calmly, in a quiet room. Choose a file, drop it here, or record."


class NewVoicePage(QWidget):
    take_files_requested = Signal(object)
    """list of `Path`; the first is for the recording that is looked at."""
    choose_requested = Signal(int)
    add_recording_requested = Signal()
    remove_requested = Signal()
    move_requested = Signal(int)
    record_requested = Signal(str)
    """The text that will be read aloud."""
    stop_requested = Signal()
    listen_requested = Signal()
    stop_listening_requested = Signal()
    text_changed = Signal(str, str)
    """(what is said, language)"""
    keep_requested = Signal(str, str)
    """(name, notes)"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = NewVoiceState()
        self._playing = ""
        self._is_adding = False
        self.choose, self.record = QPushButton("Choose a &file…"), QPushButton("&Record")
        self.stop, self.listen = QPushButton("&Stop recording"), QPushButton("&Listen")
        self.meter, self.about = LevelMeter(), plain_label(ADVICE)
        self.recordings = RecordingList()
        self.another = QPushButton("Add anot&her")
        self.another.setToolTip("A further recording of the same person, with a text of its own")
        self.language = language_field("Told by the text")
        self.text = QPlainTextEdit()
        font = self.text.font()
        font.setPointSizeF(font.pointSizeF() * 1.25)  # it is read aloud from here
        self.text.setFont(font)
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("What is said, word for word")
        self.text.setPlaceholderText("Every word that is spoken, and nothing else")
        self.suggest = QPushButton("Suggest a te&xt")
        self.suggest.setToolTip("A few lines in this language to read aloud")
        self.recording_label = title_label("1  A recording")
        self.text_label = title_label("2  What is said, &word for word")
        self.text_label.setBuddy(self.text)
        self.verdict = plain_label("")
        self.verdict.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.verdict.setAccessibleName("What the recording is like")
        self.name, self.notes = QLineEdit(), QLineEdit()
        self.add = QPushButton("&Keep this voice")
        self._lay_out()
        self._connect()
        self.render_state(self._state)

    def _lay_out(self) -> None:
        self.name.setAccessibleName("Name")
        self.notes.setAccessibleName("Notes")
        self.notes.setPlaceholderText("Optional: who it is, where it is from")
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow("&Name", self.name)
        form.addRow("N&otes", self.notes)
        language = quiet_label("Langua&ge")
        language.setWordWrap(False)
        language.setBuddy(self.language)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.recording_label)
        column.addWidget(self.about)
        column.addWidget(self.recordings)
        column.addWidget(row_of(self.choose, self.record, self.stop, self.listen, self.another, self.meter, None))
        column.addSpacing(8)
        column.addWidget(row_of(self.text_label, None, language, self.language, self.suggest))
        column.addWidget(self.text, 1)
        column.addWidget(self.verdict)
        column.addSpacing(8)
        column.addWidget(title_label("3  A name"))
        bottom = QHBoxLayout()
        bottom.setSpacing(16)
        bottom.addLayout(form, 1)
        bottom.addWidget(self.add, alignment=Qt.AlignmentFlag.AlignBottom)
        column.addLayout(bottom)
        self._draw()

    def _connect(self) -> None:
        self.choose.clicked.connect(self._ask_file)
        self.record.clicked.connect(self._record)
        self.stop.clicked.connect(self.stop_requested)
        self.listen.clicked.connect(self._listen)
        self.suggest.clicked.connect(self._suggest)
        self.another.clicked.connect(self.add_recording_requested)
        self.recordings.chosen.connect(self.choose_requested)
        self.recordings.remove_requested.connect(self.remove_requested)
        self.recordings.move_requested.connect(self.move_requested)
        self.text.textChanged.connect(self._note_text)
        self.language.activated.connect(self._note_text)
        self.name.textChanged.connect(self._allow)
        self.name.returnPressed.connect(self.add.click)
        self.add.clicked.connect(self._add)

    # --- the state

    def render_state(self, state: NewVoiceState) -> None:
        before, self._state = self._state, state
        now, is_busy = state.now, state.now.is_busy
        is_there, is_other = now.phase is RecordingPhase.THERE, now.key != before.now.key
        has_come = is_there and not is_other and before.now.phase is not RecordingPhase.THERE
        self.recordings.render_state(state)
        self.recording_label.setText("1  Recordings" if len(state.recordings) > 1 else "1  A recording")
        self.meter.setVisible(is_busy)
        self.stop.setVisible(is_busy)
        self.stop.setText("&Stop recording" if now.phase is RecordingPhase.RECORDING else "Cance&l")
        self.listen.setVisible(is_there)
        self.another.setVisible(is_there)
        self.another.setEnabled(state.has_room)
        self.choose.setVisible(not is_busy)
        self.record.setVisible(not is_busy)
        self.record.setText("&Record again" if is_there else "&Record")
        self.about.setText(_about(now))
        self.text.setReadOnly(is_busy)
        for part in (self.suggest, self.language):
            part.setEnabled(not is_busy)
        if now.text != self._plain_text():
            with QSignalBlocker(self.text):  # it is known already
                self.text.setPlainText(now.text)
        if has_come and not self.name.text():
            (self.name if now.text else self.text).setFocus()
        if is_busy and not before.now.is_busy:
            self.stop.setFocus()
        if is_busy:
            self.meter.show_level(now.level)
        self.verdict.setText(check_words(now.check) if now.check is not None else "")
        self.verdict.setVisible(now.check is not None)
        self._allow()

    def show_playing(self, key: str) -> None:
        self._playing = key
        self.listen.setText("Si&lence" if key == NEW_RECORDING else "&Listen")

    def clear(self) -> None:
        """Empty the fields: the voice is kept; its recordings and their texts are forgotten elsewhere."""
        self.name.clear()
        self.notes.clear()
        self._is_adding = False

    def allow_again(self) -> None:
        """Let it be tried again: the voice could not be kept."""
        self._is_adding = False
        self._allow()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw()

    # --- inside

    def _record(self) -> None:
        if not self._plain_text():
            self._suggest()
        self.record_requested.emit(self._plain_text())

    def _suggest(self) -> None:
        self.text.setPlainText(engine.voice_library.script_in(self.language.currentData()))

    def _listen(self) -> None:
        (self.stop_listening_requested if self._playing == NEW_RECORDING else self.listen_requested).emit()

    def _plain_text(self) -> str:
        return " ".join(self.text.toPlainText().split())

    def _note_text(self, *_: object) -> None:
        self.text_changed.emit(self._plain_text(), self.language.currentData())
        self._allow()

    def _allow(self, *_: object) -> None:
        self.add.setEnabled(self._state.is_complete and bool(self.name.text().strip()) and not self._is_adding)

    def _add(self) -> None:
        self._is_adding = True
        self._allow()
        self.keep_requested.emit(self.name.text().strip(), self.notes.text().strip())

    def _ask_file(self) -> None:
        ask_for_files(self, "Choose a recording, or several", RECORDINGS_FILTER, self.take_files_requested.emit)

    def _draw(self) -> None:
        self.record.setIcon(symbolic_icon("microphone"))
        self.stop.setIcon(symbolic_icon("stop"))


def _about(state: RecordingState) -> str:
    match state.phase:
        case RecordingPhase.EMPTY:
            return ADVICE
        case RecordingPhase.COUNTDOWN:
            return f"Recording in {state.left_s} … Read the text below aloud, as it comes naturally."
        case RecordingPhase.RECORDING:
            return f"Recording: {clock(state.seconds)}. Read the text below aloud, then stop."
        case RecordingPhase.READING:
            return f"Reading {state.name or 'the recording'} …"
        case RecordingPhase.THERE:
            return f"{state.name} · {state.seconds:.0f} s"
