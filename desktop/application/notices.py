"""Tells the person what happened: in the reader, and outside it while that is not to be seen."""

from __future__ import annotations

from collections.abc import Callable

from desktop.common.messages import Message
from desktop.common.settings import Settings
from desktop.common.state import AppState
from desktop.common.status_words import problem
from desktop.platform.notifications import Notifier
from desktop.reader.window import ReaderWindow


class Notices:
    """Owns the desktop's notifications, which the person may turn off. Lives in the GUI thread."""

    def __init__(self, window: ReaderWindow, settings: Callable[[], Settings]) -> None:
        self.notifier = Notifier()
        self._window, self._settings = window, settings
        self._shown_problem: Message | None = None  # the last one shown outside the window

    def tell(self, message: Message) -> None:
        """Show `message` in the reader and, while that is hidden, outside it."""
        self._window.show_notice(message)
        self.tell_outside(str(message))

    def tell_outside(self, words: str) -> None:
        """Show `words` outside the reader, while that is hidden."""
        if self._settings().notifications and not self._window.isVisible():
            self.notifier.notify("Lectern", words)

    def follow(self, state: AppState) -> None:
        """Tell outside what is wrong in `state`, once: the reader shows it itself."""
        if (wrong := problem(state)) is not None and wrong != self._shown_problem:
            self.tell_outside(str(wrong))
        self._shown_problem = wrong

    def close(self) -> None:
        self.notifier.close()
