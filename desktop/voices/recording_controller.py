"""Takes the recordings of a new voice from files or the microphone, and checks them while their texts are typed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

import engine
import engine.voice_library
from desktop.common.errors import RecordingError
from desktop.common.messages import Message, explain
from desktop.playback.input_device import InputDevice, find_input_device
from desktop.playback.recorder import Recorder
from desktop.voices.state import NewVoiceState, RecordingPhase, RecordingState
from desktop.worker import Failure, Worker, ignore
from engine.voice_library import MAX_RECORDINGS, RecordingCheck, StoredVoice

COUNTDOWN_S = 3
POLL_MS = 50
RECHECK_MS = 400
"""After the last letter that was typed."""


@dataclass(eq=False, slots=True)
class _Slot:
    """One recording. What belongs to an older `epoch` is worth nothing; one that `came_with_others` goes if it cannot
    be read; one that `is_stale` is to be checked again."""

    state: RecordingState
    sound: engine.voice_library.Sound | None = None
    epoch: int = 0
    came_with_others: bool = False
    is_stale: bool = False


class RecordingController(QObject):
    """Records and checks. Requests in, `NewVoiceState` out. Lives in the GUI thread; devices, files and measures are
    its worker's."""

    state_changed = Signal(object)
    recording_began = Signal()
    """The microphone is about to listen: whatever plays should be silent."""

    def __init__(
        self,
        worker: Worker,
        parent: QObject | None = None,
        *,
        find_device: Callable[[], InputDevice] = find_input_device,
        countdown_s: int = COUNTDOWN_S,
    ) -> None:
        super().__init__(parent)
        self._worker, self._find_device, self._countdown_s = worker, find_device, countdown_s
        self._keys = count(1)
        self._slots = [self._empty()]
        self._current = self._slots[0]
        self._problem: Message | None = None
        self.state = NewVoiceState((self._current.state,))
        self._recorder: Recorder | None = None
        self._skipped_s = 0.0  # recorded before the countdown was over
        self._language = ""
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._listen)
        self._count = QTimer(self, interval=1000)
        self._count.timeout.connect(self._count_down)
        self._recheck = QTimer(self, singleShot=True, interval=RECHECK_MS)
        self._recheck.timeout.connect(self._check_again)

    @property
    def sound(self) -> engine.voice_library.Sound | None:
        """Return the sound of the recording that is looked at."""
        return self._current.sound

    # --- which recordings there are

    def add(self) -> None:
        """Look at one more, which is empty yet."""
        if self.state.now.is_busy:
            return
        empty = next((slot for slot in self._slots if slot.state.phase is RecordingPhase.EMPTY), None)
        if empty is None and self._has_room(1):
            empty = self._empty()
            self._slots.append(empty)
        self._current = empty or self._current
        self._show()

    def choose(self, place: int) -> None:
        """Look at another one."""
        if 0 <= place < len(self._slots) and not self.state.now.is_busy:
            self._current = self._slots[place]
            self._show()

    def move(self, step: int) -> None:
        """Move the one that is looked at up (below 0) or down."""
        place = self._slots.index(self._current)
        if 0 <= place + step < len(self._slots) and not self.state.now.is_busy:
            self._slots.insert(place + step, self._slots.pop(place))
            self._show()

    def remove(self) -> None:
        """Remove the one that is looked at; there is always one, which may be empty."""
        if not self.state.now.is_busy:
            self._drop(self._current)
            self._show()

    # --- what is recorded

    def take_files(self, paths: Sequence[Path]) -> None:
        """Take recordings of any format, the first one for what is looked at; transcripts are looked for beside
        them."""
        if not paths or not self._has_room(len(paths) - 1):
            return
        self._stop_listening()
        self._take_file(self._current, paths[0])
        self._append(paths[1:])

    def add_files(self, paths: Sequence[Path]) -> None:
        """Take recordings as `take_files` does, but nothing that is there gives way to them."""
        if self.state.now.phase is RecordingPhase.EMPTY:
            self.take_files(paths)
        elif self._has_room(len(paths)):
            self._append(paths)

    def record(self, text: str) -> None:
        """Record after a countdown, until `stop` or for as long as a recording may be; `text` is what will be read
        aloud."""
        self._stop_listening()
        self._problem = None
        slot = self._current
        epoch = self._restart(slot)
        self.recording_began.emit()
        self._update(slot, phase=RecordingPhase.COUNTDOWN, left_s=self._countdown_s, text=text)

        def work() -> Recorder:
            recorder = Recorder(self._find_device())
            recorder.start()
            return recorder

        def then(recorder: Recorder) -> None:
            if epoch != slot.epoch:
                self._end(recorder)
                return
            self._recorder = recorder
            self._poll.start()
            self._count.start()
            if self._countdown_s == 0:
                self._count_down()

        self._worker.do(work, then, lambda error: self._fail(error, slot, epoch))

    def stop(self) -> None:
        """Stop recording: enough is recorded; during the countdown, nothing is."""
        slot, recorder = self._current, self._recorder
        if slot.state.phase is RecordingPhase.COUNTDOWN:
            self._stop_listening()
        if slot.state.phase is not RecordingPhase.RECORDING:
            return
        assert recorder is not None
        epoch, skipped_s = slot.epoch, self._skipped_s
        self._recorder = None
        self._poll.stop()
        self._update(slot, phase=RecordingPhase.READING, level=0.0)
        text, language = slot.state.text, self._language

        def work() -> tuple[engine.voice_library.Sound, RecordingCheck]:
            recorder.stop()
            samples = recorder.samples()[int(skipped_s * recorder.device.rate_hz) :]
            sound = engine.voice_library.sound_of_samples(samples, recorder.device.rate_hz)
            return sound, engine.voice_library.check_recording(samples, sound.rate_hz, text, language)

        def then(result: tuple[engine.voice_library.Sound, RecordingCheck]) -> None:
            if epoch == slot.epoch:
                self._arrive(slot, recorder.device.name, text, text, *result)

        self._worker.do(work, then, lambda error: self._fail(error, slot, epoch))

    def set_text(self, text: str, language: str) -> None:
        """Set what is said in the one that is looked at, as it is typed; the language is that of all."""
        for slot in self._slots if language != self._language else (self._current,):
            slot.is_stale = slot.sound is not None
        self._language = language
        if text != self._current.state.text:
            self._update(self._current, text=text)
        if any(slot.is_stale for slot in self._slots):
            self._recheck.start()

    def forget(self) -> None:
        """Begin anew, with nothing recorded."""
        self._stop_listening()
        self._recheck.stop()
        self._problem = None
        for slot in list(self._slots):
            self._drop(slot)
        self._show()

    def dismiss(self) -> None:
        """Forget the problem: it was read."""
        self._problem = None
        self._show()

    def maker(self, name: str, notes: str) -> Callable[[], StoredVoice] | None:
        """Return what makes the voice, for a worker's thread; None where there is no recording."""
        sounds = [(slot.sound, slot.state.text) for slot in self._slots if slot.sound is not None]
        language = self._language
        return (lambda: engine.voice_library.make_voice(name, sounds, language, notes)) if sounds else None

    def close(self) -> None:
        self.forget()

    # --- inside: recordings

    def _empty(self) -> _Slot:
        return _Slot(RecordingState(key=next(self._keys)))

    def _has_room(self, n: int) -> bool:
        """Reports where there is none for `n` more."""
        self._problem = None
        n_all = len(self._slots) + n
        if n_all > MAX_RECORDINGS:
            self._problem = explain(engine.VoiceError("too_many", "", detail=str(n_all)))
            self._show()
        return n_all <= MAX_RECORDINGS

    def _drop(self, slot: _Slot) -> None:
        place = self._slots.index(slot)
        slot.epoch += 1
        self._slots.remove(slot)
        self._slots = self._slots or [self._empty()]
        if slot is self._current:
            self._current = self._slots[min(place, len(self._slots) - 1)]

    def _append(self, paths: Sequence[Path]) -> None:
        slots = [self._empty() for _ in paths]
        self._slots += slots
        for slot, path in zip(slots, paths, strict=True):
            slot.came_with_others = True
            self._take_file(slot, path)

    def _take_file(self, slot: _Slot, path: Path) -> None:
        epoch = self._restart(slot)
        typed, language = slot.state.text, self._language
        self._update(slot, phase=RecordingPhase.READING, name=path.name)

        def work() -> tuple[str, engine.voice_library.Sound, RecordingCheck]:
            text = " ".join(engine.voice_library.transcript_beside(path).split()) or typed
            return text, *engine.voice_library.check_recording_file(path, text, language)

        def then(result: tuple[str, engine.voice_library.Sound, RecordingCheck]) -> None:
            if epoch == slot.epoch:
                self._arrive(slot, path.name, typed, *result)

        self._worker.do(work, then, lambda error: self._fail(error, slot, epoch))

    def _arrive(
        self, slot: _Slot, name: str, typed: str, text: str, sound: engine.voice_library.Sound, check: RecordingCheck
    ) -> None:
        """What was typed since `typed` is not lost, and checked in its turn."""
        slot.sound, slot.came_with_others = sound, False
        if slot.state.text != typed:
            text, slot.is_stale = slot.state.text, True
            self._recheck.start()
        self._update(slot, phase=RecordingPhase.THERE, name=name, text=text, check=check, seconds=sound.seconds)

    def _restart(self, slot: _Slot) -> int:
        """As it was before anything was recorded; what was typed stays. Returns the new epoch's number."""
        slot.epoch += 1
        slot.sound, slot.is_stale = None, False
        slot.state = RecordingState(text=slot.state.text, key=slot.state.key)
        return slot.epoch

    def _fail(self, error: Failure, slot: _Slot, epoch: int) -> None:
        if epoch != slot.epoch:
            return
        self._restart(slot)
        if slot.came_with_others:
            self._drop(slot)
        self._problem = self._problem or explain(error)
        self._show()

    def _check_again(self) -> None:
        for slot in self._slots:
            if slot.sound is not None and slot.is_stale:
                slot.is_stale = False
                self._check(slot, slot.sound)

    def _check(self, slot: _Slot, sound: engine.voice_library.Sound) -> None:
        epoch, text, language = slot.epoch, slot.state.text, self._language

        def then(check: RecordingCheck) -> None:
            if epoch == slot.epoch:
                self._update(slot, check=check)

        work = lambda: engine.voice_library.check_recording(sound.samples, sound.rate_hz, text, language)  # noqa: E731
        self._worker.do(work, then, lambda error: self._fail(error, slot, epoch))

    # --- inside: the microphone

    def _count_down(self) -> None:
        slot, left_s = self._current, self._current.state.left_s - 1
        if left_s > 0:
            self._update(slot, left_s=left_s)
            return
        self._count.stop()
        assert self._recorder is not None
        self._skipped_s = self._recorder.seconds
        self._update(slot, phase=RecordingPhase.RECORDING, left_s=0, seconds=0.0)

    def _listen(self) -> None:
        recorder, slot = self._recorder, self._current
        if recorder is None:
            return
        if recorder.is_lost:
            self._stop_listening()
            self._fail(RecordingError("vanished", detail=recorder.device.name), slot, slot.epoch)
            return
        if slot.state.phase is RecordingPhase.RECORDING:
            self._update(slot, level=round(recorder.level, 3), seconds=round(recorder.seconds - self._skipped_s, 1))
            if recorder.is_full:
                self.stop()
        else:
            self._update(slot, level=round(recorder.level, 3))

    def _stop_listening(self) -> None:
        """What the microphone hears, or was about to, is given up."""
        self._poll.stop()
        self._count.stop()
        if self._recorder is not None:
            self._end(self._recorder)
        self._recorder, self._skipped_s = None, 0.0
        if self._current.state.is_busy:
            self._restart(self._current)
            self._show()

    def _end(self, recorder: Recorder) -> None:
        self._worker.do(recorder.stop, ignore, ignore)

    # --- inside: what is shown

    def _update(self, slot: _Slot, **changes: object) -> None:
        slot.state = replace(slot.state, **changes)  # type: ignore[arg-type]
        self._show()

    def _show(self) -> None:
        place = self._slots.index(self._current)
        state = NewVoiceState(tuple(slot.state for slot in self._slots), place, self._problem)
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
