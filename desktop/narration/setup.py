"""The narration window, the narrator behind it and its sound, wired to each other: a part of what `app.py` puts
together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

import engine
import engine.registry
from desktop.common.messages import Message
from desktop.common.paths import narrations_folder
from desktop.narration.book_player import BookPlayer
from desktop.narration.narrator import Narrator
from desktop.narration.values import JobPhase, JobView, Playing, Speaker
from desktop.narration.window import NarrationWindow
from desktop.platform.open_outside import open_outside

PREVIEW_S = 60.0


class NarrationSetup(QObject):
    """`window` is shown when it is wished for; what is narrated goes on without it."""

    told = Signal(str)
    """A book is done or has stopped, in a sentence, while the window is closed; or the queue's file is damaged."""
    playing_began = Signal()
    """A book is to be heard: whatever else sounds is to stop."""

    def __init__(self, shared_engine: engine.SpeechEngine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.narrator = Narrator(narrations_folder(), shared_engine, parent=self)
        self.player, self.window = BookPlayer(parent=self), NarrationWindow()
        self._problems: dict[str, object] = {}
        self._is_started = self._is_narrating = self._can_clone = False
        self._voices: tuple[tuple[str, ...], tuple[str, ...]] = (), ()
        n, w, p = self.narrator, self.window, self.player
        w.add_wished.connect(n.add)
        w.remove_wished.connect(self._remove)
        w.move_wished.connect(n.move)
        w.start_wished.connect(n.narrate)
        w.pause_wished.connect(n.pause)
        w.preview_wished.connect(self._preview)
        w.listen_wished.connect(self._listen)
        w.stop_listening_wished.connect(p.stop)
        w.chapters_wished.connect(n.set_chapters)
        w.chapters_as_read_wished.connect(n.restore_chapters)
        w.chapter_text_wished.connect(n.read_chapter)
        n.chapter_read.connect(w.render_chapter_text)
        w.settings_wished.connect(n.set_settings)
        w.hear_wished.connect(self._hear)
        w.redo_wished.connect(lambda job, chapter, index: n.redo(job, chapter, index))
        w.edit_wished.connect(n.edit)
        w.play_wished.connect(self._play_file)
        w.folder_wished.connect(self._show_folder)
        n.jobs_changed.connect(self._render)
        n.book_finished.connect(self._finish)
        n.queue_damaged.connect(lambda message: self.told.emit(str(message)))
        p.changed.connect(w.render_playing)

    def use_speaker(self, speaker: Speaker) -> None:
        """Who speaks from now on; with the first of them the queue goes on where it was."""
        self._can_clone = engine.registry.engine_named(speaker.engine).capabilities.clones
        self._offer_voices()
        if self._is_started:
            self.narrator.set_speaker(speaker)
        else:
            self._is_started = True
            self.narrator.start(speaker)

    def set_voices(self, own: Sequence[str], kept: Sequence[str]) -> None:
        """The voices that there are: the engines' own, and those that a person keeps, which not each speaks with."""
        self._voices = tuple(own), tuple(kept)
        self._offer_voices()

    def _offer_voices(self) -> None:
        self.window.set_voices(*self._voices, can_clone=self._can_clone)

    def set_device(self, name: str) -> None:
        self.player.listener.set_device(name)

    @property
    def is_busy(self) -> bool:
        """A book is being narrated or written, or is heard."""
        return self._is_narrating or self.player.playing != Playing()

    def stop_playing(self) -> None:
        """Something else is to be heard."""
        if self.player.playing != Playing():
            self.player.stop()

    def close(self) -> None:
        """The engine is still there; nothing is lost."""
        self.player.close()
        self.window.hide()
        self.narrator.close()

    def _remove(self, job: str) -> None:
        if self.player.playing.job == job:
            self.player.stop()
        self.narrator.remove(job)

    def _preview(self, job: str) -> None:
        self.narrator.preview(job)
        self._play(job, 0, max_s=PREVIEW_S)

    def _listen(self, job: str, begins: tuple[int, int] | None) -> None:
        playlist = self.narrator.playlist(job)
        place = 0 if begins is None or playlist is None else playlist.place(*begins)
        if place is not None:
            self._play(job, place)

    def _play_file(self, job: str, path: Path) -> None:
        """In the program that this computer plays such files with; else here, sentence by sentence."""
        if not path.is_file() or not open_outside(path):
            self._listen(job, None)

    def _show_folder(self, path: Path) -> None:
        if not open_outside(path if path.is_dir() else path.parent):
            self.window.show_notice(Message("No program shows folders here.", f"The audiobook is {path}"))

    def _hear(self, job: str, chapter: int, index: int) -> None:
        playlist = self.narrator.playlist(job)
        place = playlist.place(chapter, index) if playlist is not None else None
        if place is not None:
            self._play(job, place, n=1)

    def _play(self, job: str, place: int, *, n: int = 10**9, max_s: float = 1e9) -> None:
        playlist = self.narrator.playlist(job)
        if playlist is not None:
            self.playing_began.emit()
            self.player.play(job, playlist, place, n=n, max_s=max_s)

    def _render(self, jobs: tuple[JobView, ...]) -> None:
        self.window.render_jobs(jobs)
        self._is_narrating = any(job.phase in (JobPhase.NARRATING, JobPhase.WRITING) for job in jobs)
        for job in jobs:
            if job.problem is not None and self._problems.get(job.name) != job.problem and not self.window.isVisible():
                self.told.emit(f"{job.title}: {job.problem.sentence}")
            self._problems[job.name] = job.problem

    def _finish(self, job: JobView) -> None:
        doubts = f" {len(job.doubts)} sentences are worth listening to." if job.doubts else ""
        if not self.window.isVisible():
            self.told.emit(f"{job.title} is narrated.{doubts}")
