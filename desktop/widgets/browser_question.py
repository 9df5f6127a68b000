"""Asks whether a browser extension may have pages read: quiet, and in two places at once, the reader and the
settings."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop.widgets.notice import Notice
from engine.server import PairingRequest


class BrowserQuestion(Notice):
    """Shows the question that stands, or nothing."""

    allow_requested = Signal(object)
    """The `PairingRequest` that was shown."""
    refuse_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("speaking", "Allow", "Refuse", parent)
        self._request: PairingRequest | None = None
        for button in (self._accept, self._decline):
            button.setAutoDefault(False)  # Enter in another field of the settings answers nothing
        self.accepted.connect(lambda: self._answer(self.allow_requested.emit))
        self.declined.connect(lambda: self._answer(self.refuse_requested.emit))

    def ask(self, request: PairingRequest | None) -> None:
        """Ask whether who made `request` may have pages read; None asks nothing any more."""
        self._request = request
        if request is None:
            self.show_words("")
            return
        words = (
            f"Allow it if it shows the number {request.number}, too. It can then read texts aloud and stop them, and "
            "nothing else. The settings take that back."
        )
        self.show_words(browser_words(request.name), words)

    def _answer(self, emit: Callable[[PairingRequest], object]) -> None:
        request, self._request = self._request, None  # a second press is for nobody
        if request is not None:
            emit(request)


def browser_words(name: str) -> str:
    """Say that the extension `name` asks."""
    return f"A browser extension asks to read aloud: {name}"
