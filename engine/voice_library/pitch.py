"""The pitch of a voice, and whether two people speak: by the autocorrelation of short pieces."""

from __future__ import annotations

import numpy as np

PIECE_S, STEP_S = 0.04, 0.02
LOWEST_HZ, HIGHEST_HZ = 65.0, 420.0
MIN_STRENGTH = 0.6
"""Of the autocorrelation's peak, 1 being a perfect period: below it a piece is a consonant, noise or silence."""
WINDOW_PIECES = 25
"""Half a second of voiced speech has one pitch here, its median: a single wrong octave then counts for nothing."""
MIN_WINDOWS = 6
MIN_GAP = 7.0
"""Semitones between the middles of two groups. A lively speaker's own halves are some 4 to 5 apart."""
MIN_SHARE = 0.15
MIN_SEPARATION = 3.6
"""Ashman's D of the two groups: two of a normal distribution's halves have 2.6, of an even one's 3.5."""
_BLOCK_PIECES = 512  # 17 MB of spectra at a time


def track_pitch(samples: np.ndarray, rate_hz: int, min_rms: float) -> np.ndarray:
    """Measure the pitch in Hz of each voiced piece of float32 `(n,)`, in order; pieces below `min_rms` are left out."""
    step = max(1, rate_hz // 12_000)  # pitch lies below 420 Hz: a third of the samples shows it as well
    if step > 1:
        samples = samples[: samples.size // step * step].reshape(-1, step).mean(axis=1)
        rate_hz = rate_hz // step
    length, hop = int(PIECE_S * rate_hz), int(STEP_S * rate_hz)
    if samples.size < length:
        return np.zeros(0)
    pieces = np.lib.stride_tricks.sliding_window_view(samples, length)[::hop]
    found = [_pitches(pieces[at : at + _BLOCK_PIECES], rate_hz, min_rms) for at in range(0, len(pieces), _BLOCK_PIECES)]
    return np.concatenate(found)


def two_pitches(pitches_hz: np.ndarray) -> tuple[float, float] | None:
    """Find the two groups that voiced pieces fall into, and return their middles in Hz, the lower first; None for one
    group.

    That says "two people" only where they differ by half an octave or more: two of similar pitch are not told apart,
    and one who acts a part may be taken for two. So it is a doubt, never a verdict.
    """
    n_windows = pitches_hz.size // WINDOW_PIECES
    if n_windows < MIN_WINDOWS:
        return None
    windows = 12 * np.log2(np.median(pitches_hz[: n_windows * WINDOW_PIECES].reshape(n_windows, -1), axis=1))
    windows.sort()
    least = max(2, round(MIN_SHARE * n_windows))
    splits = range(least, n_windows - least + 1)
    if not splits:
        return None
    at = min(splits, key=lambda n: windows[:n].var() * n + windows[n:].var() * (n_windows - n))
    low, high = windows[:at], windows[at:]
    gap = high.mean() - low.mean()
    spread = float(np.sqrt((low.var() + high.var()) / 2))
    if gap < MIN_GAP or gap < MIN_SEPARATION * max(spread, 0.1):
        return None
    return float(2 ** (np.median(low) / 12)), float(2 ** (np.median(high) / 12))


def _pitches(pieces: np.ndarray, rate_hz: int, min_rms: float) -> np.ndarray:
    """Measure the pitch of pieces float32 `(n_pieces, n_samples)`, of those that are voiced."""
    pieces = pieces - pieces.mean(axis=1, keepdims=True)
    loud = pieces[np.sqrt((pieces**2).mean(axis=1)) > min_rms]
    if not len(loud):
        return np.zeros(0)
    length = loud.shape[1]
    window = np.hanning(length)
    size = 1 << (2 * length - 1).bit_length()
    power = np.abs(np.fft.rfft(loud * window, size)) ** 2
    correlation = np.fft.irfft(power, size)[:, :length]
    of_window = np.fft.irfft(np.abs(np.fft.rfft(window, size)) ** 2, size)[:length]
    shortest, longest = int(rate_hz / HIGHEST_HZ), min(int(rate_hz / LOWEST_HZ), length * 3 // 4)
    lags = np.arange(shortest, longest)
    # The window makes later lags smaller: divided out, or the octave above would win.
    strength = correlation[:, shortest:longest] / correlation[:, :1] / (of_window[shortest:longest] / of_window[0])
    # Twice the period is as good a period: the shortest that is nearly the best is meant.
    is_good = strength >= 0.9 * strength.max(axis=1, keepdims=True)
    is_peak = np.zeros_like(is_good)
    is_peak[:, 1:-1] = (strength[:, 1:-1] >= strength[:, :-2]) & (strength[:, 1:-1] >= strength[:, 2:])
    candidates = is_good & is_peak
    best = np.argmax(candidates, axis=1)
    rows = np.arange(len(loud))
    is_voiced = candidates.any(axis=1) & (strength[rows, best] >= MIN_STRENGTH)
    return rate_hz / lags[best[is_voiced]]
