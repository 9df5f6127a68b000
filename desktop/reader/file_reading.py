"""Reads texts and books beside the GUI thread."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QObject, Signal

import engine
import engine.files
import engine.narration
import engine.text
from desktop.common.errors import InputError
from desktop.common.messages import explain
from desktop.common.text_source import read_text_file
from desktop.reader.book import MAX_PART_CHARS, Book
from desktop.reader.book_process import read_apart
from desktop.reader.covers import keep_cover
from desktop.worker import Failure, Worker

_NOTES = (".txt", ".text", ".md", ".markdown", ".mkd", "")
"""What people write themselves: it can be edited here."""
_OF_THE_FILE = ("missing", "is_folder", "not_allowed", "failed")
_BYTES_OF_A_SIGN = 4


class FileReader(QObject):
    """Reads each file in a thread of its own, which is left behind if the file never ends.

    A plain text that is no longer than a chapter is a text to be edited; all else is a book.
    """

    text_read = Signal(str)
    book_read = Signal(object)
    """`Book`"""
    busy_changed = Signal(str)
    """The name of the file that is being read, or ""."""
    failed = Signal(object, object)
    """(`Message`, the `Path`)"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = Worker("read-file", self, is_ordered=False)
        self._reading: engine.CancelToken | None = None

    def read(self, path: Path) -> None:
        """Read `path`, and no more what was asked for before; `text_read`, `book_read` or `failed` follows."""
        self.cancel()
        self.busy_changed.emit(engine.files.readable_name(path.name))
        self._reading = self._worker.follow(
            lambda cancel: _contents(path, cancel),
            self._take,
            lambda: None,
            lambda error: self._fail(error, path),
        )

    def cancel(self) -> None:
        """Give up what is being read."""
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None
        self.busy_changed.emit("")

    def _take(self, found: str | Book) -> None:
        self.busy_changed.emit("")
        match found:
            case str():
                self.text_read.emit(found)
            case Book():
                self.book_read.emit(found)

    def _fail(self, error: Failure, path: Path) -> None:
        self.busy_changed.emit("")
        self.failed.emit(explain(error), path)


def _contents(path: Path, cancel: engine.CancelToken) -> Iterator[str | Book]:
    """Raises `InputError`, `DocumentError`, `TextError`."""
    ending = path.suffix.lower()
    if (ending in _NOTES or ending not in engine.narration.document_endings()) and _is_short(path):
        text = read_text_file(path)
        if len(text) <= MAX_PART_CHARS:
            engine.text.check_text(text)
            yield text
            return
    if not path.exists():  # said sooner than a process is started
        raise InputError("missing", str(path))
    key = ""
    try:
        for found in read_apart(path, cancel):
            if isinstance(found, Book):
                key = found.key
                yield found
            else:
                keep_cover(key, found)
    except engine.DocumentError as error:
        if error.problem in _OF_THE_FILE:
            raise InputError(error.problem, str(path), detail=error.detail) from error
        raise


def _is_short(path: Path) -> bool:
    """Whether it may be; what is no regular file, or is not there, is found out by reading it."""
    try:
        return path.stat().st_size <= _BYTES_OF_A_SIGN * MAX_PART_CHARS
    except OSError:
        return True
