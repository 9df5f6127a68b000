"""Soft edges for a piece of sound that arrives in chunks, so that no seam clicks."""

from __future__ import annotations

import numpy as np


def fade_in(n_samples: int) -> np.ndarray:
    """Make half a cosine from 0 to 1, float32 `(n_samples,)`: no corner at its ends, and with its mirror image it adds
    up to 1."""
    return (0.5 - 0.5 * np.cos(np.pi * (np.arange(n_samples) + 0.5) / max(1, n_samples))).astype(np.float32)


class EdgeFader:
    """Fade a stream in at its start and out at its end; what lies between passes unchanged.

    The last `n_fade` samples are held back until it is known whether the stream ends with them, so the total length
    stays the same. Samples are float32 (n,).
    """

    def __init__(self, fade_ms: float, sample_rate_hz: int) -> None:
        self._ramp = fade_in(round(fade_ms * sample_rate_hz / 1000))
        self._n_faded_in = 0
        self._held = np.zeros(0, dtype=np.float32)

    def feed(self, samples: np.ndarray) -> np.ndarray:
        """Take the stream's next samples, and return those that are ready, maybe none."""
        ramp = self._ramp[self._n_faded_in : self._n_faded_in + len(samples)]
        if len(ramp):
            samples = samples.copy()
            samples[: len(ramp)] *= ramp
            self._n_faded_in += len(ramp)
        joined = np.concatenate((self._held, samples))
        n_ready = max(0, len(joined) - len(self._ramp))
        self._held = joined[n_ready:]
        return joined[:n_ready]

    def finish(self) -> np.ndarray:
        """Return the samples that were held back, faded out."""
        n = len(self._held)
        return self._held * self._ramp[:n][::-1]
