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
from desktop.voices.recording_controller import RecordingController
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
def controller(qtbot: QtBot, speakers: Any) -> Iterator[RecordingController]:  # noqa: ARG001
    worker = Worker("test")
    controller = RecordingController(worker, countdown_s=1)
    yield controller
    controller.close()
    worker.close()
    for owner in (controller, worker):  # their timers end in the thread that they belong to
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
    controller: RecordingController, qtbot: QtBot, speakers: Any, tmp_path: Path
) -> None:
    text = "Yes, this is how I sound when I speak."
    said = spoken(text)
    wav = write(tmp_path / "said.wav", said)
    levels: list[float] = []
    controller.state_changed.connect(lambda state: levels.append(state.now.level))
    controller.record(text)
    until(qtbot, lambda: controller.state.now.phase is RecordingPhase.RECORDING)
    with subprocess.Popen(["paplay", str(wav)], env=speakers.environment) as speaking:
        until(qtbot, lambda: speaking.poll() is not None)
    assert speaking.returncode == 0
    until(qtbot, lambda: controller.state.now.seconds > said.size / 44_100 + 0.3)
    controller.stop()
    until(qtbot, lambda: controller.state.now.phase is RecordingPhase.THERE)
    assert max(levels) > 0.1
    assert controller.state.now.check is not None
    assert controller.state.now.check.is_usable
    make = controller.maker("Anna", "by ear")
    assert make is not None
    library = engine.voice_library.VoiceLibrary(tmp_path / "voices")
    library.add(make())
    kept = engine.voice_library.sound_of_voice(library.read("Anna"))
    assert kept is not None
    heard = kept[0] if kept[1] == 44_100 else engine.audio.resample(kept[0], kept[1], 44_100)
    first, start = (int(np.flatnonzero(np.abs(sound) > 0.02)[0]) for sound in (said, heard))
    assert same_words(heard[max(0, start - first) :][: said.size], said)


def test_one_is_recorded_besides_a_file_and_nothing_else_is_chosen_meanwhile(
    controller: RecordingController, qtbot: QtBot, tmp_path: Path
) -> None:
    controller.take_files([write(tmp_path / "said.wav", spoken("This is what the file says, and it is enough."))])
    until(qtbot, lambda: controller.state.now.phase is RecordingPhase.THERE)
    controller.set_text("This is what the file says, and it is enough.", "")
    controller.add()
    assert controller.state.current == 1
    controller.record("And this is read aloud.")
    until(qtbot, lambda: controller.state.now.phase is RecordingPhase.RECORDING)
    for request in (lambda: controller.choose(0), controller.remove, controller.add, lambda: controller.move(-1)):
        request()
        assert (controller.state.current, len(controller.state.recordings)) == (1, 2)
        assert controller.state.now.phase is RecordingPhase.RECORDING
    controller.add_files([tmp_path / "said.wav"])  # it comes besides
    until(
        qtbot,
        lambda: len(controller.state.recordings) == 3 and controller.state.recordings[2].phase is RecordingPhase.THERE,
    )
    controller.stop()
    until(qtbot, lambda: controller.state.now.phase is RecordingPhase.THERE)
    assert [recording.text for recording in controller.state.recordings] == [
        *("This is what the file says, and it is enough.", "And this is read aloud.", ""),
    ]
    assert controller.state.now.check is not None
    assert not controller.state.now.check.is_usable  # nobody spoke
    assert not controller.state.is_complete
    controller.remove()
    controller.remove()
    assert controller.state.is_complete
    assert controller.sound is not None
    controller.remove()
    assert (controller.state.now.phase, controller.sound) == (RecordingPhase.EMPTY, None)
    assert controller.maker("Anna", "") is None


def test_a_countdown_that_is_cancelled_leaves_nothing(controller: RecordingController, qtbot: QtBot) -> None:
    controller.record("Text.")
    assert controller.state.now.phase is RecordingPhase.COUNTDOWN
    controller.stop()
    assert controller.state.now.phase is RecordingPhase.EMPTY
    controller.record("Text.")
    until(qtbot, lambda: controller.state.now.phase is RecordingPhase.RECORDING)
    controller.forget()
    assert controller.maker("x", "") is None


def test_a_microphone_that_goes_away_is_told(controller: RecordingController, qtbot: QtBot, speakers: Any) -> None:
    controller.record("Text.")
    until(qtbot, lambda: controller.state.now.phase is RecordingPhase.RECORDING)
    speakers.kill()
    until(qtbot, lambda: controller.state.problem is not None)
    assert "microphone went away" in str(controller.state.problem)
    assert controller.state.now.phase is RecordingPhase.EMPTY


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
