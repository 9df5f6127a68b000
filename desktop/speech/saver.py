"""Has a text spoken into a sound file: the engine thread's events go into it; signals say what becomes of it."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

import engine
from desktop.common.messages import explain, explain_warning
from desktop.common.status_words import clock
from desktop.speech.engine_thread import EngineThread
from desktop.speech.sound_file import SoundFile

POLL_MS = 100


class Saver(QObject):
    """Writes one file at a time. Lives in the GUI thread, and makes nobody wait."""

    noted = Signal(str)
    """How far it is, in a few words; "" when there is nothing to say."""
    troubled = Signal(object)
    """Message: a file failed, or a sentence in it is doubtful."""
    saved = Signal(str)
    """A file is whole; its name."""
    _written = Signal(object, object)

    def __init__(self, engine_thread: EngineThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._engine = engine_thread
        self._file: SoundFile | None = None  # the one that is being spoken
        self._epoch = 0
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._watch)
        self._written.connect(self._end)
        engine_thread.event_made.connect(self._take_event)
        engine_thread.reading_ended.connect(self._take_end)
        engine_thread.reading_failed.connect(self._take_failure)

    @property
    def is_busy(self) -> bool:
        """Whether a file is being spoken, and not only encoded to its end."""
        return self._file is not None

    def begin(self, epoch: int, request: engine.SpeechRequest, path: Path, speed: float = 1.0) -> None:
        """Have `request` spoken into `path`, at `speed`."""
        self.cancel()
        self._epoch = epoch
        self._file = SoundFile(path, self._report, speed)
        self._engine.speak(epoch, request)
        self._poll.start()
        self.noted.emit(f"Saving {path.name}")

    def cancel(self) -> None:
        """Leave no file, unless all of it is spoken."""
        if (file := self._give_up()) is not None:
            self.noted.emit(f"Stopped saving {file.path.name}")

    def _report(self, file: SoundFile, error: engine.EngineError | None) -> None:
        """On the encoding thread."""
        with contextlib.suppress(RuntimeError):  # nobody is left to hear it: the program ends
            self._written.emit(file, error)

    def _take_event(self, epoch: int, event: engine.SpeechEvent) -> None:
        if self._file is None or epoch != self._epoch:
            return
        self._file.add(event)
        if isinstance(event, engine.SegmentDone) and event.problem is not None:
            # Its remedy is the command line's.
            self.troubled.emit(replace(explain_warning(event.problem, event.segment.text), remedy=""))

    def _take_end(self, epoch: int) -> None:
        """The engine is free for the next; the rest is encoded whatever comes."""
        if self._file is not None and epoch == self._epoch:
            self._file.end()
            self._forget()

    def _take_failure(self, epoch: int, error: engine.EngineError) -> None:
        """A file that lacks something is none."""
        if self._file is not None and epoch == self._epoch:
            self._give_up()
            self.noted.emit("")
            self.troubled.emit(explain(error))

    def _end(self, file: SoundFile, error: engine.EngineError | None) -> None:
        if file.is_cancelled:
            return
        if error is None:
            self.noted.emit(f"Saved {file.path.name}")
            self.saved.emit(file.path.name)
            return
        if file is self._file:
            self._give_up()
        self.noted.emit("")
        self.troubled.emit(explain(error))

    def _watch(self) -> None:
        """How far the engine is ahead of the encoder, which would otherwise hear nothing and hold."""
        assert self._file is not None
        self._engine.set_backlog_s(self._epoch, self._file.backlog_s)
        self.noted.emit(f"Saving {self._file.path.name} · {clock(self._file.length_s)}")

    def _give_up(self) -> SoundFile | None:
        file = self._file
        if file is not None:
            file.cancel()
            self._engine.cancel(self._epoch)
            self._forget()
        return file

    def _forget(self) -> None:
        self._file = None
        self._poll.stop()
