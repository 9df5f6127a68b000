"""Shows the recordings of a new voice, where there are several: chosen, put in order, taken out."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from desktop.voices.state import NewVoiceState, RecordingPhase, RecordingState
from desktop.voices.words import recording_line
from desktop.widgets.icons import symbolic_icon

HEIGHT_PX = 104


class RecordingList(QWidget):
    """Lists the recordings. Hidden while there is but one."""

    chosen = Signal(int)
    remove_requested = Signal()
    """The one that is looked at."""
    move_requested = Signal(int)
    """Up (below 0) or down."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = NewVoiceState()
        self.list = QListWidget()
        self.list.setAccessibleName("Recordings")
        self.list.setToolTip("Alt with the arrows moves a recording, Delete takes it out")
        self.earlier, self.later = QPushButton("Earl&ier"), QPushButton("La&ter")
        self.remove = QPushButton("Re&move")
        self.remove.setToolTip("Take this recording out of the new voice. Its file stays.")
        buttons = QVBoxLayout()
        buttons.setSpacing(4)
        for button in (self.earlier, self.later, self.remove):
            buttons.addWidget(button)
        buttons.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.list, 1)
        row.addLayout(buttons)
        self.setMaximumHeight(HEIGHT_PX)
        self.list.currentRowChanged.connect(self.chosen)
        self.earlier.clicked.connect(lambda: self.move_requested.emit(-1))
        self.later.clicked.connect(lambda: self.move_requested.emit(1))
        self.remove.clicked.connect(self.remove_requested)
        for keys, request in (
            (QKeySequence("Alt+Up"), lambda: self.move_requested.emit(-1)),
            (QKeySequence("Alt+Down"), lambda: self.move_requested.emit(1)),
            (QKeySequence(QKeySequence.StandardKey.Delete), self.remove_requested.emit),
        ):
            QShortcut(keys, self.list).activated.connect(request)
        self.render_state(self._state)

    def render_state(self, state: NewVoiceState) -> None:
        self._state = state
        n = len(state.recordings)
        self.setVisible(n > 1)
        self.setEnabled(not state.now.is_busy)
        with QSignalBlocker(self.list):
            while self.list.count() > n:
                self.list.takeItem(self.list.count() - 1)
            while self.list.count() < n:
                self.list.addItem("")
            for place, recording in enumerate(state.recordings):
                words = f"{place + 1}  {recording_line(recording)}"
                if self.list.item(place).text() != words:
                    self.list.item(place).setText(words)
            self.list.setCurrentRow(state.current)
        self._draw()
        self.earlier.setEnabled(state.current > 0)
        self.later.setEnabled(state.current < n - 1)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw()

    def _draw(self) -> None:
        for place, recording in enumerate(self._state.recordings):
            self.list.item(place).setIcon(symbolic_icon(_icon_of(recording)))


def _icon_of(recording: RecordingState) -> str:
    if recording.phase is RecordingPhase.THERE:
        has_doubts = recording.check is None or bool(recording.check.doubts)
        return "ok" if recording.is_good and not has_doubts else "problem"
    return "absent" if recording.phase is RecordingPhase.EMPTY else "waiting"
