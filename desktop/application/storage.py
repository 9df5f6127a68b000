"""Writes the settings and the reader's text to the disk, never in the GUI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

import engine
from desktop.common.messages import Message, explain
from desktop.common.paths import last_text_path, settings_path
from desktop.common.settings import Settings, save_last_text, save_settings
from desktop.worker import Worker, ignore

SAVE_AFTER_MS = 500

log = logging.getLogger(__name__)


class Storage(QObject):
    """Writes soon after a change, so that many changes are written once. `disk` is ordered: the last write wins."""

    failed = Signal(object)
    """A `Message`, once: it goes wrong at each change from then on."""

    def __init__(
        self, disk: Worker, settings: Callable[[], Settings], text: Callable[[], str], parent: QObject | None = None
    ) -> None:
        """`settings` and `text` give what is to be written, when it is written."""
        super().__init__(parent)
        self._disk, self._settings, self._text = disk, settings, text
        self._has_failed = False
        self._settings_timer, self._text_timer = self._delayed(self.save_settings), self._delayed(self.save_text)

    def save_settings_soon(self) -> None:
        """Write the settings when they have not changed for a moment."""
        self._settings_timer.start()

    def save_text_soon(self) -> None:
        """Write the text when it has not changed for a moment."""
        self._text_timer.start()

    def save_settings(self) -> None:
        """Write the settings now."""
        settings = self._settings()
        self._write(lambda: save_settings(settings_path(), settings))

    def save_text(self) -> None:
        """Write the text now."""
        text = self._text()
        self._write(lambda: save_last_text(last_text_path(), text))

    def close(self) -> None:
        """Write nothing more but what was begun."""
        self._settings_timer.stop()
        self._text_timer.stop()

    def _delayed(self, write: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        timer.timeout.connect(write)
        return timer

    def _write(self, write: Callable[[], None]) -> None:
        def attempt() -> None:
            try:
                write()
            except engine.EngineError as error:
                log.warning("could not save: %s", error)  # here, since at the end nobody is left to show it to
                raise

        self._disk.do(attempt, ignore, self._report, engine.EngineError)

    def _report(self, error: engine.EngineError) -> None:
        if not self._has_failed:
            self._has_failed = True
            is_full = getattr(error, "problem", "") == "disk_full"
            remedy = "Free some space." if is_full else "Make its folder one that you may write to."
            self.failed.emit(Message(f"Your text and settings are not kept. {explain(error).sentence}", remedy))
