"""Intents in, state out: the one place that knows what a request means at this moment.

It talks to three things, none of which blocks: the engine thread makes events, the listener plays them and
says what is heard, the selection reader fetches text. A reading is a text with an epoch; a new epoch makes
all that comes from older ones worthless.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

import engine
import engine.audio
import engine.text
import engine.voice_library
from desktop.common.download_state import DownloadState
from desktop.common.errors import PlaybackError
from desktop.common.messages import Message, explain
from desktop.common.passage import Passage
from desktop.common.settings import Settings
from desktop.common.state import SPEEDS, AppState, Change, EngineView, Phase, ReadingView, next_phase
from desktop.playback.listening import Heard, Listener
from desktop.speech.engine_thread import EngineThread
from desktop.speech.reading import Reading, has_words, last_word
from desktop.speech.saver import Saver

POLL_MS = 50
BACK_TO_START_S = 2.0  # "previous" within this begins the sentence before, later it begins this one again


class Controller(QObject):
    """Lives in the GUI thread. `state_changed` carries each new `AppState`; `state` is the last."""

    state_changed = Signal(object)
    settings_changed = Signal(object)
    """Settings to be kept: the controller has changed some of them."""
    heard_out = Signal()
    """The text was read and heard to its end. What is asked for in answer goes on from there without a break."""
    engine_taken = Signal()
    """What was asked of the engine before is given up; somebody else's request, too."""
    file_finished = Signal(str)
    """A sound file is whole; its name."""

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
        self._pronunciations: tuple[engine.Pronunciation, ...] = ()
        self._epoch = 0
        self._reading: Reading | None = None
        self._heard_out: Reading | None = None  # the last one, if it was heard to its end
        self._next_speaker = ""  # of what the engine makes from now on
        self._sound_problem: Message | None = None
        self.improvised = engine.voice_library.ImprovisedVoice()
        """The voice that was made up for the last reading, which may be none."""
        self._saver = Saver(engine_thread, self)
        self._saver.noted.connect(lambda note: self._update(file_note=note, is_saving=self._saver.is_busy))
        self._saver.troubled.connect(self.report)
        self._saver.saved.connect(self.file_finished)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._listen)
        engine_thread.event_made.connect(self._take_event)
        engine_thread.reading_began.connect(self._take_speaker)
        engine_thread.reading_ended.connect(self._take_end)
        engine_thread.reading_failed.connect(self._take_failure)
        engine_thread.engine_changed.connect(self._take_engine)
        listener.set_speed(settings.speed)
        listener.set_volume(settings.volume)

    # Requests

    def read(self, text: str, from_window: bool = False) -> None:
        """Read a hotkey's text; where it is the one that is being read, stop."""
        reading = self._reading
        if self.state.is_active and reading is not None and text == reading.text and not reading.from_window:
            self.stop()
        else:
            self.speak(text, 0, from_window)

    def speak(
        self, text: str, position: int = 0, from_window: bool = True, *, voice: str = "", language: str = ""
    ) -> None:
        """Read `text` from the sentence at code point `position` on; all of it where nothing is left from there.
        `voice` and `language`, instead of those in use, are for this text alone."""
        self.speak_passage(Passage(text, position), from_window, voice=voice, language=language)

    def speak_passage(self, passage: Passage, from_window: bool = True, *, voice: str = "", language: str = "") -> None:
        """Read a passage as `speak` does; one that goes on is read in the voice of what was heard to its end."""
        text, position = passage.text, passage.place
        if not self._is_speakable(text):
            return
        base = engine.text.sentence_start(text, position) if position else 0
        if not has_words(text[base:]):
            base = 0
        before, chosen = self._heard_out, self.state.voice
        if passage.goes_on and before is not None and before.chosen_voice == chosen:
            self._begin(before.followed_by(self.next_epoch(), replace(passage, place=base)), self.state.reading.speaker)
            return
        speaking = engine.Voice(voice or chosen)
        reading = Reading(self.next_epoch(), text, base, from_window, speaking, language=language, chosen_voice=chosen)
        reading.languages = passage.languages
        self._begin(reading)

    def try_voice(self, text: str, voice: str) -> None:
        """Read `text` with a voice that need not be the one in use."""
        if self._is_speakable(text):
            self._begin(Reading(self.next_epoch(), text, 0, False, engine.Voice(voice)))

    def save(self, text: str, path: Path) -> None:
        """Speak `text` into a sound file instead of aloud; asking for anything else to be read ends that."""
        try:
            engine.audio.check_output(path)
        except engine.EngineError as error:
            self._update(problem=explain(error))
            return
        if self._is_speakable(text):
            self.stop()
            request = engine.SpeechRequest(text, engine.Voice(self.state.voice), self._options(None))
            self._saver.begin(self.next_epoch(), request, path, self.state.speed)

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
        """Stop what is read, or spoken into a sound file."""
        self._listener.stop()
        self._cancel()
        self._change(Change.STOP)
        self._update(problem=None)

    def next(self) -> None:
        """Go on to the next sentence, made already or not; there is none after the last.

        Who goes to a sentence wants to hear it: this, `previous` and `jump` end a pause.
        """
        reading = self._reading
        if reading is None or not reading.segments:
            return
        here = self._listener.heard().segment_index or 0
        if here + 1 < len(reading.segments):
            self._go_to(here + 1)
            return
        rest = reading.text[reading.base + reading.segments[here].end :].lstrip()
        if not reading.is_all_made and has_words(rest):
            self._go_on_from(len(reading.text) - len(rest))

    def previous(self) -> None:
        """Go to the beginning of this sentence, or soon after it to the one before."""
        reading = self._reading
        if reading is None:
            return
        heard = self._listener.heard()
        here = heard.segment_index or 0
        if heard.segment_s >= BACK_TO_START_S:
            self._go_to(here)
        elif here > 0:
            self._go_to(here - 1)
        elif (before := last_word(reading.text[: reading.base])) is not None:
            self._go_on_from(engine.text.sentence_start(reading.text, before))
        elif reading.segments:
            self._go_to(0)

    def jump(self, position: int) -> None:
        """Go to the sentence at code point `position`, or the next where that is between two."""
        reading = self._reading
        if reading is None:
            return
        if (index := reading.segment_at(position)) is not None:
            self._go_to(index)
        elif position < reading.base or not reading.is_all_made:
            base = engine.text.sentence_start(reading.text, position)
            if has_words(reading.text[base:]):
                self._go_on_from(base)

    def go_to_part(self, part: float) -> None:
        """Go to the sentence that is `part`, 0 to 1, of the way through the text."""
        if self._reading is not None and (last := last_word(self._reading.text)) is not None:
            self.jump(min(round(part * len(self._reading.text)), last))

    def set_speed(self, speed: float) -> None:
        speed = min(max(speed, SPEEDS[0]), SPEEDS[1])
        self._listener.set_speed(speed)
        self._keep(speed=speed)

    def set_volume(self, volume: float) -> None:
        volume = min(max(volume, 0.0), 1.0)
        self._listener.set_volume(volume)
        self._keep(volume=volume)

    def set_voice(self, name: str) -> None:
        """Choose the voice of the next reading; what is being read keeps its own."""
        self._keep(voice=name)

    def set_voices(self, names: tuple[str, ...]) -> None:
        """Note the voices that there are to choose from."""
        self._update(voices=names)

    def free_memory(self) -> None:
        if not self.state.is_active:
            self._engine.unload()

    def dismiss_offer(self) -> None:
        self._update(offers_s1=False)
        self.settings = replace(self.settings, offered_s1=True)
        self.settings_changed.emit(self.settings)

    def offer_s1(self) -> None:
        self._update(offers_s1=True)

    def show_download(self, download: DownloadState) -> None:
        self._update(download=download)

    def show_waiting(self, who: str) -> None:
        """Show who waits to speak; "" for nobody."""
        self._update(waiting=who)

    def show_computer(self, words: str) -> None:
        """Show what this computer can do with S1 Mini, in a sentence."""
        self._update(computer=words)

    def use_settings(self, settings: Settings) -> None:
        """Use settings that a person has changed; what is applied elsewhere is applied by the app."""
        self.settings = settings
        self._listener.set_speed(settings.speed)
        self._listener.set_volume(settings.volume)
        self._update(voice=settings.voice, speed=settings.speed, volume=settings.volume)

    def use_pronunciations(self, entries: tuple[engine.Pronunciation, ...]) -> None:
        """Use the person's dictionary for what is read from now on."""
        self._pronunciations = entries

    def report(self, problem: Message) -> None:
        """Show that something went wrong, until the next thing is asked for."""
        self._update(problem=problem)

    # What comes from the engine

    def _take_speaker(self, epoch: int, speaker: str) -> None:
        if self._reading is not None and epoch == self._reading.epoch:
            self._next_speaker = speaker
            if not self.state.reading.speaker:
                self._update(reading=replace(self.state.reading, speaker=speaker))

    def _take_event(self, epoch: int, event: engine.SpeechEvent) -> None:
        reading = self._reading
        if reading is None or epoch != reading.epoch:
            return
        self._listener.add(epoch, event)
        reading.take(event)
        if isinstance(event, engine.PcmChunk) and reading.speaker_of(event.segment) != self._next_speaker:
            reading.speakers[event.segment] = self._next_speaker
        if isinstance(event, engine.SegmentDone):
            self._update(can_keep_voice=reading.improvised.is_there)

    def _take_end(self, epoch: int) -> None:
        if self._reading is not None and epoch == self._reading.epoch:
            self._reading.is_all_made = True
            self._listener.end(epoch)

    def _take_failure(self, epoch: int, error: engine.EngineError) -> None:
        """What was made before is still heard to its end."""
        if self._reading is not None and epoch == self._reading.epoch:
            self._reading.has_failed = True
            self._update(problem=explain(error))
            self._take_end(epoch)

    def _take_engine(self, view: EngineView) -> None:
        self._update(engine=view)

    # What is heard

    def _listen(self) -> None:
        reading, heard = self._reading, self._listener.heard()
        if reading is None or heard.epoch != reading.epoch:
            return
        self._engine.set_backlog_s(reading.epoch, heard.generated_s - heard.position_s, heard.segment_index)
        self._show_sound_problem(heard)
        self._show_heard(reading, heard)
        if heard.is_finished:
            self._engine.cancel(reading.epoch)  # it may have been about to have the rest in another voice
            self._reading = None
            self._poll.stop()
            if not reading.has_failed:
                self._heard_out = reading
                self.heard_out.emit()
            if self._reading is None:
                self._change(Change.END)
        else:
            self._change(Change.WAIT if heard.is_waiting else Change.SOUND)

    def _show_sound_problem(self, heard: Heard) -> None:
        """For as long as it lasts."""
        missing = PlaybackError("elsewhere", detail=heard.missing) if heard.missing else None
        wrong = heard.problem or missing
        message = explain(wrong) if wrong is not None else None
        shown, self._sound_problem = self._sound_problem, message
        if message != shown and (message is not None or self.state.problem == shown):
            self._update(problem=message)

    def _show_heard(self, reading: Reading, heard: Heard) -> None:
        view = self.state.reading
        sentence, index = view.sentence, heard.segment_index
        speaker = reading.speaker_of(index) if index is not None else ""
        if index is not None and index < len(reading.segments):
            sentence = reading.span(reading.segments[index].start, reading.segments[index].end)
            if (doubt := reading.doubts.pop(index, None)) is not None:
                self._update(problem=doubt)
        self._update(
            reading=replace(
                view,
                speaker=speaker or view.speaker,
                sentence=sentence,
                word=reading.span(*heard.word) if heard.word else None,
                heard_s=round(reading.before_s + heard.position_s, 1),
                left_s=round(reading.left_s(heard.generated_s, heard.position_s), 1),
                first_sound_ms=heard.first_sound_ms,
            )
        )

    # Within

    def _options(self, seed: int | None, language: str = "") -> engine.SpeechOptions:
        return engine.SpeechOptions(
            language=language or self.settings.language or None,
            seed=seed,
            clean=self.settings.clean_text,
            normalise=self.settings.normalise_text,
            pronunciations=self._pronunciations,
            live=True,
        )

    def _is_speakable(self, text: str) -> bool:
        try:
            engine.text.check_text(text)
        except engine.EngineError as error:
            self._update(problem=explain(error))
            return False
        return True

    def next_epoch(self) -> int:
        """Make a number that no other request to the engine thread has."""
        self._epoch += 1
        return self._epoch

    def _begin(self, reading: Reading, speaker: str = "") -> None:
        self._cancel()
        self._reading, self._heard_out, self.improvised = reading, None, reading.improvised
        self._listener.begin(reading.epoch)
        options = self._options(reading.seed, reading.language)
        whole = engine.SpeechRequest(reading.text, reading.voice, options, languages=reading.languages)
        self._engine.speak(reading.epoch, whole.after(reading.base))
        self._poll.start()
        self._sound_problem = None
        phase = next_phase(self.state.phase, Change.SPEAK)
        assert phase is not None
        view = ReadingView(
            text=reading.text,
            heard_s=round(reading.before_s, 1),
            speaker=speaker,
            from_window=reading.from_window,
        )
        can_keep_voice = reading.improvised.is_there
        self._update(phase=phase, problem=None, reading=view, can_keep_voice=can_keep_voice)

    def _go_to(self, index: int) -> None:
        """To a segment that is known: from what is kept of its sound, else made again."""
        assert self._reading is not None
        if self._listener.seek(index):
            if self.state.phase is Phase.PAUSED:
                self.resume()
        else:
            self._go_on_from(self._reading.base + self._reading.segments[index].start)

    def _go_on_from(self, base: int) -> None:
        """The same reading, made anew from code point `base` on."""
        assert self._reading is not None
        self._begin(self._reading.moved(self.next_epoch(), base), self.state.reading.speaker)

    def _cancel(self) -> None:
        self._poll.stop()
        self._saver.cancel()
        self.engine_taken.emit()
        if self._reading is not None:
            self._engine.cancel(self._reading.epoch)
            self._reading = None

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
        self.settings_changed.emit(self.settings)

    def _update(self, **changes: object) -> None:
        state = replace(self.state, **changes)  # type: ignore[arg-type]
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
