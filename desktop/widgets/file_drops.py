"""Takes files that are dropped, which a field for words leaves to its window."""

from __future__ import annotations

from itertools import chain
from pathlib import Path

from PySide6.QtCore import QEvent, QMimeData, QObject
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractScrollArea, QLineEdit, QPlainTextEdit, QTextEdit, QWidget

_DRAGS = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)


def dropped_paths(data: QMimeData) -> list[Path]:
    """List the files of this computer among what is dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []


def take_files_itself(window: QWidget) -> None:
    """Have the fields in `window` refuse files, which then fall to it; they would put the files' addresses into their
    text. Called when all of them are there."""
    refuser = _Refuser(window)
    for field in chain.from_iterable(map(window.findChildren, (QLineEdit, QPlainTextEdit, QTextEdit))):
        place = field.viewport() if isinstance(field, QAbstractScrollArea) else field
        place.installEventFilter(refuser)


class _Refuser(QObject):
    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() in _DRAGS and isinstance(event, QDropEvent) and dropped_paths(event.mimeData()):
            event.ignore()  # Qt asks the widget around it next
            return True
        return super().eventFilter(watched, event)
