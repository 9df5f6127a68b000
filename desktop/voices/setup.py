"""The voices' window and all behind it, wired to each other: one part of what `app.py` puts together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, Signal

import engine
import engine.voice_library
from desktop.playback.sample_player import SamplePlayer
from desktop.speech.engine_thread import EngineThread
from desktop.voices.controller import VoiceKeeper
from desktop.voices.dialog import VoicesDialog
from desktop.voices.gallery_maker import GalleryMaker
from desktop.voices.pages.gallery_page import candidate_key
from desktop.voices.recording_controller import RecordingDesk
from desktop.voices.state import NEW_RECORDING
from desktop.worker import Worker
from engine.voice_library import ImprovisedVoice, VoiceInfo


class VoicesSetup(QObject):
    """`dialog` is rendered like any view; `keeper`, `recording` and `gallery` take its wishes."""

    read_wished = Signal(str, str)
    """(text, the name of the voice that should read it)"""
    use_wished = Signal(str)
    silence_wished = Signal()
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
        self.keeper = VoiceKeeper(folder, self._worker, self)
        self.recording = RecordingDesk(self._worker, self)
        self.gallery = GalleryMaker(engine_thread, next_epoch, self)
        self.player = SamplePlayer(self)
        self.dialog = VoicesDialog()
        self._connect_library()
        self._connect_recording()
        self._connect_gallery()

    def keep_improvised(self, voice: ImprovisedVoice, name: str) -> None:
        """What the model has made up for the last reading."""
        copied = voice.copy()
        self.keeper.keep(lambda: copied.stored(name), lambda info: self.use_wished.emit(info.name))

    def close(self) -> None:
        """What was asked for is done; nothing plays or records any more."""
        self.dialog.close()
        self.player.close()
        self.gallery.stop()
        self.recording.close()
        self.keeper.close()
        self._worker.close()

    def _connect_library(self) -> None:
        dialog, mine, keeper = self.dialog, self.dialog.mine, self.keeper
        for wish, answer in (
            (dialog.opened, keeper.refresh),
            (dialog.closed, self._rest),
            (dialog.undo_wished, keeper.undo),
            (dialog.dismissed, keeper.dismiss),
            (dialog.dismissed, self.recording.dismiss),
            (dialog.import_wished, keeper.import_paths),
            (mine.listen_wished, self._hear_voice),
            (mine.silence_wished, self.player.stop),
            (
                mine.read_wished,
                lambda voice: self.read_wished.emit(engine.voice_library.script_in(voice.language), voice.name),
            ),
            (mine.use_wished, lambda voice: self.use_wished.emit(voice.name)),
            (mine.save_wished, keeper.save),
            (mine.check_wished, keeper.check),
            (mine.export_wished, keeper.export),
            (mine.remove_wished, keeper.remove),
            (keeper.state_changed, dialog.render_library),
            (self.player.playing_changed, dialog.show_playing),
            (self.player.failed, keeper.report),
        ):
            wish.connect(answer)

    def _connect_recording(self) -> None:
        new, recording = self.dialog.new, self.recording
        for wish, answer in (
            (new.files_chosen, recording.take_files),
            (self.dialog.recordings_dropped, recording.add_files),
            (new.another_wished, recording.add),
            (new.recording_chosen, self._look_at),
            (new.remove_wished, self._take_out),
            (new.move_wished, recording.move),
            (new.record_wished, recording.record),
            (new.stop_wished, recording.stop),
            (new.listen_wished, self._hear_recording),
            (new.silence_wished, self.player.stop),
            (new.text_changed, recording.set_text),
            (new.add_wished, self._add),
            (recording.recording_began, self._be_silent),
            (recording.state_changed, self.dialog.render_recording),
        ):
            wish.connect(answer)

    def _connect_gallery(self) -> None:
        page, gallery = self.dialog.gallery, self.gallery
        for wish, answer in (
            (page.make_wished, gallery.make),
            (page.stop_wished, gallery.stop),
            (page.listen_wished, self._hear_candidate),
            (page.silence_wished, self.player.stop),
            (page.keep_wished, self._keep_candidate),
            (gallery.engine_wanted, self.player.stop),
            (gallery.state_changed, self.dialog.render_gallery),
        ):
            wish.connect(answer)

    def _hear_voice(self, voice: VoiceInfo) -> None:
        def then(sound: tuple[np.ndarray, int] | None) -> None:
            if sound is not None:
                self._hear(voice.id, *sound)

        self._worker.do(
            lambda: engine.voice_library.sound_of_voice(self._library.read(voice.id)), then, self.keeper.report
        )

    def _hear_recording(self) -> None:
        if (sound := self.recording.sound) is not None:
            self._hear(NEW_RECORDING, sound.samples, sound.rate_hz)

    def _look_at(self, place: int) -> None:
        """What is heard of another recording ends."""
        self.player.stop()
        self.recording.choose(place)

    def _take_out(self) -> None:
        self.player.stop()
        self.recording.remove()

    def _hear_candidate(self, index: int) -> None:
        self._hear(candidate_key(index), self.gallery.candidates[index].samples, engine.SAMPLE_RATE_HZ)

    def _hear(self, key: str, samples: np.ndarray, rate_hz: int) -> None:
        self.silence_wished.emit()
        self.player.play(key, samples, rate_hz)

    def _be_silent(self) -> None:
        self.silence_wished.emit()
        self.player.stop()

    def _add(self, name: str, notes: str) -> None:
        if (make := self.recording.maker(name, notes)) is None:
            return

        def on_kept(info: VoiceInfo) -> None:
            self.recording.forget()
            self.dialog.new.clear()
            self._show_when_listed(info.name)

        self.keeper.keep(make, on_kept, self.dialog.new.allow_again)

    def _keep_candidate(self, index: int, name: str) -> None:
        def on_kept(info: VoiceInfo) -> None:
            self.gallery.mark_kept(index, info.name)

        candidate = self.gallery.candidates[index]
        self.keeper.keep(lambda: candidate.stored(name), on_kept)

    def _show_when_listed(self, name: str) -> None:
        """The list is read after the voice was added."""
        self._worker.do(lambda: None, lambda _: self.dialog.show_mine(name), self.keeper.report)

    def _rest(self) -> None:
        """The window is closed: nothing of it goes on, and what was removed is gone."""
        self.player.stop()
        self.gallery.stop()
        self.recording.stop()
        self.keeper.forget_removed()
