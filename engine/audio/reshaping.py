"""Sound made higher and faster, as it comes."""

from __future__ import annotations

import numpy as np

from engine.audio.resampling import StreamResampler
from engine.audio.tempo import TempoChanger
from engine.types import SAMPLE_RATE_HZ


class Reshaper:
    """Plays sound at `SAMPLE_RATE_HZ` as if it were at `from_hz`, which makes it higher and faster, and then changes
    its speed by `tempo`, without a change of pitch; None leaves that."""

    def __init__(self, from_hz: int, tempo: float | None) -> None:
        self._pitch = StreamResampler(from_hz, SAMPLE_RATE_HZ) if from_hz != SAMPLE_RATE_HZ else None
        self._tempo = TempoChanger(tempo, SAMPLE_RATE_HZ) if tempo is not None else None
        self.lead_samples = self._tempo.lead_samples * from_hz / SAMPLE_RATE_HZ if self._tempo else 0.0
        """How much further on the sound that comes out is than its place says, in samples of what went in."""

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Take float32 `(n,)`, and return the samples that are ready."""
        samples = self._pitch.push(samples) if self._pitch else samples
        return self._tempo.push(samples) if self._tempo else samples

    def flush(self) -> np.ndarray:
        """Return what is left. Nothing may be pushed any more."""
        rest = self._pitch.flush() if self._pitch else np.zeros(0, np.float32)
        return np.concatenate((self._tempo.push(rest), self._tempo.flush())) if self._tempo else rest
