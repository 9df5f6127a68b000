"""What each wish means at each moment: with a scripted engine and a tape that is moved by hand, then with the real
engine thread and the built-in voice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot
from rigged_voice import Fault, Rig, RiggedOpener, open_wordless
from waiting import LIMIT_MS

import engine
import engine.audio
import engine.builtin
import engine.text
from desktop.common.errors import PlaybackError
from desktop.common.messages import Mend, Message, explain
from desktop.common.passage import Passage
from desktop.common.settings import Settings
from desktop.common.state import AppState, EnginePhase, EngineView, Phase, Span
from desktop.playback.listening import Heard, Listener
from desktop.playback.output_device import OutputDevice
from desktop.playback.tape import Place, Tape
from desktop.speech.controller import Controller
from desktop.speech.engine_thread import EngineThread
from desktop.speech.slots import EngineSpec
from desktop.speech.supervisor import MAX_AHEAD_S
from engine.alignment import ListenedOpener
from engine.text import iter_segments

RATE_HZ = engine.SAMPLE_RATE_HZ
TEXT = "The first one is here. Here comes the second. Now there is a third. At last the fourth."
STARTS = [0, 23, 46, 68]
LEARNED = engine.Voice("learned", (engine.Reference("so it sounds", np.zeros((2, 3), np.int64)),))
REFUSED = PlaybackError("no_device")
ESPEAK = "built-in/espeak"
"""A voice that speaks in no time, for what does not depend on the voice."""


class ScriptedEngine(EngineThread):
    """Never started: it notes what it is asked for, and says what a test has it say."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[tuple[int, engine.SpeechRequest]] = []
        self.cancelled: list[int] = []
        self.backlogs: list[tuple[int, float]] = []
        self.n_unloads = 0

    def speak(self, epoch: int, request: engine.SpeechRequest, first_segment: int = 0) -> None:
        assert first_segment == 0
        self.requests.append((epoch, request))

    def cancel(self, epoch: int) -> None:
        self.cancelled.append(epoch)

    def set_backlog_s(self, epoch: int, ahead_s: float, heard_segment: int | None = None) -> None:  # noqa: ARG002
        self.backlogs.append((epoch, ahead_s))

    def unload(self) -> None:
        self.n_unloads += 1

    @property
    def epoch(self) -> int:
        return self.requests[-1][0]

    @property
    def request(self) -> engine.SpeechRequest:
        return self.requests[-1][1]

    def segments(self) -> list[engine.Segment]:
        return list(iter_segments(self.request.text))

    def make(self, *indices: int, seconds: float = 3.0, is_done: bool = True, **done: Any) -> None:
        """These segments of the last request, each so long."""
        for segment in (self.segments()[index] for index in indices):
            words = (engine.Word(segment.start, segment.start + 3, 0),)
            samples = np.zeros(round(seconds * RATE_HZ), np.float32)
            self.event_made.emit(self.epoch, engine.SegmentStarted(segment))
            self.event_made.emit(self.epoch, engine.PcmChunk(samples, RATE_HZ, segment.index, words))
            if is_done:
                timing = engine.SegmentTiming(0.1, seconds, 1)
                self.event_made.emit(self.epoch, engine.SegmentDone(segment, samples.size, timing, **done))

    def make_all(self, seconds: float = 3.0) -> None:
        self.make(*range(len(self.segments())), seconds=seconds)
        self.reading_ended.emit(self.epoch)


class HandListener:
    """A listener whose place on the (real) tape a test sets."""

    def __init__(self) -> None:
        self.epoch: int | None = None
        self.tape: Tape | None = None
        self.place = Place(0, 0)
        self.is_paused = False
        self.problem: PlaybackError | None = None
        self.missing = ""
        self.speed = self.volume = 0.0
        self.n_dropped = 0  # segments

    def begin(self, epoch: int) -> None:
        self.epoch, self.tape, self.place, self.is_paused, self.n_dropped = epoch, Tape(), Place(0, 0), False, 0

    def add(self, epoch: int, event: engine.SpeechEvent) -> None:
        if self.tape is not None and epoch == self.epoch:
            self.tape.add(event)

    def end(self, epoch: int) -> None:
        if self.tape is not None and epoch == self.epoch:
            self.tape.end()

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False

    def stop(self) -> None:
        self.epoch = self.tape = self.problem = None
        self.is_paused = False

    def seek(self, index: int) -> bool:
        if self.tape is None or index < self.n_dropped or not self.tape.holds(index):
            return False
        self.place = Place(index, 0)
        return True

    def set_speed(self, speed: float) -> None:
        self.speed = speed

    def set_volume(self, volume: float) -> None:
        self.volume = volume

    def heard(self) -> Heard:
        tape = self.tape
        if tape is None:
            return Heard(problem=self.problem)
        self.place = tape.settle(self.place)
        word, has_sound = tape.word_at(self.place), tape.has_sound_at(self.place)
        return Heard(
            epoch=self.epoch,
            segment_index=self.place.segment if tape.holds(self.place.segment) else None,
            word=(word.start, word.end) if word else None,
            position_s=tape.seconds_at(self.place),
            segment_s=self.place.sample / RATE_HZ,
            generated_s=tape.generated_s,
            is_waiting=not (has_sound or self.is_paused or tape.is_end(self.place)) or self.problem is not None,
            is_finished=tape.is_end(self.place),
            problem=self.problem,
            missing=self.missing,
        )


class Stage:
    """The controller between the two, and every state it showed."""

    def __init__(self, settings: Settings) -> None:
        self.engine, self.listener = ScriptedEngine(), HandListener()
        self.controller = Controller(self.engine, cast(Listener, self.listener), settings, ("", "built-in"))
        self.states: list[AppState] = []
        self.settings: list[Settings] = []
        self.controller.state_changed.connect(self.states.append)
        self.controller.settings_changed.connect(self.settings.append)

    @property
    def state(self) -> AppState:
        return self.controller.state

    def hear(self, index: int | None = None, segment_s: float = 0.0) -> None:
        """The listener is so far; the controller looks."""
        if index is not None:
            self.listener.place = Place(index, round(segment_s * RATE_HZ))
        self.controller._listen()

    def hear_to_the_end(self) -> None:
        self.hear(len(self.engine.segments()) - 1, 1000)

    def sentence(self) -> str:
        """What is shown as heard, in words."""
        span = self.state.reading.sentence
        assert span is not None
        return self.state.reading.text[slice(*span)]

    def request_start(self) -> int:
        """Where in the whole text the last request begins."""
        text = self.state.reading.text
        assert text.endswith(self.engine.request.text)
        return len(text) - len(self.engine.request.text)


@pytest.fixture
def stage(qtbot: QtBot) -> Iterator[Stage]:  # noqa: ARG001  timers need an application
    stage = Stage(Settings(speed=1.5, volume=0.5, voice="anna", language="en"))
    yield stage
    stage.controller.stop()


# --- Reading


def test_a_reading_goes_through_its_phases_to_the_end(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    assert stage.state.phase is Phase.PREPARING
    assert stage.engine.request.voice.name == "anna"
    assert stage.engine.request.options.language == "en"
    stage.hear()
    assert stage.state.phase is Phase.PREPARING
    stage.engine.reading_began.emit(stage.engine.epoch, "S1 Mini")
    stage.engine.make_all()
    stage.hear()
    assert stage.state.phase is Phase.SPEAKING
    assert stage.state.reading.speaker == "S1 Mini"
    stage.hear(2, 1.0)
    assert stage.sentence() == "Now there is a third."
    assert stage.state.reading.heard_s == 7.0
    stage.hear_to_the_end()
    assert stage.state.phase is Phase.IDLE
    assert stage.state.reading.heard_s == 12.0
    assert stage.state.reading.left_s == 0.0
    assert stage.sentence() == "At last the fourth."  # the window keeps the place
    assert stage.state.problem is None


def test_a_book_goes_on_in_the_voice_of_the_chapter_before(stage: Stage) -> None:
    """Without a moment in which nothing is read; not where it failed, and not in a voice that was changed."""
    spans = (engine.LanguageSpan(0, 60, "en"), engine.LanguageSpan(STARTS[1], STARTS[2], "fr"))
    following = Passage("The next chapter. It is short.", languages=spans[:1], goes_on=True)
    stage.controller.heard_out.connect(lambda: stage.controller.speak_passage(following))
    stage.controller.speak_passage(Passage(TEXT, STARTS[1] + 3, spans))
    assert stage.engine.request.text == TEXT[STARTS[1] :]
    moved = (engine.LanguageSpan(0, 60 - STARTS[1], "en"), engine.LanguageSpan(0, STARTS[2] - STARTS[1], "fr"))
    assert stage.engine.request.languages == moved
    stage.engine.make(0, 1, 2, seed=11, voice=LEARNED)
    stage.engine.reading_ended.emit(stage.engine.epoch)
    n = len(stage.states)
    stage.hear_to_the_end()
    assert Phase.IDLE not in [state.phase for state in stage.states[n:]]
    assert stage.engine.request.text == following.text
    assert stage.engine.request.languages == following.languages
    assert (stage.engine.request.voice, stage.engine.request.options.seed) == (LEARNED, 11)
    stage.engine.make(0, 1)
    stage.engine.reading_ended.emit(stage.engine.epoch)
    stage.controller.set_voice("bob")
    stage.hear_to_the_end()
    assert stage.engine.request.voice == engine.Voice("bob")
    stage.engine.make(0)
    stage.engine.reading_failed.emit(stage.engine.epoch, engine.HostError("hung"))
    n_requests = len(stage.engine.requests)
    stage.hear(0, 3.0)
    assert (stage.state.phase, len(stage.engine.requests)) == (Phase.IDLE, n_requests)


def test_the_listener_is_asked_by_itself(stage: Stage, qtbot: QtBot) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make_all()
    qtbot.waitUntil(lambda: stage.state.phase is Phase.SPEAKING)
    assert (stage.engine.epoch, 12.0) in stage.engine.backlogs
    stage.listener.place = Place(3, 3 * RATE_HZ)
    qtbot.waitUntil(lambda: stage.state.phase is Phase.IDLE)
    assert not stage.controller._poll.isActive()  # nothing is asked while nothing is read


def test_when_the_engine_is_slower_than_speech_it_prepares_again(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make(0)
    stage.hear(0, 1.0)
    assert stage.state.phase is Phase.SPEAKING
    stage.hear(0, 3.0)
    assert stage.state.phase is Phase.PREPARING
    stage.engine.make(1)
    stage.hear()
    assert stage.state.phase is Phase.SPEAKING
    assert stage.sentence() == "Here comes the second."


def test_the_same_text_by_hotkey_means_stop_and_another_that_one(stage: Stage) -> None:
    stage.controller.read(TEXT)
    assert stage.state.reading.from_window is False
    stage.controller.read("Something else.")
    assert stage.engine.request.text == "Something else."
    assert stage.engine.cancelled == [1]
    stage.engine.make_all()
    stage.hear()
    stage.controller.read("Something else.")
    assert stage.state.phase is Phase.IDLE
    assert stage.listener.epoch is None
    assert stage.engine.cancelled == [1, 2]
    stage.controller.read("Something else.")
    assert stage.state.phase is Phase.PREPARING


def test_the_window_s_own_text_by_hotkey_is_read_from_its_beginning(stage: Stage) -> None:
    stage.controller.speak(TEXT, STARTS[2])
    stage.controller.read(TEXT)
    assert stage.state.phase is Phase.PREPARING
    assert stage.engine.request.text == TEXT


def test_events_of_older_readings_are_ignored(stage: Stage) -> None:
    stage.controller.speak("One thing. And its end.")
    old, segment = stage.engine.epoch, stage.engine.segments()[0]
    stage.controller.speak(TEXT)
    stage.engine.make(0)
    before = stage.state
    stage.engine.event_made.emit(old, engine.SegmentStarted(segment))
    stage.engine.reading_began.emit(old, "S1 Mini")
    stage.engine.reading_ended.emit(old)
    stage.engine.reading_failed.emit(old, engine.HostError("hung"))
    assert stage.state == before
    stage.hear(0, 3.0)
    assert stage.state.phase is Phase.PREPARING  # not ended: there is more to come
    stage.controller.stop()
    stage.engine.event_made.emit(stage.engine.epoch, engine.SegmentStarted(segment))
    stage.engine.reading_failed.emit(stage.engine.epoch, engine.HostError("hung"))
    assert stage.state.phase is Phase.IDLE
    assert stage.state.problem is None


def test_stop_while_preparing(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.controller.stop()
    assert stage.state.phase is Phase.IDLE
    assert stage.engine.cancelled == [stage.engine.epoch]
    stage.hear()
    assert stage.state.phase is Phase.IDLE


# --- Pausing


def test_pause_and_resume(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make_all()
    stage.hear(1, 1.0)
    stage.controller.pause_or_resume()
    assert (stage.state.phase, stage.listener.is_paused) == (Phase.PAUSED, True)
    stage.hear()
    assert stage.state.phase is Phase.PAUSED
    stage.controller.pause_or_resume()
    assert stage.listener.is_paused is False
    stage.hear()
    assert stage.state.phase is Phase.SPEAKING
    assert stage.listener.place == Place(1, RATE_HZ)


def test_a_pause_before_the_first_sound_holds_it_back(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.controller.pause()
    stage.engine.make_all()
    stage.hear()
    assert (stage.state.phase, stage.listener.is_paused) == (Phase.PAUSED, True)
    assert stage.engine.backlogs[-1] == (stage.engine.epoch, 12.0)  # the engine hears how far ahead it is
    stage.controller.resume()
    stage.hear()
    assert stage.state.phase is Phase.SPEAKING


def test_there_is_nothing_to_pause_or_resume_when_nothing_is_read(stage: Stage) -> None:
    for wish in (stage.controller.pause, stage.controller.resume, stage.controller.pause_or_resume):
        wish()
    stage.controller.speak(TEXT)
    stage.engine.make_all()
    stage.hear_to_the_end()
    for wish in (stage.controller.resume, stage.controller.next, stage.controller.previous):
        wish()
    stage.controller.jump(0)
    stage.controller.go_to_part(0.5)
    assert stage.state.phase is Phase.IDLE
    assert stage.listener.is_paused is False
    assert len(stage.engine.requests) == 1


def test_another_text_ends_a_pause(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.controller.pause()
    stage.controller.read("Something else.")
    assert (stage.state.phase, stage.listener.is_paused) == (Phase.PREPARING, False)


# --- Places


@pytest.mark.parametrize("position", [46, 50, 66])
def test_speaking_begins_with_the_sentence_around_the_cursor(stage: Stage, position: int) -> None:
    stage.controller.speak(TEXT, position)
    assert stage.request_start() == 46
    stage.engine.make_all()
    stage.hear()
    assert stage.sentence() == "Now there is a third."
    assert stage.state.reading.word == (46, 49)


def test_spans_are_of_the_whole_text_in_code_points(stage: Stage) -> None:
    text = "😀 Smile, 👩‍🚀 please. " + TEXT
    stage.controller.speak(text, text.index("third"))
    stage.engine.make_all()
    stage.hear()
    assert stage.sentence() == "Now there is a third."
    span = cast(Span, stage.state.reading.word)
    assert text[slice(*span)] == "Now"
    stage.hear(1)
    assert stage.sentence() == "At last the fourth."


def test_words_that_are_found_by_listening_light_where_they_were_last_placed(stage: Stage) -> None:
    """An engine that says no words with its chunks places all of a segment's, again and again."""
    stage.controller.speak(TEXT, TEXT.index("third"))
    stage.engine.make(0, is_done=False)
    stage.hear(0, 1.0)
    assert TEXT[slice(*cast(Span, stage.state.reading.word))] == "Now"
    for at_s, lit in ((0.9, "third"), (1.1, "Now"), (1.0, "third")):
        words = (engine.Word(0, 3, 0), engine.Word(15, 20, round(at_s * RATE_HZ), 0.7))
        stage.engine.event_made.emit(stage.engine.epoch, engine.WordsPlaced(0, words))
        stage.hear(0, 1.0)
        assert TEXT[slice(*cast(Span, stage.state.reading.word))] == lit


@pytest.mark.parametrize("ending", ["", "  \n", " 😀", "\n\n***\n"])
def test_with_the_cursor_behind_everything_all_is_read(stage: Stage, ending: str) -> None:
    text = TEXT + ending
    for position in range(len(TEXT), len(text) + 1):
        stage.controller.speak(text, position)
        assert stage.engine.request.text == text


def test_the_cursor_in_the_last_full_stop_is_in_the_last_sentence(stage: Stage) -> None:
    stage.controller.speak(TEXT, len(TEXT) - 1)
    assert stage.request_start() == STARTS[3]


def test_next_and_previous_within_what_is_made(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make_all()
    stage.hear(1, 1.0)
    stage.controller.next()
    stage.hear()
    assert stage.sentence() == "Now there is a third."
    stage.controller.next()
    assert stage.listener.place == Place(3, 0)
    stage.hear(3, 2.5)
    stage.controller.previous()
    assert stage.listener.place == Place(3, 0)  # late in a sentence: its beginning
    stage.hear(3, 1.9)
    stage.controller.previous()
    assert stage.listener.place == Place(2, 0)  # early in it: the one before
    assert len(stage.engine.requests) == 1


def test_previous_in_the_first_sentence_begins_it_again(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.controller.previous()  # nothing is known yet
    stage.engine.make_all()
    stage.hear(0, 0.5)
    stage.controller.previous()
    assert stage.listener.place == Place(0, 0)
    assert len(stage.engine.requests) == 1


@pytest.mark.parametrize("ending", ["", "\n", " 😀", "\n\n***\n"])
def test_there_is_no_next_after_the_last_sentence(stage: Stage, ending: str) -> None:
    stage.controller.speak(TEXT + ending)
    stage.engine.make(0, 1, 2, 3)
    stage.hear(3, 1.0)
    stage.controller.next()
    stage.engine.reading_ended.emit(stage.engine.epoch)
    stage.controller.next()
    assert len(stage.engine.requests) == 1
    assert stage.listener.place == Place(3, RATE_HZ)


def test_what_is_left_out_at_the_end_is_no_next_sentence(stage: Stage) -> None:
    stage.controller.speak("See this page.\n\n![](picture.png)\n")
    stage.engine.make_all()
    stage.hear(0, 1.0)
    stage.controller.next()
    stage.controller.jump(20)
    assert len(stage.engine.requests) == 1


def test_next_beyond_what_is_made_keeps_voice_and_seed(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.reading_began.emit(stage.engine.epoch, "S1 Mini")
    stage.engine.make(0, seed=11, voice=LEARNED)
    stage.engine.make(1, is_done=False)
    stage.hear(1, 1.0)
    stage.controller.next()
    assert stage.request_start() == STARTS[2]
    assert stage.engine.request.voice is LEARNED
    assert stage.engine.request.options.seed == 11
    assert stage.engine.cancelled == [1]
    assert stage.state.phase is Phase.PREPARING
    assert stage.state.reading.speaker == "S1 Mini"
    stage.engine.make_all()
    stage.hear()
    assert stage.sentence() == "Now there is a third."


def test_jump_within_what_is_made(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make(0, 1, 2)
    for position, index in ((0, 0), (50, 2), (24, 1), (45, 2), (22, 1), (21, 0)):  # 45 and 22: between two
        stage.controller.jump(position)
        assert stage.listener.place == Place(index, 0), position
    assert len(stage.engine.requests) == 1


@pytest.mark.parametrize(("part", "index"), [(0, 0), (0.3, 1), (0.6, 2), (1, 3)])
def test_a_part_of_the_way_is_the_sentence_there(stage: Stage, part: float, index: int) -> None:
    stage.controller.speak(TEXT + "\n\n")
    stage.engine.make_all()
    stage.controller.go_to_part(part)
    assert stage.listener.place == Place(index, 0)


def test_a_part_of_the_way_beyond_what_is_made(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make(0)
    stage.controller.go_to_part(0.9)
    assert stage.request_start() == STARTS[3]


def test_jump_beyond_what_is_made_and_back_before_it(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make(0, seed=5)
    stage.controller.jump(70)
    assert stage.request_start() == STARTS[3]
    stage.engine.make_all()
    stage.controller.jump(30)
    assert stage.request_start() == STARTS[1]
    assert stage.engine.request.options.seed == 5
    stage.controller.jump(len(TEXT))  # behind the end: there is nothing to go to
    assert stage.request_start() == STARTS[1]


def test_previous_goes_on_before_where_the_reading_began(stage: Stage) -> None:
    text = TEXT.replace("second. Now", "second. 😀\n\n— Now")
    stage.controller.speak(text, text.index("fourth"))
    starts = []
    for _ in range(3):
        stage.engine.make_all()
        stage.hear(0, 1.0)
        stage.controller.previous()
        starts.append(stage.request_start())
    assert starts == [text.index(words) for words in ("— Now", "Here", "The")]
    stage.engine.make_all()
    stage.hear(0, 1.0)
    stage.controller.previous()
    assert stage.request_start() == 0
    assert len(stage.engine.requests) == 4


def test_previous_can_be_pressed_faster_than_the_engine_speaks(stage: Stage) -> None:
    stage.controller.speak(TEXT, STARTS[3])
    stage.controller.previous()
    stage.controller.previous()
    assert stage.request_start() == STARTS[1]


def test_what_is_no_longer_kept_is_made_again(stage: Stage) -> None:
    stage.controller.speak(TEXT, STARTS[1])
    stage.engine.make(0, 1, 2, seed=3)
    stage.listener.n_dropped = 1
    stage.hear(1, 0.0)
    stage.controller.jump(STARTS[1] + 2)
    assert stage.request_start() == STARTS[1]
    assert stage.engine.request.options.seed == 3


@pytest.mark.parametrize("position", [30, 70])
def test_who_jumps_while_paused_wants_to_hear(stage: Stage, position: int) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make(0, 1)
    stage.controller.pause()
    stage.controller.jump(position)
    assert (stage.state.phase, stage.listener.is_paused) == (Phase.PREPARING, False)


def test_a_segment_that_begins_again_is_known_once(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make(0)
    stage.engine.make(1, is_done=False)
    restart = engine.SegmentRestarted(1, engine.SegmentProblem.INTERRUPTED, 2)
    stage.engine.event_made.emit(stage.engine.epoch, restart)
    stage.engine.make(1, 2, 3)
    stage.hear(1)
    stage.controller.next()
    stage.hear()
    assert stage.sentence() == "Now there is a third."
    stage.controller.jump(30)
    stage.hear()
    assert stage.sentence() == "Here comes the second."


# --- Times


def test_what_is_left_is_told_from_the_beginning_and_never_leaps(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.hear()
    assert stage.state.reading.left_s == pytest.approx(0.07 * len(TEXT), abs=0.1)
    left = []
    for index, length in enumerate((22, 22, 21, 19)):
        stage.engine.make(index, seconds=length * 0.1)
        stage.hear(0, 0.0)
        left.append(stage.state.reading.left_s)
    stage.engine.reading_ended.emit(stage.engine.epoch)
    assert left == pytest.approx([8.7, 8.6, 8.5, 8.4], abs=0.3)
    stage.hear(2, 1.0)
    assert stage.state.reading.left_s == pytest.approx(8.4 - 4.4 - 1.0, abs=0.1)


def test_a_sentence_half_made_is_counted_once(stage: Stage) -> None:
    stage.controller.speak("One single sentence that is long enough to be spoken for a while.")
    stage.engine.make(0, seconds=2.0, is_done=False)
    stage.hear(0, 1.0)
    assert stage.state.reading.left_s == pytest.approx(65 * 0.07 - 1.0, abs=0.1)


def test_the_time_heard_goes_on_after_a_jump(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make(0, seconds=2.3)
    stage.hear(0, 2.0)
    stage.controller.next()
    assert stage.state.reading.heard_s == pytest.approx(2.4, abs=0.1)
    assert stage.request_start() == STARTS[1]
    stage.engine.make_all()
    stage.hear(0, 1.0)
    assert stage.state.reading.heard_s == pytest.approx(3.4, abs=0.1)
    stage.controller.previous()
    assert stage.state.reading.heard_s == 0.0


# --- Problems


@pytest.mark.parametrize(("text", "problem"), [(" \n", "empty"), ("a\0b", "nul_byte"), ("\ud800", "lone_surrogate")])
def test_a_text_that_cannot_be_spoken_is_a_problem_until_the_next(stage: Stage, text: str, problem: str) -> None:
    stage.controller.speak(TEXT)
    stage.controller.read(text)
    assert stage.state.problem is not None
    with pytest.raises(engine.TextError) as error:
        engine.text.check_text(text)
    assert error.value.problem == problem
    assert stage.state.problem == explain(error.value)
    assert stage.state.phase is Phase.PREPARING  # what was being read goes on
    assert stage.engine.cancelled == []
    stage.controller.read("Something else.")
    assert stage.state.problem is None


def test_stop_takes_the_problem_away(stage: Stage) -> None:
    stage.controller.report(Message("Something is wrong."))
    stage.controller.stop()
    assert stage.state.problem is None


def test_what_was_made_before_a_failure_is_heard_to_its_end(stage: Stage) -> None:
    error = engine.DeviceError("out_of_memory", "GPU X")
    stage.controller.speak(TEXT)
    stage.engine.make(0)
    stage.engine.make(1, is_done=False)
    stage.engine.reading_failed.emit(stage.engine.epoch, error)
    stage.hear(0, 1.0)
    assert stage.state.phase is Phase.SPEAKING
    assert stage.state.problem == explain(error)
    assert stage.state.reading.left_s == 5.0
    stage.hear(1, 3.0)
    assert stage.state.phase is Phase.IDLE
    assert stage.state.problem == explain(error)
    stage.controller.speak(TEXT)
    assert stage.state.problem is None


def test_a_failure_before_the_first_sound_ends_the_reading(stage: Stage) -> None:
    stage.controller.speak("***")
    stage.engine.reading_failed.emit(stage.engine.epoch, engine.TextError("nothing_to_speak"))
    stage.hear()
    assert stage.state.phase is Phase.IDLE
    assert stage.state.problem == explain(engine.TextError("nothing_to_speak"))


def test_a_missing_device_is_a_problem_for_as_long_as_it_is_missing(stage: Stage) -> None:
    stage.listener.problem = REFUSED
    stage.controller.speak(TEXT)
    stage.engine.make_all()
    stage.hear()
    assert stage.state.phase is Phase.PREPARING
    assert stage.state.problem == explain(REFUSED)
    stage.listener.problem = None
    stage.hear()
    assert stage.state.phase is Phase.SPEAKING
    assert stage.state.problem is None


def test_the_default_device_in_place_of_the_chosen_one_is_told(stage: Stage) -> None:
    stage.listener.missing = "Headphones"
    stage.controller.speak(TEXT)
    stage.engine.make_all()
    stage.hear()
    assert stage.state.phase is Phase.SPEAKING
    assert stage.state.problem is not None
    assert "Headphones is not there" in stage.state.problem.sentence
    assert stage.state.problem.mend is Mend.SET_READING
    stage.listener.missing = ""
    stage.hear()
    assert stage.state.problem is None


def test_a_device_that_comes_back_takes_no_other_problem_away(stage: Stage) -> None:
    other = Message("Something else is wrong.")
    stage.listener.problem = REFUSED
    stage.controller.speak(TEXT)
    stage.hear()
    stage.controller.report(other)
    stage.hear()
    stage.listener.problem = None
    stage.hear()
    assert stage.state.problem == other


def test_a_doubtful_sentence_is_told_when_it_is_heard(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make(0)
    stage.engine.make(1, problem=engine.SegmentProblem.STUCK)
    stage.hear(0, 1.0)
    assert stage.state.problem is None
    stage.hear(1, 1.0)
    assert stage.state.problem is not None
    assert "Here comes the second." in stage.state.problem.sentence
    assert stage.state.problem.remedy == ""  # the command line's means nothing here


def test_a_language_that_no_voice_speaks_is_told_once(stage: Stage) -> None:
    stage.controller.speak("Here is English. It goes on.\n\nשלום עולם, מה שלומך היום? אני בסדר.")
    for index in range(4):
        stage.engine.make(index)
    stage.hear(1, 0.5)
    assert stage.state.problem is None
    stage.hear(2, 0.5)
    told = stage.state.problem
    assert told is not None
    assert told.sentence == "This looks like Hebrew, which no voice speaks: it is read as English."
    n_states = len(stage.states)
    stage.hear(3, 0.5)
    assert all(state.problem is told for state in stage.states[n_states:])


# --- Choices


@pytest.mark.parametrize(("wished", "kept"), [(0.1, 0.5), (1.25, 1.25), (9.0, 3.0)])
def test_speed_is_limited_applied_and_kept(stage: Stage, wished: float, kept: float) -> None:
    assert (stage.listener.speed, stage.state.speed) == (1.5, 1.5)
    stage.controller.set_speed(wished)
    assert (stage.listener.speed, stage.state.speed, stage.settings[-1].speed) == (kept, kept, kept)


@pytest.mark.parametrize(("wished", "kept"), [(-1.0, 0.0), (0.25, 0.25), (2.0, 1.0)])
def test_volume_is_limited_applied_and_kept(stage: Stage, wished: float, kept: float) -> None:
    assert (stage.listener.volume, stage.state.volume) == (0.5, 0.5)
    stage.controller.set_volume(wished)
    assert (stage.listener.volume, stage.state.volume, stage.settings[-1].volume) == (kept, kept, kept)


def test_another_voice_is_the_next_reading_s(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make(0)
    stage.controller.set_voice("bert")
    assert (stage.state.voice, stage.settings[-1].voice) == ("bert", "bert")
    stage.controller.jump(70)
    assert stage.engine.request.voice.name == "anna"
    stage.controller.speak(TEXT)
    assert stage.engine.request.voice.name == "bert"


def test_settings_changed_elsewhere_are_used_and_not_sent_back(stage: Stage) -> None:
    stage.controller.use_settings(Settings(speed=2.0, volume=0.25, voice="bert", language="de", clean_text=False))
    assert (stage.listener.speed, stage.listener.volume) == (2.0, 0.25)
    assert (stage.state.speed, stage.state.volume, stage.state.voice) == (2.0, 0.25, "bert")
    assert stage.settings == []
    stage.controller.speak(TEXT)
    assert stage.engine.request.voice.name == "bert"
    assert stage.engine.request.options == engine.SpeechOptions(language="de", clean=False, live=True)


def test_the_dictionary_is_used_for_what_is_read_from_now_on(stage: Stage) -> None:
    entries = (engine.Pronunciation("GIF", "jif"),)
    stage.controller.use_pronunciations(entries)
    stage.controller.use_settings(Settings(normalise_text=False))
    stage.controller.speak(TEXT)
    assert stage.engine.request.options == engine.SpeechOptions(live=True, normalise=False, pronunciations=entries)


def test_memory_is_freed_when_nothing_is_read(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.controller.free_memory()
    assert stage.engine.n_unloads == 0
    stage.controller.stop()
    stage.controller.free_memory()
    assert stage.engine.n_unloads == 1


def test_the_offer_is_answered_once(stage: Stage) -> None:
    stage.controller.offer_s1()
    assert stage.state.offers_s1 is True
    stage.controller.dismiss_offer()
    assert stage.state.offers_s1 is False
    assert stage.settings[-1] == replace(Settings(speed=1.5, volume=0.5, voice="anna", language="en"), offered_s1=True)


def test_the_engine_s_own_state_is_shown(stage: Stage) -> None:
    view = EngineView(EnginePhase.STARTING, 0.4)
    stage.engine.engine_changed.emit(view)
    assert stage.state.engine == view


def test_nothing_is_shown_twice(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    stage.engine.make_all()
    for _ in range(3):
        stage.hear(0, 1.0)
    stage.controller.stop()
    stage.controller.stop()
    assert all(before != after for before, after in zip(stage.states, stage.states[1:], strict=False))


# --- With the real engine thread


@pytest.fixture
def open_engine() -> Iterator[Any]:
    opened: list[EngineThread] = []

    def open_one(**arguments: Any) -> EngineThread:
        opened.append(EngineThread(**arguments))
        opened[-1].start()
        opened[-1].load(EngineSpec("built-in"))
        return opened[-1]

    yield open_one
    for thread in opened:
        thread.shut_down()
        assert thread.wait(20_000)


@pytest.fixture
def deaf(qtbot: QtBot, open_engine: Any) -> Iterator[Controller]:  # noqa: ARG001  as above
    """With the real listener too, which finds no device."""

    def find_none(_: str) -> OutputDevice:
        raise REFUSED

    listener = Listener(find_none)
    controller = Controller(open_engine(), listener, Settings(voice=ESPEAK))
    yield controller
    controller.stop()
    listener.close()


def spoken(text: str, name: str) -> np.ndarray:
    """What the built-in voice of that name makes of `text`, float32 (n,)."""
    voice = engine.builtin.BuiltInVoice()
    events = list(voice.speak(engine.SpeechRequest(text, engine.Voice(name)), engine.CancelToken()))
    voice.close()
    return np.concatenate([event.samples for event in events if isinstance(event, engine.PcmChunk)])


@pytest.mark.slow
def test_a_thousand_readings_in_a_burst_speak_only_the_last(qtbot: QtBot, open_engine: Any) -> None:
    thread, listener = open_engine(), HandListener()
    controller = Controller(thread, cast(Listener, listener), Settings(voice=ESPEAK))
    with qtbot.waitSignal(thread.reading_ended):  # the first has begun for sure
        controller.read("Warm up.")
    shown: list[str] = []
    controller.state_changed.connect(lambda state: shown.append(state.reading.speaker and state.reading.text))
    with qtbot.waitSignal(thread.reading_ended) as ended:
        for n in range(1000):
            controller.read(f"This is the reading number {n}.")
    assert ended.args == [listener.epoch]
    assert set(shown) == {"", "This is the reading number 999."}  # no other was ever said to be spoken
    controller._listen()
    assert controller.state.phase is Phase.SPEAKING
    assert controller.state.reading.text == "This is the reading number 999."
    assert listener.tape is not None
    length_s = spoken("This is the reading number 999.", ESPEAK).size / RATE_HZ
    assert listener.tape.generated_s == pytest.approx(length_s)
    assert controller.state.reading.left_s == pytest.approx(length_s, abs=0.1)
    controller.stop()


@pytest.mark.slow
def test_without_a_device_the_problem_is_shown_and_the_place_is_known(deaf: Controller, qtbot: QtBot) -> None:
    text = "😀 " + TEXT
    deaf.speak(text, text.index("second"))
    qtbot.waitUntil(lambda: deaf.state.problem == explain(REFUSED))
    qtbot.waitUntil(lambda: deaf.state.reading.sentence is not None)
    assert deaf.state.phase is Phase.PREPARING
    assert deaf.state.reading.speaker == "built-in voice"
    assert text[slice(*cast(Span, deaf.state.reading.sentence))] == "Here comes the second."
    deaf.jump(text.index("fourth"))
    qtbot.waitUntil(
        lambda: text[slice(*cast(Span, deaf.state.reading.sentence or (0, 0)))] == "At last the fourth.",
        timeout=LIMIT_MS,
    )
    deaf.stop()
    assert (deaf.state.phase, deaf.state.problem) == (Phase.IDLE, None)


# --- Sound files


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(("name", "voice"), [("read.wav", ""), ("read.mp3", ESPEAK)])
def test_a_text_is_saved_whole_without_a_device(
    deaf: Controller, qtbot: QtBot, tmp_path: Path, name: str, voice: str
) -> None:
    deaf.set_voice(voice)
    with qtbot.waitSignal(deaf.file_finished) as finished:
        deaf.save(TEXT, tmp_path / name)
        assert deaf.state.phase is Phase.IDLE
        assert deaf.state.file_note == f"Saving {name}"
        assert deaf.state.is_saving
    assert not deaf.state.is_saving
    assert finished.args == [name]
    assert deaf.state.file_note == f"Saved {name}"
    assert deaf.state.problem is None
    saved = engine.audio.read_audio(tmp_path / name)
    expected = spoken(TEXT, voice)
    assert saved.size == pytest.approx(expected.size, abs=0 if name.endswith("wav") else 1200)
    if name.endswith("wav"):
        np.testing.assert_allclose(saved, expected, atol=1e-4)
    assert names(tmp_path) == [name]


@pytest.mark.slow
def test_a_file_may_be_longer_than_what_the_engine_makes_ahead_and_tells_how_far_it_is(
    deaf: Controller, qtbot: QtBot, tmp_path: Path
) -> None:
    notes: list[str] = []
    deaf.state_changed.connect(lambda state: notes.append(state.file_note))
    with qtbot.waitSignal(deaf.file_finished):
        deaf.save(TEXT * 20, tmp_path / "long.wav")
    assert any(note.startswith("Saving long.wav · 0:") for note in notes), set(notes)
    seconds = engine.audio.read_audio(tmp_path / "long.wav").size / RATE_HZ
    assert seconds > 1.5 * MAX_AHEAD_S


@pytest.mark.parametrize("is_begun", [False, True])
@pytest.mark.parametrize("wish", ["speak", "read", "stop", "save"])
def test_anything_else_ends_a_saving_and_leaves_no_file(
    stage: Stage, qtbot: QtBot, tmp_path: Path, wish: str, is_begun: bool
) -> None:
    stage.controller.save(TEXT, tmp_path / "half.wav")
    saving = stage.engine.epoch
    if is_begun:
        stage.engine.make(0, 1)
    wishes = {"speak": ("Else.",), "read": ("Else.",), "stop": (), "save": ("Else.", tmp_path / "other.flac")}
    getattr(stage.controller, wish)(*wishes[wish])
    assert stage.engine.cancelled == [saving]
    stage.engine.event_made.emit(saving, engine.SegmentStarted(next(iter_segments(TEXT))))
    stage.engine.reading_ended.emit(saving)
    if wish == "save":
        with qtbot.waitSignal(stage.controller.file_finished):
            stage.engine.make_all()
    else:
        assert stage.state.file_note == "Stopped saving half.wav"
    expected = ["other.flac"] if wish == "save" else []
    qtbot.waitUntil(lambda: names(tmp_path) == expected)
    assert stage.state.problem is None


def test_what_is_all_spoken_is_saved_whatever_is_read_next(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(stage.controller.file_finished):
        stage.controller.save(TEXT, tmp_path / "whole.wav")
        stage.engine.make_all()
        stage.controller.speak("Else.")
    assert stage.state.phase is Phase.PREPARING
    assert stage.state.file_note == "Saved whole.wav"
    assert engine.audio.read_audio(tmp_path / "whole.wav").size == 12 / 1.5 * RATE_HZ  # as fast as it is heard


def test_saving_silences_what_is_read(stage: Stage, tmp_path: Path) -> None:
    stage.controller.speak("Something.")
    stage.engine.make_all()
    stage.hear()
    stage.controller.save(TEXT, tmp_path / "read.wav")
    assert stage.state.phase is Phase.IDLE
    assert stage.listener.epoch is None
    assert stage.engine.request.text == TEXT


@pytest.mark.parametrize("name", ["missing/read.wav", ""])
def test_a_target_that_cannot_be_written_disturbs_no_reading(stage: Stage, tmp_path: Path, name: str) -> None:
    stage.controller.speak("Something.")
    stage.controller.save(TEXT, tmp_path / name)
    assert stage.state.problem is not None
    assert stage.state.phase is Phase.PREPARING
    assert len(stage.engine.requests) == 1


def test_an_unknown_format_is_a_problem(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    stage.controller.save(TEXT, tmp_path / "read.doc")
    qtbot.waitUntil(lambda: stage.state.problem is not None)
    assert stage.state.problem == explain(engine.OutputError("format", tmp_path / "read.doc", ".doc"))
    assert stage.state.file_note == ""
    assert stage.engine.cancelled == [stage.engine.epoch]
    assert names(tmp_path) == []


def test_what_went_wrong_with_a_stopped_file_is_not_told(stage: Stage, tmp_path: Path) -> None:
    stage.controller.save(TEXT, tmp_path / "read.doc")
    file = stage.controller._saver._file
    assert file is not None
    file.join(LIMIT_MS / 1000)  # it failed, and the controller has not heard of it
    stage.controller.stop()
    QCoreApplication.processEvents()
    assert stage.state.problem is None
    assert stage.state.file_note == "Stopped saving read.doc"


def test_a_text_that_cannot_be_spoken_is_not_saved(stage: Stage, tmp_path: Path) -> None:
    stage.controller.save(" ", tmp_path / "read.wav")
    assert stage.state.problem is not None
    assert stage.engine.requests == []
    assert names(tmp_path) == []


def test_a_doubtful_sentence_in_a_file_is_told(stage: Stage, qtbot: QtBot, tmp_path: Path) -> None:
    with qtbot.waitSignal(stage.controller.file_finished):
        stage.controller.save(TEXT, tmp_path / "read.wav")
        stage.engine.make(0, 1, 2, 3, problem=engine.SegmentProblem.STUCK)
        stage.engine.reading_ended.emit(stage.engine.epoch)
    assert stage.state.problem is not None
    assert "At last the fourth." in stage.state.problem.sentence


def test_the_words_of_a_voice_that_tells_none_are_lit_as_they_are_heard(qtbot: QtBot, open_engine: Any) -> None:
    """In a process of its own, through the thread and the tape to what windows show: in the middle of each word that
    is the one, and its neighbour at most where one flows into the other."""
    truth = [
        (event.segment, word)
        for event in engine.open_engine("built-in").speak(
            engine.SpeechRequest(TEXT, engine.Voice("built-in/f2")), engine.CancelToken()
        )
        if isinstance(event, engine.PcmChunk)
        for word in event.words
    ]
    listener = HandListener()
    thread = open_engine(opener_of=lambda *_: ListenedOpener(open_wordless))
    controller = Controller(thread, cast(Listener, listener), Settings())
    with qtbot.waitSignal(thread.reading_ended):
        controller.read(TEXT)
    wrong = 0
    for (segment, word), (next_segment, following) in pairwise(truth):
        end = following.at_sample if next_segment == segment else word.at_sample + 4000
        listener.place = Place(segment, (word.at_sample + end) // 2)
        controller._listen()
        wrong += controller.state.reading.word != (word.start, word.end)
    assert len(truth) > 12
    assert wrong <= 1
    controller.stop()


def test_a_failed_engine_leaves_no_file(qtbot: QtBot, open_engine: Any, tmp_path: Path) -> None:
    rigs, folder = tmp_path / "rigs", tmp_path / "sound"
    rigs.mkdir()
    folder.mkdir()
    opener = RiggedOpener((Rig("third", Fault.OUT_OF_MEMORY, rigs),))
    thread = open_engine(opener_of=lambda *_: opener)
    controller = Controller(thread, cast(Listener, HandListener()), Settings())
    controller.save(TEXT, folder / "read.wav")
    qtbot.waitUntil(lambda: controller.state.problem is not None)
    assert controller.state.problem == explain(engine.DeviceError("out_of_memory", "GPU X"))
    assert controller.state.file_note == ""
    qtbot.waitUntil(lambda: names(folder) == [])
    with qtbot.waitSignal(controller.file_finished):
        controller.save(TEXT, folder / "read.wav")
    assert controller.state.problem is None
    assert names(folder) == ["read.wav"]


# --- improvised voices


def improvised(text: str) -> engine.Voice:
    return engine.Voice("", (engine.Reference(text, np.zeros((2, 3), np.int64)),))


def test_an_improvised_voice_can_be_kept_until_another_reading_begins(stage: Stage) -> None:
    stage.controller.speak(TEXT)
    assert not stage.state.can_keep_voice
    stage.engine.make(0, voice=improvised(stage.engine.segments()[0].text))
    assert stage.state.can_keep_voice
    stored = stage.controller.improvised.stored("Mine")
    assert [recording.text for recording in stored.recordings] == ["The first one is here."]
    assert stored.recordings[0].flac is not None
    stage.controller.next()  # the same reading, made anew from there
    assert stage.state.can_keep_voice
    stage.controller.stop()
    assert stage.state.can_keep_voice, "what was heard can be kept when it is over"
    stage.controller.speak(TEXT)
    assert not stage.state.can_keep_voice


def test_a_chosen_voice_is_not_there_to_be_kept(stage: Stage) -> None:
    stage.controller.set_voice("learned")
    stage.controller.speak(TEXT)
    stage.engine.make(0, voice=LEARNED)
    assert not stage.state.can_keep_voice


def test_a_voice_is_tried_without_being_chosen(stage: Stage) -> None:
    chosen = stage.state.voice
    stage.controller.try_voice(TEXT, "Zoë")
    assert stage.engine.request.voice == engine.Voice("Zoë")
    assert stage.state.voice == chosen != "Zoë"
    stage.controller.set_voices(("built-in", "Anna"))
    assert stage.state.voices == ("built-in", "Anna")


def test_whoever_else_uses_the_engine_is_told_when_it_is_taken(stage: Stage) -> None:
    taken: list[int] = []
    stage.controller.engine_taken.connect(lambda: taken.append(stage.controller.next_epoch()))
    stage.controller.speak(TEXT)
    assert taken, "before the reading is asked for"
    assert taken[0] != stage.engine.epoch
    stage.controller.stop()
    assert len(taken) == 2
