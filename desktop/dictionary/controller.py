"""Reads, checks, tries and writes the pronunciation dictionary away from the GUI thread, and owns its dialog."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

import engine
import engine.narration
import engine.text
from desktop.common.messages import Message, explain
from desktop.common.phonemes import spoken_with_ipa
from desktop.dictionary.dialog import DictionaryDialog
from desktop.worker import Worker

Rows = tuple[tuple[int, engine.Pronunciation], ...]


@dataclass(frozen=True, slots=True)
class _Checked:
    """Entries that can be used, and what is wrong with the others by their rows; -1 is the file itself."""

    entries: tuple[engine.Pronunciation, ...]
    problems: dict[int, Message]


class DictionaryController(QObject):
    """Serves the dictionary to the application and its dialog. `worker` is ordered, so that the last edit wins."""

    changed = Signal(object)
    """The entries that are in use now: a tuple of `engine.Pronunciation`."""
    problem = Signal(object)
    """A `Message`, while no dialog could show it."""
    hear_requested = Signal(str)
    """A text, to be spoken with the entries that are in use."""

    def __init__(self, path: Path, worker: Worker, language: Callable[[], str], parent: QObject | None = None) -> None:
        """`language` gives the one that texts are read in, "" where it is detected."""
        super().__init__(parent)
        self._path, self._worker, self._language = path, worker, language
        self._dialog: DictionaryDialog | None = None
        self._good: frozenset[engine.Pronunciation] = frozenset()  # checked already; of the worker's thread alone
        self.entries: tuple[engine.Pronunciation, ...] = ()
        self._damage: Message | None = None

    def load(self) -> None:
        """Read the file; `changed` or `problem` follows."""
        self._worker.do(self._load, self._use, self._lock, engine.PronunciationError)

    def show_dialog(self, parent: QWidget | None) -> DictionaryDialog:
        """Open the dialog, or find the one that is open."""
        if self._dialog is None:
            dialog = DictionaryDialog(self.entries, parent)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.keep_requested.connect(self._keep)
            dialog.try_requested.connect(self._try)
            dialog.hear_requested.connect(self._hear)
            dialog.destroyed.connect(self._forget_dialog)
            if self._damage is not None:
                dialog.lock(self._damage)
            self._dialog = dialog
        return self._dialog

    def _forget_dialog(self) -> None:
        self._dialog = None

    def _keep(self, rows: Rows) -> None:
        self._worker.do(lambda: self._kept(rows), self._use)

    def _try(self, text: str, rows: Rows) -> None:
        language = self._language()
        self._worker.do(lambda: self._said(text, rows, language), lambda said: self._show_said(text, said))

    def _hear(self, text: str) -> None:
        self._worker.do(lambda: text, self.hear_requested.emit)  # after the last edit

    # --- in the worker's thread

    def _load(self) -> _Checked:
        """Raises `PronunciationError`."""
        entries = engine.text.read_dictionary(self._path)
        self._good = frozenset(entries)
        return _Checked(entries, {})

    def _kept(self, rows: Rows) -> _Checked:
        problems: dict[int, Message] = {}
        good: list[engine.Pronunciation] = []
        for row, entry in rows:
            try:
                if entry not in self._good:
                    engine.text.check_pronunciation(entry)
            except engine.PronunciationError as error:
                problems[row] = explain(error)
            else:
                good.append(entry)
        self._good |= frozenset(good)
        try:
            engine.text.write_dictionary(self._path, good)
        except engine.OutputError as error:
            problems[-1] = explain(error)
        return _Checked(tuple(good), problems)

    def _said(self, text: str, rows: Rows, language: str) -> str:
        """What would be said for `text` with the good ones of `rows`, or why nothing."""
        entries = tuple(entry for _, entry in rows if entry in self._good)
        options = engine.SpeechOptions(language=language or None, pronunciations=entries)
        try:
            segments = engine.narration.preview_text(text, options).segments
        except engine.TextError as error:
            return str(explain(error))
        return "\n".join(map(spoken_with_ipa, segments))

    # --- in the GUI thread

    def _lock(self, error: engine.PronunciationError) -> None:
        """The file cannot be read, and so must not be written."""
        self._damage = explain(error)
        self.problem.emit(self._damage)
        if self._dialog is not None:
            self._dialog.lock(self._damage)

    def _use(self, checked: _Checked) -> None:
        if checked.entries != self.entries:
            self.entries = checked.entries
            self.changed.emit(self.entries)
        if self._dialog is not None:
            self._dialog.show_problems(checked.problems)

    def _show_said(self, text: str, said: str) -> None:
        if self._dialog is not None:
            self._dialog.show_said(text, said)
