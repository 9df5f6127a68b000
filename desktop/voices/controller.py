"""Serves the voices to the windows: requests in, `LibraryState` out. The disk is its worker's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal

import engine
import engine.voice_library
from desktop.common.messages import Message, explain
from desktop.voices.state import LibraryState
from desktop.worker import Failure, Worker, ignore
from engine.voice_library import RemovedVoice, StoredVoice, VoiceInfo

T = TypeVar("T")
SETTLE_MS = 300
"""After a change of the folder, until it is read: programs change it in several steps."""


class VoiceController(QObject):
    """Reads and changes the voices. Lives in the GUI thread. What other programs do to the folder is noticed too."""

    state_changed = Signal(object)
    """`LibraryState`; `state` is the last."""
    names_changed = Signal(object)
    """Names of all voices that can be used, in order: a tuple."""
    kept = Signal(str)
    """The name of a voice that is new."""
    renamed = Signal(str, str)
    """(old name, new name)"""

    def __init__(self, folder: Path, worker: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = LibraryState()
        self._library = engine.voice_library.VoiceLibrary(folder)
        self._worker = worker
        self._removed: RemovedVoice | None = None
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.refresh)
        self._watcher.directoryChanged.connect(self._settle.start)

    # --- requests

    def refresh(self) -> None:
        """Read the folder again."""
        self._worker.do(self._read, self._take, self._fail)

    def keep(
        self,
        make: Callable[[], StoredVoice],
        on_kept: Callable[[VoiceInfo], object],
        on_failed: Callable[[], object] = lambda: None,
    ) -> None:
        """Add the voice that `make` makes, in the worker's thread; the others are called in this one."""

        def then(info: VoiceInfo) -> None:
            on_kept(info)
            self._show_note(f"{info.name} is kept.")
            self.kept.emit(info.name)

        def failed(error: Failure) -> None:
            on_failed()
            self._fail(error)

        self._worker.do(lambda: self._library.add(make()), then, failed)
        self.refresh()

    def save(self, voice: VoiceInfo, name: str, language: str, notes: str) -> None:
        """Give a voice another name, language or notes."""

        def work() -> VoiceInfo:
            new = voice
            if (language, notes) != (voice.language, voice.notes):
                new = self._library.describe(voice.id, language=language, notes=notes)
            return self._library.rename(new.id, name)

        def then(info: VoiceInfo) -> None:
            self._show_note(f"{info.name} is changed.")
            if info.name != voice.name:
                self.renamed.emit(voice.name, info.name)

        self._change(work, then)

    def remove(self, voice: VoiceInfo) -> None:
        """Remove a voice, which can be undone until the next is removed, or the window is closed."""
        before, self._removed = self._removed, None

        def work() -> RemovedVoice:
            if before is not None:
                self._library.discard(before)
            return self._library.set_aside(voice.id)

        def then(removed: RemovedVoice) -> None:
            self._removed = removed
            self._show_note(f"{removed.name} is removed.", can_undo=True)

        self._change(work, then)

    def undo(self) -> None:
        """Bring back the voice that was removed last."""
        if (removed := self._removed) is None:
            return
        self._removed = None
        self._change(lambda: self._library.restore(removed), lambda info: self._show_note(f"{info.name} is back."))

    def forget_removed(self) -> None:
        """Delete for good what could still be restored."""
        if (removed := self._removed) is not None:
            self._removed = None
            self._update(note="", can_undo=False)
            self._worker.do(lambda: self._library.discard(removed), ignore, self._fail)

    def export(self, voice: VoiceInfo, path: Path) -> None:
        """Write a voice into a file of its own."""
        work = lambda: self._library.export(voice.id, path)  # noqa: E731
        self._worker.do(work, lambda _: self._show_note(f"{voice.name} is in {path.name}."), self._fail)

    def import_paths(self, paths: Sequence[Path]) -> None:
        """Import voices' files, folders of recordings with transcripts, or folders of those; what can be is taken
        over."""

        def work() -> tuple[list[str], list[Message]]:
            names: list[str] = []
            problems: list[Message] = []
            for path in paths:
                found = [path] if path.is_file() else engine.voice_library.find_voice_folders(path)
                if not found:
                    problems.append(explain(engine.VoiceError("nothing_found", path.name)))
                for one in found:
                    take = self._library.import_file if one.is_file() else self._library.import_folder
                    try:
                        names.append(take(one).name)
                    except engine.EngineError as error:
                        problems.append(explain(error))
            return names, problems

        def then(result: tuple[list[str], list[Message]]) -> None:
            names, problems = result
            words = f"{names[0]} is imported." if len(names) == 1 else f"{len(names)} voices are imported."
            self._update(note=words if names else "", can_undo=False, problem=problems[0] if problems else None)
            if names:
                self.kept.emit(names[-1])

        self._change(work, then)

    def check(self, voice: VoiceInfo) -> None:
        """Say what a voice's recordings are like."""

        def then(checks: list[engine.voice_library.RecordingCheck | None]) -> None:
            self._update(checked_id=voice.id, checks=tuple(checks), problem=None)

        self._worker.do(lambda: engine.voice_library.check_voice(self._library.read(voice.id)), then, self._fail)

    def dismiss(self) -> None:
        """Forget the notice: it was read."""
        self._update(note="", problem=None, can_undo=False)

    def report(self, problem: Message) -> None:
        """Show `problem`, which arose elsewhere."""
        self._update(problem=problem, note="", can_undo=False)

    def report_error(self, error: Failure) -> None:
        """Show what went wrong elsewhere with a voice."""
        self._fail(error)

    def close(self) -> None:
        """End, before the worker is closed."""
        self.forget_removed()

    # --- inside

    def _change(self, work: Callable[[], T], then: Callable[[T], object]) -> None:
        self._worker.do(work, then, self._fail)
        self.refresh()

    def _read(self) -> list[VoiceInfo]:
        self._library.tidy()
        return self._library.infos()

    def _take(self, infos: list[VoiceInfo]) -> None:
        before = self.state.voices
        self._update(voices=tuple(infos), is_read=True)
        folder = str(self._library.folder)
        if folder not in self._watcher.directories() and Path(folder).is_dir():
            self._watcher.addPath(folder)
        names = tuple(info.name for info in infos if not info.problem)
        if not self.state.is_read or names != tuple(info.name for info in before if not info.problem):
            self.names_changed.emit(names)

    def _show_note(self, note: str, can_undo: bool = False) -> None:
        self._update(note=note, can_undo=can_undo, problem=None)

    def _fail(self, error: Failure) -> None:
        self.report(explain(error))

    def _update(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # type: ignore[arg-type]
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
