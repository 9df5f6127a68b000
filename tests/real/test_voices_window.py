"""The voices' window with a real sound server: a recording from its microphone, and recordings that are heard."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shiboken6
from disturbance import undisturbed
from pytestqt.qtbot import QtBot
from served import same_words, spoken

import engine
import engine.audio
import engine.voice_library
from desktop.playback.output_device import refresh_devices
from desktop.playback.sample_player import SamplePlayer
from desktop.voices.recording_controller import RecordingDesk
from desktop.voices.state import RecordingPhase
from desktop.worker import Worker

MONITOR_HZ = 48_000


@pytest.fixture
def speakers(sound_server: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The tests' own sound server, for this process; its sink's monitor is the only microphone."""
    for name in ("HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, sound_server.environment[name])
    refresh_devices()
    return sound_server


@pytest.fixture
def desk(qtbot: QtBot, speakers: Any) -> Iterator[RecordingDesk]:  # noqa: ARG001
    worker = Worker("test")
    desk = RecordingDesk(worker, countdown_s=1)
    yield desk
    desk.close()
    worker.close()
    for owner in (desk, worker):  # their timers end in the thread that they belong to
        shiboken6.delete(owner)


@pytest.fixture
def player(qtbot: QtBot, speakers: Any) -> Iterator[SamplePlayer]:  # noqa: ARG001
    player = SamplePlayer()
    yield player
    player.close()
    shiboken6.delete(player)


def until(qtbot: QtBot, is_so: Callable[[], Any]) -> None:
    qtbot.waitUntil(lambda: bool(is_so()))


def write(path: Path, samples: np.ndarray) -> Path:
    with engine.audio.AudioWriter(path) as writer:
        writer.write(samples)
    return path


@undisturbed
def test_what_the_microphone_hears_becomes_a_voice(
    desk: RecordingDesk, qtbot: QtBot, speakers: Any, tmp_path: Path
) -> None:
    text = "Yes, this is how I sound when I speak."
    said = spoken(text)
    wav = write(tmp_path / "said.wav", said)
    levels: list[float] = []
    desk.state_changed.connect(lambda state: levels.append(state.now.level))
    desk.record(text)
    until(qtbot, lambda: desk.state.now.phase is RecordingPhase.RECORDING)
    with subprocess.Popen(["paplay", str(wav)], env=speakers.environment) as speaking:
        until(qtbot, lambda: speaking.poll() is not None)
    assert speaking.returncode == 0
    until(qtbot, lambda: desk.state.now.seconds > said.size / 44_100 + 0.3)
    desk.stop()
    until(qtbot, lambda: desk.state.now.phase is RecordingPhase.THERE)
    assert max(levels) > 0.1
    assert desk.state.now.check is not None
    assert desk.state.now.check.is_usable
    make = desk.maker("Anna", "by ear")
    assert make is not None
    library = engine.voice_library.VoiceLibrary(tmp_path / "voices")
    library.add(make())
    kept = engine.voice_library.sound_of_voice(library.read("Anna"))
    assert kept is not None
    heard = kept[0] if kept[1] == 44_100 else engine.audio.resample(kept[0], kept[1], 44_100)
    first, start = (int(np.flatnonzero(np.abs(sound) > 0.02)[0]) for sound in (said, heard))
    assert same_words(heard[max(0, start - first) :][: said.size], said)


def test_one_is_recorded_besides_a_file_and_nothing_else_is_chosen_meanwhile(
    desk: RecordingDesk, qtbot: QtBot, tmp_path: Path
) -> None:
    desk.take_files([write(tmp_path / "said.wav", spoken("This is what the file says, and it is enough."))])
    until(qtbot, lambda: desk.state.now.phase is RecordingPhase.THERE)
    desk.set_text("This is what the file says, and it is enough.", "")
    desk.add()
    assert desk.state.current == 1
    desk.record("And this is read aloud.")
    until(qtbot, lambda: desk.state.now.phase is RecordingPhase.RECORDING)
    for wish in (lambda: desk.choose(0), desk.remove, desk.add, lambda: desk.move(-1)):
        wish()
        assert (desk.state.current, len(desk.state.recordings)) == (1, 2)
        assert desk.state.now.phase is RecordingPhase.RECORDING
    desk.add_files([tmp_path / "said.wav"])  # it comes besides
    until(qtbot, lambda: len(desk.state.recordings) == 3 and desk.state.recordings[2].phase is RecordingPhase.THERE)
    desk.stop()
    until(qtbot, lambda: desk.state.now.phase is RecordingPhase.THERE)
    assert [recording.text for recording in desk.state.recordings] == [
        *("This is what the file says, and it is enough.", "And this is read aloud.", ""),
    ]
    assert desk.state.now.check is not None
    assert not desk.state.now.check.is_usable  # nobody spoke
    assert not desk.state.is_complete
    desk.remove()
    desk.remove()
    assert desk.state.is_complete
    assert desk.sound is not None
    desk.remove()
    assert (desk.state.now.phase, desk.sound) == (RecordingPhase.EMPTY, None)
    assert desk.maker("Anna", "") is None


def test_a_countdown_that_is_cancelled_leaves_nothing(desk: RecordingDesk, qtbot: QtBot) -> None:
    desk.record("Text.")
    assert desk.state.now.phase is RecordingPhase.COUNTDOWN
    desk.stop()
    assert desk.state.now.phase is RecordingPhase.EMPTY
    desk.record("Text.")
    until(qtbot, lambda: desk.state.now.phase is RecordingPhase.RECORDING)
    desk.forget()
    assert desk.maker("x", "") is None


def test_a_microphone_that_goes_away_is_told(desk: RecordingDesk, qtbot: QtBot, speakers: Any) -> None:
    desk.record("Text.")
    until(qtbot, lambda: desk.state.now.phase is RecordingPhase.RECORDING)
    speakers.kill()
    until(qtbot, lambda: desk.state.problem is not None)
    assert "microphone went away" in str(desk.state.problem)
    assert desk.state.now.phase is RecordingPhase.EMPTY


@undisturbed
def test_a_recording_is_heard_and_another_takes_its_place(player: SamplePlayer, qtbot: QtBot, speakers: Any) -> None:
    tone = (0.4 * np.sin(2 * np.pi * 440 * np.arange(10 * 22_050) / 22_050)).astype(np.float32)
    other = (0.4 * np.sin(2 * np.pi * 880 * np.arange(44_100) / 44_100)).astype(np.float32)
    with speakers.monitor.recording() as stop:
        player.play("long", tone, 22_050)
        assert player.playing == "long"
        speakers.monitor.wait_for_sound()
        qtbot.wait(500)  # it is heard for a while
        player.play("short", other, 44_100)
        assert player.playing == "short"
        until(qtbot, lambda: player.playing == "")
        heard = stop()
    loud = np.abs(heard.reshape(-1)) > 0.05
    assert 1.0 * MONITOR_HZ < np.count_nonzero(loud) < 3.0 * MONITOR_HZ, "not all of the long one"
    last = heard[: np.flatnonzero(loud)[-1]][-MONITOR_HZ // 2 :]
    spectrum = np.abs(np.fft.rfft(last * np.hanning(last.size)))
    assert np.argmax(spectrum) * MONITOR_HZ / last.size == pytest.approx(880, abs=10)


def test_without_a_device_it_says_so(player: SamplePlayer, qtbot: QtBot, speakers: Any) -> None:
    speakers.kill()
    refresh_devices()
    with qtbot.waitSignal(player.failed) as failed:
        player.play("x", np.zeros(44_100, np.float32), 44_100)
    assert failed.args is not None
    assert "sound output device" in str(failed.args[0])
    assert player.playing == ""
