"""Shows the controls: previous, play or pause, next, stop; how much was heard; volume; and the status line under
them."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from desktop.common.state import AppState, EnginePhase, Phase
from desktop.common.status_words import clock, problem, status_line
from desktop.reader.seek_bar import SeekBar
from desktop.widgets.icons import symbolic_icon

ICON_PX, PLAY_ICON_PX = 20, 24
BUTTON_PX, PLAY_PX = 32, 40


class Transport(QWidget):
    play_pause_requested = Signal()
    previous_requested = Signal()
    next_requested = Signal()
    stop_requested = Signal()
    go_to_part_requested = Signal(float)
    set_volume_requested = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = AppState()
        self.previous = _button("Previous sentence", "Alt+Left", BUTTON_PX, ICON_PX)
        self.play = _button("Speak", "Ctrl+Enter", PLAY_PX, PLAY_ICON_PX)
        self.next = _button("Next sentence", "Alt+Right", BUTTON_PX, ICON_PX)
        self.stop = _button("Stop", "Esc", BUTTON_PX, ICON_PX)
        self.previous.clicked.connect(self.previous_requested)
        self.play.clicked.connect(self.play_pause_requested)
        self.next.clicked.connect(self.next_requested)
        self.stop.clicked.connect(self.stop_requested)
        self.progress = SeekBar()
        self.progress.go_to_part_requested.connect(self.go_to_part_requested)
        self.time = QLabel()
        self.time.setAccessibleName("Time heard, of the whole")
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.volume = QSlider(Qt.Orientation.Horizontal)
        self.volume.setRange(0, 100)
        self.volume.setPageStep(10)
        self.volume.setFixedWidth(96)
        self.volume.setAccessibleName("Volume")
        self.volume.setToolTip("Volume")
        self.volume.valueChanged.connect(lambda value: self.set_volume_requested.emit(value / 100))
        self._volume_icon, self._status_icon = QLabel(), QLabel()
        self.status = QLabel()
        self.status.setAccessibleName("Status")
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self._lay_out()
        self._draw()
        self.render_state(self._state, has_text=False)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self.previous, self.play, self.next, self.stop):
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self.progress, 1)
        row.addWidget(self.time)
        row.addSpacing(8)
        row.addWidget(self._volume_icon)
        row.addWidget(self.volume)
        status = QHBoxLayout()
        status.setSpacing(8)
        status.addWidget(self._status_icon)
        status.addWidget(self.status, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(8)
        column.addLayout(row)
        column.addLayout(status)

    def render_state(self, state: AppState, has_text: bool) -> None:
        looked = _play_look(self._state), _status_icon(self._state)
        self._state = state
        if (_play_look(state), _status_icon(state)) != looked:
            self._draw()
        self.play.setEnabled(has_text or state.is_active)
        for part in (self.previous, self.next, self.progress):
            part.setEnabled(state.is_active)
        self.stop.setEnabled(state.is_active or state.is_saving)
        reading = state.reading
        whole_s = None if reading.left_s is None else reading.heard_s + reading.left_s
        self.progress.show_part(reading.heard_s / whole_s if whole_s else 0)
        if state.is_active or reading.heard_s > 0:
            words = clock(reading.heard_s) + ("" if whole_s is None else f" / {clock(whole_s)}")
        else:
            words = ""
        self.time.setText(words)
        self.time.setMinimumWidth(QFontMetrics(self.time.font()).horizontalAdvance("00:00 / 00:00"))
        self.progress.setAccessibleDescription(words)
        line = status_line(state)
        self.status.setText(line)
        self.status.setAccessibleDescription(line)
        self.volume.blockSignals(True)
        if not self.volume.isSliderDown():
            self.volume.setValue(round(state.volume * 100))
        self.volume.blockSignals(False)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw()

    def _draw(self) -> None:
        for button, name in ((self.previous, "previous"), (self.next, "next"), (self.stop, "stop")):
            button.setIcon(symbolic_icon(name))
        name, words = _play_look(self._state)
        self.play.setIcon(symbolic_icon(name))
        self.play.setAccessibleName(words)
        self.play.setToolTip(f"{words} ({'Space' if self._state.is_active else 'Ctrl+Enter'})")
        self._volume_icon.setPixmap(symbolic_icon("volume").pixmap(16, 16))
        self._status_icon.setPixmap(symbolic_icon(_status_icon(self._state)).pixmap(16, 16))


def _play_look(state: AppState) -> tuple[str, str]:
    match state.phase:
        case Phase.PREPARING | Phase.SPEAKING:
            return "pause", "Pause"
        case Phase.PAUSED:
            return "play", "Resume"
        case Phase.IDLE:
            return "play", "Speak"


def _status_icon(state: AppState) -> str:
    """One icon for each state of the engine; what is heard goes before."""
    if problem(state) is not None:
        return "problem"
    if state.phase is Phase.SPEAKING:
        return "speaking"
    if state.phase is Phase.PREPARING:
        return "waiting"
    return {
        EnginePhase.ABSENT: "ready",
        EnginePhase.UNLOADED: "absent",
        EnginePhase.STARTING: "waiting",
        EnginePhase.READY: "ready",
        EnginePhase.FAILED: "problem",
    }[state.engine.phase]


def _button(words: str, keys: str, size_px: int, icon_px: int) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setFixedSize(size_px, size_px)
    button.setIconSize(QSize(icon_px, icon_px))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setAccessibleName(words)
    button.setToolTip(f"{words} ({keys})")
    return button
