"""Shows the tray icon, whose shape is the state's, and its menu."""

from __future__ import annotations

import os

from PySide6.QtCore import QEvent, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup, QColor, QGuiApplication
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from desktop.common.messages import Mend
from desktop.common.state import AppState, EnginePhase, Phase
from desktop.common.status_words import (
    download_entry,
    engine_entry,
    engine_line,
    problem,
    reading_line,
    speed_words,
    voice_note,
    voice_words,
)
from desktop.widgets.icons import ON_DARK, ON_LIGHT, TrayLook, plain_icon, tray_look

SPEED_CHOICES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 2.5, 3.0)


class Tray(QObject):
    read_selection_requested = Signal()
    read_clipboard_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()
    previous_requested = Signal()
    next_requested = Signal()
    show_window_requested = Signal()
    show_narration_requested = Signal()
    set_voice_requested = Signal(str)
    show_voices_requested = Signal()
    set_speed_requested = Signal(float)
    free_memory_requested = Signal()
    show_login_requested = Signal()
    show_settings_requested = Signal()
    show_doctor_requested = Signal()
    quit_requested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = AppState()
        self._look: tuple[TrayLook, str] | None = None
        self.icon = QSystemTrayIcon(self)
        self.menu = _Menu()
        self._make_menu()
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._activate)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._draw)
        self.menu.palette_changed.connect(self._draw)
        self.render(self._state)

    @staticmethod
    def is_available() -> bool:
        """Say whether the desktop has a tray now. Without one the window takes its place."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show(self) -> None:
        """Appear, as soon as there is a tray."""
        self.icon.show()

    def hide(self) -> None:
        self.icon.hide()

    def say(self, title: str, text: str) -> None:
        """Show a message at the tray, where the desktop has no notifications."""
        if self.is_available():
            self.icon.showMessage(title, text, self.icon.icon())

    def _make_menu(self) -> None:
        self.status = self._action("", self.show_window_requested)
        self.waiting = self._action("", self.show_window_requested)
        self.menu.addSeparator()
        self.read_selection = self._action("Read &selection", self.read_selection_requested)
        self.read_clipboard = self._action("Read &clipboard", self.read_clipboard_requested)
        self.menu.addSeparator()
        self.pause = self.menu.addAction("&Pause")
        self.pause.triggered.connect(self._pause_or_resume)
        self.stop = self._action("S&top", self.stop_requested)
        self.previous = self._action("Pre&vious sentence", self.previous_requested)
        self.next = self._action("&Next sentence", self.next_requested)
        self.menu.addSeparator()
        self.reader = self._action("&Open reader", self.show_window_requested)
        self.narrate = self._action("N&arrate…", self.show_narration_requested)
        self.voices, self.speeds = self.menu.addMenu("Vo&ice"), self.menu.addMenu("Sp&eed")
        self.menu.addSeparator()
        self.engine = self._action("", self.show_window_requested)
        self.get_s1 = self._action("", self.show_login_requested)
        self.free_memory = self._action("&Free GPU memory", self.free_memory_requested)
        self.menu.addSeparator()
        self.settings = self._action("Settin&gs…", self.show_settings_requested)
        self.doctor = self._action("&Doctor…", self.show_doctor_requested)
        self.quit = self._action("&Quit", self.quit_requested)

    def _action(self, words: str, signal: SignalInstance) -> QAction:
        action = self.menu.addAction(words)
        action.triggered.connect(lambda: signal.emit())
        return action

    def render(self, state: AppState) -> None:
        was, self._state = self._state, state
        wrong = problem(state)
        line = reading_line(state)
        self.status.setText(line or "Nothing is read")
        if wrong is not None and not state.is_active:
            self.status.setText(wrong.sentence)
        self.waiting.setText(f"Waiting: {state.waiting}")
        self.waiting.setVisible(bool(state.waiting))
        self.pause.setText("&Resume" if state.phase is Phase.PAUSED else "&Pause")
        for action in (self.pause, self.stop, self.previous, self.next):
            action.setEnabled(state.is_active)
        self.engine.setText(engine_entry(state.engine))
        self.get_s1.setText(download_entry(state.download).replace("S1 Mini", "S1 &Mini"))
        self.get_s1.setVisible(bool(self.get_s1.text()))
        is_on_gpu = state.engine.memory_bytes is not None
        self.free_memory.setText("&Free GPU memory" if is_on_gpu else "&Free S1 Mini's memory")
        self.free_memory.setEnabled(state.engine.phase is EnginePhase.READY and not state.is_active)
        note, noted = voice_note(state), voice_note(was)
        if self._look is None or (state.voices, state.voice, note) != (was.voices, was.voice, noted):
            names = ("", *(name for name in state.voices if name))
            _fill(self.voices, [(voice_words(name), name) for name in names], state.voice, self.set_voice_requested)
            self.voices.addSeparator()
            if note is not None:
                signal = self.show_login_requested if note.mend is Mend.GET_S1 else self.show_window_requested
                self.voices.addAction(note.sentence.replace("&", "&&")).triggered.connect(lambda: signal.emit())
            self.voices.addAction("&Voices…").triggered.connect(lambda: self.show_voices_requested.emit())
        if self._look is None or state.speed != was.speed:
            speeds = sorted({*SPEED_CHOICES, state.speed})
            _fill(self.speeds, [(speed_words(speed), speed) for speed in speeds], state.speed, self.set_speed_requested)
        tip = f"Lectern: {self.status.text().lower() if line else engine_line(state.engine)}"
        if state.waiting:
            tip += f"\nWaiting: {state.waiting}"
        if (tray_look(state), tip) != self._look:
            self._look = tray_look(state), tip
            self.icon.setToolTip(tip if wrong is None else f"Lectern: {wrong.sentence}")
            self._draw()

    def _draw(self) -> None:
        self.icon.setIcon(plain_icon(f"tray-{tray_look(self._state)}", panel_text_color()))

    def _pause_or_resume(self) -> None:
        if self._state.phase is Phase.PAUSED:
            self.resume_requested.emit()
        else:
            self.pause_requested.emit()

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self.show_window_requested.emit()
        elif reason is QSystemTrayIcon.ActivationReason.MiddleClick:
            if self._state.is_active:
                self._pause_or_resume()
            else:
                self.read_selection_requested.emit()


class _Menu(QMenu):
    """A menu that notices when the desktop goes light or dark, which a QSystemTrayIcon does not."""

    palette_changed = Signal()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.ApplicationPaletteChange:
            self.palette_changed.emit()


def panel_text_color() -> QColor:
    """Choose what is legible on the panel: GNOME's is dark always, others go with the desktop."""
    if "GNOME" in os.environ.get("XDG_CURRENT_DESKTOP", "").split(":"):
        return ON_DARK
    scheme = QGuiApplication.styleHints().colorScheme()
    if scheme is Qt.ColorScheme.Unknown:
        window = QGuiApplication.palette().window().color()
        return ON_DARK if window.lightnessF() < 0.5 else ON_LIGHT
    return ON_DARK if scheme is Qt.ColorScheme.Dark else ON_LIGHT


def _fill(menu: QMenu, choices: list[tuple[str, object]], chosen: object, signal: SignalInstance) -> None:
    menu.clear()
    group = QActionGroup(menu)
    for words, value in choices:
        action = menu.addAction(words.replace("&", "&&"))
        action.setCheckable(True)
        action.setChecked(value == chosen)
        action.triggered.connect(lambda _=False, value=value: signal.emit(value))
        group.addAction(action)
