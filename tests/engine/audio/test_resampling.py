"""Another rate: right pitch, right length, right place, no aliases; little memory, whatever the two rates are."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from engine import MAX_RATE_HZ, MIN_RATE_HZ, OptionError
from engine.audio.resampling import StreamResampler, resample, resampled_size

ODD_RATES_HZ = (8_000, 11_127, 22_050, 44_101, 48_000, 48_001, 99_991, 192_000, 383_999, 384_000)


def tone(hz: float, rate_hz: int, seconds: float = 1.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def middle(samples: np.ndarray) -> np.ndarray:
    edge = samples.size // 5
    return samples[edge:-edge]


@pytest.mark.parametrize("to_hz", [44_100, 8_001, 384_000])
@pytest.mark.parametrize("from_hz", ODD_RATES_HZ)
def test_any_rates_keep_pitch_place_and_length(from_hz: int, to_hz: int) -> None:
    """The same tone computed at the other rate is what comes out: a delay of half a sample would be seen."""
    seconds = 0.4
    hz = 0.4 * min(from_hz, to_hz)
    samples = tone(hz, from_hz, seconds)
    made = resample(samples, from_hz, to_hz)
    assert made.size == resampled_size(samples.size, from_hz, to_hz)
    assert made.dtype == np.float32
    expected = (0.5 * np.sin(2 * np.pi * hz * np.arange(made.size) / to_hz)).astype(np.float32)
    assert np.abs(middle(made) - middle(expected)).max() < 1e-4 or from_hz == to_hz


@pytest.mark.parametrize("from_hz", [48_000, 48_001, 96_000, 384_000])
def test_what_the_lower_rate_cannot_hold_is_gone(from_hz: int) -> None:
    """torchaudio's resampler left a fifth of it there (-14 dB at 0.55 of the rate)."""
    for hz in (0.525 * 44_100, 0.49 * from_hz):
        assert np.abs(middle(resample(tone(hz, from_hz), from_hz, 44_100))).max() < 1e-5


def test_up_to_nineteen_kilohertz_all_is_there() -> None:
    for hz in (100, 10_000, 19_000):
        made = middle(resample(tone(hz, 48_000), 48_000, 44_100))
        assert np.abs(made).max() == pytest.approx(0.5, rel=0.005)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(22_050, 44_100), (44_100, 48_000), (44_101, 44_100), (384_000, 8_000)])
@pytest.mark.parametrize("n_chunk", [1, 997, 70_000])
def test_however_it_is_cut_the_same_comes_out(from_hz: int, to_hz: int, n_chunk: int) -> None:
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 9_001 if n_chunk == 1 else 150_001).astype(np.float32)
    stream = StreamResampler(from_hz, to_hz)
    pieces = [stream.push(samples[start : start + n_chunk]) for start in range(0, samples.size, n_chunk)]
    np.testing.assert_array_equal(np.concatenate([*pieces, stream.flush()]), resample(samples, from_hz, to_hz))


@pytest.mark.parametrize("n_samples", [0, 1, 2, 63, 64, 65, 129, 1000])
@pytest.mark.parametrize(("from_hz", "to_hz"), [(22_050, 44_100), (384_000, 8_000), (8_000, 384_000), (44_101, 44_100)])
def test_the_shortest_sounds_have_their_length(n_samples: int, from_hz: int, to_hz: int) -> None:
    stream = StreamResampler(from_hz, to_hz)
    made = np.concatenate((stream.push(np.ones(n_samples, np.float32)), stream.flush()))
    assert made.size == resampled_size(n_samples, from_hz, to_hz)


def test_the_same_rate_changes_nothing() -> None:
    samples = tone(440, 44_100)
    assert resample(samples, 44_100, 44_100) is samples


@pytest.mark.parametrize("rate_hz", [0, 1, MIN_RATE_HZ - 1, MAX_RATE_HZ + 1, 2_000_000_000])
def test_a_rate_beyond_reason_is_refused(rate_hz: int) -> None:
    for rates in ((rate_hz, 44_100), (44_100, rate_hz)):
        with pytest.raises(OptionError, match="8,000 to 384,000 Hz"):
            resample(np.zeros(10, np.float32), *rates)


def test_memory_is_that_of_the_sound_and_no_torch_is_needed() -> None:
    """In a process that reports its own peak. torchaudio asked for 7.8 GB (44 101 Hz), 8.5 GB (48 001 Hz)."""
    script = f"""
import resource, sys
import numpy as np
from engine.audio.resampling import resample
def peak_mb(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
resample(np.zeros(8_000, np.float32), 48_000, 44_100)
before = peak_mb()
for rate_hz in {ODD_RATES_HZ!r}:
    resample(np.zeros(8_000, np.float32), rate_hz, 44_100)
filters = peak_mb() - before
resample(np.zeros(10_000_000, np.float32), 44_101, 44_100)
print(filters, peak_mb() - before, "torch" in sys.modules or "torchaudio" in sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True, timeout=300
    )
    filters_mb, sound_mb, has_torch = done.stdout.split()
    assert float(filters_mb) < 40
    assert float(sound_mb) < 2.5 * 40  # in and out are 40 MB each
    assert has_torch == "False"
