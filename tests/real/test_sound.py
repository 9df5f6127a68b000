"""Sound that is really played: into a PulseAudio sink, recorded from its monitor."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disturbance import undisturbed
from waiting import LIMIT_S

from engine.audio import read_audio

RATE_HZ = 48_000  # the monitor's

TONE_PLAYER = """
import sys, time, threading
import numpy as np
import engine
from desktop.common.errors import PlaybackError
from desktop.playback.player import Player, find_output_device

rate_hz = engine.SAMPLE_RATE_HZ
def tone(hz, seconds):
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(np.float32)

def play_in_chunks(player, samples, size=3001):
    for start in range(0, samples.size, size):
        player.play(samples[start : start + size])

cancel = engine.CancelToken()
with Player(find_output_device(), cancel) as player:
"""


def run_player(sound_server: Any, body: str) -> subprocess.CompletedProcess[str]:
    code = TONE_PLAYER + "\n".join(f"    {line}" for line in body.strip().splitlines())
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=sound_server.environment,
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_S,
        check=False,
    )


def sounding(samples: np.ndarray, threshold: float = 0.01) -> np.ndarray:
    """From the first audible sample to the last."""
    places = np.flatnonzero(np.abs(samples) > threshold)
    assert places.size, "nothing was heard"
    return samples[places[0] : places[-1] + 1]


def loud_seconds(samples: np.ndarray) -> float:
    """How long it sounds, in blocks of 10 ms."""
    blocks = samples[: samples.size // 480 * 480].reshape(-1, 480)
    return float((np.abs(blocks).max(axis=1) > 0.01).sum()) * 0.01


@undisturbed
def test_a_tone_is_heard_whole_with_no_gap_and_no_click(sound_server: Any) -> None:
    with sound_server.monitor.recording() as stop:
        done = run_player(sound_server, "play_in_chunks(player, tone(440, 2.5))\nplayer.drain()")
        heard = sounding(stop())
    assert (done.returncode, done.stderr) == (0, "")
    assert heard.size / RATE_HZ == pytest.approx(2.5, abs=0.01)
    assert np.abs(heard).max() == pytest.approx(0.5, abs=0.01)
    # Against a pure 440 Hz: a gap or a lost block would turn the phase, a click would stand out of it.
    t = 2 * np.pi * 440 * np.arange(heard.size) / RATE_HZ
    basis = np.stack([np.sin(t), np.cos(t)], axis=1)
    pure = basis @ np.linalg.lstsq(basis, heard, rcond=None)[0]
    assert np.abs(heard - pure)[100:-100].max() < 0.02


@undisturbed
def test_a_restarted_segment_is_heard_from_its_beginning(sound_server: Any) -> None:
    body = """
play_in_chunks(player, tone(500, 0.5))
mark = player.mark()
play_in_chunks(player, tone(2000, 5.0))
player.rewind(mark)
play_in_chunks(player, tone(1000, 0.5))
player.drain()
"""
    with sound_server.monitor.recording() as stop:
        done = run_player(sound_server, body)
        heard = sounding(stop())
    assert (done.returncode, done.stderr) == (0, "")
    assert heard.size / RATE_HZ == pytest.approx(1.0, abs=0.02)
    for half, hz in ((heard[: RATE_HZ // 2 - 2000], 500), (heard[RATE_HZ // 2 + 2000 :], 1000)):
        spectrum = np.abs(np.fft.rfft(half * np.hanning(half.size)))
        assert np.argmax(spectrum) * RATE_HZ / half.size == pytest.approx(hz, abs=5)


@undisturbed
def test_a_device_of_another_rate_gets_the_same_tone(sound_server: Any) -> None:
    """No device here refuses 44.1 kHz, so the player is told of one that takes 32 kHz alone."""
    body = """
pass
device = __import__("dataclasses").replace(find_output_device(), rate_hz=32_000, n_channels=1)
with Player(device, cancel) as player:
    play_in_chunks(player, tone(440, 1.0))
    player.mark()
    play_in_chunks(player, tone(440, 1.0))
    player.drain()
"""
    with sound_server.monitor.recording() as stop:
        done = run_player(sound_server, body)
        heard = sounding(stop())
    assert (done.returncode, done.stderr) == (0, "")
    assert heard.size / RATE_HZ == pytest.approx(2.0, abs=0.02)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(heard.size)))
    assert np.argmax(spectrum) * RATE_HZ / heard.size == pytest.approx(440, abs=1)


@undisturbed
def test_a_small_buffer_that_the_environment_asks_for_is_no_hang(sound_server: Any) -> None:
    sound_server.environment["PULSE_LATENCY_MSEC"] = "60"
    with sound_server.monitor.recording() as stop:
        done = run_player(sound_server, "play_in_chunks(player, tone(440, 1.0))\nplayer.drain()")
        heard = stop()
    assert done.returncode == 0, done.stderr
    assert loud_seconds(heard) == pytest.approx(1.0, abs=0.05)


@undisturbed
def test_cancelling_is_silence_at_once(sound_server: Any) -> None:
    body = """
play_in_chunks(player, tone(440, 8.0))
threading.Timer(0.7, cancel.cancel).start()
player.drain()
"""
    with sound_server.monitor.recording() as stop:
        started = time.monotonic()
        done = run_player(sound_server, body)
        heard = stop()
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - started < 5
    assert loud_seconds(heard) < 0.7 + 0.1  # the pre-roll of 0.2 s is inside the 0.7 s


@undisturbed
def test_a_gap_is_counted_and_does_not_end_the_sound(sound_server: Any) -> None:
    body = """
player.play(tone(440, 0.3))
while player._buffer.consumed_samples < player.mark():
    time.sleep(0.01)
time.sleep(0.5)
player.play(tone(440, 0.3))
player.drain()
print(player.n_underruns)
"""
    with sound_server.monitor.recording() as stop:
        done = run_player(sound_server, body)
        heard = sounding(stop())
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) >= 1
    assert heard.size / RATE_HZ > 1.0
    assert loud_seconds(heard) == pytest.approx(0.6, abs=0.04)


SEARCHES = """
import os, sys
from desktop.common.errors import PlaybackError, RecordingError
from desktop.playback.input_device import find_input_device
from desktop.playback.output_device import find_output_device

def found(find):
    try:
        return find().name
    except (PlaybackError, RecordingError) as error:
        return error.problem

os.environ["XDG_RUNTIME_DIR"], runtime = "/nowhere", os.environ["XDG_RUNTIME_DIR"]
for line in sys.stdin:
    print(found(find_output_device), found(find_input_device), flush=True)
    os.environ["XDG_RUNTIME_DIR"] = runtime
"""


def test_each_search_is_among_the_devices_that_there_are_then(sound_server: Any) -> None:
    """PortAudio lists them once: what came was not found, and what went away "refused"."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", SEARCHES],
        env=sound_server.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        bufsize=1,
    ) as process:
        asks, tells = process.stdin, process.stdout
        assert asks is not None
        assert tells is not None

        def search() -> str:
            asks.write("\n")
            return tells.readline()

        assert search() == "no_device no_device\n"
        assert search() == "default default\n"
        sound_server.kill()
        assert search() == "no_device no_device\n"
        asks.close()
    assert process.returncode == 0


@pytest.mark.parametrize("how", ["unload_sink", "kill"])
@pytest.mark.parametrize("blocked_in", ["play", "drain"])
def test_a_device_that_vanishes_is_an_error_and_no_hang(sound_server: Any, how: str, blocked_in: str) -> None:
    body = f"""
try:
    play_in_chunks(player, tone(440, {60 if blocked_in == "play" else 8}))
    print("playing", flush=True)
    player.drain()
except PlaybackError as error:
    print(error.problem)
"""
    code = TONE_PLAYER + "\n".join(f"    {line}" for line in body.strip().splitlines())
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=sound_server.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # ALSA complains there, in words of its own
        encoding="utf-8",
    ) as process:
        sound_server.monitor.wait_for_sound()
        getattr(sound_server, how)()
        output, _ = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert output.splitlines()[-1] == "vanished"


@undisturbed
def test_lectern_say_is_heard(loud_lectern: Any, sound_server: Any) -> None:
    with sound_server.monitor.recording() as stop:
        done = loud_lectern("say", "This sentence is spoken, and heard.", "-o", "a.wav", "--play")
        heard = stop()
    assert done.returncode == 0, done.stderr
    with wave.open(str(loud_lectern.folder / "a.wav")) as file:
        written = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32) / 32768
        rate_hz = file.getframerate()
    assert loud_seconds(heard) > 1
    assert sounding(heard).size / RATE_HZ == pytest.approx(sounding(written).size / rate_hz, abs=0.05)


def test_lectern_say_without_a_file_is_heard(loud_lectern: Any, sound_server: Any) -> None:
    with sound_server.monitor.recording() as stop:
        done = loud_lectern("say", "Heard, and not written.")
        heard = stop()
    assert done.returncode == 0, done.stderr
    assert loud_seconds(heard) > 0.7
    assert loud_lectern.files() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@undisturbed
def test_a_signal_silences_at_once(loud_lectern: Any, sound_server: Any, number: signal.Signals) -> None:
    with loud_lectern.start(
        "say", "One word after the other, and on and on. " * 50, "-o", "a.wav", "--play"
    ) as process:
        sound_server.monitor.wait_for_sound()
        with sound_server.monitor.recording() as stop:
            process.send_signal(number)
            output, complaint = process.communicate(timeout=LIMIT_S)
            heard = stop()
    assert process.returncode == 128 + number
    assert output == b""
    assert b"Traceback" not in complaint
    assert loud_seconds(heard) < 0.3
    assert loud_lectern.files() == []


def test_a_file_goes_on_when_the_device_vanishes(loud_lectern: Any, sound_server: Any) -> None:
    with loud_lectern.start("say", "This is a long text, and it is written. " * 15, "-o", "a.wav", "--play") as process:
        sound_server.monitor.wait_for_sound()
        sound_server.unload_sink()
        _, complaint = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 0
    assert b"No longer played: The sound output device went away" in complaint
    assert loud_lectern.files() == ["a.wav"]
    assert (loud_lectern.folder / "a.wav").stat().st_size > 15 * 88_200


def test_without_a_file_a_device_that_vanishes_ends_it(loud_lectern: Any, sound_server: Any) -> None:
    with loud_lectern.start("say", "This is a long text, and it is heard. " * 30) as process:
        sound_server.monitor.wait_for_sound()
        sound_server.unload_sink()
        _, complaint = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 2
    assert b"lectern: The sound output device went away" in complaint
    assert b"Traceback" not in complaint


def test_doctor_names_the_device(loud_lectern: Any) -> None:
    done = loud_lectern("doctor")
    assert done.returncode == 0
    assert b"ok  sound output: default, 44100 Hz" in done.stdout


def test_the_wav_of_a_pipe_can_be_played_while_it_is_made(loud_lectern: Any, tmp_path: Path) -> None:
    done = loud_lectern("say", "Into a pipe.", "-o", "-")
    assert done.returncode == 0
    (tmp_path / "a.wav").write_bytes(done.stdout)
    assert read_audio(tmp_path / "a.wav").size > 20_000
