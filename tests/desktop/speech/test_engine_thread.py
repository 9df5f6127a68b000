"""The engine thread with real processes behind it: killed, hung, slow, idle, after sleep, and in a burst."""

from __future__ import annotations

import math
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from rigged_voice import Fault, PlainVoice, Rig, RiggedOpener, is_running, open_plain
from waiting import LIMIT_MS, LIMIT_S

import engine
import engine.builtin
import engine.speech
from desktop.common.messages import explain
from desktop.common.state import EnginePhase, EngineView
from desktop.speech.clients import MAX_UNREAD, Client, SharedEngine
from desktop.speech.engine_thread import EngineThread
from desktop.speech.made_segments import LEAD_S
from desktop.speech.slots import EngineSpec
from desktop.speech.supervisor import EngineSupervisor
from desktop.speech.task import EngineTask
from engine import (
    CancelToken,
    EngineSetup,
    HostError,
    PcmChunk,
    SegmentDone,
    SegmentProblem,
    SegmentRestarted,
    SegmentStarted,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
)
from engine.host import HostLimits
from engine.opening import Opener, PlainOpener
from engine.registry import opener_of
from engine.speech.opening import open_s1

TINY = Path(__file__).parents[2] / "golden" / "tiny_s1" / "checkpoint"
TEXT = "It was a bright cold day. The clocks were striking thirteen! Who would have thought so?"
SHORT = SpeechRequest("Yes.")
LONG = SpeechRequest(" ".join(f"This is sentence number {n} of a very long text." for n in range(100)))
A_MINUTE = SpeechRequest(" ".join(f"This is sentence number {n} of a long text." for n in range(20)))
"""About so long: far more than may be ahead of whoever is `short_sighted`, and soon read to its end."""
MAX_AHEAD_S, MIN_AHEAD_S = 12.0, 6.0
QUICK = HostLimits(beat_s=0.05, silence_s=8.0, stuck_s=8.0, ping_s=8.0)  # and never too quick for a busy computer
S1 = EngineSpec("s1", EngineSetup(Path("anywhere")), bridges=False)
S1_OR_BUILT_IN = EngineSpec("s1", EngineSetup(Path("anywhere")))


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class Heard:
    """What the signals said; its slots are called on the engine thread, while that emits."""

    events: dict[int, list[SpeechEvent]] = field(default_factory=dict)
    speakers: dict[int, list[str]] = field(default_factory=dict)
    ended: list[int] = field(default_factory=list)
    failed: dict[int, engine.EngineError] = field(default_factory=dict)
    views: list[EngineView] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def listen_to(self, thread: EngineThread) -> None:
        def note(act: Callable[..., Any]) -> Callable[..., None]:
            def slot(*values: Any) -> None:
                with self.changed:
                    act(*values)
                    self.changed.notify_all()

            return slot

        for signal_, act in (
            (thread.event_made, lambda epoch, event: self.events.setdefault(epoch, []).append(event)),
            (thread.reading_began, lambda epoch, name: self.speakers.setdefault(epoch, []).append(name)),
            (thread.reading_ended, self.ended.append),
            (thread.reading_failed, self.failed.__setitem__),
            (thread.engine_changed, self.views.append),
        ):
            signal_.connect(note(act), Qt.ConnectionType.DirectConnection)

    def wait(self, is_so: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
        with self.changed:
            assert self.changed.wait_for(is_so, limit_s), self

    def wait_for_end(self, epoch: int, limit_s: float = LIMIT_S) -> None:
        self.wait(lambda: epoch in self.ended or epoch in self.failed, limit_s)
        assert epoch not in self.failed, self.failed

    def wait_for_failure(self, epoch: int) -> engine.EngineError:
        self.wait(lambda: epoch in self.failed)
        return self.failed[epoch]

    def wait_for_sound(self, epoch: int, segment: int = 0, limit_s: float = LIMIT_S) -> None:
        def has_sound() -> bool:
            return any(isinstance(e, PcmChunk) and e.segment == segment for e in self.events.get(epoch, []))

        self.wait(has_sound, limit_s)

    def wait_for_phase(self, phase: EnginePhase, limit_s: float = LIMIT_S) -> EngineView:
        self.wait(lambda: bool(self.views) and self.views[-1].phase is phase, limit_s)
        return self.views[-1]

    def wait_for_phases(self, *phases: EnginePhase) -> None:
        """Once the engine has gone through `phases`, and is in the last of them."""

        def has_gone() -> bool:
            gone = [phase for phase, _ in groupby(view.phase for view in self.views)]
            return gone[-len(phases) :] == list(phases)

        self.wait(has_gone)

    def segments(self, epoch: int) -> list[str]:
        return [event.segment.text for event in self.events[epoch] if isinstance(event, SegmentDone)]

    def restarts(self, epoch: int) -> list[SegmentRestarted]:
        return [event for event in self.events[epoch] if isinstance(event, SegmentRestarted)]

    def generated_s(self, epoch: int) -> float:
        return sum(len(event.samples) for event in self.events[epoch] if isinstance(event, PcmChunk)) / 44_100


@dataclass(frozen=True)
class Bench:
    thread: EngineThread
    heard: Heard
    clock: Clock
    slept: Clock
    openers: dict[str, Opener]

    def set_clock(self, now_s: float) -> None:
        """Once the thread has done all it was doing; it then looks at the clock."""
        done = threading.Event()
        self.thread._order(lambda _: done.set())
        assert done.wait(20)
        self.clock.now_s = now_s
        self.thread.set_backlog_s(-1, 0.0)  # changes nothing

    def wait_for(self, is_so: Callable[[EngineSupervisor], bool]) -> None:
        """Once it is so. Each look wakes the thread: this hides when it should have woken by itself."""
        seen = threading.Event()

        def look(supervisor: EngineSupervisor) -> None:
            if is_so(supervisor):
                seen.set()

        deadline_s = time.monotonic() + LIMIT_S
        while not seen.wait(0.02):
            assert time.monotonic() < deadline_s
            self.thread._order(look)

    def wait_for_clients(self, n: int) -> None:
        """Once so many have been let in."""
        self.wait_for(lambda supervisor: len(supervisor._clients) >= n)


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """A running thread with usual patience, or that of the fixture's parameter. "s1" is a rigged voice, unless a
    test puts another opener there."""
    limits = getattr(request, "param", None)
    openers: dict[str, Opener] = {"s1": RiggedOpener(name="S1"), "built-in": PlainOpener(open_plain)}
    clock, slept, heard = Clock(), Clock(), Heard()
    thread = EngineThread(limits=limits, opener_of=lambda name, _setup: openers[name], clock_s=clock, slept_s=slept)
    heard.listen_to(thread)
    thread.start()
    yield Bench(thread, heard, clock, slept, openers)
    thread.shut_down()
    assert thread.wait(LIMIT_MS)
    assert children() == []


@pytest.fixture
def short_sighted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Generation holds a fifth as far ahead as it does, so that little must be made."""
    monkeypatch.setattr("desktop.speech.supervisor.MAX_AHEAD_S", MAX_AHEAD_S)
    monkeypatch.setattr("desktop.speech.supervisor.MIN_AHEAD_S", MIN_AHEAD_S)


def children() -> list[int]:
    return [child.pid or 0 for child in multiprocessing.active_children() if child.name == "lectern-engine"]


def the_child() -> int:
    (pid,) = children()
    return pid


def sound(events: list[SpeechEvent]) -> np.ndarray:
    """What a listener hears who forgets what a restart voids."""
    kept: dict[int, list[np.ndarray]] = {}
    for event in events:
        if isinstance(event, PcmChunk):
            kept.setdefault(event.segment, []).append(event.samples)
        if isinstance(event, SegmentRestarted):
            kept.pop(event.segment, None)
    return np.concatenate([samples for segment in sorted(kept) for samples in kept[segment]])


def said_here(request: SpeechRequest) -> list[SpeechEvent]:
    return list(PlainVoice().speak(request, CancelToken()))


# --- speaking


@pytest.mark.slow
def test_a_reading_is_spoken_by_the_built_in_voice(bench: Bench) -> None:
    bench.openers["built-in"] = opener_of("built-in")
    bench.thread.load(EngineSpec("built-in"))
    request = SpeechRequest(TEXT, engine.Voice("built-in/espeak"))
    bench.thread.speak(1, request)
    bench.heard.wait_for_end(1)
    expected = list(engine.builtin.BuiltInVoice().speak(request, CancelToken()))
    assert [type(event) for event in bench.heard.events[1]] == [type(event) for event in expected]
    assert np.array_equal(sound(bench.heard.events[1]), sound(expected))
    assert bench.heard.speakers == {1: ["built-in voice"]}
    assert {view.phase for view in bench.heard.views} == {EnginePhase.ABSENT}


def test_a_reading_can_begin_at_a_later_segment(bench: Bench) -> None:
    bench.thread.speak(1, SpeechRequest(TEXT), first_segment=1)
    bench.heard.wait_for_end(1)
    starts = [event.segment for event in bench.heard.events[1] if isinstance(event, SegmentStarted)]
    assert [(s.index, TEXT[s.start : s.end]) for s in starts] == [
        (1, "The clocks were striking thirteen!"),
        (2, "Who would have thought so?"),
    ]


def test_signals_arrive_on_the_thread_of_whoever_listens(qtbot: QtBot) -> None:
    thread = EngineThread()
    thread.start()
    with qtbot.waitSignal(thread.reading_ended) as ended:
        thread.speak(7, SpeechRequest("Yes.", engine.Voice("built-in/espeak")))
    assert ended.args == [7]
    thread.shut_down()
    assert thread.wait(LIMIT_MS)


def test_a_thousand_requests_speak_only_the_last(bench: Bench) -> None:
    started_s = time.perf_counter()
    for epoch in range(1, 1000):
        bench.thread.speak(epoch, LONG)
    bench.thread.speak(1000, SpeechRequest(TEXT))
    assert time.perf_counter() - started_s < 10  # nobody waited: each of these texts takes longer to speak
    bench.heard.wait_for_end(1000)
    assert list(bench.heard.events) == [1000]
    assert np.array_equal(sound(bench.heard.events[1000]), sound(said_here(SpeechRequest(TEXT))))


def test_a_thousand_requests_to_an_engine_that_speaks_already(bench: Bench) -> None:
    bench.thread.speak(0, LONG)
    bench.heard.wait_for_sound(0)
    for epoch in range(1, 1000):
        bench.thread.speak(epoch, LONG)
    bench.thread.speak(1000, SHORT)
    with bench.heard.changed:
        n_events = {epoch: len(events) for epoch, events in bench.heard.events.items()}
    bench.heard.wait_for_end(1000)
    after = {epoch for epoch, events in bench.heard.events.items() if len(events) != n_events.get(epoch, 0)}
    assert after <= {1000}  # it may have been said already
    assert bench.heard.segments(1000) == ["Yes."]


def test_nothing_is_heard_of_what_was_cancelled(bench: Bench) -> None:
    bench.thread.speak(1, LONG)
    bench.heard.wait_for_sound(1, segment=3)
    bench.thread.cancel(1)
    n_events = len(bench.heard.events[1])
    bench.thread.speak(2, SHORT)
    bench.heard.wait_for_end(2)
    assert len(bench.heard.events[1]) == n_events
    assert bench.heard.ended == [2]


def test_what_cannot_be_spoken_fails_and_the_next_is_spoken(bench: Bench) -> None:
    bench.thread.speak(1, SpeechRequest("a\0b"))
    error = bench.heard.wait_for_failure(1)
    assert isinstance(error, engine.TextError)
    pid = the_child()
    bench.thread.speak(2, SHORT)
    bench.heard.wait_for_end(2)
    assert the_child() == pid


@pytest.mark.slow
@pytest.mark.usefixtures("short_sighted")
def test_generation_holds_when_far_ahead(bench: Bench) -> None:
    def generated_s() -> float:
        return bench.heard.generated_s(1)

    bench.thread.speak(1, A_MINUTE)
    bench.heard.wait(lambda: 1 in bench.heard.events and generated_s() > MAX_AHEAD_S)
    bench.thread.set_backlog_s(1, MIN_AHEAD_S + 1)  # it was going to hold, and goes on holding
    bench.thread.cancel(2)
    held_s = generated_s()
    assert held_s < MAX_AHEAD_S + 5
    bench.thread.set_backlog_s(1, MIN_AHEAD_S - 1)
    bench.heard.wait(lambda: generated_s() > held_s + (MAX_AHEAD_S - MIN_AHEAD_S))
    assert generated_s() < held_s + (MAX_AHEAD_S - MIN_AHEAD_S) + 10
    assert 1 not in bench.heard.ended
    bench.thread.set_backlog_s(1, -math.inf)
    bench.heard.wait_for_end(1)
    assert len(bench.heard.segments(1)) == 20


# --- crashes and hangs


@pytest.mark.parametrize("bench", [QUICK], indirect=True, ids=["quick"])
@pytest.mark.parametrize("blow", [signal.SIGKILL, pytest.param(signal.SIGSTOP, marks=pytest.mark.slow)])
def test_the_sentence_being_spoken_resumes_after_kill_9_or_a_hang(bench: Bench, tmp_path: Path, blow: int) -> None:
    bench.openers["built-in"] = RiggedOpener((Rig("clocks", Fault.WAIT, tmp_path),))
    bench.thread.speak(1, SpeechRequest(TEXT))
    bench.heard.wait_for_sound(1, segment=1)
    pid = the_child()
    os.kill(pid, blow)
    bench.heard.wait_for_end(1)
    assert bench.heard.restarts(1) == [SegmentRestarted(1, SegmentProblem.INTERRUPTED, 2)]
    assert len(bench.heard.segments(1)) == 3
    assert np.array_equal(sound(bench.heard.events[1]), sound(said_here(SpeechRequest(TEXT))))
    starts = [event.segment.index for event in bench.heard.events[1] if isinstance(event, SegmentStarted)]
    assert starts == [0, 1, 2]
    assert not is_running(pid)
    kept_s = len(sound(bench.heard.events[1])) / 44_100
    reading: list[EngineTask] = []
    bench.wait_for(lambda supervisor: not reading.append(reading_of(supervisor)))
    assert reading[0].ahead_s == pytest.approx(kept_s)
    assert reading[0].made.lead_s(0, kept_s) == pytest.approx(0)


@pytest.mark.slow
def test_three_failures_in_a_row_end_the_reading_but_not_the_next(bench: Bench, tmp_path: Path) -> None:
    bench.openers["built-in"] = RiggedOpener((Rig("clocks", Fault.RAISE, tmp_path, times=3),))
    bench.thread.speak(1, SpeechRequest(TEXT))
    error = bench.heard.wait_for_failure(1)
    assert isinstance(error, HostError)
    assert "a rigged failure" in error.detail
    assert len(bench.heard.restarts(1)) == 3
    bench.thread.speak(2, SpeechRequest(TEXT))
    bench.heard.wait_for_end(2)
    assert len(bench.heard.segments(2)) == 3


@pytest.mark.slow
def test_failures_with_speech_between_them_are_not_in_a_row(bench: Bench, tmp_path: Path) -> None:
    rigs = tuple(Rig(word, Fault.CRASH, tmp_path) for word in ("cold", "clocks", "thought"))
    bench.openers["built-in"] = RiggedOpener(rigs)
    bench.thread.speak(1, SpeechRequest(TEXT))
    bench.heard.wait_for_end(1)
    assert len(bench.heard.restarts(1)) == 3
    assert np.array_equal(sound(bench.heard.events[1]), sound(said_here(SpeechRequest(TEXT))))


@pytest.mark.slow
def test_s1_that_failed_three_times_says_so_and_the_built_in_voice_goes_on(bench: Bench, tmp_path: Path) -> None:
    bench.openers["s1"] = RiggedOpener((Rig("clocks", Fault.CRASH, tmp_path, times=3),), "S1")
    bench.thread.load(S1_OR_BUILT_IN)
    bench.heard.wait_for_phase(EnginePhase.READY)
    bench.thread.speak(1, SpeechRequest(TEXT))
    bench.heard.wait_for_end(1)
    assert bench.heard.speakers[1] == ["S1", "S1", "S1", "built-in voice"]
    assert np.array_equal(sound(bench.heard.events[1]), sound(said_here(SpeechRequest(TEXT))))
    view = bench.heard.views[-1]
    assert (view.phase, view.problem) == (EnginePhase.FAILED, explain(HostError("crashed", "signal 9")))
    bench.thread.load(S1_OR_BUILT_IN)  # a person tries again
    bench.heard.wait_for_phase(EnginePhase.READY)


@pytest.mark.slow
def test_s1_that_failed_and_may_not_be_replaced_is_tried_again_when_asked_again(bench: Bench, tmp_path: Path) -> None:
    bench.openers["s1"] = RiggedOpener((Rig("clocks", Fault.CRASH, tmp_path, times=3),), "S1")
    bench.thread.load(S1)
    bench.thread.speak(1, SpeechRequest(TEXT))
    assert isinstance(bench.heard.wait_for_failure(1), HostError)
    bench.heard.wait_for_phase(EnginePhase.FAILED)
    bench.thread.speak(2, SpeechRequest(TEXT))
    bench.heard.wait_for_end(2)
    assert bench.heard.speakers[2] == ["S1"]


def test_an_engine_that_never_starts_is_given_up(bench: Bench) -> None:
    bench.openers["s1"] = RiggedOpener(fails=True)
    bench.thread.load(S1)
    view = bench.heard.wait_for_phase(EnginePhase.FAILED)
    assert view.problem == explain(HostError("crashed", "signal 9"))
    assert children() == []


def test_a_typed_error_in_mid_speech_fails_the_reading_and_keeps_the_engine(bench: Bench, tmp_path: Path) -> None:
    bench.openers["s1"] = RiggedOpener((Rig("clocks", Fault.OUT_OF_MEMORY, tmp_path),), "S1")
    bench.thread.load(S1)
    bench.thread.speak(1, SpeechRequest(TEXT))
    error = bench.heard.wait_for_failure(1)
    assert isinstance(error, engine.DeviceError)
    assert (error.problem, error.device) == ("out_of_memory", "GPU X")
    assert bench.heard.views[-1].phase is EnginePhase.READY


def test_a_mistake_of_the_threads_own_fails_the_reading_and_not_the_thread(bench: Bench) -> None:
    opener = bench.openers.pop("built-in")
    bench.thread.speak(1, SHORT)
    error = bench.heard.wait_for_failure(1)
    assert isinstance(error, HostError)
    assert "KeyError: 'built-in'" in error.detail
    bench.openers["built-in"] = opener
    bench.thread.speak(2, SHORT)
    bench.heard.wait_for_end(2)


# --- S1 Mini and the built-in voice


@pytest.mark.slow
def test_while_s1_loads_the_built_in_voice_reads_and_keeps_its_reading(bench: Bench, tmp_path: Path) -> None:
    """All of it, since it is one paragraph and never held: of what is far ahead S1 would take over any sentence."""
    gate = tmp_path / "gate"
    bench.openers["s1"] = RiggedOpener(name="S1", gate=gate)
    bench.openers["built-in"] = RiggedOpener(name="built in")
    bench.thread.load(S1_OR_BUILT_IN)
    bench.thread.speak(1, A_MINUTE)
    bench.heard.wait_for_sound(1)
    half_way = EngineView(EnginePhase.STARTING, 0.5, name="S1 Mini")
    bench.heard.wait(lambda: bench.heard.views[-1] == half_way)
    gate.touch()
    view = bench.heard.wait_for_phase(EnginePhase.READY)
    assert (view.device, view.memory_bytes) == ("CPU", 1234)
    bench.thread.set_backlog_s(1, -math.inf)
    bench.heard.wait_for_end(1)
    bench.thread.speak(2, SHORT)
    bench.heard.wait_for_end(2)
    assert bench.heard.speakers == {1: ["built in"], 2: ["S1"]}


PARAGRAPHS = "\n\n".join(
    f"Paragraph number {n} begins here. It goes on for quite a while. And then it ends." for n in range(6)
)
FIRSTS = range(3, 18, 3)
"""The segments that begin a paragraph, but for the very first."""


@pytest.fixture
def meanwhile(bench: Bench, tmp_path: Path) -> Callable[[], int]:
    """The built-in voice has read all of `PARAGRAPHS` to an ear that is at its beginning. Called, it makes S1 ready,
    and returns the process. S1 is then asked for the second paragraph, and says nothing before `let_s1_speak`."""
    bench.openers["s1"] = RiggedOpener(name="S1", gate=tmp_path / "gate", sound_gate=tmp_path / "sound")
    bench.openers["built-in"] = RiggedOpener(name="built in")
    bench.thread.load(S1_OR_BUILT_IN)
    bench.heard.wait_for_phase(EnginePhase.STARTING)
    pid = the_child()
    bench.thread.speak(1, SpeechRequest(PARAGRAPHS))
    bench.heard.wait_for_end(1)

    def make_ready() -> int:
        (tmp_path / "gate").touch()
        bench.heard.wait_for_phase(EnginePhase.READY)
        return pid

    return make_ready


@pytest.fixture
def let_s1_speak(tmp_path: Path) -> Callable[[], None]:
    return (tmp_path / "sound").touch


def left_s(bench: Bench, segment: int) -> float:
    """Seconds that the built-in voice has made from `segment` on."""
    done = [event for event in bench.heard.events[1] if isinstance(event, SegmentDone)]
    return sum(event.n_samples for event in done[segment:]) / 44_100


def reading_of(supervisor: EngineSupervisor) -> EngineTask:
    assert supervisor._reading is not None
    return supervisor._reading


def taken_over_at(bench: Bench) -> int:
    """The segment from which on S1 speaks."""
    events = bench.heard.events[1]
    starts = [event.segment.index for event in events if isinstance(event, SegmentStarted)]
    (at,) = (after for before, after in pairwise(starts) if after <= before)
    assert starts[-1] == 17
    return at


def test_s1_takes_over_at_the_next_paragraph_once_it_is_ready(
    bench: Bench, meanwhile: Callable[[], int], let_s1_speak: Callable[[], None]
) -> None:
    meanwhile()
    assert bench.heard.speakers == {1: ["built in"]}
    bench.thread.set_backlog_s(1, bench.heard.generated_s(1) - 0.5, 0)
    let_s1_speak()
    bench.heard.wait(lambda: len(bench.heard.ended) == 2)
    assert bench.heard.speakers == {1: ["built in", "S1"]}
    assert taken_over_at(bench) == 3
    assert not bench.heard.restarts(1)
    assert bench.heard.segments(1)[18:] == bench.heard.segments(1)[3:18]  # nothing is lost, nothing said twice


@pytest.mark.slow
@pytest.mark.parametrize("blow", [signal.SIGSTOP, signal.SIGKILL])
def test_s1_that_is_late_or_lost_takes_over_later(
    bench: Bench, meanwhile: Callable[[], int], let_s1_speak: Callable[[], None], blow: int
) -> None:
    """What the built-in voice has made is heard meanwhile, and no end is told that is none."""
    pid, n_events = meanwhile(), len(bench.heard.events[1])
    os.kill(pid, blow)
    bench.thread.set_backlog_s(1, left_s(bench, 0) - 0.5, 0)
    if blow == signal.SIGSTOP:
        bench.thread.set_backlog_s(1, left_s(bench, 3) + 0.2, 2)  # the next paragraph is about to be heard
        bench.wait_for(lambda supervisor: reading_of(supervisor).made.lead_s_needed > LEAD_S)  # S1 was too late
        assert len(bench.heard.events[1]) == n_events
        os.kill(pid, signal.SIGCONT)
    else:
        bench.heard.wait_for_phases(EnginePhase.READY, EnginePhase.STARTING, EnginePhase.READY)
        assert pid not in children()
    bench.thread.set_backlog_s(1, left_s(bench, 4), 4)
    let_s1_speak()
    bench.heard.wait(lambda: len(bench.heard.ended) == 2)
    assert taken_over_at(bench) in FIRSTS[1:]
    assert bench.heard.speakers == {1: ["built in", "S1"]}


def test_s1_that_is_late_is_at_once_asked_for_a_later_paragraph(
    bench: Bench, meanwhile: Callable[[], int], let_s1_speak: Callable[[], None]
) -> None:
    """Whatever else happens: here nothing does."""
    meanwhile()
    bench.thread.set_backlog_s(1, left_s(bench, 4), 4)
    let_s1_speak()
    bench.heard.wait(lambda: len(bench.heard.ended) == 2)
    assert taken_over_at(bench) in FIRSTS[1:]


def test_s1_takes_over_no_paragraph_before_the_sentence_in_front_of_it_is_made(bench: Bench, tmp_path: Path) -> None:
    """Else the rest of that sentence would never be said."""
    bench.openers["s1"] = RiggedOpener(name="S1")
    bench.openers["built-in"] = RiggedOpener((Rig("ends", Fault.WAIT, tmp_path),), name="built in")
    bench.thread.load(EngineSpec("built-in"))
    bench.thread.speak(1, SpeechRequest(PARAGRAPHS))
    bench.heard.wait_for_sound(1, segment=2)  # and there it stays
    pid = the_child()
    bench.thread.load(S1_OR_BUILT_IN)
    bench.heard.wait_for_phase(EnginePhase.READY)
    os.kill(pid, signal.SIGKILL)
    bench.heard.wait_for_end(1)
    assert {event.segment.index for event in bench.heard.events[1] if isinstance(event, SegmentDone)} == set(range(18))
    assert bench.heard.speakers == {1: ["built in", "built in", "S1"]}


def test_a_reading_waits_for_s1_where_no_other_voice_is_allowed(bench: Bench, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    bench.openers["s1"] = RiggedOpener(name="S1", gate=gate)
    bench.thread.load(S1)
    bench.thread.speak(1, SHORT)
    bench.heard.wait_for_phase(EnginePhase.STARTING)
    assert bench.heard.speakers == {}
    gate.touch()
    bench.heard.wait_for_end(1)
    assert bench.heard.speakers == {1: ["S1"]}


def test_a_built_in_voice_by_its_name_is_spoken_by_it(bench: Bench) -> None:
    bench.thread.load(S1)
    bench.heard.wait_for_phase(EnginePhase.READY)
    request = SpeechRequest("Yes.", engine.Voice("built-in/f2"))
    bench.thread.speak(1, request)
    bench.heard.wait_for_end(1)
    assert bench.heard.speakers == {1: ["built-in voice"]}
    assert np.array_equal(sound(bench.heard.events[1]), sound(said_here(request)))


@pytest.mark.slow
def test_a_checkpoint_that_cannot_be_used_is_explained_once(bench: Bench, tmp_path: Path) -> None:
    bench.openers["s1"] = opener_of("s1", EngineSetup(tmp_path, "cpu"))
    bench.thread.load(S1_OR_BUILT_IN)
    view = bench.heard.wait_for_phase(EnginePhase.FAILED)
    assert view.problem == explain(engine.CheckpointError("file_missing", tmp_path / "config.json"))
    bench.thread.speak(1, SpeechRequest("Yes.", engine.Voice("a voice of S1 Mini")))
    bench.heard.wait_for_end(1)
    assert bench.heard.speakers == {1: ["built-in voice"]}


def test_another_engine_takes_over_in_mid_sentence(bench: Bench, tmp_path: Path) -> None:
    bench.openers["s1"] = RiggedOpener((Rig("clocks", Fault.WAIT, tmp_path),), "S1")
    bench.thread.load(S1)
    bench.thread.speak(1, SpeechRequest(TEXT))
    bench.heard.wait_for_sound(1, segment=1)
    bench.thread.load(EngineSpec("built-in"))
    bench.heard.wait_for_end(1)
    assert bench.heard.speakers == {1: ["S1", "built-in voice"]}
    assert len(bench.heard.restarts(1)) == 1
    assert np.array_equal(sound(bench.heard.events[1]), sound(said_here(SpeechRequest(TEXT))))


# --- memory, idleness, sleep


def test_the_most_memory_is_told_after_each_reading_and_none_once_it_is_given_back(bench: Bench) -> None:
    bench.thread.load(S1)
    view = bench.heard.wait_for_phase(EnginePhase.READY)
    assert (view.memory_bytes, view.peak_memory_bytes) == (1234, 1234)
    for epoch in (1, 2):
        bench.thread.speak(epoch, SHORT)
        bench.heard.wait_for_end(epoch)
        bench.heard.wait(lambda peak=1234 + epoch: bench.heard.views[-1].peak_memory_bytes == peak)
    bench.thread.unload()
    view = bench.heard.wait_for_phase(EnginePhase.UNLOADED)
    assert (view.memory_bytes, view.peak_memory_bytes) == (None, None)
    bench.thread.load(S1)
    assert bench.heard.wait_for_phase(EnginePhase.READY).peak_memory_bytes == 1234, "of the new process"


def test_idle_s1_is_unloaded_and_the_next_request_loads_it_again(bench: Bench) -> None:
    bench.thread.load(S1)
    bench.thread.speak(1, SHORT)
    bench.heard.wait_for_end(1)
    pid = the_child()
    bench.set_clock(9.9 * 60)
    bench.thread.set_backlog_s(1, 2.0)  # it is still being heard
    bench.set_clock(19.8 * 60)
    bench.thread.speak(2, SHORT)
    bench.heard.wait_for_end(2)
    assert the_child() == pid
    bench.set_clock(29.7 * 60)
    assert children() == [pid]
    bench.set_clock(29.9 * 60)
    bench.heard.wait_for_phase(EnginePhase.UNLOADED)
    assert not is_running(pid)
    assert children() == []
    bench.thread.speak(3, SHORT)
    bench.heard.wait_for_end(3)
    assert bench.heard.speakers[3] == ["S1"]


def test_s1_is_never_unloaded_in_mid_speech(bench: Bench, tmp_path: Path) -> None:
    bench.openers["s1"] = RiggedOpener((Rig("clocks", Fault.WAIT, tmp_path),), "S1")
    bench.thread.load(S1)
    bench.thread.speak(1, SpeechRequest(TEXT))
    bench.heard.wait_for_sound(1, segment=1)
    pid = the_child()
    bench.set_clock(3600)
    bench.thread.unload()
    bench.thread.load(EngineSpec("s1", S1.setup, idle_minutes=5, bridges=False))
    bench.thread.speak(2, SHORT)
    bench.heard.wait_for_end(2)
    assert the_child() == pid


def test_s1_can_wait_until_it_is_needed(bench: Bench) -> None:
    bench.thread.load(S1, start=False)
    bench.heard.wait_for_phase(EnginePhase.UNLOADED)
    assert children() == []
    bench.thread.speak(1, SHORT)
    bench.heard.wait_for_end(1)
    assert bench.heard.speakers == {1: ["S1"]}


def test_memory_is_given_back_on_request(bench: Bench) -> None:
    bench.thread.unload()  # nothing to unload: the wish is not kept for later
    bench.thread.load(S1)
    bench.heard.wait_for_phase(EnginePhase.READY)
    bench.thread.speak(1, SHORT)
    bench.heard.wait_for_end(1)
    bench.thread.unload()
    bench.heard.wait_for_phase(EnginePhase.UNLOADED)
    assert children() == []


@pytest.mark.parametrize("bench", [QUICK], indirect=True, ids=["quick"])
@pytest.mark.parametrize("survives", [True, False])
def test_after_sleep_s1_is_tried_out_before_it_speaks(bench: Bench, survives: bool) -> None:
    bench.thread.load(S1)
    bench.heard.wait_for_phase(EnginePhase.READY)
    pid = the_child()
    bench.slept.now_s += 3600
    if not survives:
        os.kill(pid, signal.SIGSTOP)
    bench.thread.speak(1, SHORT)
    bench.heard.wait_for_end(1)
    assert (the_child() == pid) == survives
    assert bench.heard.restarts(1) == []


def test_shut_down_in_mid_speech_leaves_no_process(bench: Bench) -> None:
    bench.thread.load(S1_OR_BUILT_IN)
    bench.thread.speak(1, LONG)
    bench.heard.wait_for_sound(1)
    pids = children()
    bench.thread.shut_down()
    assert bench.thread.wait(LIMIT_MS)
    assert not any(map(is_running, pids))


# --- the real thing


@pytest.mark.slow
def test_s1_itself_is_killed_in_mid_sentence_and_goes_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    bench.openers["s1"] = opener_of("s1", EngineSetup(TINY, "cpu"))
    bench.thread.load(EngineSpec("s1", EngineSetup(TINY, "cpu"), bridges=False))
    bench.heard.wait_for_phase(EnginePhase.READY, 120)
    fractions = [view.progress for view in bench.heard.views if view.phase is EnginePhase.STARTING]
    assert len(fractions) >= 4
    assert fractions == sorted(f for f in fractions if f is not None)
    bench.thread.speak(1, SpeechRequest("Yes. No.", options=SpeechOptions(max_attempts=1, max_frames=40)))
    bench.heard.wait_for_sound(1, segment=1)
    os.kill(the_child(), signal.SIGKILL)
    bench.heard.wait_for_end(1, 120)
    assert bench.heard.restarts(1) == [SegmentRestarted(1, SegmentProblem.INTERRUPTED, 2)]
    first, second = (event for event in bench.heard.events[1] if isinstance(event, SegmentDone))
    assert first.seed == second.seed  # the one drawn by the first process
    assert first.voice is not None
    assert second.voice is not None
    learned = first.voice.references[0]
    assert np.array_equal(second.voice.references[0].codes, learned.codes)  # one voice
    assert len(sound(bench.heard.events[1])) == first.n_samples + second.n_samples


# --- clients


class Visit:
    """A client in a thread of its own, as they are."""

    def __init__(self, bench: Bench, request: SpeechRequest) -> None:
        self.events: list[SpeechEvent] = []
        self.error: engine.EngineError | None = None
        self.cancel = CancelToken()
        self.changed = threading.Condition()
        self._shared, self._request = SharedEngine(bench.thread), request
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            for event in self._shared.speak(self._request, self.cancel):
                with self.changed:
                    self.events.append(event)
                    self.changed.notify_all()
        except engine.EngineError as error:
            self.error = error

    def wait_for_sound(self, segment: int = 0) -> None:
        def has_sound() -> bool:
            return any(isinstance(event, PcmChunk) and event.segment == segment for event in self.events)

        with self.changed:
            assert self.changed.wait_for(has_sound, LIMIT_S)

    def wait(self) -> None:
        self._thread.join(LIMIT_S)
        assert not self._thread.is_alive()


def test_a_client_hears_what_the_voice_says(bench: Bench) -> None:
    shared = SharedEngine(bench.thread)
    events = list(shared.speak(SpeechRequest(TEXT), CancelToken()))
    assert np.array_equal(sound(events), sound(said_here(SpeechRequest(TEXT))))
    assert shared.status().name == "built-in voice"
    assert engine.codec_of(shared) is None
    assert bench.heard.events == {}  # nobody else is told


def test_the_persons_reading_interrupts_a_client_who_then_goes_on(bench: Bench, tmp_path: Path) -> None:
    bench.openers["built-in"] = RiggedOpener((Rig("clocks", Fault.WAIT, tmp_path),))
    visit = Visit(bench, SpeechRequest(TEXT))
    visit.wait_for_sound(segment=1)  # and there it would stay
    bench.thread.speak(1, SHORT)
    bench.heard.wait_for_end(1)
    visit.wait()
    assert visit.error is None
    restarts = [event for event in visit.events if isinstance(event, SegmentRestarted)]
    assert restarts == [SegmentRestarted(1, SegmentProblem.INTERRUPTED, 2)]
    assert np.array_equal(sound(visit.events), sound(said_here(SpeechRequest(TEXT))))


def test_clients_wait_for_the_reading_and_then_come_in_turn(bench: Bench, tmp_path: Path) -> None:
    bench.openers["built-in"] = RiggedOpener((Rig("thought", Fault.WAIT, tmp_path),))
    bench.thread.speak(1, SpeechRequest(TEXT))
    bench.heard.wait_for_sound(1, segment=2)  # and there it stays
    shared, order = SharedEngine(bench.thread), []
    streams = [shared.speak(SpeechRequest(text), CancelToken()) for text in ("One.", "Two.")]

    def visit(name: str, stream: Iterator[SpeechEvent]) -> None:
        order.extend(name for event in stream if isinstance(event, SegmentDone))

    threads = [threading.Thread(target=visit, args=pair) for pair in zip("ab", streams, strict=True)]
    for n, thread in enumerate(threads):
        thread.start()
        bench.wait_for_clients(n + 1)
    assert order == []
    bench.thread.cancel(1)
    for thread in threads:
        thread.join(30)
    assert order == ["a", "b"]


@pytest.mark.slow
@pytest.mark.usefixtures("short_sighted")
def test_a_client_comes_in_while_a_long_reading_is_far_ahead(bench: Bench) -> None:
    bench.thread.speak(1, A_MINUTE)
    bench.heard.wait(lambda: 1 in bench.heard.events and bench.heard.generated_s(1) > MAX_AHEAD_S)
    visit = Visit(bench, SHORT)
    visit.wait()
    assert [event.segment.text for event in visit.events if isinstance(event, SegmentDone)] == ["Yes."]
    assert 1 not in bench.heard.ended
    bench.thread.set_backlog_s(1, -math.inf)
    bench.heard.wait_for_end(1)
    assert bench.heard.restarts(1) == []  # it was left between two sentences
    assert np.array_equal(sound(bench.heard.events[1]), sound(said_here(A_MINUTE)))


@pytest.mark.slow
def test_a_client_that_does_not_read_holds_the_engine_up_but_not_the_person(bench: Bench) -> None:
    stream = SharedEngine(bench.thread).speak(A_MINUTE, CancelToken())
    next(stream)
    bench.wait_for_clients(1)
    bench.thread.speak(1, SpeechRequest(TEXT))
    bench.heard.wait_for_end(1)
    kept = [event for event in stream if not isinstance(event, SegmentRestarted)]
    assert len(kept) > MAX_UNREAD
    assert isinstance(kept[-1], SegmentDone)
    assert kept[-1].segment.index == 19


def test_a_client_that_leaves_frees_the_engine(bench: Bench, tmp_path: Path) -> None:
    bench.openers["built-in"] = RiggedOpener((Rig("clocks", Fault.WAIT, tmp_path),))
    visit = Visit(bench, SpeechRequest(TEXT))
    visit.wait_for_sound(segment=1)
    visit.cancel.cancel()
    visit.wait()
    assert list(SharedEngine(bench.thread).speak(SHORT, CancelToken()))
    assert not any(isinstance(event, SegmentDone) and event.segment.index == 1 for event in visit.events)


def test_a_clients_engine_that_dies_begins_its_sentence_anew(bench: Bench, tmp_path: Path) -> None:
    bench.openers["s1"] = RiggedOpener((Rig("clocks", Fault.CRASH, tmp_path),), "S1")
    bench.thread.load(S1_OR_BUILT_IN)
    visit = Visit(bench, SpeechRequest(TEXT))
    visit.wait()
    assert visit.error is None
    assert np.array_equal(sound(visit.events), sound(said_here(SpeechRequest(TEXT))))


def test_a_client_is_not_read_to_by_another_voice(bench: Bench) -> None:
    bench.openers["s1"] = RiggedOpener(fails=True)
    bench.thread.load(S1_OR_BUILT_IN)
    visit = Visit(bench, SHORT)
    visit.wait()
    assert isinstance(visit.error, HostError)
    assert visit.events == []
    bench.thread.speak(1, SHORT)  # the person is
    bench.heard.wait_for_end(1)


def test_a_client_that_fails_at_once_keeps_none_waiting(bench: Bench) -> None:
    """Though it never hears of it, and so never leaves."""
    bench.openers["s1"] = RiggedOpener(fails=True)
    bench.thread.load(S1)
    bench.heard.wait_for_phase(EnginePhase.FAILED)
    requests = [SpeechRequest("Yes.", engine.Voice(name)) for name in ("", "built-in/f2")]
    clients = [Client(request, bench.thread.note_room) for request in requests]

    def add(supervisor: EngineSupervisor) -> None:
        for client in clients:
            supervisor.add_client(client)

    bench.thread._order(add)
    cancel = CancelToken()
    timer = threading.Timer(LIMIT_S, cancel.cancel)
    timer.start()
    (*_, done) = clients[1].events(cancel)
    timer.cancel()
    assert isinstance(done, SegmentDone)
    with pytest.raises(HostError):
        list(clients[0].events(cancel))


def test_s1_stays_while_a_client_needs_it(bench: Bench, tmp_path: Path) -> None:
    bench.openers["s1"] = RiggedOpener((Rig("clocks", Fault.WAIT, tmp_path),), "S1")
    bench.thread.load(S1_OR_BUILT_IN)
    visit = Visit(bench, SpeechRequest(TEXT))
    visit.wait_for_sound(segment=1)
    bench.thread.unload()
    bench.set_clock(3600.0)
    assert len(children()) == 1
    visit.cancel.cancel()
    visit.wait()
    bench.thread.unload()
    bench.heard.wait_for_phase(EnginePhase.UNLOADED)


@pytest.mark.slow
def test_a_client_encodes_recordings_and_has_a_batch_spoken_with_s1(bench: Bench) -> None:
    """The batch again, since it was interrupted."""
    bench.openers["s1"] = opener_of("s1", EngineSetup(TINY, "cpu"))
    bench.thread.load(S1)
    bench.heard.wait_for_phase(EnginePhase.READY)
    shared, own = SharedEngine(bench.thread), open_s1(TINY, "cpu")
    codec, own_codec = engine.codec_of(shared), engine.speech.open_codec(TINY, "cpu")
    assert codec is not None
    assert (codec.n_codebooks, codec.sample_rate) == (own_codec.n_codebooks, own_codec.sample_rate)
    samples = np.sin(np.arange(44_100) * 0.05).astype(np.float32)
    codes = codec.encode(samples)
    assert np.array_equal(codes, own_codec.encode(samples))
    assert np.allclose(
        np.concatenate(list(codec.decode(codes))), np.concatenate(list(own_codec.decode(codes))), atol=1e-5
    )

    assert engine.as_batching(shared) is shared
    options = SpeechOptions(seed=5, language="en", max_attempts=1, max_frames=20)
    requests = [SpeechRequest(text, options=options) for text in ("Yes.", "It was so.", "And then no more.")]
    bench.wait_for_clients(0)
    assert shared.max_batch > 1
    said: list[tuple[int, SpeechEvent]] = []
    thread = threading.Thread(target=lambda: said.extend(shared.speak_batch(requests, CancelToken())))
    thread.start()
    bench.wait_for_clients(1)
    bench.thread.speak(1, SpeechRequest("Yes.", options=options))
    bench.heard.wait_for_end(1)
    thread.join(LIMIT_S)
    assert not thread.is_alive()
    for number, request in enumerate(requests):
        alone = sound(list(own.speak(request, CancelToken())))
        assert np.allclose(sound([event for i, event in said if i == number]), alone, atol=1e-4)
