"""Shows voices that S1 Mini improvises, to be listened to and kept."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

import engine
import engine.voice_library
from desktop.common.state import EnginePhase
from desktop.s1.login.parts import plain_label, row_of
from desktop.voices.pages.fields import language_field, quiet_label
from desktop.voices.state import GalleryPhase, GalleryState
from engine.registry import always_there, best_engine

USUAL_N = 6
ABOUT = (
    "Without a recording S1 Mini makes up a voice, another one each time. Have it make some, listen to them say the "
    "same lines, and keep those that you like."
)


class GalleryPage(QWidget):
    make_requested = Signal(int, str)
    """(how many, language)"""
    stop_requested = Signal()
    listen_requested = Signal(int)
    stop_listening_requested = Signal()
    keep_requested = Signal(int, str)
    show_login_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = GalleryState()
        self._playing = ""
        self._has_s1 = False
        self.n = QSpinBox()
        self.n.setRange(1, engine.voice_library.MAX_VOICES)
        self.n.setValue(USUAL_N)
        self.n.setAccessibleName("How many")
        self.language = language_field("English")
        self.language.removeItem(1)  # English once is enough
        self.make, self.stop = QPushButton("&Make voices"), QPushButton("&Stop")
        self.get_s1 = QPushButton("Get S1 M&ini…")
        self.status = quiet_label()
        self.list = QListWidget()
        self.list.setAccessibleName("Improvised voices")
        self.list.setSpacing(2)
        self.listen = QPushButton("&Listen")
        self.name = QLineEdit()
        self.name.setAccessibleName("Name for this voice")
        self.name.setPlaceholderText("A name for the chosen one")
        self.keep = QPushButton("&Keep this voice")
        how_many, in_language = quiet_label("Ho&w many"), quiet_label("Langua&ge")
        for label, field in ((how_many, self.n), (in_language, self.language)):
            label.setWordWrap(False)
            label.setBuddy(field)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(plain_label(ABOUT))
        column.addWidget(row_of(how_many, self.n, in_language, self.language, None, self.get_s1, self.make, self.stop))
        column.addWidget(self.list, 1)
        column.addWidget(self.status)
        column.addWidget(row_of(self.listen, self.name, self.keep, stretch=1))
        self._connect()
        self._render()

    def _connect(self) -> None:
        self.make.clicked.connect(lambda: self.make_requested.emit(self.n.value(), self.language.currentData() or "en"))
        self.stop.clicked.connect(self.stop_requested)
        self.get_s1.clicked.connect(self.show_login_requested)
        self.list.currentRowChanged.connect(lambda _: self._render())
        self.list.itemActivated.connect(lambda _: self._listen())
        self.listen.clicked.connect(self._listen)
        self.name.textChanged.connect(lambda _: self._render())
        self.name.returnPressed.connect(self.keep.click)
        self.keep.clicked.connect(lambda: self.keep_requested.emit(self.list.currentRow(), self.name.text().strip()))

    def show_engine(self, phase: EnginePhase) -> None:
        self._has_s1 = phase is not EnginePhase.ABSENT
        self._render()

    def render_state(self, state: GalleryState) -> None:
        before, self._state = self._state, state
        if len(state.candidates) < len(before.candidates):
            self.list.clear()
        for number, view in enumerate(state.candidates, 1):
            words = f"Voice {number}"
            if view.kept_as:
                words = f"{words} · kept as {view.kept_as}"
            words = f"{words}\n{view.seconds:.0f} s · seed {view.seed}"
            if view.warning:
                words = f"{words} · may be flawed"
            if number > self.list.count():
                self.list.addItem(QListWidgetItem())
            item = self.list.item(number - 1)
            if item.text() != words:
                item.setText(words)
                item.setToolTip(view.warning)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, words.replace("\n", ", "))
            if view.kept_as and number <= len(before.candidates) and not before.candidates[number - 1].kept_as:
                self.name.clear()
        if state.candidates and self.list.currentRow() < 0:
            self.list.setCurrentRow(0)
        self._render()

    def show_playing(self, key: str) -> None:
        self._playing = key
        self._render()

    def _render(self) -> None:
        state, row = self._state, self.list.currentRow()
        is_idle = state.phase is GalleryPhase.IDLE
        self.get_s1.setVisible(not self._has_s1)
        self.make.setVisible(self._has_s1 and is_idle)
        self.make.setText("&Make others" if state.candidates else "&Make voices")
        self.stop.setVisible(not is_idle)
        for part in (self.n, self.language):
            part.setEnabled(is_idle and self._has_s1)
        self.status.setText(self._status())
        is_chosen = 0 <= row < len(state.candidates)
        self.listen.setEnabled(is_chosen)
        self.listen.setText("Si&lence" if is_chosen and self._playing == candidate_key(row) else "&Listen")
        self.name.setEnabled(is_chosen)
        self.keep.setEnabled(is_chosen and bool(self.name.text().strip()))

    def _status(self) -> str:
        state = self._state
        if not self._has_s1:
            needed = best_engine(lambda entry: entry.capabilities.improvises).display_name
            return f"This needs {needed}: {always_there().spoken_name} improvises none."
        if state.phase is GalleryPhase.WAITING:
            return "S1 Mini is getting ready…"
        if state.phase is GalleryPhase.MAKING:
            return f"Making voice {len(state.candidates) + 1} of {state.n_requested}…"
        return ""

    def _listen(self) -> None:
        row = self.list.currentRow()
        if row < 0:
            return
        if self._playing == candidate_key(row):
            self.stop_listening_requested.emit()
        else:
            self.listen_requested.emit(row)


def candidate_key(index: int) -> str:
    """Name a candidate for the player."""
    return f"candidate {index}"
