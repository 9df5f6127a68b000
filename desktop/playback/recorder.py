"""Records from a microphone, and knows how loud it is. No Qt here."""

from __future__ import annotations

import time
from typing import Any, Self

import numpy as np

import engine
import engine.voice_library
from desktop.playback.input_device import InputDevice, open_input

STALL_S = 3.0
"""A microphone that gives nothing for so long is gone."""
LEVEL_FALL = 0.7
"""Of the peak, each block: a meter that falls slowly is easier to read."""


class Recorder:
    """A context manager that records from `start` on, until `stop` or for `max_s`. One thread calls its methods."""

    def __init__(self, device: InputDevice, max_s: float = engine.voice_library.MAX_RECORDING_S) -> None:
        self.device = device
        self._buffer = np.zeros(int(max_s * device.rate_hz), np.float32)
        self._n_samples = 0
        self._level = 0.0
        self._stream: Any = None
        self._is_stopping = self._is_ended = False
        self._heard_at_s = 0.0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Takes 20 to 200 ms. Raises `RecordingError`."""
        self._heard_at_s = time.monotonic()
        self._stream = open_input(self.device, self._take, self._end)

    @property
    def seconds(self) -> float:
        """Recorded so far."""
        return self._n_samples / self.device.rate_hz

    @property
    def level(self) -> float:
        """The peak of the last moments, 0 to 1."""
        return self._level

    @property
    def is_full(self) -> bool:
        return self._n_samples == self._buffer.size

    @property
    def is_lost(self) -> bool:
        """The microphone went away."""
        if self._is_stopping or self.is_full:
            return False
        return self._is_ended or time.monotonic() - self._heard_at_s > STALL_S

    def samples(self) -> np.ndarray:
        """What is recorded, float32 `(n_samples,)` at the device's rate."""
        return self._buffer[: self._n_samples].copy()

    def stop(self) -> None:
        """Waits for the last block, but not for that of a microphone that went away: it never comes. Nothing happens
        when it was stopped before."""
        is_lost, self._is_stopping = self.is_lost, True
        if self._stream is not None:
            (self._stream.abort if is_lost else self._stream.stop)()
            self._stream.close()
            self._stream = None

    def _take(self, block: np.ndarray, n_samples: int, _times: Any, _status: Any) -> None:
        """PortAudio's thread: copies, and little else. `block` is float32 `(n_samples, 1)`."""
        self._heard_at_s = time.monotonic()
        start = self._n_samples
        n_taken = min(n_samples, self._buffer.size - start)
        self._buffer[start : start + n_taken] = block[:n_taken, 0]
        self._n_samples = start + n_taken
        self._level = max(float(np.abs(block).max(initial=0.0)), LEVEL_FALL * self._level)

    def _end(self) -> None:
        self._is_ended = True
