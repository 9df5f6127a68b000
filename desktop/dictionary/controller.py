"""Keeps the pronunciation dictionary: read, checked, tried and written away from the GUI thread; owns its dialog."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

import engine
import engine.narration
import engine.text
from desktop.common.messages import Message, explain
from desktop.dictionary.dialog import DictionaryDialog

Rows = tuple[tuple[int, engine.Pronunciation], ...]


class DictionaryKeeper(QObject):
    """`worker` runs one thing after the other, so that the last edit wins."""

    changed = Signal(object)
    """The entries that are in use now: a tuple of `engine.Pronunciation`."""
    problem = Signal(object)
    """A `Message`, while no dialog could show it."""

    _checked = Signal(object, object)
    _tried = Signal(str, str)

    def __init__(
        self, path: Path, worker: Executor, language: Callable[[], str], parent: QObject | None = None
    ) -> None:
        """`language` gives the one that texts are read in, "" where it is detected."""
        super().__init__(parent)
        self._path, self._worker, self._language = path, worker, language
        self._dialog: DictionaryDialog | None = None
        self._good: frozenset[engine.Pronunciation] = frozenset()  # checked already; of the worker's thread alone
        self.entries: tuple[engine.Pronunciation, ...] = ()
        self._damage: Message | None = None
        self._checked.connect(self._use)
        self._tried.connect(self._show_said)

    def load(self) -> None:
        """Read the file; `changed` or `problem` follows."""
        self._worker.submit(self._load)

    def show_dialog(self, parent: QWidget | None) -> DictionaryDialog:
        if self._dialog is None:
            dialog = DictionaryDialog(self.entries, parent)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.entries_edited.connect(lambda rows: self._worker.submit(self._check, rows))
            dialog.try_wished.connect(lambda text, rows: self._worker.submit(self._try, text, rows, self._language()))
            dialog.destroyed.connect(self._forget_dialog)
            if self._damage is not None:
                dialog.lock(self._damage)
            self._dialog = dialog
        return self._dialog

    def _forget_dialog(self) -> None:
        self._dialog = None

    # --- in the worker's thread

    def _load(self) -> None:
        try:
            entries = engine.text.read_dictionary(self._path)
        except engine.PronunciationError as error:
            self._checked.emit(None, explain(error))
            return
        self._good = frozenset(entries)
        self._checked.emit(entries, {})

    def _check(self, rows: Rows) -> None:
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
        self._checked.emit(tuple(good), problems)

    def _try(self, text: str, rows: Rows, language: str) -> None:
        entries = tuple(entry for _, entry in rows if entry in self._good)
        options = engine.SpeechOptions(language=language or None, pronunciations=entries)
        try:
            segments = engine.narration.preview_text(text, options).segments
        except engine.TextError as error:
            self._tried.emit(text, str(explain(error)))
            return
        self._tried.emit(text, "\n".join(segment.text for segment in segments))

    # --- in the GUI thread

    def _use(self, entries: tuple[engine.Pronunciation, ...] | None, problems: object) -> None:
        if entries is None:
            assert isinstance(problems, Message), "a dictionary that cannot be read says why"
            self._damage = problems
            self.problem.emit(problems)
            if self._dialog is not None:
                self._dialog.lock(problems)
            return
        assert isinstance(problems, dict), "each row has its own"
        if entries != self.entries:
            self.entries = entries
            self.changed.emit(entries)
        if self._dialog is not None:
            self._dialog.show_problems(problems)

    def _show_said(self, text: str, said: str) -> None:
        if self._dialog is not None:
            self._dialog.show_said(text, said)
