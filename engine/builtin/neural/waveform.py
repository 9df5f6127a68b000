"""The spectrum that the network predicts, made audible: an inverse short-time Fourier transform, as it goes.

In each frame of 12.5 ms three parts are added up: pulses at the pitch of the voice, filtered; noise, shaped; and a part
with a phase of its own. hibari's own function does the same for a whole sentence at once, which makes the first sound
wait for the last. (Tests compare the two.)
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.builtin.neural.model import Prediction

FIRST_FRAMES = 40
BLOCK_FRAMES = 80
LAST_FRAMES = 64
"""A second. The first block is shorter, because somebody waits for it, though not shorter than the silence that it
begins with; and the last is at least so long as to hold the silence at the end, which is cut."""
_OVERLAP = 4
"""Frames that each sample is in."""
_MAX_LOG = 7.0


def waveform(prediction: Prediction, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Yield the samples, float32 `(n,)` at 24 kHz: in all 300 a frame. The noise is drawn from `rng`."""
    from hibari import dsp

    n_frames = len(prediction.f0_hz)
    pulses = np.pad(dsp.pulses(prediction.f0_hz), dsp.N_FFT // 2, mode="reflect")
    windows = sliding_window_view(pulses, dsp.N_FFT)[:: dsp.HOP]
    powers = (dsp.WIN * dsp.WIN).reshape(_OVERLAP, dsp.HOP)
    open_sums = np.zeros((_OVERLAP - 1, dsp.HOP), np.float32)
    for first, last in pairwise(_cuts(n_frames)):
        spectrum = np.ascontiguousarray(dsp.rfft(windows[first:last] * dsp.WIN_SRC, 1).T)  # (601, n) complex64
        frames = dsp.irfft(_filtered(spectrum, prediction, slice(first, last), rng).T, dsp.N_FFT, 1) * dsp.WIN
        parts = frames.reshape(last - first, _OVERLAP, dsp.HOP)
        sums = np.concatenate((open_sums, np.zeros_like(parts[:, 0])))
        for k in range(_OVERLAP):
            sums[k : k + last - first] += parts[:, k]
        n_done = len(sums) if last == n_frames else last - first
        sums, open_sums = sums[:n_done], sums[last - first :]
        # A hop at either end is in fewer frames than one in the middle.
        hops = range(first, first + n_done)
        weights = [_weight(powers, hop, n_frames) for hop in hops]
        samples = (sums / np.stack(weights)).reshape(-1)
        begin = max(0, dsp.N_FFT // 2 - first * dsp.HOP)  # the first frame's middle is sample 0
        end = (n_frames - first) * dsp.HOP + dsp.N_FFT // 2
        yield samples[begin:end]


def _cuts(n_frames: int) -> list[int]:
    return [0, *range(FIRST_FRAMES, n_frames - LAST_FRAMES, BLOCK_FRAMES), n_frames]


def _filtered(spectrum: np.ndarray, of: Prediction, part: slice, rng: np.random.Generator) -> np.ndarray:
    """Turn the pulses' `spectrum`, complex64 `(601, n)`, into the voice's."""
    spectrum = spectrum * _polar(of.harmonic[:, part], np.pi * np.tanh(of.phase[:, part]))
    noise = rng.standard_normal((spectrum.shape[1], spectrum.shape[0], 2), np.float32).view(np.complex64)[..., 0].T
    return spectrum + noise * _magnitude(of.noise[:, part]) + _polar(of.rest[:, part], of.rest_phase[:, part])


def _polar(log_magnitude: np.ndarray, angle: np.ndarray) -> np.ndarray:
    turned = np.empty(angle.shape, np.complex64)
    turned.real, turned.imag = np.cos(angle), np.sin(angle)
    return turned * _magnitude(log_magnitude)


def _magnitude(log_magnitude: np.ndarray) -> np.ndarray:
    return np.exp(np.minimum(log_magnitude, _MAX_LOG), dtype=np.float32)


def _weight(powers: np.ndarray, hop: int, n_frames: int) -> np.ndarray:
    """Sum the windows' squares over the frames that `hop` is in."""
    inside = [k for k in range(_OVERLAP) if 0 <= hop - k < n_frames]
    return np.maximum(powers[inside].sum(axis=0), 1e-11)
