"""Narration beside everything else: a thread that works on the queue, and wishes that never wait."""

from __future__ import annotations

import logging
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, Signal

import engine
import engine.narration
from desktop.narration.job_runner import NarrationDesk
from desktop.narration.playlist import Playlist
from desktop.narration.values import ChapterRow, Speaker
from desktop.platform.sleep_inhibitor import SleepInhibitor, open_inhibitor

_Wish = Callable[[NarrationDesk], object]
CLOSE_LIMIT_S = 10.0

log = logging.getLogger(__name__)


class Narrator(QObject):
    """Lives in the GUI thread; a wish interrupts the work, at most the sentence that is being spoken, and is carried
    out before it goes on."""

    jobs_changed = Signal(object)
    """tuple of `JobView`, in the order of the queue"""
    book_finished = Signal(object)
    """The `JobView` of a book whose audiobook is written."""
    queue_damaged = Signal(object)
    """A `Message`: the file of the queue could not be read, or not all of it."""
    chapter_read = Signal(object)
    """The `ChapterText` that was asked for."""

    def __init__(
        self,
        folder: Path,
        shared_engine: engine.SpeechEngine,
        inhibitor: SleepInhibitor | None = None,
        parent: QObject | None = None,
    ) -> None:
        """The queue is kept in `folder`. Nothing is done before `start`."""
        super().__init__(parent)
        self._desk = NarrationDesk(
            folder,
            shared_engine,
            inhibitor or open_inhibitor(),
            self._tell(self.jobs_changed),
            self._tell(self.book_finished),
            self._tell(self.queue_damaged),
        )
        self._wishes: deque[_Wish] = deque()
        self._news = threading.Event()
        self._lock = threading.Lock()
        self._cancel = engine.CancelToken()
        self._is_closing = False
        self._thread = threading.Thread(target=self._run, name="narrator", daemon=True)

    def start(self, speaker: Speaker) -> None:
        """Go on with the queue as it was left."""
        self._wishes.append(lambda desk: desk.set_speaker(speaker))
        self._wishes.append(NarrationDesk.restore)
        self._thread.start()

    def set_speaker(self, speaker: Speaker) -> None:
        self._wish(lambda desk: desk.set_speaker(speaker))

    def set_pronunciations(self, entries: tuple[engine.Pronunciation, ...]) -> None:
        self._wish(lambda desk: desk.set_pronunciations(entries))

    def add(self, paths: Sequence[Path]) -> None:
        self._wish(lambda desk: desk.add(paths))

    def remove(self, name: str) -> None:
        self._wish(lambda desk: desk.remove(name))

    def move(self, name: str, places: int) -> None:
        self._wish(lambda desk: desk.move(name, places))

    def narrate(self, name: str) -> None:
        self._wish(lambda desk: desk.start(name))

    def pause(self, name: str) -> None:
        self._wish(lambda desk: desk.pause(name))

    def preview(self, name: str) -> None:
        self._wish(lambda desk: desk.preview(name))

    def set_settings(self, name: str, settings: engine.narration.NarrationSettings, target: Path) -> None:
        self._wish(lambda desk: desk.set_settings(name, settings, target))

    def set_chapters(self, name: str, rows: Iterable[ChapterRow]) -> None:
        rows = tuple(rows)
        self._wish(lambda desk: desk.set_chapters(name, rows))

    def restore_chapters(self, name: str) -> None:
        self._wish(lambda desk: desk.restore_chapters(name))

    def read_chapter(self, name: str, pieces: tuple[engine.narration.Piece, ...]) -> None:
        """Told by `chapter_read`."""
        tell = self._tell(self.chapter_read)
        self._wish(lambda desk: tell(desk.chapter_text(name, pieces)))

    def edit(self, name: str, chapter: int, index: int, text: str) -> None:
        self._wish(lambda desk: desk.edit(name, chapter, index, text))

    def redo(self, name: str, chapter: int, index: int) -> None:
        self._wish(lambda desk: desk.redo(name, chapter, index))

    def playlist(self, name: str) -> Playlist | None:
        """The book's sentences and their sound, which is filled while it is narrated."""
        return self._desk.playlist(name)

    def close(self) -> None:
        """Stop within a frame, and keep everything. The engine is still there then."""
        if self._thread.ident is None:
            return
        self._is_closing = True
        self._interrupt()
        self._thread.join(CLOSE_LIMIT_S)

    # --- inside

    def _tell(self, signal: object) -> Callable[[object], None]:
        def emit(value: object) -> None:
            with suppress(RuntimeError):  # nobody is left to be told: the program ends
                signal.emit(value)  # type: ignore[attr-defined]

        return emit

    def _wish(self, wish: _Wish) -> None:
        self._wishes.append(wish)
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
                while self._wishes:
                    self._wishes.popleft()(self._desk)
                if self._desk.has_work and not self._is_closing:
                    self._desk.step(cancel)
                else:
                    self._news.wait()
            except Exception:  # noqa: BLE001  the top of this thread: one book stops, the others do not
                log.error("the narration failed: %s", traceback.format_exc())
                self._desk.give_up()
        self._desk.close()
