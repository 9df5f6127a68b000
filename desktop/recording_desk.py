"""The recording of a voice that is being made: from a file or the microphone, checked while its text is typed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

import engine
from desktop.errors import PlaybackError, RecordingError
from desktop.input_device import InputDevice, find_input_device
from desktop.messages import Message, explain
from desktop.output_device import refresh_devices
from desktop.recorder import Recorder
from desktop.voices_state import RecordingPhase, RecordingState
from desktop.worker import Worker
from engine import RecordingCheck, StoredVoice

COUNTDOWN_S = 3
POLL_MS = 50
RECHECK_MS = 400
"""After the last letter that was typed."""


def find_microphone() -> InputDevice:
    """The default one. Where there is none, PortAudio is made to look again: it may have just been connected.
    Raises `RecordingError`."""
    try:
        return find_input_device()
    except RecordingError as error:
        if error.problem != "no_device":
            raise
    with contextlib.suppress(PlaybackError):
        refresh_devices()  # it ends what plays, which nothing does without a device
    return find_input_device()


class RecordingDesk(QObject):
    """Wishes in, `RecordingState` out. Lives in the GUI thread; devices, files and measures are its worker's."""

    state_changed = Signal(object)
    recording_began = Signal()
    """The microphone is about to listen: whatever plays should be silent."""

    def __init__(
        self,
        worker: Worker,
        parent: QObject | None = None,
        *,
        find_device: Callable[[], InputDevice] = find_microphone,
        countdown_s: int = COUNTDOWN_S,
    ) -> None:
        super().__init__(parent)
        self.state = RecordingState()
        self._worker, self._find_device, self._countdown_s = worker, find_device, countdown_s
        self._recorder: Recorder | None = None
        self._skipped_s = 0.0  # recorded before the countdown was over
        self.sound: engine.Sound | None = None
        self._wish = 0  # what belongs to an older one is worth nothing
        self._language = ""
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._listen)
        self._count = QTimer(self, interval=1000)
        self._count.timeout.connect(self._count_down)
        self._recheck = QTimer(self, singleShot=True, interval=RECHECK_MS)
        self._recheck.timeout.connect(self._check_again)

    # --- wishes

    def take_file(self, path: Path) -> None:
        """A recording of any format; its transcript is looked for beside it."""
        self.forget()
        wish = self._wish
        self._update(phase=RecordingPhase.READING, name=path.name)

        def work() -> tuple[str, engine.Sound, RecordingCheck]:
            text = engine.transcript_beside(path)
            return text, *engine.check_recording_file(path, text)

        def then(result: tuple[str, engine.Sound, RecordingCheck]) -> None:
            if wish == self._wish:
                text, self.sound, check = result
                self._update(
                    phase=RecordingPhase.THERE, text=text, check=check, seconds=self.sound.seconds, problem=None
                )

        self._worker.do(work, then, lambda problem: self._fail(problem, wish))

    def record(self, text: str) -> None:
        """After a countdown, until `stop` or for as long as a recording may be; `text` is what will be read aloud."""
        self.forget()
        wish = self._wish
        self.recording_began.emit()
        self._update(phase=RecordingPhase.COUNTDOWN, left_s=self._countdown_s, text=text)

        def work() -> Recorder:
            recorder = Recorder(self._find_device())
            recorder.start()
            return recorder

        def then(recorder: Recorder) -> None:
            if wish != self._wish:
                self._end(recorder)
                return
            self._recorder = recorder
            self._poll.start()
            self._count.start()
            if self._countdown_s == 0:
                self._count_down()

        self._worker.do(work, then, lambda problem: self._fail(problem, wish))

    def stop(self) -> None:
        """Enough is recorded; during the countdown, nothing is."""
        if self.state.phase is not RecordingPhase.RECORDING:
            if self.state.phase is RecordingPhase.COUNTDOWN:
                self.forget()
            return
        recorder, wish, skipped_s = self._recorder, self._wish, self._skipped_s
        assert recorder is not None
        self._recorder = None
        self._poll.stop()
        self._update(phase=RecordingPhase.READING, level=0.0)
        text, language = self.state.text, self._language

        def work() -> tuple[engine.Sound, RecordingCheck]:
            recorder.stop()
            samples = recorder.samples()[int(skipped_s * recorder.device.rate_hz) :]
            sound = engine.sound_of_samples(samples, recorder.device.rate_hz)
            return sound, engine.check_recording(samples, sound.rate_hz, text, language)

        def then(result: tuple[engine.Sound, RecordingCheck]) -> None:
            if wish == self._wish:
                self.sound, check = result
                name = recorder.device.name
                self._update(phase=RecordingPhase.THERE, name=name, check=check, seconds=self.sound.seconds)

        self._worker.do(work, then, lambda problem: self._fail(problem, wish))

    def forget(self) -> None:
        """Begin anew."""
        self._wish += 1
        self._poll.stop()
        self._count.stop()
        self._recheck.stop()
        if self._recorder is not None:
            self._end(self._recorder)
        self._recorder = self.sound = None
        self._skipped_s = 0.0
        self.state = replace(self.state, problem=None)
        self._set(RecordingState())

    def set_text(self, text: str, language: str) -> None:
        """What is said in it, as it is typed."""
        self._language = language
        if text != self.state.text:
            self._update(text=text)
        if self.sound is not None:
            self._recheck.start()

    def maker(self, name: str, notes: str) -> Callable[[], StoredVoice] | None:
        """Makes the voice, for a worker's thread; None where there is no recording."""
        sound, text, language = self.sound, self.state.text, self._language
        if sound is None:
            return None
        return lambda: engine.make_voice(name, [(sound, text)], language, notes)

    def close(self) -> None:
        self.forget()

    # --- inside

    def _count_down(self) -> None:
        left_s = self.state.left_s - 1
        if left_s > 0:
            self._update(left_s=left_s)
            return
        self._count.stop()
        assert self._recorder is not None
        self._skipped_s = self._recorder.seconds
        self._update(phase=RecordingPhase.RECORDING, left_s=0, seconds=0.0)

    def _listen(self) -> None:
        recorder = self._recorder
        if recorder is None:
            return
        if recorder.is_lost:
            wish = self._wish
            self.forget()
            self._fail(explain(RecordingError("vanished", detail=recorder.device.name)), wish + 1)
            return
        if self.state.phase is RecordingPhase.RECORDING:
            self._update(level=round(recorder.level, 3), seconds=round(recorder.seconds - self._skipped_s, 1))
            if recorder.is_full:
                self.stop()
        else:
            self._update(level=round(recorder.level, 3))

    def _check_again(self) -> None:
        sound, wish, text, language = self.sound, self._wish, self.state.text, self._language
        if sound is None:
            return

        def then(check: RecordingCheck) -> None:
            if wish == self._wish:
                self._update(check=check)

        work = lambda: engine.check_recording(sound.samples, sound.rate_hz, text, language)  # noqa: E731
        self._worker.do(work, then, lambda problem: self._fail(problem, wish))

    def _end(self, recorder: Recorder) -> None:
        self._worker.do(recorder.stop, lambda _: None, lambda _: None)

    def _fail(self, problem: Message, wish: int) -> None:
        if wish == self._wish:
            self._set(RecordingState(problem=problem, text=self.state.text))

    def _update(self, **changes: object) -> None:
        self._set(replace(self.state, **changes))  # type: ignore[arg-type]

    def _set(self, state: RecordingState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
