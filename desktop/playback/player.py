"""Plays samples as they come, and knows what has been heard."""

from __future__ import annotations

import threading
import time
from types import ModuleType
from typing import Any, Self

import numpy as np

import engine
import engine.audio
from desktop.common.errors import PlaybackError
from desktop.playback.output_device import OutputDevice, find_output_device, open_stream
from desktop.playback.pcm_buffer import PcmBuffer
from desktop.playback.sound_thread import import_sounddevice

__all__ = ["Player", "find_output_device"]

BUFFER_S = 10.0
LATENCY_S = 0.25  # PortAudio's "high", 35 ms under PulseAudio, runs dry on a busy CPU; 0.15 and 0.2 still do at load 8
PREROLL_S = 0.2  # a device that slept swallows its first 50 to 500 ms
FADE_S = 0.005
STALL_S = 10.0  # a Bluetooth sink may pause for seconds; longer is not playing
POLL_S = 0.05


class Player:
    """Plays float32 mono 44.1 kHz on `device`; a context manager that is silent once it is left.

    The device is opened with the first samples. `play` and `drain` block, and return at once when `cancel`
    is set; so does the sound end, from whatever thread the token is set. One thread calls the methods.
    """

    def __init__(self, device: OutputDevice, cancel: engine.CancelToken) -> None:
        self._device = device
        self._cancel = cancel
        self._buffer = PcmBuffer(int(BUFFER_S * device.rate_hz))
        self._resampler = self._new_resampler()
        self._stream: Any = None
        self._draining = False
        self._finished = threading.Event()
        self._dry = False
        self._heard_at_s = 0.0
        self.n_underruns = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def play(self, samples: np.ndarray) -> None:
        """Append float32 `(n,)`; waits while the buffer is full. Raises `PlaybackError`."""
        if self._stream is None:
            self._open()
        self._append(samples if self._resampler is None else self._resampler.push(samples))

    def mark(self) -> int:
        """The place after all samples so far, for `rewind`."""
        self._flush_resampler()
        return self._buffer.written_samples

    def rewind(self, mark: int) -> None:
        """Forget what was played since `mark` and has not been heard yet."""
        self._buffer.truncate(mark, int(FADE_S * self._device.rate_hz))
        self._resampler = self._new_resampler()

    def drain(self) -> None:
        """Wait until all has been heard. Raises `PlaybackError`."""
        if self._stream is None:
            return
        self._flush_resampler()
        self._draining = True
        progress = _Progress()
        while not self._finished.wait(POLL_S) and not self._cancel.cancelled:
            progress.check(self._buffer.consumed_samples)
        if self._buffer.consumed_samples < self._buffer.written_samples and not self._cancel.cancelled:
            raise PlaybackError("vanished", detail=self._device.name)

    def stop(self) -> None:
        """Silence, at once. The player is not used afterwards."""
        if self._stream is not None:
            self._stream.abort()
            self._stream.close()
        self._buffer.close()

    def _append(self, samples: np.ndarray) -> None:
        progress = _Progress()
        while samples.size and not self._cancel.cancelled:
            samples = samples[self._buffer.write(samples, POLL_S) :]
            if self._finished.is_set() and not self._cancel.cancelled:
                raise PlaybackError("vanished", detail=self._device.name)
            progress.check(self._buffer.consumed_samples)

    def _open(self) -> None:
        callback = self._make_callback(import_sounddevice())
        # A stream that opens takes a latency's worth at once: of silence, or it breaks off in the first word.
        self._append(np.zeros(int((LATENCY_S + PREROLL_S) * self._device.rate_hz), np.float32))
        self._stream = open_stream(self._device, LATENCY_S, callback, self._on_finished)

    def _make_callback(self, sd: ModuleType) -> Any:
        abort, finish = sd.CallbackAbort, sd.CallbackStop

        def fill(block: np.ndarray, n_samples: int, times: Any, status: Any) -> None:
            """PortAudio's thread: copies, and little else. `block` is float32 `(n_samples, n_channels)`."""
            if self._cancel.cancelled:
                block.fill(0)
                raise abort
            draining = self._draining  # before reading: what is dry after it stays dry
            n_read = self._buffer.read_into(block[:, 0])
            block[:, 1:] = block[:, :1]
            is_dry = n_read < n_samples
            if n_read:
                self._heard_at_s = times.outputBufferDacTime + n_read / self._device.rate_hz
            if is_dry and draining:
                # Silence goes on until the last sample has left the device: stopping now cuts what is on its way.
                if times.currentTime > self._heard_at_s:
                    raise finish
            elif status.output_underflow or (is_dry and not self._dry):
                self.n_underruns += 1
            self._dry = is_dry

        return fill

    def _on_finished(self) -> None:
        self._finished.set()
        self._buffer.close()

    def _new_resampler(self) -> Any:
        if self._device.rate_hz == engine.SAMPLE_RATE_HZ:
            return None
        return engine.audio.StreamResampler(engine.SAMPLE_RATE_HZ, self._device.rate_hz)

    def _flush_resampler(self) -> None:
        if self._resampler is not None and self._stream is not None:
            self._append(self._resampler.flush())
            self._resampler = self._new_resampler()


class _Progress:
    """Notices when a count has not changed for too long."""

    def __init__(self) -> None:
        self._count = -1
        self._changed_at = time.monotonic()

    def check(self, count: int) -> None:
        now = time.monotonic()
        if count != self._count:
            self._count, self._changed_at = count, now
        elif now - self._changed_at > STALL_S:
            raise PlaybackError("stalled")
