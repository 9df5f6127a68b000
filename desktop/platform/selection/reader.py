"""What a platform's reader offers, and the worker thread that two of them share."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from PySide6.QtCore import QObject, Qt, Signal

LIMIT_S = 1.0
"""How long the program that has the text may be silent."""

NOTHING_SELECTED = "No text is selected."
NOTHING_COPIED = "There is no text in the clipboard."


class NothingReadError(Exception):
    """There is no text to read; the message is a sentence for the user, with a remedy where there is one."""


class SelectionReader(QObject):
    """Each call of a method is answered by one signal, in order; no method blocks. Used from the GUI thread."""

    text_read = Signal(str)
    nothing_read = Signal(str)
    """Why not, as a sentence."""

    def read_selection(self) -> None:
        raise NotImplementedError

    def read_clipboard(self) -> None:
        raise NotImplementedError

    def close(self) -> None:
        """No signal comes after it."""
        raise NotImplementedError


class NoReader(SelectionReader):
    """Where nothing can be read: says why."""

    def __init__(self, reason: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reason = reason

    def read_selection(self) -> None:
        self.nothing_read.emit(self._reason)

    def read_clipboard(self) -> None:
        self.nothing_read.emit(self._reason)

    def close(self) -> None:
        """Nothing is running."""


class ThreadReader(SelectionReader):
    """Reads in a thread of its own by `_selected` and `_copied`, which return the text or raise `NothingReadError`."""

    _done = Signal(object, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_closed = False
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="selection")
        self._done.connect(self._emit, Qt.ConnectionType.QueuedConnection)

    def read_selection(self) -> None:
        self._submit(self._selected, NOTHING_SELECTED)

    def read_clipboard(self) -> None:
        self._submit(self._copied, NOTHING_COPIED)

    def close(self) -> None:
        self._is_closed = True
        self._worker.shutdown(wait=True, cancel_futures=True)  # the time limit bounds the wait

    def _selected(self) -> str:
        raise NotImplementedError

    def _copied(self) -> str:
        raise NotImplementedError

    def _submit(self, read: Callable[[], str], reason_if_empty: str) -> None:
        reading = self._worker.submit(read)
        reading.add_done_callback(lambda reading: self._done.emit(reading, reason_if_empty))

    def _emit(self, reading: Future[str], reason_if_empty: str) -> None:
        if self._is_closed:
            return
        try:
            text = reading.result()
        except NothingReadError as reason:
            self.nothing_read.emit(str(reason))
        except BaseException:  # a defect of ours: answered, and then told to whoever watches for such
            self.nothing_read.emit("The text could not be read.")
            raise
        else:
            if text.strip():
                self.text_read.emit(text)
            else:
                self.nothing_read.emit(reason_if_empty)
