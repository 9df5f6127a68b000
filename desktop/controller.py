"""Intents in, state out: the one place that knows what a wish means at this moment.

It talks to three things, none of which blocks: the engine thread makes events, the listener plays them and
says what is heard, the selection reader fetches text. A reading is a text with an epoch; a new epoch makes
all that comes from older ones worthless.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

import engine
from desktop.engine_thread import EngineThread
from desktop.listening import Heard, Listener
from desktop.messages import Message, explain, explain_doubt
from desktop.saving import SoundFile
from desktop.settings import Settings
from desktop.state import SPEEDS, AppState, Change, EngineView, Phase, ReadingView, Span, next_phase

POLL_MS = 50
BACK_TO_START_S = 2.0  # "previous" within this begins the sentence before, later it begins this one again
USUAL_S_PER_CHAR = 0.07  # until the voice has shown its own pace


@dataclass(slots=True)
class _Reading:
    """A text on its way. The request holds the text from `base` on; spans of its events are moved by it."""

    epoch: int
    text: str
    base: int
    from_window: bool
    voice: engine.Voice
    seed: int | None = None
    segments: list[engine.Segment] = field(default_factory=list)
    speaker: str = ""
    n_done_chars: int = 0
    n_done_s: float = 0.0

    def span(self, start: int, end: int) -> Span:
        return self.base + start, self.base + end

    def segment_at(self, position: int) -> int | None:
        """The index of the known segment at `position` of the text, or the one before it; None before the first."""
        found = bisect_right(self.segments, position - self.base, key=lambda s: s.start) - 1
        return found if found >= 0 else None


class Controller(QObject):
    """Lives in the GUI thread. `state_changed` carries each new `AppState`; `state` is the last."""

    state_changed = Signal(object)
    settings_wanted = Signal(object)
    """Settings to be kept: the controller has changed some of them."""
    file_finished = Signal(str)
    """A sound file is whole; its name."""
    _file_done = Signal(int, object)

    def __init__(
        self,
        engine_thread: EngineThread,
        listener: Listener,
        settings: Settings,
        voices: tuple[str, ...] = (),
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine, self._listener = engine_thread, listener
        self.settings = settings
        self.state = AppState(voice=settings.voice, voices=voices, speed=settings.speed, volume=settings.volume)
        self._epoch = 0
        self._reading: _Reading | None = None
        self._file: SoundFile | None = None
        self._file_epoch: int | None = None
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._listen)
        engine_thread.event_made.connect(self._take_event)
        engine_thread.reading_began.connect(self._take_speaker)
        engine_thread.reading_ended.connect(self._take_end)
        engine_thread.reading_failed.connect(self._take_failure)
        engine_thread.engine_changed.connect(self._take_engine)
        self._file_done.connect(self._end_file)
        listener.set_speed(settings.speed)
        listener.set_volume(settings.volume)

    # Wishes

    def read(self, text: str, from_window: bool = False) -> None:
        """A hotkey's text: the same as is being read means stop, another means that one."""
        reading = self._reading
        if self.state.is_active and reading is not None and text == reading.text and not reading.from_window:
            self.stop()
        else:
            self.speak(text, 0, from_window)

    def speak(self, text: str, position: int = 0, from_window: bool = True) -> None:
        """Read `text` from the sentence at code point `position` on."""
        if self._is_speakable(text):
            base = engine.sentence_start(text, position) if position else 0
            self._begin(text, base, from_window, engine.Voice(self.state.voice), None)

    def save(self, text: str, path: Path) -> None:
        """Speak `text` into a sound file instead of aloud; asking for anything else to be read ends that."""
        try:
            engine.check_output(path)
        except engine.EngineError as error:
            self._update(problem=explain(error))
            return
        if not self._is_speakable(text):
            return
        self.stop()
        self._cancel()
        self._epoch += 1
        self._file_epoch = epoch = self._epoch
        self._file = SoundFile(path, lambda error: self._file_done.emit(epoch, error))
        self._engine.speak(epoch, engine.SpeechRequest(text, engine.Voice(self.state.voice), self._options(None)))
        self._update(problem=None, file_note=f"Saving {path.name}")

    def pause(self) -> None:
        if self._change(Change.PAUSE):
            self._listener.pause()

    def resume(self) -> None:
        if self._change(Change.RESUME):
            self._listener.resume()

    def pause_or_resume(self) -> None:
        if self.state.phase is Phase.PAUSED:
            self.resume()
        else:
            self.pause()

    def stop(self) -> None:
        self._listener.stop()
        self._cancel()
        self._change(Change.STOP)

    def next(self) -> None:
        """On to the next sentence, made already or not."""
        here = self._heard_segment()
        if here is None or self._reading is None:
            return
        if here + 1 < len(self._reading.segments):
            self._go_to(here + 1)
        elif rest := self._reading.text[self._reading.base + self._reading.segments[here].end :].strip():
            self._go_on_from(len(self._reading.text.rstrip()) - len(rest))

    def previous(self) -> None:
        """To the beginning of this sentence, or soon after it to the one before."""
        here = self._heard_segment()
        if here is None or self._reading is None:
            return
        if here == 0 and self._reading.base and self._listener.heard().segment_s < BACK_TO_START_S:
            self._go_on_from(engine.sentence_start(self._reading.text, max(0, self._reading.base - 1)))
        else:
            self._go_to(here if self._listener.heard().segment_s >= BACK_TO_START_S else max(0, here - 1))

    def jump(self, position: int) -> None:
        """To the sentence at code point `position`."""
        reading = self._reading
        if reading is None or not self.state.is_active:
            return
        index = reading.segment_at(position)
        known = index is not None and reading.base + reading.segments[index].end > position
        if known and index is not None:
            self._go_to(index)
        else:
            self._go_on_from(engine.sentence_start(reading.text, position))

    def set_speed(self, speed: float) -> None:
        speed = min(max(speed, SPEEDS[0]), SPEEDS[1])
        self._listener.set_speed(speed)
        self._keep(speed=speed)

    def set_volume(self, volume: float) -> None:
        volume = min(max(volume, 0.0), 1.0)
        self._listener.set_volume(volume)
        self._keep(volume=volume)

    def set_voice(self, name: str) -> None:
        """Of the next reading; what is being read keeps its voice."""
        self._keep(voice=name)

    def free_memory(self) -> None:
        if not self.state.is_active:
            self._engine.unload()

    def dismiss_offer(self) -> None:
        self._update(offers_s1=False)
        self.settings = replace(self.settings, offered_s1=True)
        self.settings_wanted.emit(self.settings)

    def offer_s1(self) -> None:
        self._update(offers_s1=True)

    def use_settings(self, settings: Settings) -> None:
        """Settings that a person has changed; what is applied elsewhere is applied by the app."""
        self.settings = settings
        self._listener.set_speed(settings.speed)
        self._listener.set_volume(settings.volume)
        self._update(voice=settings.voice, speed=settings.speed, volume=settings.volume)

    def report(self, problem: Message) -> None:
        """Something went wrong that the person should see, until the next thing is asked for."""
        self._update(problem=problem)

    # What comes from the engine

    def _take_speaker(self, epoch: int, speaker: str) -> None:
        if self._reading is not None and epoch == self._reading.epoch:
            self._update(reading=replace(self.state.reading, speaker=speaker))

    def _take_event(self, epoch: int, event: engine.SpeechEvent) -> None:
        if self._file is not None and epoch == self._file_epoch:
            self._file.add(event)
            if isinstance(event, engine.SegmentDone) and event.problem is not None:
                self._update(problem=explain_doubt(event.problem, event.segment.text))
            return
        reading = self._reading
        if reading is None or epoch != reading.epoch:
            return
        if isinstance(event, engine.SegmentStarted) and event.segment.index == len(reading.segments):
            reading.segments.append(event.segment)
        elif isinstance(event, engine.SegmentDone):
            reading.n_done_chars += event.segment.end - event.segment.start
            reading.n_done_s += event.timing.audio_s
            reading.voice = event.voice or reading.voice
            reading.seed = event.seed if event.seed is not None else reading.seed
            if event.problem is not None:
                self._update(problem=explain_doubt(event.problem, event.segment.text))
        self._listener.add(epoch, event)

    def _take_end(self, epoch: int) -> None:
        if self._file is not None and epoch == self._file_epoch:
            self._file.end()
        if self._reading is not None and epoch == self._reading.epoch:
            self._listener.end(epoch)

    def _take_failure(self, epoch: int, error: engine.EngineError) -> None:
        """What was made before is still heard to its end; a file that lacks something is none."""
        if self._file is not None and epoch == self._file_epoch:
            self._cancel_file("")
            self._update(problem=explain(error))
        if self._reading is not None and epoch == self._reading.epoch:
            self._update(problem=explain(error))
            self._listener.end(epoch)

    def _take_engine(self, view: EngineView) -> None:
        self._update(engine=view)

    # What is heard

    def _listen(self) -> None:
        reading, heard = self._reading, self._listener.heard()
        if reading is None or heard.epoch != reading.epoch:
            return
        self._engine.set_backlog_s(reading.epoch, heard.generated_s - heard.position_s)
        if heard.problem is not None:
            self._update(problem=explain(heard.problem))
        if heard.is_finished:
            self._change(Change.END)
            self._reading = None
            self._poll.stop()
            return
        is_heard = heard.first_sound_ms is not None and not heard.is_waiting
        self._change(Change.SOUND if is_heard else Change.WAIT)
        self._show_heard(reading, heard)

    def _show_heard(self, reading: _Reading, heard: Heard) -> None:
        view = self.state.reading
        sentence, word = view.sentence, None
        if heard.segment_index is not None and heard.segment_index < len(reading.segments):
            segment = reading.segments[heard.segment_index]
            sentence = reading.span(segment.start, segment.end)
            word = reading.span(*heard.word) if heard.word else None
        s_per_char = reading.n_done_s / reading.n_done_chars if reading.n_done_chars else USUAL_S_PER_CHAR
        made_to = reading.segments[-1].end if reading.segments else 0
        n_left_chars = max(0, len(reading.text) - reading.base - made_to)
        left_s = max(0.0, heard.generated_s - heard.position_s) + n_left_chars * s_per_char
        self._update(
            reading=replace(
                view,
                sentence=sentence,
                word=word,
                heard_s=round(heard.position_s, 1),
                left_s=round(left_s, 1),
                first_sound_ms=heard.first_sound_ms,
            )
        )

    # The sound file

    def _end_file(self, epoch: int, error: engine.EngineError | None) -> None:
        if self._file is None or epoch != self._file_epoch:
            return
        name, self._file = self._file.path.name, None
        if error is not None:
            self._engine.cancel(epoch)
            self._update(problem=explain(error), file_note="")
        else:
            self._update(file_note=f"Saved {name}")
            self.file_finished.emit(name)

    def _cancel_file(self, note: str) -> None:
        if self._file is not None:
            self._file.cancel()
            self._file = None
            self._update(file_note=note)

    # Within

    def _options(self, seed: int | None) -> engine.SpeechOptions:
        return engine.SpeechOptions(language=self.settings.language or None, seed=seed, clean=self.settings.clean_text)

    def _is_speakable(self, text: str) -> bool:
        try:
            engine.check_text(text)
        except engine.EngineError as error:
            self._update(problem=explain(error))
            return False
        return True

    def _begin(self, text: str, base: int, from_window: bool, voice: engine.Voice, seed: int | None) -> None:
        self._cancel()
        self._epoch += 1
        self._reading = _Reading(self._epoch, text, base, from_window, voice, seed)
        self._listener.begin(self._epoch)
        self._engine.speak(self._epoch, engine.SpeechRequest(text[base:], voice, self._options(seed)))
        self._poll.start()
        phase = next_phase(self.state.phase, Change.SPEAK)
        assert phase is not None
        self._update(phase=phase, problem=None, reading=ReadingView(text=text, from_window=from_window))

    def _go_to(self, index: int) -> None:
        """To a segment that is known: from what is kept of its sound, else made again."""
        assert self._reading is not None
        if self._listener.seek(index):
            if self.state.phase is Phase.PAUSED:
                self.resume()
        else:
            self._go_on_from(self._reading.base + self._reading.segments[index].start)

    def _go_on_from(self, base: int) -> None:
        """The same reading in the same voice, made anew from code point `base` on."""
        reading = self._reading
        assert reading is not None
        self._begin(reading.text, base, reading.from_window, reading.voice, reading.seed)

    def _cancel(self) -> None:
        self._poll.stop()
        if self._reading is not None:
            self._engine.cancel(self._reading.epoch)
            self._reading = None
        if self._file is not None:
            self._engine.cancel(self._epoch)
            self._cancel_file(f"Stopped saving {self._file.path.name}")

    def _heard_segment(self) -> int | None:
        return self._listener.heard().segment_index if self.state.is_active else None

    def _change(self, change: Change) -> bool:
        """Whether `change` means anything now."""
        phase = next_phase(self.state.phase, change)
        if phase is None:
            return False
        self._update(phase=phase)
        return True

    def _keep(self, **changes: object) -> None:
        """A choice that outlives the program: into the state and the settings."""
        self.settings = replace(self.settings, **changes)  # type: ignore[arg-type]
        self._update(**changes)
        self.settings_wanted.emit(self.settings)

    def _update(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # type: ignore[arg-type]
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
