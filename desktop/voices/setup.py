"""Wires the voices' window to all that is behind it: one part of what `app.py` puts together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

import engine
import engine.voice_library
from desktop.playback.sample_player import SamplePlayer
from desktop.speech.engine_thread import EngineThread
from desktop.voices.controller import VoiceController
from desktop.voices.dialog import VoicesDialog
from desktop.voices.gallery_maker import GalleryMaker
from desktop.voices.pages.gallery_page import candidate_key
from desktop.voices.recording_controller import RecordingController
from desktop.voices.state import NEW_RECORDING
from desktop.worker import Worker, ignore
from engine.voice_library import ImprovisedVoice, VoiceInfo


class VoicesSetup(QObject):
    """Owns the window and what serves its requests. `dialog` is rendered like any view; `controller`, `recording` and
    `gallery` take its requests."""

    try_voice_requested = Signal(str, str)
    """(text, the name of the voice that should read it)"""
    set_voice_requested = Signal(str)
    pause_requested = Signal()
    """A recording is about to be heard or made: what is read aloud should pause."""

    def __init__(
        self,
        folder: Path,
        engine_thread: EngineThread,
        next_epoch: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._worker = Worker("voices", self)
        self._library = engine.voice_library.VoiceLibrary(folder)
        self.controller = VoiceController(folder, self._worker, self)
        self.recording = RecordingController(self._worker, self)
        self.gallery = GalleryMaker(engine_thread, next_epoch, self)
        self.player = SamplePlayer(self)
        self.dialog = VoicesDialog()
        self._connect_library()
        self._connect_recording()
        self._connect_gallery()

    def keep_voice(self, voice: ImprovisedVoice, name: str) -> None:
        """Keep `voice`, which the model has made up for the last reading, as `name`."""
        copied = voice.copy()
        self.controller.keep(lambda: copied.stored(name), lambda info: self.set_voice_requested.emit(info.name))

    def close(self) -> None:
        """Finish what was asked for; nothing plays or records any more."""
        self.dialog.close()
        self.player.close()
        self.gallery.stop()
        self.recording.close()
        self.controller.close()
        self._worker.close()

    def _connect_library(self) -> None:
        dialog, mine, controller = self.dialog, self.dialog.mine, self.controller
        for signal, method in (
            (dialog.opened, controller.refresh),
            (dialog.closed, self._rest),
            (dialog.undo_requested, controller.undo),
            (dialog.dismiss_requested, controller.dismiss),
            (dialog.dismiss_requested, self.recording.dismiss),
            (dialog.import_requested, controller.import_paths),
            (mine.listen_requested, self._listen_to_voice),
            (mine.stop_listening_requested, self.player.stop),
            (
                mine.try_voice_requested,
                lambda voice: self.try_voice_requested.emit(engine.voice_library.script_in(voice.language), voice.name),
            ),
            (mine.set_voice_requested, lambda voice: self.set_voice_requested.emit(voice.name)),
            (mine.save_requested, controller.save),
            (mine.check_requested, controller.check),
            (mine.export_requested, controller.export),
            (mine.remove_requested, controller.remove),
            (controller.state_changed, dialog.render_library),
            (self.player.playing_changed, dialog.show_playing),
            (self.player.failed, controller.report),
        ):
            signal.connect(method)

    def _connect_recording(self) -> None:
        new, recording = self.dialog.new, self.recording
        for signal, method in (
            (new.take_files_requested, recording.take_files),
            (self.dialog.add_files_requested, recording.add_files),
            (new.add_recording_requested, recording.add),
            (new.choose_requested, self._choose),
            (new.remove_requested, self._remove),
            (new.move_requested, recording.move),
            (new.record_requested, recording.record),
            (new.stop_requested, recording.stop),
            (new.listen_requested, self._listen_to_recording),
            (new.stop_listening_requested, self.player.stop),
            (new.text_changed, recording.set_text),
            (new.keep_requested, self._keep_recordings),
            (recording.recording_began, self._be_silent),
            (recording.state_changed, self.dialog.render_recording),
        ):
            signal.connect(method)

    def _connect_gallery(self) -> None:
        page, gallery = self.dialog.gallery, self.gallery
        for signal, method in (
            (page.make_requested, gallery.make),
            (page.stop_requested, gallery.stop),
            (page.listen_requested, self._listen_to_candidate),
            (page.stop_listening_requested, self.player.stop),
            (page.keep_requested, self._keep_candidate),
            (gallery.engine_wanted, self.player.stop),
            (gallery.state_changed, self.dialog.render_gallery),
        ):
            signal.connect(method)

    def _listen_to_voice(self, voice: VoiceInfo) -> None:
        def then(sound: tuple[np.ndarray, int] | None) -> None:
            if sound is not None:
                self._hear(voice.id, *sound)

        self._worker.do(
            lambda: engine.voice_library.sound_of_voice(self._library.read(voice.id)),
            then,
            self.controller.report_error,
        )

    def _listen_to_recording(self) -> None:
        if (sound := self.recording.sound) is not None:
            self._hear(NEW_RECORDING, sound.samples, sound.rate_hz)

    def _choose(self, place: int) -> None:
        """Look at another recording; what is heard of this one ends."""
        self.player.stop()
        self.recording.choose(place)

    def _remove(self) -> None:
        self.player.stop()
        self.recording.remove()

    def _listen_to_candidate(self, index: int) -> None:
        self._hear(candidate_key(index), self.gallery.candidates[index].samples, engine.SAMPLE_RATE_HZ)

    def _hear(self, key: str, samples: np.ndarray, rate_hz: int) -> None:
        self.pause_requested.emit()
        self.player.play(key, samples, rate_hz)

    def _be_silent(self) -> None:
        self.pause_requested.emit()
        self.player.stop()

    def _keep_recordings(self, name: str, notes: str) -> None:
        if (make := self.recording.maker(name, notes)) is None:
            return

        def on_kept(info: VoiceInfo) -> None:
            self.recording.forget()
            self.dialog.new.clear()
            self._show_when_listed(info.name)

        self.controller.keep(make, on_kept, self.dialog.new.allow_again)

    def _keep_candidate(self, index: int, name: str) -> None:
        def on_kept(info: VoiceInfo) -> None:
            self.gallery.mark_kept(index, info.name)

        candidate = self.gallery.candidates[index]
        self.controller.keep(lambda: candidate.stored(name), on_kept)

    def _show_when_listed(self, name: str) -> None:
        """The list is read after the voice was added."""
        self._worker.do(lambda: None, lambda _: self.dialog.show_mine(name), ignore)

    def _rest(self) -> None:
        """The window is closed: nothing of it goes on, and what was removed is gone."""
        self.player.stop()
        self.gallery.stop()
        self.recording.stop()
        self.controller.forget_removed()
