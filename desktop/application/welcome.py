"""Greets a person at the first start, aloud and in the empty reader."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from desktop.reader.window import ReaderWindow
from desktop.speech.controller import Controller

WELCOME = "This is a natural English voice.\nOther languages sound synthetic until you get S1 Mini."
WELCOME_WITH_S1 = "This is a natural English voice.\nS1 Mini reads as soon as it is ready."
"""Where its files are here already, and it is being loaded."""
WELCOME_AFTER_MS = 1500
"""So long the first start waits for its hotkeys, to say which one to press."""


class Welcome(QObject):
    """Shows the greeting at once, and says it when the hotkeys are known or have been waited for."""

    def __init__(
        self, controller: Controller, window: ReaderWindow, read_keys: Callable[[], str], parent: QObject | None = None
    ) -> None:
        """`read_keys` gives the hotkey that reads the selection, "" where it does not work."""
        super().__init__(parent)
        self._controller, self._window, self._read_keys = controller, window, read_keys
        self._hello = WELCOME
        self._timer = QTimer(self, singleShot=True, interval=WELCOME_AFTER_MS)
        self._timer.timeout.connect(self._speak)

    def begin(self, *, has_s1: bool, has_hotkeys: bool) -> None:
        """Show the greeting, and wait for the hotkeys to say it."""
        self._hello = WELCOME_WITH_S1 if has_s1 else WELCOME
        self._window.welcome(self._hello, "")
        self._timer.start()
        if has_hotkeys:
            self.go_on()

    def go_on(self) -> None:
        """The hotkeys are known: say the greeting, if it waits for them."""
        if self._timer.isActive():
            self._timer.stop()
            self._speak()

    def _speak(self) -> None:
        """Say aloud what the empty reader shows, with the key that is to be pressed here."""
        if self._controller.state.is_active or self._window.text():
            return
        keys = self._read_keys()
        by_key = f", or select some in any program and press {' '.join(keys.split('+'))}" if keys else ""
        spoken = f"{' '.join(self._hello.split())} Paste a text and press play{by_key}."
        self._window.welcome(self._hello, spoken)
        self._controller.speak(spoken)
