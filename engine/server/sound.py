"""From what an engine makes to the bytes that a client is sent."""

from __future__ import annotations

import numpy as np

from engine.audio.files import StreamEncoder
from engine.audio.tempo import TempoChanger
from engine.server.forms import SoundForm
from engine.types import SAMPLE_RATE_HZ


class SoundChain:
    """Speed, loudness and format: float32 mono at 44.1 kHz in, bytes out. Used by one thread at a time."""

    def __init__(self, form: SoundForm) -> None:
        self._tempo = None if form.speed == 1 else TempoChanger(form.speed, SAMPLE_RATE_HZ)
        self._gain = np.float32(10 ** (form.volume_db / 20))
        is_bare = form.format == "wav" and not form.has_header
        self._encoder = StreamEncoder(
            "pcm" if is_bare else form.format, rate_hz=form.rate_hz, bits_per_s=form.bits_per_s, whole=form.is_whole
        )
        self._is_over = False

    def write(self, samples: np.ndarray) -> bytes:
        """What is ready to be sent, maybe nothing."""
        if self._tempo is not None:
            samples = self._tempo.push(samples)
        return self._encoder.write(samples * self._gain)

    def finish(self) -> bytes:
        self._is_over = True
        rest = b"" if self._tempo is None else self._encoder.write(self._tempo.flush() * self._gain)
        return rest + self._encoder.finish()

    def discard(self) -> None:
        """Instead of `finish`; after it, nothing happens."""
        if not self._is_over:
            self._is_over = True
            self._encoder.discard()
