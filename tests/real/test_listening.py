"""Listening to a reading, for real: through sounddevice into a PulseAudio sink whose monitor is recorded."""

from __future__ import annotations

import functools
import inspect
import logging
import resource
import signal
import subprocess
import time
from array import array
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import Any

import disturbance
import numpy as np
import pytest
from disturbance import MAX_ATTEMPTS, MIN_ATTEMPTS, skip_when_overloaded, wait_for_quiet, watched
from waiting import LIMIT_S, wait_until

import desktop.playback.listening
import engine
from desktop.common.errors import PlaybackError
from desktop.playback.listening import Heard, Listener
from desktop.playback.output_device import find_output_device
from desktop.playback.sound_output import SoundOutput
from tests.real.conftest import Monitor

RATE_HZ = 48_000  # the monitor's
EPOCH = 7
LOG = logging.getLogger(__name__)  # the numbers: pytest --log-cli-level=info


def tone(hz: float, seconds: float, start_s: float = 0) -> np.ndarray:
    t = start_s + np.arange(round(seconds * engine.SAMPLE_RATE_HZ)) / engine.SAMPLE_RATE_HZ
    return (0.5 * np.sin(2 * np.pi * hz * t)).astype(np.float32)


def noise(seconds: float) -> np.ndarray:
    """No two places of it are alike. Low enough for the sound server to keep it when it changes the rate."""
    rng = np.random.default_rng(0)
    white = rng.normal(size=round(seconds * engine.SAMPLE_RATE_HZ))
    smooth = np.convolve(white, np.hanning(9), mode="same")
    return (0.5 * smooth / np.abs(smooth).max()).astype(np.float32)


def events(index: int, samples: np.ndarray, is_done: bool = True) -> Iterator[engine.SpeechEvent]:
    """A segment of these samples, in chunks of odd sizes, with a word every tenth of a second."""
    segment = engine.Segment(index, "", 0, 0, "en", engine.SourceMap(array("l"), array("l")))
    yield engine.SegmentStarted(segment)
    for start in range(0, samples.size, 3001):
        chunk = samples[start : start + 3001]
        first = -(-start // 4410)
        words = tuple(engine.Word(n, n + 1, n * 4410) for n in range(first, -(-(start + chunk.size) // 4410)))
        yield engine.PcmChunk(chunk, engine.SAMPLE_RATE_HZ, index, words)
    if is_done:
        yield engine.SegmentDone(segment, samples.size, engine.SegmentTiming(0, 0, 0))


def play(listener: Listener, *segments: np.ndarray, epoch: int = EPOCH) -> None:
    """A whole reading, generated in no time."""
    listener.begin(epoch)
    for index, samples in enumerate(segments):
        for event in events(index, samples):
            listener.add(epoch, event)
    listener.end(epoch)


def until(listener: Listener, is_so: Callable[[Heard], Any], limit_s: float = LIMIT_S, every_s: float = 0.005) -> Heard:
    """Ask the listener as the window does, until it is so."""
    deadline = time.monotonic() + limit_s
    while not is_so(heard := listener.heard()):
        assert time.monotonic() < deadline, heard
        time.sleep(every_s)
    return heard


def cpu_s() -> float:
    """That this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def until_finished(listener: Listener) -> Heard:
    return until(listener, lambda heard: heard.is_finished)


@pytest.fixture
def open_listener(sound_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Listener]]:
    """Listeners on the tests' own sound server, in this process."""
    for name in ("HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, sound_server.environment[name])
    with sound_server.monitor.recording() as stop:
        stop()  # the sink begins at its own pace, 2 s at a time, and is quick once its monitor is listened to
    opened: list[Listener] = []

    def open_one(**arguments: Any) -> Listener:
        opened.append(Listener(**arguments))
        return opened[-1]

    yield open_one
    for listener in opened:
        listener.close()


@pytest.fixture
def listener(open_listener: Callable[..., Listener]) -> Listener:
    return open_listener()


def undisturbed(test: Callable[..., None]) -> Callable[..., None]:
    """`test` of a fresh `listener`, again when it fails and the device ran dry or something was kept from running.

    What runs dry by itself does so every time.
    """

    def run(open_listener: Callable[..., Listener], **arguments: Any) -> None:
        for n_left in reversed(range(MAX_ATTEMPTS)):
            listener = open_listener()
            with watched() as was_disturbed:
                try:
                    test(listener=listener, **arguments)
                except AssertionError:
                    if not (listener.heard().n_underruns or was_disturbed()):
                        raise
                    if n_left <= MAX_ATTEMPTS - MIN_ATTEMPTS:
                        skip_when_overloaded()
                    if not n_left:
                        raise
                else:
                    return
                finally:
                    listener.close()  # PortAudio belongs to one of them at a time
            wait_for_quiet()

    wanted = [each for name, each in inspect.signature(test).parameters.items() if name != "listener"]
    listening = inspect.Parameter("open_listener", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    functools.update_wrapper(run, test)
    run.__signature__ = inspect.Signature([*wanted, listening])  # type: ignore[attr-defined]
    return run


def sounding(samples: np.ndarray, threshold: float = 0.01) -> np.ndarray:
    """From the first audible sample to the last."""
    places = np.flatnonzero(np.abs(samples) > threshold)
    assert places.size, "nothing was heard"
    return samples[places[0] : places[-1] + 1]


def pieces_of(samples: np.ndarray, gap_s: float = 0.05) -> list[np.ndarray]:
    """What sounds, cut where it is silent for longer than `gap_s`."""
    places = np.flatnonzero(np.abs(samples) > 0.01)
    ends = np.flatnonzero(np.diff(places) > gap_s * RATE_HZ)
    starts = [places[0], *places[ends + 1]]
    return [samples[start : stop + 1] for start, stop in zip(starts, [*places[ends], places[-1]], strict=True)]


def assert_one_tone(heard: np.ndarray, hz: float) -> None:
    """Against a pure tone: a gap or a lost block would turn the phase, a click would stand out of it."""
    t = 2 * np.pi * hz * np.arange(heard.size) / RATE_HZ
    basis = np.stack([np.sin(t), np.cos(t)], axis=1)
    inner = slice(RATE_HZ // 100, -RATE_HZ // 100)
    pure = basis @ np.linalg.lstsq(basis[inner], heard[inner], rcond=None)[0]
    assert np.abs(heard - pure)[inner].max() < 0.02


def assert_no_click(heard: np.ndarray, hz: float, tolerance: float = 1.3) -> None:
    """No step from sample to sample is larger than those of the tone itself."""
    assert np.abs(np.diff(heard)).max() < tolerance * 0.5 * 2 * np.pi * hz / RATE_HZ


def peak_hz(heard: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(heard.size)))
    return float(np.argmax(spectrum)) * RATE_HZ / heard.size


def longest_gap_s(heard: np.ndarray) -> float:
    places = np.flatnonzero(np.abs(heard) > 0.01)
    return float(np.diff(places).max()) / RATE_HZ


def at_48_khz(samples: np.ndarray) -> np.ndarray:
    n_out = samples.size * RATE_HZ // engine.SAMPLE_RATE_HZ
    spectrum = np.fft.rfft(samples)
    wide = np.zeros(n_out // 2 + 1, complex)
    wide[: spectrum.size] = spectrum
    return (np.fft.irfft(wide, n_out) * n_out / samples.size).astype(np.float32)


def find_in(source: np.ndarray, piece: np.ndarray) -> tuple[float, float]:
    """Where `piece` begins in `source`, both at 48 kHz, in seconds, and how well it fits (1 is the same)."""
    size = source.size + piece.size
    correlation = np.fft.irfft(np.fft.rfft(source, size) * np.conj(np.fft.rfft(piece, size)), size)
    at = int(np.argmax(correlation[: source.size]))
    there = source[at : at + piece.size]
    fit = float(there @ piece[: there.size] / (np.linalg.norm(there) * np.linalg.norm(piece)))
    return at / RATE_HZ, fit


@undisturbed
def test_segments_follow_each_other_with_no_gap_and_no_click(sound_server: Any, listener: Listener) -> None:
    whole = tone(440, 2.5)
    with sound_server.monitor.recording() as stop:
        play(listener, *np.split(whole, [30_000, 30_500, 70_000]))
        last = until_finished(listener)
        heard = sounding(stop())
    assert heard.size / RATE_HZ == pytest.approx(2.5, abs=0.01)
    assert np.abs(heard).max() == pytest.approx(0.5, abs=0.01)
    assert_one_tone(heard, 440)
    assert (last.position_s, last.generated_s) == (2.5, 2.5)
    assert last.problem is None
    assert last.n_underruns == 0


@undisturbed
def test_sound_begins_soon_and_sooner_while_the_device_is_warm(sound_server: Any, listener: Listener) -> None:
    waits = []
    for epoch in (1, 2):
        with sound_server.monitor.recording() as stop:
            play(listener, tone(440, 0.3), epoch=epoch)
            last = until_finished(listener)
            heard = stop()
        waits.append(float(np.flatnonzero(np.abs(heard) > 0.01)[0]) / RATE_HZ)
        assert last.first_sound_ms == pytest.approx(1000 * waits[-1], abs=60)
        assert pieces_of(heard)[0].size / RATE_HZ == pytest.approx(0.3, abs=0.01)
    LOG.info("add() to first sound: cold %.3f s, warm %.3f s", *waits)
    assert waits[0] < 0.7
    assert waits[1] < 0.2


@undisturbed
def test_when_generation_is_late_it_waits_and_goes_on_softly(sound_server: Any, listener: Listener) -> None:
    whole = tone(440, 1.2)
    first, second = events(0, whole[:20_000], is_done=False), engine.PcmChunk(whole[20_000:], 44_100, 0)
    with sound_server.monitor.recording() as stop:
        listener.begin(EPOCH)
        assert until(listener, lambda heard: heard.is_waiting).segment_index is None
        for event in first:
            listener.add(EPOCH, event)
        until(listener, lambda heard: not heard.is_waiting)
        assert until(listener, lambda heard: heard.is_waiting).position_s == pytest.approx(20_000 / 44_100, abs=1e-3)
        listener.add(EPOCH, second)
        listener.end(EPOCH)
        last = until_finished(listener)
        heard = stop()
    pieces = pieces_of(heard)
    assert [piece.size / RATE_HZ for piece in pieces] == pytest.approx(
        [20_000 / 44_100, 1.2 - 20_000 / 44_100], abs=0.01
    )
    assert_no_click(heard, 440)
    assert last.n_underruns == 0


@undisturbed
def test_silence_is_there_within_a_tenth_of_a_second(sound_server: Any, listener: Listener) -> None:
    def begin_another() -> None:
        listener.begin(EPOCH + 1)

    for silence in (listener.stop, listener.pause, begin_another):
        play(listener, tone(440, 5))
        until(listener, lambda heard: heard.position_s > 0.3)
        sound_server.monitor.wait_for_sound()
        with sound_server.monitor.recording() as stop:
            started = time.monotonic()
            silence()
            took_s = time.monotonic() - started
            heard = stop()
        loud_s = float(np.flatnonzero(np.abs(heard) > 0.01)[-1]) / RATE_HZ
        LOG.info("%s to silence: %.3f s", silence.__name__, loud_s)
        assert loud_s < 0.1
        assert took_s < 0.05
        assert_no_click(heard, 440)


@undisturbed
def test_a_pause_loses_nothing_and_repeats_nothing(sound_server: Any, listener: Listener) -> None:
    source = noise(3)
    with sound_server.monitor.recording() as stop:
        play(listener, source[:50_000], source[50_000:])
        for pause_at_s in (0.7, 1.6):
            until(listener, lambda heard, at=pause_at_s: heard.position_s > at)
            listener.pause()
            paused = listener.heard()
            assert not paused.is_waiting
            time.sleep(0.3)  # so long it must stand still
            assert listener.heard() == paused
            listener.resume()
        until_finished(listener)
        pieces = pieces_of(stop())
    assert len(pieces) == 3
    found = [find_in(at_48_khz(source), piece) for piece in pieces]
    assert all(fit > 0.95 for _, fit in found), found
    for (start_s, _), piece, (next_start_s, _) in zip(found, pieces, found[1:], strict=False):
        # 5 ms fade out over what then fades in again.
        assert next_start_s == pytest.approx(start_s + piece.size / RATE_HZ, abs=0.007)
    assert found[-1][0] + pieces[-1].size / RATE_HZ == pytest.approx(3, abs=0.007)


@undisturbed
def test_it_goes_back_and_forth_to_what_is_generated(sound_server: Any, listener: Listener) -> None:
    hz = (500, 700, 900, 1100)
    with sound_server.monitor.recording() as stop:
        play(listener, *[tone(each, 3) for each in hz])
        for index in (0, 2, 1, 3):
            assert listener.seek(index)
            heard = listener.heard()
            assert (heard.segment_index, heard.position_s, heard.segment_s) == (index, 3 * index, 0)
            until(listener, lambda heard, index=index: heard.segment_index == index and heard.segment_s > 0.5)
        assert not listener.seek(4)
        until(listener, lambda heard: heard.segment_s > 2)
        recording = sounding(stop())
    until_finished(listener)
    assert listener.seek(3)
    assert not listener.heard().is_finished
    until(listener, lambda heard: heard.segment_s > 0.2)
    blocks = recording[: recording.size // 4800 * 4800].reshape(-1, 4800)
    found = [int(round(peak_hz(block), -2)) for block in blocks if np.abs(block).max() > 0.4]
    order = [found[0], *[b for a, b in pairwise(found) if a != b]]
    assert order == [500, 900, 700, 1100]
    assert longest_gap_s(recording) < 0.02


@pytest.mark.parametrize("speed", [0.5, 1.5, 3])
@undisturbed
def test_the_pitch_stays_at_any_speed(sound_server: Any, listener: Listener, speed: float) -> None:
    listener.set_speed(speed)
    with sound_server.monitor.recording() as stop:
        play(listener, tone(440, 1.1), tone(440, 1.2, start_s=1.1))
        last = until_finished(listener)
        heard = sounding(stop())
    assert peak_hz(heard) == pytest.approx(440, rel=0.01)
    assert heard.size / RATE_HZ == pytest.approx(2.3 / speed, rel=0.01)
    assert last.position_s == pytest.approx(2.3)
    assert_no_click(heard, 440)
    assert last.n_underruns == 0


@undisturbed
def test_speed_changes_at_once_with_no_gap_and_no_click(sound_server: Any, listener: Listener) -> None:
    speeds = [1.5, 0.75, 2.0, 1.0]
    with sound_server.monitor.recording() as stop:
        play(listener, tone(440, 6))
        expected_s, position_s, speed = 0.0, 0.0, 1.0
        for next_speed in speeds:
            at = until(listener, lambda heard, at=position_s + 0.9: heard.position_s > at).position_s
            expected_s += (at - position_s) / speed
            position_s, speed = at, next_speed
            listener.set_speed(next_speed)
        expected_s += 6 - position_s
        until_finished(listener)
        heard = sounding(stop())
    assert_no_click(heard, 440)
    assert longest_gap_s(heard) < 0.003
    # What was on its way to the device is heard at the speed before.
    assert heard.size / RATE_HZ == pytest.approx(expected_s, abs=0.25)
    assert peak_hz(heard) == pytest.approx(440, rel=0.01)


@undisturbed
def test_volume_changes_softly(sound_server: Any, listener: Listener) -> None:
    with sound_server.monitor.recording() as stop:
        play(listener, tone(440, 3))
        for step in range(1, 20):
            until(listener, lambda heard, at=0.5 + step * 0.05: heard.position_s > at)
            listener.set_volume(1 - step / 20)
        until_finished(listener)
        heard = sounding(stop())
    assert heard.size / RATE_HZ == pytest.approx(3, abs=0.01)
    assert np.abs(heard[: RATE_HZ // 4]).max() == pytest.approx(0.5, abs=0.01)
    assert np.abs(heard[-RATE_HZ:]).max() == pytest.approx(0.025, abs=0.002)
    assert_no_click(heard, 440, tolerance=1.1)


@pytest.mark.parametrize("speed", [1.0, 1.5])
@undisturbed
def test_it_knows_what_is_heard(sound_server: Any, listener: Listener, speed: float) -> None:
    """The word it names is the one that the monitor has just recorded."""
    source = noise(4)
    listener.set_speed(speed)
    claims: list[tuple[int, Heard]] = []
    with sound_server.monitor.recording() as stop:
        start = sound_server.monitor._position() // 2
        play(listener, source[:80_000], source[80_000:])
        while not (heard := listener.heard()).is_finished:
            claims.append((sound_server.monitor._position() // 2 - start, heard))
            time.sleep(0.02)
        recording = stop()
    onset = int(np.flatnonzero(np.abs(recording) > 0.01)[0])
    errors = [heard.position_s - speed * (at - onset) / RATE_HZ for at, heard in claims if 0.3 < heard.position_s < 3.9]
    LOG.info("error of the position: %.3f to %.3f s", min(errors), max(errors))
    assert len(errors) > 50
    assert max(map(abs, errors)) < 0.06 * max(1, speed)
    for _, heard in claims:
        if heard.segment_index == 0 and not heard.is_waiting:
            assert heard.word == (int(heard.segment_s * 10), int(heard.segment_s * 10) + 1)


@undisturbed
def test_a_restarted_segment_is_heard_from_its_beginning(sound_server: Any, listener: Listener) -> None:
    with sound_server.monitor.recording() as stop:
        listener.begin(EPOCH)
        for event in events(0, tone(500, 0.8)):
            listener.add(EPOCH, event)
        for event in events(1, tone(2000, 5), is_done=False):
            listener.add(EPOCH, event)
        until(listener, lambda heard: heard.segment_index == 1 and heard.segment_s > 0.3)
        listener.add(EPOCH, engine.SegmentRestarted(1, engine.SegmentProblem.STUCK, 2))
        assert listener.heard().generated_s == 0.8
        listener.add(EPOCH, engine.PcmChunk(tone(1000, 0.5), 44_100, 1))
        listener.end(EPOCH)
        assert until_finished(listener).position_s == pytest.approx(1.3)
        heard = sounding(stop())
    n = RATE_HZ // 4
    assert [round(peak_hz(part), -1) for part in (heard[:n], heard[n * 4 - n // 4 : n * 4], heard[-n:])] == [
        500,
        2000,
        1000,
    ]
    assert heard.size / RATE_HZ == pytest.approx(0.8 + 0.3 + 0.5, abs=0.15)


@undisturbed
def test_a_segment_restarted_before_it_is_heard_leaves_no_trace(sound_server: Any, listener: Listener) -> None:
    whole = tone(440, 2)
    with sound_server.monitor.recording() as stop:
        listener.begin(EPOCH)
        for event in events(0, whole[:30_000]):
            listener.add(EPOCH, event)
        for event in events(1, tone(2000, 1), is_done=False):
            listener.add(EPOCH, event)
        until(listener, lambda heard: heard.position_s > 0.4)
        listener.add(EPOCH, engine.SegmentRestarted(1, engine.SegmentProblem.SILENT, 2))
        listener.add(EPOCH, engine.PcmChunk(whole[30_000:], 44_100, 1))
        listener.end(EPOCH)
        until_finished(listener)
        heard = sounding(stop())
    assert heard.size / RATE_HZ == pytest.approx(2, abs=0.01)
    assert_one_tone(heard, 440)


@disturbance.undisturbed
def test_a_device_of_another_rate_gets_the_same_sound(
    sound_server: Any, open_listener: Callable[..., Listener]
) -> None:
    """No device here refuses 44.1 kHz, so the listener is told of one that takes 32 kHz alone."""

    def find_device(name: str) -> Any:
        return replace(find_output_device(name), rate_hz=32_000, n_channels=1)

    listener = open_listener(find_device=find_device)
    with sound_server.monitor.recording() as stop, closing(listener):
        play(listener, tone(440, 1), tone(440, 1, start_s=1))
        last = until_finished(listener)
        heard = sounding(stop())
    assert heard.size / RATE_HZ == pytest.approx(2, abs=0.01)
    assert last.position_s == 2
    assert_one_tone(heard, 440)


@undisturbed
def test_what_belongs_to_an_older_reading_is_ignored(sound_server: Any, listener: Listener) -> None:
    with sound_server.monitor.recording() as stop:
        listener.begin(1)
        listener.begin(2)
        for event in events(0, tone(2000, 1)):
            listener.add(1, event)
        listener.end(1)
        assert listener.heard() == Heard(epoch=2, is_waiting=True)
        for event in events(0, tone(440, 0.5)):
            listener.add(2, event)
        listener.end(2)
        until_finished(listener)
        heard = sounding(stop())
    assert heard.size / RATE_HZ == pytest.approx(0.5, abs=0.01)
    assert_one_tone(heard, 440)


def pactl(sound_server: Any, *arguments: str) -> str:
    """What it answers."""
    command = ["pactl", *arguments]
    return subprocess.run(
        command, env=sound_server.environment, check=True, capture_output=True, encoding="utf-8"
    ).stdout


def test_an_unplugged_device_is_waited_for(sound_server: Any, listener: Listener) -> None:
    play(listener, tone(440, 4))
    until(listener, lambda heard: heard.position_s > 0.5)
    sound_server.unload_sink()
    gone = until(listener, lambda heard: heard.problem)
    assert gone.problem is not None
    assert gone.problem.problem == "vanished"
    assert gone.is_waiting
    pactl(sound_server, "load-module", "module-null-sink", "sink_name=other", f"rate={RATE_HZ}")
    back = until(listener, lambda heard: heard.problem is None)
    assert back.position_s == pytest.approx(gone.position_s, abs=0.3)
    until(listener, lambda heard: not heard.is_waiting)
    assert until_finished(listener).position_s == 4


@contextmanager
def headphones(sound_server: Any) -> Iterator[Callable[[], None]]:
    """A second sink, which the yielded function unplugs. The first is the default."""
    load = ("load-module", "module-null-sink", "sink_name=other", f"rate={RATE_HZ}")
    number = pactl(sound_server, *load, "sink_properties=device.description=Headphones").strip()
    pactl(sound_server, "set-default-sink", "nul")
    unplug = ExitStack()
    unplug.callback(pactl, sound_server, "unload-module", number)
    with unplug:
        yield unplug.close


def test_the_devices_are_the_sound_servers(sound_server: Any, open_listener: Callable[..., Listener]) -> None:
    with headphones(sound_server):
        listener = open_listener()
        until(listener, lambda _: listener.devices() == ["Null Output", "Headphones"])
    until(listener, lambda _: listener.devices() == ["Null Output"])
    pactl(sound_server, "load-module", "module-null-sink", "sink_name=twin")
    until(listener, lambda _: listener.devices() == ["Null Output (nul)", "Null Output (twin)"])


@pytest.mark.parametrize("is_rescued", [False, True], ids=["the sound ends", "the server moves the sound"])
@undisturbed
def test_sound_lands_in_the_chosen_device_else_the_default_until_it_returns(
    sound_server: Any, is_rescued: bool, listener: Listener
) -> None:
    if is_rescued:
        pactl(sound_server, "load-module", "module-rescue-streams")
    listener.set_device("Headphones")
    listener.begin(EPOCH)
    for event in events(0, tone(440, 60)):
        listener.add(EPOCH, event)
    until(listener, lambda heard: heard.missing == "Headphones" and heard.position_s > 0.3)
    sound_server.monitor.wait_for_sound()  # the default plays in its place
    for _ in range(2):
        with headphones(sound_server) as unplug, closing(Monitor(sound_server.environment, "other")) as other:
            until(listener, lambda heard: not heard.missing and heard.problem is None and not heard.is_waiting)
            other.wait_for_sound()
            with sound_server.monitor.recording() as stop:
                begun_s = listener.heard().position_s
                until(listener, lambda heard, at=begun_s + 0.5: heard.position_s > at)
                assert not np.abs(stop()).max() > 0.02
            unplug()
        gone = until(listener, lambda heard: heard.missing and not heard.is_waiting)
        sound_server.monitor.wait_for_sound()
        assert gone.missing == "Headphones"
        assert gone.problem is None
        assert gone.position_s >= begun_s  # it went on where it was
    listener.set_device("")
    assert not until(listener, lambda heard: not heard.is_waiting).missing
    sound_server.monitor.wait_for_sound()
    assert (listener.heard().epoch, listener.heard().is_finished) == (EPOCH, False)


@undisturbed
def test_a_sound_server_that_stutters_costs_little(sound_server: Any, listener: Listener) -> None:
    with sound_server.monitor.recording() as stop:
        play(listener, noise(3))
        until(listener, lambda heard: heard.position_s > 1)
        sound_server.process.send_signal(signal.SIGSTOP)
        time.sleep(0.5)  # of its standing still
        sound_server.process.send_signal(signal.SIGCONT)
        until_finished(listener)
        heard = stop()
    loud_s = sum(piece.size for piece in pieces_of(heard, gap_s=0.005)) / RATE_HZ
    assert loud_s == pytest.approx(3, abs=0.25)


def test_a_sound_server_that_dies_is_a_problem_and_no_hang(sound_server: Any, listener: Listener) -> None:
    play(listener, tone(440, 20), tone(440, 20))
    until(listener, lambda heard: heard.position_s > 0.3)
    sound_server.kill()
    assert until(listener, lambda heard: heard.problem).is_waiting
    calls: list[Callable[[], Any]] = [
        listener.pause,
        listener.resume,
        lambda: listener.seek(1),
        lambda: listener.set_speed(2),
        lambda: listener.set_volume(0.5),
        listener.heard,
        listener.devices,
        lambda: listener.begin(9),
        listener.stop,
    ]
    for call in calls:
        started = time.monotonic()
        call()
        assert time.monotonic() - started < 0.05
    assert replace(listener.heard(), n_underruns=0) == Heard()


class Clock:
    """What the listener takes for the time: the real one, put forward by hand."""

    def __init__(self) -> None:
        self.ahead_s = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead_s


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Of all listeners, from now on."""
    clock = Clock()
    monkeypatch.setattr(desktop.playback.listening, "now_s", clock)
    return clock


@pytest.fixture
def openings(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When a device was opened, from now on."""
    openings: list[float] = []

    class Counted(SoundOutput):
        def __init__(self, *arguments: Any) -> None:
            openings.append(time.monotonic())
            super().__init__(*arguments)

    monkeypatch.setattr(desktop.playback.listening, "SoundOutput", Counted)
    return openings


@pytest.mark.parametrize(("gap_s", "is_real"), [(4.9, False), (5.1, False), (8, True)])
@undisturbed
def test_sound_that_comes_late_is_heard(
    sound_server: Any, clock: Clock, openings: list[float], gap_s: float, is_real: bool, listener: Listener
) -> None:
    """Before the first sound and in the middle, while the device is kept open and after that. Each gap costs at most
    one opening, and no time of the processor's."""
    openings.clear()

    def wait() -> None:
        if is_real:
            before, used_s = time.monotonic(), cpu_s()
            until(listener, lambda _: time.monotonic() > before + gap_s, gap_s + 15, every_s=0.1)
            LOG.info("CPU in %.0f s of waiting: %.3f s", gap_s, cpu_s() - used_s)
            assert (
                cpu_s() - used_s < 0.1 * gap_s
            )  # a loop that waits for nothing takes 0.23; the monitor's thread is in here too
        else:
            clock.ahead_s += gap_s
            listener._wake()
            time.sleep(0.3)  # of silence

    source = noise(1.5)
    with sound_server.monitor.recording() as stop:
        listener.begin(EPOCH)
        until(listener, lambda _: len(openings) == 1)
        wait()
        for event in events(0, source[:44_100]):
            listener.add(EPOCH, event)
        until(listener, lambda heard: heard.position_s == 1 and heard.is_waiting)
        wait()
        for event in events(1, source[44_100:]):
            listener.add(EPOCH, event)
        listener.end(EPOCH)
        heard = until_finished(listener)
        pieces = pieces_of(stop(), gap_s=0.2)
    assert heard.position_s == 1.5
    assert [piece.size / RATE_HZ for piece in pieces] == pytest.approx([1, 0.5], abs=0.02)
    assert len(openings) <= 3


def test_one_that_opens_a_device_ends_nobody_elses_sound(
    sound_server: Any,  # noqa: ARG001
    open_listener: Callable[..., Listener],
    openings: list[float],
) -> None:
    """PortAudio's list of devices is made anew at each opening, which would end every stream of the process."""
    reader, book = open_listener(), open_listener()
    play(reader, tone(440, 8))
    until(reader, lambda heard: heard.position_s > 0.3)
    play(book, tone(880, 0.5))
    until_finished(book)
    book.devices()
    at_s = reader.heard().position_s
    heard = until(reader, lambda heard: heard.position_s > at_s + 0.3)
    assert heard.problem is None
    is_slow = max(reader.heard().n_underruns, book.heard().n_underruns) > desktop.playback.listening.MAX_UNDERRUNS
    assert len(openings) == 2 or is_slow, openings  # a device that runs dry is opened again with more in it


def test_without_a_device_nothing_else_breaks(open_listener: Callable[..., Listener]) -> None:
    def find_device(_: str) -> Any:
        raise PlaybackError("no_device")

    listener = open_listener(find_device=find_device)
    play(listener, tone(440, 1))
    heard = until(listener, lambda heard: heard.problem)
    assert heard == Heard(EPOCH, 0, (0, 1), generated_s=1.0, is_waiting=True, problem=heard.problem)
    listener.pause()
    assert listener.seek(0)
    listener.stop()
    assert listener.heard() == Heard()


@undisturbed
def test_while_nothing_plays_the_device_is_closed_and_no_time_is_used(
    sound_server: Any,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def is_open() -> bool:
        listed = subprocess.run(
            ["pactl", "list", "short", "sink-inputs"], env=sound_server.environment, capture_output=True, check=True
        )
        return bool(listed.stdout.strip())

    monkeypatch.setattr(desktop.playback.listening, "KEEP_OPEN_S", 0.3)
    source = noise(3)
    with sound_server.monitor.recording() as stop:
        play(listener, source)
        until(listener, lambda heard: heard.position_s > 0.5)
        assert is_open()
        listener.pause()
        wait_until(lambda: not is_open(), "the device is closed")
        before = cpu_s()
        time.sleep(1)  # of doing nothing
        used = cpu_s() - before
        LOG.info("CPU while paused: %.4f s of 1 s", used)
        assert used < 0.02 + 0.05  # the monitor's thread is in this process too
        listener.resume()
        until_finished(listener)
        recording = stop()
    pieces = pieces_of(recording)
    assert len(pieces) == 2
    (first_s, _), (second_s, _) = [find_in(at_48_khz(source), piece) for piece in pieces]
    assert second_s == pytest.approx(first_s + pieces[0].size / RATE_HZ, abs=0.007)
