"""Texts and other documents read beside the GUI thread."""

from __future__ import annotations

import threading
from pathlib import Path

from PySide6.QtCore import QObject, Signal

import engine
import engine.text
from desktop.common.errors import InputError
from desktop.common.messages import explain
from desktop.common.text_source import read_text_file


class FileReader(QObject):
    text_read = Signal(str)
    failed = Signal(object)
    """`Message`"""

    def read(self, path: Path) -> None:
        threading.Thread(target=self._read, args=(path,), name="read-text-file", daemon=True).start()

    def _read(self, path: Path) -> None:
        try:
            text = read_text_file(path)
            engine.text.check_text(text)
        except (InputError, engine.DocumentError, engine.TextError) as error:
            self.failed.emit(explain(error))
        else:
            self.text_read.emit(text)
