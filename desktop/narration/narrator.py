"""Narrates books beside everything else: a thread works on the queue, and requests never wait."""

from __future__ import annotations

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Concatenate, ParamSpec

from PySide6.QtCore import QObject, Signal, SignalInstance

import engine
import engine.narration
from desktop.narration.job_runner import NarrationJobRunner
from desktop.narration.playlist import Playlist
from desktop.narration.projects import project_folder
from desktop.narration.values import Speaker
from desktop.platform.sleep_inhibitor import SleepInhibitor, open_inhibitor

P = ParamSpec("P")
_Request = Callable[[NarrationJobRunner], object]
CLOSE_LIMIT_S = 10.0

log = logging.getLogger(__name__)


class Narrator(QObject):
    """Runs a `NarrationJobRunner` on a thread. Lives in the GUI thread. A request interrupts the work, at most the
    sentence that is being spoken, and is carried out before it goes on."""

    jobs_changed = Signal(object)
    """tuple of `JobView`, in the order of the queue"""
    book_finished = Signal(object)
    """The `JobView` of a book whose audiobook is written."""
    queue_damaged = Signal(object)
    """A `Message`: the file of the queue could not be read, or not all of it."""
    chapter_read = Signal(object)
    """The `ChapterText` that was asked for."""
    book_added = Signal(str)
    """The name of the job of a book that was added, or was there."""
    book_read = Signal(object)
    """The `NarratedText` that was asked for."""

    def __init__(
        self,
        folder: Path,
        shared_engine: engine.SpeechEngine,
        inhibitor: SleepInhibitor | None = None,
        parent: QObject | None = None,
    ) -> None:
        """The queue is kept in `folder`. Nothing is done before `start`."""
        super().__init__(parent)
        self._runner = NarrationJobRunner(
            folder,
            shared_engine,
            inhibitor or open_inhibitor(),
            self._emitter(self.jobs_changed),
            self._emitter(self.book_finished),
            self._emitter(self.queue_damaged),
        )
        self._requests: deque[_Request] = deque()
        self._news = threading.Event()
        self._lock = threading.Lock()
        self._cancel = engine.CancelToken()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="narrator", daemon=True)

    def start(self, speaker: Speaker) -> None:
        """Go on with the queue as it was left."""
        self._requests.append(lambda runner: runner.set_speaker(speaker))
        self._requests.append(NarrationJobRunner.restore)
        self._thread.start()

    def request(
        self, method: Callable[Concatenate[NarrationJobRunner, P], object], *args: P.args, **kwargs: P.kwargs
    ) -> None:
        """Have the runner's `method` called with these arguments on its thread, before any work goes on."""
        self._post(lambda runner: method(runner, *args, **kwargs))

    def requester(self, method: Callable[Concatenate[NarrationJobRunner, P], object]) -> Callable[P, None]:
        """Return what makes that request when it is called, for a signal to be connected to."""

        def request(*args: P.args, **kwargs: P.kwargs) -> None:
            self.request(method, *args, **kwargs)

        return request

    def read_chapter(self, name: str, pieces: tuple[engine.narration.Piece, ...]) -> None:
        """Ask what the chapter of `pieces` says; `chapter_read` answers."""
        answer = self._emitter(self.chapter_read)
        self._post(lambda runner: answer(runner.read_chapter(name, pieces)))

    def add(self, path: Path) -> None:
        """Put a book into the queue, unless it is there; `book_added` names its job."""
        answer = self._emitter(self.book_added)

        def add(runner: NarrationJobRunner) -> None:
            runner.add([path])
            answer(str(project_folder(path)))

        self._post(add)

    def read_book(self, name: str) -> None:
        """Ask what a book says; `book_read` answers where it can be read."""
        answer = self._emitter(self.book_read)

        def read(runner: NarrationJobRunner) -> None:
            if (text := runner.read_book(name)) is not None:
                answer(text)

        self._post(read)

    def playlist(self, name: str) -> Playlist | None:
        """Look up a book's sentences and their sound, which is filled while it is narrated."""
        return self._runner.playlist(name)

    def close(self) -> None:
        """Stop within a frame, and keep everything. The engine is still there then."""
        if self._thread.ident is None:
            return
        self._is_closing = True
        self._interrupt()
        self._thread.join(CLOSE_LIMIT_S)

    # --- inside

    def _emitter(self, signal: SignalInstance) -> Callable[[object], None]:
        def emit(value: object) -> None:
            with suppress(RuntimeError):  # this object is gone: the program ends
                signal.emit(value)

        return emit

    def _post(self, request: _Request) -> None:
        self._requests.append(request)
        self._interrupt()

    def _interrupt(self) -> None:
        with self._lock:
            self._cancel.cancel()
        self._news.set()

    def _run(self) -> None:
        while not self._is_closing:
            self._news.clear()
            with self._lock:
                cancel = self._cancel = engine.CancelToken()
            try:
                while self._requests:
                    self._requests.popleft()(self._runner)
                if self._runner.has_work and not self._is_closing:
                    self._runner.step(cancel)
                else:
                    self._news.wait()
            except Exception:  # noqa: BLE001  the top of this thread: one book stops, the others do not
                log.error("the narration failed: %s", traceback.format_exc())
                self._runner.give_up()
        self._runner.close()
