"""Reads selected and copied text on Wayland by wl-paste, since a program without the focus may not see it there
itself."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QObject, QProcess, QTimer

from desktop.platform.selection.reader import LIMIT_S, NOTHING_COPIED, NOTHING_SELECTED, SelectionReader

PROGRAM = "wl-paste"
SELECTION = ("--primary", "--no-newline", "--type", "text")
CLIPBOARD = ("--no-newline", "--type", "text")

# What wl-paste says on stderr where all is well and there is just no text.
NOTHING_WORDS = ("Nothing is copied", "No selection", "No suitable type", "not available as requested type")


class WaylandSelection(SelectionReader):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[tuple[str, ...]] = deque()  # arguments of what is still to run, the running one first
        self._process = QProcess(self)
        self._process.finished.connect(self._finished)
        self._process.errorOccurred.connect(self._failed)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(round(1000 * LIMIT_S))
        self._timer.timeout.connect(self._process.kill)

    def read_selection(self) -> None:
        self._add(SELECTION)

    def read_clipboard(self) -> None:
        self._add(CLIPBOARD)

    def close(self) -> None:
        self.blockSignals(True)
        self._waiting.clear()
        self._process.kill()
        self._process.waitForFinished(100)

    def _add(self, arguments: tuple[str, ...]) -> None:
        self._waiting.append(arguments)
        if len(self._waiting) == 1:
            self._start()

    def _start(self) -> None:
        self._process.start(PROGRAM, list(self._waiting[0]))
        self._timer.start()

    def _finished(self, code: int, status: QProcess.ExitStatus) -> None:
        if not self._waiting:
            return  # closed
        nothing = NOTHING_SELECTED if self._waiting[0] is SELECTION else NOTHING_COPIED
        complaint = bytes(self._process.readAllStandardError().data()).decode(errors="replace").strip()
        text = bytes(self._process.readAllStandardOutput().data()).decode(errors="replace")
        if status is QProcess.ExitStatus.CrashExit:  # by our own hand
            self._answer("", "The program that has the text does not answer. Copy the text, or try again.")
        elif code == 0:
            self._answer(text, nothing)
        elif any(words in complaint for words in NOTHING_WORDS):
            self._answer("", nothing)
        else:
            self._answer("", f"This desktop does not let wl-paste read the text ({complaint or code}).")

    def _failed(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart and self._waiting:
            self._answer("", "Lectern reads selected text with wl-paste, which is missing. Install wl-clipboard.")

    def _answer(self, text: str, reason_if_empty: str) -> None:
        self._timer.stop()
        self._waiting.popleft()
        if self._waiting:
            # a process may not be started again from inside its own last signal
            QTimer.singleShot(0, self, self._start)
        if text.strip():
            self.text_read.emit(text)
        else:
            self.nothing_read.emit(reason_if_empty)
