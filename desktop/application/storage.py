"""Writes the settings, the reader's text and its books to the disk, never in the GUI thread."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

import engine
from desktop.common.messages import Message, explain
from desktop.common.paths import books_path, last_text_path, settings_path
from desktop.common.settings import Settings, save_last_text, save_settings
from desktop.reader.shelf import Shelf, save_shelf
from desktop.worker import Worker, ignore

SAVE_AFTER_MS = 500
SAVE_SHELF_AFTER_MS = 2000

log = logging.getLogger(__name__)


class Storage(QObject):
    """Writes soon after a change, so that many changes are written once. `disk` is ordered: the last write wins."""

    failed = Signal(object)
    """A `Message`, once: it goes wrong at each change from then on."""

    def __init__(
        self,
        disk: Worker,
        settings: Callable[[], Settings],
        text: Callable[[], str],
        shelf: Callable[[], Shelf],
        parent: QObject | None = None,
    ) -> None:
        """`settings`, `text` and `shelf` give what is to be written, when it is written."""
        super().__init__(parent)
        self._disk, self._settings, self._text, self._shelf = disk, settings, text, shelf
        self._has_failed = False
        self._saved_shelf: Shelf | None = None
        self._settings_timer, self._text_timer = self._delayed(self.save_settings), self._delayed(self.save_text)
        self._shelf_timer = self._delayed(self.save_shelf, SAVE_SHELF_AFTER_MS)

    def save_settings_soon(self) -> None:
        """Write the settings when they have not changed for a moment."""
        self._settings_timer.start()

    def save_text_soon(self) -> None:
        """Write the text when it has not changed for a moment."""
        self._text_timer.start()

    def save_shelf_soon(self) -> None:
        """Write the books in a moment, however often they change until then: places change all the time."""
        if not self._shelf_timer.isActive():
            self._shelf_timer.start()

    def save_settings(self) -> None:
        """Write the settings now."""
        settings = self._settings()
        self._write(lambda: save_settings(settings_path(), settings))

    def save_text(self) -> None:
        """Write the text now."""
        text = self._text()
        self._write(lambda: save_last_text(last_text_path(), text))

    def save_shelf(self) -> None:
        """Write the books now, if they have changed since."""
        shelf = self._shelf()
        if shelf is not self._saved_shelf:
            self._saved_shelf = shelf
            self._write(lambda: save_shelf(books_path(), shelf))

    def close(self) -> None:
        """Write nothing more but what was begun."""
        self._shelf_timer.stop()
        self._settings_timer.stop()
        self._text_timer.stop()

    def _delayed(self, write: Callable[[], None], after_ms: int = SAVE_AFTER_MS) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=after_ms)
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
            self.failed.emit(Message(f"Your text, books and settings are not kept. {explain(error).sentence}", remedy))
