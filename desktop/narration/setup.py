"""Wires the narration window to the narrator behind it and its sound: a part of what `app.py` puts together."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

import engine
import engine.registry
from desktop.common.messages import Message
from desktop.common.paths import narrations_folder
from desktop.common.plain_text import plain
from desktop.narration.book_player import BookPlayer
from desktop.narration.job_runner import PREVIEW_S, NarrationJobRunner
from desktop.narration.narrator import Narrator
from desktop.narration.values import JobPhase, JobView, NarratedText, Playing, Speaker
from desktop.narration.window import NarrationWindow
from desktop.platform.open_outside import open_outside


class NarrationSetup(QObject):
    """Owns the window, which is shown when asked for, and the narrator, which goes on without it."""

    message_arose = Signal(str)
    """A book is done or has stopped, in a sentence, while the window is closed; or the queue's file is damaged."""
    read_along_requested = Signal(object, object)
    """(the `NarratedText` of a book that is done, the place of the sentence to begin with, or None)"""
    playing_began = Signal()
    """A book is to be heard: whatever else sounds is to stop."""

    def __init__(self, shared_engine: engine.SpeechEngine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.narrator = Narrator(narrations_folder(), shared_engine, parent=self)
        self.player, self.window = BookPlayer(parent=self), NarrationWindow()
        self._problems: dict[str, object] = {}
        self._phases: dict[str, JobPhase] = {}
        self._begins: dict[str, tuple[int, int] | None] = {}  # of books whose text is asked for
        self._is_started = self._is_narrating = self._can_clone = False
        self._voices: tuple[tuple[str, ...], tuple[str, ...]] = (), ()
        self._connect()

    def _connect(self) -> None:
        n, w, p = self.narrator, self.window, self.player
        for signal, method in (
            (w.add_requested, n.requester(NarrationJobRunner.add)),
            (w.remove_requested, self._remove),
            (w.move_requested, n.requester(NarrationJobRunner.move)),
            (w.narrate_requested, n.requester(NarrationJobRunner.narrate)),
            (w.pause_requested, n.requester(NarrationJobRunner.pause)),
            (w.preview_requested, self._preview),
            (w.listen_requested, self._listen),
            (w.stop_listening_requested, p.stop),
            (w.set_chapters_requested, n.requester(NarrationJobRunner.set_chapters)),
            (w.restore_chapters_requested, n.requester(NarrationJobRunner.restore_chapters)),
            (w.read_chapter_requested, n.read_chapter),
            (w.set_settings_requested, n.requester(NarrationJobRunner.set_settings)),
            (w.hear_requested, self._hear),
            (w.redo_requested, n.requester(NarrationJobRunner.redo)),
            (w.edit_requested, n.requester(NarrationJobRunner.edit)),
            (w.play_file_requested, self._play_file),
            (w.show_folder_requested, self._show_folder),
            (n.chapter_read, w.render_chapter_text),
            (n.book_added, w.queue.choose),
            (n.book_read, self._offer_text),
            (n.jobs_changed, self._render),
            (n.book_finished, self._finish),
            (n.queue_damaged, lambda message: self.message_arose.emit(str(message))),
            (p.changed, w.render_playing),
        ):
            signal.connect(method)

    def use_speaker(self, speaker: Speaker) -> None:
        """Choose who speaks from now on; with the first of them the queue goes on where it was."""
        self._can_clone = engine.registry.engine_named(speaker.engine).capabilities.clones
        self._offer_voices()
        if self._is_started:
            self.narrator.request(NarrationJobRunner.set_speaker, speaker)
        else:
            self._is_started = True
            self.narrator.start(speaker)

    def set_pronunciations(self, entries: tuple[engine.Pronunciation, ...]) -> None:
        """Use the person's dictionary for books that are not done."""
        self.narrator.request(NarrationJobRunner.set_pronunciations, entries)

    def set_voices(self, own: Sequence[str], kept: Sequence[str]) -> None:
        """Offer the voices that there are: the engines' own, and those that a person keeps, which not each speaks
        with."""
        self._voices = tuple(own), tuple(kept)
        self._offer_voices()

    def _offer_voices(self) -> None:
        self.window.set_voices(*self._voices, can_clone=self._can_clone)

    def set_device(self, name: str) -> None:
        self.player.listener.set_device(name)

    @property
    def is_busy(self) -> bool:
        """Say whether a book is being narrated or written, or is heard."""
        return self._is_narrating or self.player.playing != Playing()

    def add(self, book: Path) -> None:
        """Put a book into the queue, and look at it."""
        self.narrator.add(book)

    def stop_playing(self) -> None:
        """Stop the book, since something else is to be heard."""
        if self.player.playing != Playing():
            self.player.stop()

    def close(self) -> None:
        """End all work, while the engine is still there; nothing is lost."""
        self.player.close()
        self.window.hide()
        self.narrator.close()

    def _remove(self, job: str) -> None:
        if self.player.playing.job == job:
            self.player.stop()
        self.narrator.request(NarrationJobRunner.remove, job)

    def _preview(self, job: str) -> None:
        self.narrator.request(NarrationJobRunner.preview, job)
        self._play(job, 0, max_s=PREVIEW_S)

    def _listen(self, job: str, begins: tuple[int, int] | None) -> None:
        """Where the book is done, in the reader, to read along."""
        if self._phases.get(job) is JobPhase.DONE:
            self._begins[job] = begins
            self.narrator.read_book(job)
        else:
            self.play_from(job, begins)

    def _offer_text(self, text: NarratedText) -> None:
        self.read_along_requested.emit(text, self._begins.pop(text.job, None))

    def play_from(self, job: str, begins: tuple[int, int] | None) -> None:
        """Play a book from the sentence at `begins` on, (chapter, index); None is the beginning."""
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
        self._phases = {job.name: job.phase for job in jobs}
        for job in jobs:
            if job.problem is not None and self._problems.get(job.name) != job.problem and not self.window.isVisible():
                self.message_arose.emit(f"{plain(job.title)}: {job.problem.sentence}")
            self._problems[job.name] = job.problem

    def _finish(self, job: JobView) -> None:
        more = f" {len(job.warnings)} sentences are worth listening to." if job.warnings else ""
        if not self.window.isVisible():
            self.message_arose.emit(f"{plain(job.title)} is narrated.{more}")
