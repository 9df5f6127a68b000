"""What a sound is like every ten milliseconds: its cepstrum, how that changes, and where nobody speaks."""

from __future__ import annotations

from functools import cache

import numpy as np

RATE_HZ = 22_050
"""espeak-ng's own, and half of what engines give: below 8 kHz is all that tells words apart."""
HOP_SAMPLES = 220
WINDOW_SAMPLES = 512
FRAME_S = HOP_SAMPLES / RATE_HZ
CENTRE_SAMPLES = WINDOW_SAMPLES // 2
"""Where in its window a frame is heard."""
N_CEPSTRA = 13
DELTA_FRAMES = 3
"""To either side: so many at the end of a sound change when it goes on."""

_N_BANDS = 26
_LOW_HZ, _HIGH_HZ = 80.0, 8000.0
_FLOOR = 1e-8  # of a band's energy: silence is not minus infinity
_LIFTER = 14
_LOUDNESS_WEIGHT = 0.6  # of the first coefficient, which is as large as all the others
_DELTA_WEIGHT = 2.0
_SCALE = 0.055  # makes distances between sounds that are not the same about 1

_ONE_THREAD_PRODUCTS = 250_000  # OpenBLAS's own limit is 262 144

_LOUD_PERCENTILE, _QUIET_PERCENTILE = 95, 5
_SILENCE_DB, _LEAST_DB = 40.0, 25.0  # below loud speech; a noisy recording's pauses are only so much quieter
_NOISE_MARGIN_DB = 6.0
_HUSH_DB = -75.0
PAUSE_FRAMES = 6
"""A shorter silence is part of a sound: that before a "p"."""


def spectra(samples: np.ndarray) -> np.ndarray:
    """Compute the power of each whole window of float32 `(n_samples,)` at `RATE_HZ`: float32 `(n_frames, bins)`."""
    n_frames = max(0, (len(samples) - WINDOW_SAMPLES) // HOP_SAMPLES + 1)
    if not n_frames:
        return np.zeros((0, WINDOW_SAMPLES // 2 + 1), np.float32)
    windows = np.lib.stride_tricks.sliding_window_view(samples, WINDOW_SAMPLES)[::HOP_SAMPLES]
    spectrum = np.fft.rfft(windows * np.hanning(WINDOW_SAMPLES).astype(np.float32))
    return (spectrum.real**2 + spectrum.imag**2).astype(np.float32)


def levels_of(power: np.ndarray) -> np.ndarray:
    """Compute how loud `spectra` are, in dB of full scale: `(n_frames,)`."""
    return 10 * np.log10(power.mean(axis=1) / WINDOW_SAMPLES + 1e-10)


def cepstra_of(power: np.ndarray, warp: float = 1.0) -> np.ndarray:
    """Compute the cepstra of `spectra`, float32 `(n_frames, N_CEPSTRA)`. `warp` above 1 makes them a smaller speaker's:
    all formants are so much higher."""
    return product(np.log(product(power, _mel_bands(warp)) + np.float32(_FLOOR)), _cosines())


def is_spoken(levels: np.ndarray) -> np.ndarray:
    """Tell the frames of speech, bool `(n_frames,)`, from silence at both ends and pauses of `PAUSE_FRAMES` and
    more."""
    if not len(levels):
        return np.zeros(0, bool)
    spoken = levels > silence_level(levels)
    edges = np.flatnonzero(np.diff(np.concatenate(([1], spoken.astype(np.int8), [1]))))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        if end - start < PAUSE_FRAMES and start > 0 and end < len(levels):
            spoken[start:end] = True
    return spoken


def silence_level(levels: np.ndarray) -> float:
    """Find the level, in dB of full scale, that speech is above."""
    loud, quiet = np.percentile(levels, (_LOUD_PERCENTILE, _QUIET_PERCENTILE))
    return max(_HUSH_DB, loud - _SILENCE_DB, min(quiet + _NOISE_MARGIN_DB, loud - _LEAST_DB))


def compared(cepstra: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Make of cepstra, `(n, N_CEPSTRA)`, what frames are compared by, `(n, 2 * N_CEPSTRA)`: without the speaker's
    `mean`, and with their change."""
    n = DELTA_FRAMES
    level = (cepstra - mean) * _weights()
    padded = np.concatenate((level[:1],) * n + (level,) + (level[-1:],) * n)
    change = (padded[2 * n :] - padded[: -2 * n]) * np.float32(_DELTA_WEIGHT / 2)
    return np.concatenate((level, change), axis=1)


def distances(heard: np.ndarray, example: np.ndarray) -> np.ndarray:
    """Compute how different frames are, float32 `(n_heard, n_example)`: about 1 between sounds that are not the
    same."""
    squares = (heard**2).sum(axis=1)[:, None] + (example**2).sum(axis=1) - 2 * product(heard, example.T)
    return np.sqrt(np.maximum(squares, 0, out=squares) / np.float32(heard.shape[1]))


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Multiply matrices in pieces so small that the linear algebra library uses one thread.

    With more it is no faster at these sizes, and where another program wants the cores its threads wait for each other
    and take ten times the processor time (tests/bench/RESULTS.md).
    """
    n_rows = max(1, _ONE_THREAD_PRODUCTS // b.size)
    made = np.empty((len(a), b.shape[1]), np.float32)
    for start in range(0, len(a), n_rows):
        np.matmul(a[start : start + n_rows], b, out=made[start : start + n_rows])
    return made


@cache
def _weights() -> np.ndarray:
    weights = 1 + _LIFTER / 2 * np.sin(np.pi * np.arange(N_CEPSTRA) / _LIFTER)
    weights[0] = _LOUDNESS_WEIGHT * weights[1]
    return (weights * _SCALE).astype(np.float32)


@cache
def _mel_bands(warp: float) -> np.ndarray:
    """Triangles of equal width in mel: float32 `(bins, _N_BANDS)`."""
    edges = np.linspace(_mel(np.array(_LOW_HZ)), _mel(np.array(_HIGH_HZ)), _N_BANDS + 2)
    places = _mel(np.fft.rfftfreq(WINDOW_SAMPLES, 1 / RATE_HZ) * warp)[:, None]
    rise = (places - edges[:-2]) / (edges[1:-1] - edges[:-2])
    fall = (edges[2:] - places) / (edges[2:] - edges[1:-1])
    return np.clip(np.minimum(rise, fall), 0, None).astype(np.float32)


def _mel(hz: np.ndarray) -> np.ndarray:
    return 1127 * np.log1p(hz / 700)


@cache
def _cosines() -> np.ndarray:
    """The discrete cosine transform of a frame's bands: float32 `(_N_BANDS, N_CEPSTRA)`."""
    bands, numbers = np.arange(_N_BANDS)[:, None] + 0.5, np.arange(N_CEPSTRA)
    return (np.sqrt(2 / _N_BANDS) * np.cos(np.pi / _N_BANDS * bands * numbers)).astype(np.float32)
