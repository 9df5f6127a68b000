"""Shows the slim bar over the text: voice, speed, markers, and the rest behind three dots."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from desktop.common.state import AppState
from desktop.common.status_words import speed_words, voice_words
from desktop.reader.marker_palette import MarkerPalette
from desktop.widgets.icons import symbolic_icon

USUAL_SPEEDS = (0.5, 0.75, 0.9, 1.0, 1.1, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0)


class TopBar(QWidget):
    set_voice_requested = Signal(str)
    set_speed_requested = Signal(float)
    marker_chosen = Signal(str)

    def __init__(
        self, actions: list[QAction | None], voice_actions: list[QAction], parent: QWidget | None = None
    ) -> None:
        """`actions` go behind the three dots, None being a line between them, and `voice_actions` beside the voice."""
        super().__init__(parent)
        self.voice, self.speed = QComboBox(), QComboBox()
        self.voice.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.voice.setMaximumWidth(280)
        self.voice.setAccessibleName("Voice")
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip("Speed")
        self.voice.activated.connect(lambda index: self.set_voice_requested.emit(self.voice.itemData(index)))
        self.speed.activated.connect(lambda index: self.set_speed_requested.emit(self.speed.itemData(index)))
        self._voices: tuple[str, ...] | None = None
        self._speeds: tuple[float, ...] = ()
        label = QLabel("&Voice")
        label.setBuddy(self.voice)
        speed_label = QLabel("S&peed")
        speed_label.setBuddy(self.speed)
        self.voice_menu, self.markers, self.more = QToolButton(), QToolButton(), QToolButton()
        voices = QMenu(self)
        voices.addActions(voice_actions)
        self.voice_menu.setMenu(voices)
        self.voice_menu.setAccessibleName("More about voices")
        self.voice_menu.setToolTip("Keep, add and look after voices")
        palette = MarkerPalette(self)
        palette.marker_chosen.connect(self.marker_chosen)
        self.markers.setMenu(palette)
        self.markers.setText("Marker")
        self.markers.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.markers.setAccessibleName("Insert an emotion or tone marker")
        self.markers.setToolTip(
            "Insert an emotion or tone marker at the cursor: before or after a sentence, or before a clause"
        )
        menu = QMenu(self)
        for action in actions:
            if action is None:
                menu.addSeparator()
            else:
                menu.addAction(action)
        self.more.setMenu(menu)
        self._menu = menu
        self.more.setAccessibleName("More")
        self.more.setToolTip("More")
        for button in (self.voice_menu, self.markers, self.more):
            button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
            button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.voice)
        row.addWidget(self.voice_menu)
        row.addSpacing(8)
        row.addWidget(speed_label)
        row.addWidget(self.speed)
        row.addStretch(1)
        row.addWidget(self.markers)
        row.addWidget(self.more)
        self._draw()

    def add_tools(self, buttons: list[QToolButton], actions: list[QAction], before: QAction) -> None:
        """Put `buttons` before that of the markers, and `actions` with a line into the menu, before one of it."""
        for button in buttons:
            self._row.insertWidget(self._row.indexOf(self.markers), button)
        self._menu.insertActions(before, actions)
        self._menu.insertSeparator(before)

    def render_state(self, state: AppState) -> None:
        voices = ("", *(name for name in state.voices if name))
        if state.voice not in voices:
            voices = (*voices, state.voice)  # it was deleted; it is still what was chosen
        if voices != self._voices:
            self._voices = voices
            self.voice.clear()
            for name in voices:
                self.voice.addItem(voice_words(name), name)
        self.voice.setCurrentIndex(voices.index(state.voice))
        speeds = tuple(sorted({*USUAL_SPEEDS, state.speed}))
        if speeds != self._speeds:
            self._speeds = speeds
            self.speed.clear()
            for speed in speeds:
                self.speed.addItem(speed_words(speed), speed)
        self.speed.setCurrentIndex(speeds.index(state.speed))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw()

    def _draw(self) -> None:
        self.voice_menu.setIcon(symbolic_icon("voice"))
        self.markers.setIcon(symbolic_icon("marker"))
        self.more.setIcon(symbolic_icon("more"))
