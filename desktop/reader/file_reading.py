"""Reads texts and other documents beside the GUI thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

import engine
import engine.text
from desktop.common.messages import explain
from desktop.common.text_source import read_text_file
from desktop.worker import Worker


class FileReader(QObject):
    """Reads each file in a thread of its own, which is left behind if the file never ends."""

    text_read = Signal(str)
    failed = Signal(object)
    """`Message`"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker("read-text-file", self, is_ordered=False)

    def read(self, path: Path) -> None:
        """Read `path`; `text_read` or `failed` follows."""
        self._worker.do(
            lambda: _readable_text(path), self.text_read.emit, lambda error: self.failed.emit(explain(error))
        )


def _readable_text(path: Path) -> str:
    """Raises `InputError`, `DocumentError`, `TextError`."""
    text = read_text_file(path)
    engine.text.check_text(text)
    return text
