"""An engine in a real process of its own: spoken to, cancelled, stopped, killed and orphaned."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from at_once import slow_but
from rigged_voice import (
    Fault,
    PlainVoice,
    Rig,
    RiggedOpener,
    is_running,
    open_plain,
    wait_for_exit,
    wait_until_idle,
)
from waiting import LIMIT_S

import engine
import engine.builtin
import engine.host
import engine.speech
from engine import (
    CancelToken,
    EngineSetup,
    HostError,
    PcmChunk,
    SegmentDone,
    SegmentStarted,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
)
from engine.host import HostEnded, HostLimits, HostProgress, HostSaid
from engine.host.process import EngineProcess
from engine.opening import Opener, PlainOpener, StartStage
from engine.registry import opener_of
from engine.speech.opening import open_s1

TEXT = "It was a bright cold day. The clocks were striking thirteen! (sighing) Who would have thought so?"
SHORT = SpeechRequest("Yes.")
LONG = SpeechRequest(" ".join(f"This is sentence number {n} of a very long text." for n in range(400)))
QUICK = HostLimits(beat_s=0.05, silence_s=6.0, stuck_s=6.0, close_s=5.0)


@contextlib.contextmanager
def process(opener: Opener, limits: HostLimits | None = None) -> Iterator[EngineProcess]:
    child = engine.host.EngineProcess(opener, limits)
    try:
        yield child
    finally:
        child.kill()


@pytest.fixture(scope="module")
def voice() -> Iterator[EngineProcess]:
    """The built-in voice, ready: one process, which speaks again after each test, whatever was done to it."""
    with process(PlainOpener(open_plain)) as child:
        child.wait_until_ready()
        yield child


def speak(speaker: engine.SpeechEngine, request: SpeechRequest) -> list[SpeechEvent]:
    return list(speaker.speak(request, CancelToken()))


def samples(events: list[SpeechEvent]) -> np.ndarray:
    return np.concatenate([event.samples for event in events if isinstance(event, PcmChunk)])


def next_reply(child: EngineProcess, limit_s: float = LIMIT_S) -> engine.host.HostReply:
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        child.news.clear()
        if reply := child.take():
            return reply
        child.news.wait(0.05)
    pytest.fail("the process says nothing")


# --- speaking


@pytest.mark.slow
def test_a_process_says_what_the_voice_says() -> None:
    request = SpeechRequest(TEXT)
    with process(opener_of("built-in")) as voice:
        here, there = speak(engine.builtin.BuiltInVoice(), request), speak(voice, request)
    assert [type(e) for e in here] == [type(e) for e in there]
    assert np.array_equal(samples(here), samples(there))
    for mine, its in zip(here, there, strict=True):
        if isinstance(mine, PcmChunk) and isinstance(its, PcmChunk):
            assert (mine.words, mine.segment) == (its.words, its.segment)
        if isinstance(mine, SegmentStarted) and isinstance(its, SegmentStarted):
            assert mine.segment == its.segment
            assert mine.segment.source == its.segment.source
    assert voice.status().name == "built-in voice"


@pytest.mark.slow
def test_s1_starts_in_stages_says_what_it_says_here_and_does_other_work(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    request = SpeechRequest("Yes.", options=SpeechOptions(seed=3, max_attempts=1, max_frames=40))
    with process(opener_of("s1", EngineSetup(tiny_checkpoint, "cpu"))) as child:
        stages: list[HostProgress] = []
        while isinstance(reply := next_reply(child, 60), HostProgress):
            stages.append(reply)
        assert [stage.stage for stage in stages] == [s for s in StartStage if s is not StartStage.COMPILING]
        assert [stage.fraction for stage in stages] == sorted({stage.fraction for stage in stages})
        assert child.is_ready
        there = list(islice(child.speak(request, CancelToken()), 3))
        assert child.status().name == "S1 Mini"
        assert engine.as_batching(child) is child
        assert child.max_batch > 1
        both = list(child.speak_batch([request, replace(request, text="No.")], CancelToken()))
        assert {number for number, event in both if isinstance(event, SegmentDone)} == {0, 1}
        first = samples([event for number, event in both if number == 0])
        _does_other_work(child, tiny_checkpoint)
    here = list(islice(open_s1(tiny_checkpoint, "cpu").speak(request, CancelToken()), 3))
    assert [type(event) for event in there] == [SegmentStarted, PcmChunk, PcmChunk]
    n = min(len(samples(events)) for events in (here, there))  # the sizes of chunks depend on the speed
    assert n > 8000
    assert np.allclose(samples(here)[:n], samples(there)[:n], atol=1e-5)
    assert np.allclose(samples(here)[:n], first[:n], atol=1e-5)


def _does_other_work(child: EngineProcess, checkpoint: Path) -> None:
    (facts,) = child.do(engine.host.DescribeCodec(), CancelToken())
    codec = engine.speech.open_codec(checkpoint, "cpu")
    assert (facts.n_codebooks, facts.sample_rate) == (codec.n_codebooks, codec.sample_rate)
    noise = np.random.default_rng(0).uniform(-0.1, 0.1, 8 * 44_100).astype(np.float32)
    pieces = list(child.do(engine.host.EncodeRecording(noise), CancelToken()))
    assert len(pieces) == 2  # so that a cancel is heard between them
    assert np.array_equal(np.concatenate(pieces, axis=1), codec.encode(noise))
    cancelled = CancelToken()
    cancelled.cancel()
    assert list(child.do(engine.host.EncodeRecording(noise), cancelled)) == []


def test_an_engine_that_batches_nothing_speaks_one_after_the_other(voice: EngineProcess) -> None:
    requests = [SpeechRequest("Yes."), SpeechRequest("No. Well.")]
    work = engine.host.SpeakBatch(requests)
    said = list(voice.do(work, CancelToken()))
    assert [number for number, _ in said] == sorted(number for number, _ in said)
    for i, request in enumerate(requests):
        alone = samples(speak(PlainVoice(), request))
        assert np.array_equal(samples([event for number, event in said if number == i]), alone)
    assert voice.max_batch == 1


def test_the_owner_imports_neither_torch_nor_all_about_text() -> None:
    code = """
import sys, engine, engine.host
from engine.registry import opener_of
if __name__ == "__main__":
    child = engine.host.EngineProcess(opener_of("built-in"))
    request = engine.SpeechRequest("Yes.", engine.Voice("built-in/espeak"))
    assert list(child.speak(request, engine.CancelToken()))
    child.close()
    print(sorted({"torch", "engine.text", "engine.builtin.voice", "av"} & set(sys.modules)))
"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=False, timeout=LIMIT_S
    )
    assert (result.stdout, result.stderr) == ("[]\n", "")


# --- errors


def test_a_typed_error_arrives_as_it_is_and_the_engine_lives_on(voice: EngineProcess) -> None:
    with pytest.raises(engine.TextError) as caught:
        speak(voice, SpeechRequest("a\0b"))
    assert (caught.value.problem, caught.value.position) == ("nul_byte", 1)
    with pytest.raises(engine.VoiceError) as unknown:
        speak(voice, SpeechRequest("Yes.", engine.Voice("built-in/nobody")))
    assert "built-in" in unknown.value.known
    assert len(samples(speak(voice, SHORT))) > 0


@pytest.mark.slow
def test_an_engine_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    with process(opener_of("s1", EngineSetup(tmp_path, "cpu"))) as child:
        with pytest.raises(engine.CheckpointError) as caught:
            child.wait_until_ready()
        assert (caught.value.problem, caught.value.path) == ("file_missing", tmp_path / "config.json")
        wait_for_exit(child.pid)


def test_what_nobody_expected_is_a_host_error_with_its_traceback(tmp_path: Path) -> None:
    with process(RiggedOpener((Rig("clocks", Fault.RAISE, tmp_path),))) as child:
        with pytest.raises(HostError) as caught:
            speak(child, SpeechRequest(TEXT))
        assert caught.value.problem == "raised"
        assert "ZeroDivisionError: a rigged failure" in caught.value.detail
        assert "rigged_voice.py" in caught.value.detail
        wait_for_exit(child.pid)


def test_kill_9_in_mid_sentence_is_noticed(tmp_path: Path) -> None:
    with process(RiggedOpener((Rig("clocks", Fault.WAIT, tmp_path),))) as child:
        events = child.speak(SpeechRequest(TEXT), CancelToken())
        while not isinstance(event := next(events), PcmChunk) or event.segment != 1:
            pass
        os.kill(child.pid, signal.SIGKILL)
        started_s = time.monotonic()
        with pytest.raises(HostError) as caught:
            list(events)
        assert time.monotonic() - started_s < HostLimits().silence_s / 2  # not by its silence
        assert (caught.value.problem, caught.value.detail) == ("crashed", "signal 9")


@pytest.mark.parametrize("fault", [Fault.WAIT, Fault.STICK])
def test_a_hang_is_noticed(tmp_path: Path, fault: Fault) -> None:
    """WAIT: stopped by a signal, it is silent. STICK: it beats and gets nowhere."""
    with process(RiggedOpener((Rig("clocks", fault, tmp_path),)), QUICK) as child:
        events = child.speak(SpeechRequest(TEXT), CancelToken())
        while not isinstance(event := next(events), PcmChunk) or event.segment != 1:
            pass
        if fault is Fault.WAIT:
            os.kill(child.pid, signal.SIGSTOP)
        started_s = time.monotonic()
        with pytest.raises(HostError) as caught:
            list(events)
        assert caught.value.problem == "hung"
        assert time.monotonic() - started_s > 1
        pid = child.pid
        child.kill()
        assert not is_running(pid)


def test_working_without_a_word_is_no_hang(tmp_path: Path) -> None:
    """It polls its token: frames are being made, though no chunk is full."""
    with process(RiggedOpener((Rig("Yes", Fault.WAIT, tmp_path),)), QUICK) as child:
        child.wait_until_ready()
        child.begin(SHORT)
        while not (isinstance(reply := next_reply(child), HostSaid) and isinstance(reply.event, PcmChunk)):
            pass
        deadline = time.monotonic() + 1.5 * QUICK.silence_s
        while time.monotonic() < deadline:
            assert child.take() is None
            child.news.wait(0.1)
            child.news.clear()


# --- cancelling


def test_cancel_works_while_the_child_waits_for_room_in_the_pipe(voice: EngineProcess) -> None:
    voice.begin(LONG)
    wait_until_idle(voice.pid)  # far from its end: nobody takes what it says
    voice.cancel()
    voice.begin(SHORT)
    events: list[SpeechEvent] = []
    while isinstance(reply := next_reply(voice), HostSaid):
        events.append(reply.event)
    assert isinstance(reply, HostEnded)
    assert np.array_equal(samples(events), samples(speak(PlainVoice(), SHORT)))


def test_a_cancelled_run_ends_without_segment_done(voice: EngineProcess) -> None:
    cancel, events = CancelToken(), []
    for event in voice.speak(LONG, cancel):
        events.append(event)
        if isinstance(event, PcmChunk):
            cancel.cancel()
    assert [type(event) for event in events] == [SegmentStarted, PcmChunk]
    assert len(samples(speak(voice, SHORT))) > 0


def test_closing_the_iterator_is_as_good_as_cancelling(voice: EngineProcess) -> None:
    events = voice.speak(LONG, CancelToken())
    next(events)
    events.close()  # type: ignore[attr-defined]
    wait_until_idle(voice.pid)
    assert len(samples(speak(voice, SHORT))) > 0


def test_of_a_burst_only_the_last_is_heard(voice: EngineProcess) -> None:
    for _ in range(300):
        voice.begin(LONG)
    voice.begin(SHORT)
    events: list[SpeechEvent] = []
    while isinstance(reply := next_reply(voice), HostSaid):
        events.append(reply.event)
    assert [event.segment.text for event in events if isinstance(event, SegmentStarted)] == ["Yes."]


def test_a_large_request_to_a_child_that_hangs_does_not_block_its_owner() -> None:
    with process(PlainOpener(open_plain)) as child:
        child.wait_until_ready()
        os.kill(child.pid, signal.SIGSTOP)
        started_s = time.monotonic()
        child.begin(SpeechRequest("word " * 200_000))
        child.kill()
        assert time.monotonic() - started_s < 20  # it would be for ever


def test_a_ping_is_answered(voice: EngineProcess) -> None:
    voice.ping()
    assert isinstance(next_reply(voice), engine.host.HostPong)
    assert len(samples(speak(voice, SHORT))) > 0


# --- beginning and end of a process


def test_ctrl_c_is_for_the_owner(voice: EngineProcess) -> None:
    os.kill(voice.pid, signal.SIGINT)
    assert len(samples(speak(voice, SHORT))) > 0


def test_ctrl_c_while_it_starts_is_for_the_owner() -> None:
    with process(PlainOpener(open_plain)) as child:
        os.kill(child.pid, signal.SIGINT)
        child.wait_until_ready()


@pytest.mark.slow
@pytest.mark.parametrize("state", ["starting", "idle", "speaking", "stopped"])
def test_close_ends_the_child_whatever_it_does(state: str) -> None:
    limits = HostLimits(close_s=0.2 if state == "stopped" else LIMIT_S)
    child = engine.host.EngineProcess(PlainOpener(open_plain), limits)
    pid = child.pid
    if state != "starting":
        child.wait_until_ready()
    if state == "speaking":
        child.begin(LONG)
        next_reply(child)
    if state == "stopped":
        os.kill(pid, signal.SIGSTOP)
    started_s = time.monotonic()
    child.close()
    assert time.monotonic() - started_s < LIMIT_S / 2  # it went when it was asked to
    assert not is_running(pid)
    child.close()  # twice does no harm


OWNER = """
import sys, engine, engine.host
from rigged_voice import Fault, Rig, RiggedOpener
from pathlib import Path
if __name__ == "__main__":
    child = engine.host.EngineProcess(RiggedOpener((Rig("Yes", Fault[sys.argv[1]], Path(sys.argv[2])),)))
    child.wait_until_ready()
    child.begin(engine.SpeechRequest("Yes."))
    while not isinstance(reply := child.take(), engine.host.HostSaid) or isinstance(reply.event, engine.SegmentStarted):
        child.news.wait(0.05)
    print(child.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("fault", slow_but([Fault.WAIT], [Fault.WAIT, Fault.STICK]))
def test_a_child_does_not_outlive_its_owner(tmp_path: Path, fault: Fault) -> None:
    """Killed with -9 in mid-generation, so that nobody can say goodbye."""
    script = tmp_path / "owner.py"
    script.write_text(OWNER)
    command = [sys.executable, str(script), fault.name, str(tmp_path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([*sys.path, os.environ.get("PYTHONPATH", "")])}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as owner:
        assert owner.stdout is not None
        pid = int(owner.stdout.readline())
        assert is_running(pid)
        owner.kill()
        wait_for_exit(pid)
