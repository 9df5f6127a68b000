"""The loudness meter. What a book is brought to is measured in tests/engine/narration/test_export.py."""

from __future__ import annotations

import time

import numpy as np

from engine.audio.loudness import LoudnessMeter
from engine.types import SAMPLE_RATE_HZ

NOISE = np.random.default_rng(1).normal(0, 0.1, SAMPLE_RATE_HZ).astype(np.float32)


def test_silence_after_sound_takes_no_longer_than_sound() -> None:
    """As in every pause of a book."""

    def count(samples: np.ndarray) -> int:
        """How often they are heard in so much time: Windows' clock of it has steps of 16 ms."""
        meter, n, until_s = LoudnessMeter(hears_peaks=False), 0, time.process_time() + 0.06
        meter.hear(NOISE)
        while time.process_time() < until_s:
            meter.hear(samples)
            n += 1
        return n

    tries = [(count(np.zeros_like(NOISE)), count(NOISE)) for _ in range(3)]
    assert any(n_silence > n_sound / 3 for n_silence, n_sound in tries), tries


def test_a_meter_that_hears_no_peaks_hears_the_same_loudness() -> None:
    heard = []
    for hears_peaks in (True, False):
        meter = LoudnessMeter(hears_peaks=hears_peaks)
        for chunk in (NOISE, np.zeros_like(NOISE), NOISE / 10):
            meter.hear(chunk)
        heard.append(meter.loudness())
    assert heard[0].integrated_lufs == heard[1].integrated_lufs > -70
    assert heard[0].peak_db > heard[1].peak_db == -120


def test_silence_is_silent() -> None:
    meter = LoudnessMeter()
    meter.hear(np.zeros(2 * SAMPLE_RATE_HZ, np.float32))
    assert meter.loudness().integrated_lufs <= -70
