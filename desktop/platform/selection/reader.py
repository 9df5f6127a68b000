"""Defines what a platform's reader of selected text offers, and one that reads in a thread, which two of them share."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from desktop.worker import Worker

LIMIT_S = 1.0
"""How long the program that has the text may be silent."""

NOTHING_SELECTED = "No text is selected."
NOTHING_COPIED = "There is no text in the clipboard."


class NothingReadError(Exception):
    """Reports that there is no text to read; the message is a sentence for the user, with a remedy where there is
    one."""


class SelectionReader(QObject):
    """Reads selected and copied text. Each call of a method is answered by one signal, in order; no method blocks. Used
    from the GUI thread."""

    text_read = Signal(str)
    nothing_read = Signal(str)
    """Why not, as a sentence."""

    def read_selection(self) -> None:
        """Read the selected text."""
        raise NotImplementedError

    def read_clipboard(self) -> None:
        """Read the copied text."""
        raise NotImplementedError

    def close(self) -> None:
        """End; no signal comes after it."""
        raise NotImplementedError


class NoReader(SelectionReader):
    """Stands where nothing can be read, and says why."""

    def __init__(self, reason: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reason = reason

    def read_selection(self) -> None:
        self.nothing_read.emit(self._reason)

    def read_clipboard(self) -> None:
        self.nothing_read.emit(self._reason)

    def close(self) -> None:
        """Do nothing, for nothing is running."""


class ThreadReader(SelectionReader):
    """Reads in a thread of its own by `_selected` and `_copied`, which return the text or raise `NothingReadError`."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker("selection", self)

    def read_selection(self) -> None:
        self._read(self._selected, NOTHING_SELECTED)

    def read_clipboard(self) -> None:
        self._read(self._copied, NOTHING_COPIED)

    def close(self) -> None:
        self._worker.close(forgets=True)  # the time limit bounds the wait

    def _selected(self) -> str:
        raise NotImplementedError

    def _copied(self) -> str:
        raise NotImplementedError

    def _read(self, read: Callable[[], str], reason_if_empty: str) -> None:
        self._worker.do(read, lambda text: self._answer(text, reason_if_empty), self._answer_failure, Exception)

    def _answer(self, text: str, reason_if_empty: str) -> None:
        if text.strip():
            self.text_read.emit(text)
        else:
            self.nothing_read.emit(reason_if_empty)

    def _answer_failure(self, error: Exception) -> None:
        if isinstance(error, NothingReadError):
            self.nothing_read.emit(str(error))
            return
        self.nothing_read.emit("The text could not be read.")  # each call is answered, also where a bug is to be raised
        raise error
