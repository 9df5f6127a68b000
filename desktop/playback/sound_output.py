"""An open device: plays a ring of samples, silence where there are none, and knows what can be heard of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from desktop.playback.output_device import OutputDevice, open_stream
from desktop.playback.pcm_buffer import PcmBuffer

RING_S = 1.0
PREROLL_S = 0.2  # a device that slept swallows its first 50 to 500 ms
STALL_S = 3.0  # a Bluetooth sink may pause for a second; longer is not playing


class SoundOutput:
    """Plays from its opening to `close`. `on_end` is called, in a thread of PortAudio's, when the stream ends.

    Raises `PlaybackError`.
    """

    def __init__(self, device: OutputDevice, latency_s: float, on_end: Callable[[], None]) -> None:
        self.device = device
        self.ring = PcmBuffer(int(RING_S * device.rate_hz))
        self.expects_sound = False
        """Set it while the ring should never be empty: then it is counted."""
        self.n_underruns = 0
        self.has_ended = False
        self._on_end = on_end
        self._last_call_at = time.monotonic()
        # The last block that held sound, replaced as one: where in the ring it begins and ends, when its beginning is
        # heard, how long the way to the ear was.
        self._clock: tuple[int, int, float, float] | None = None
        self._heard = 0
        self._is_dry = True
        self._fixed_delay_s = latency_s
        self._stream: Any = open_stream(device, latency_s, self._fill, self._finish)
        self._last_call_at = time.monotonic()  # a Bluetooth sink takes seconds to open
        self._fixed_delay_s = self._stream.latency
        self._warm_at = time.monotonic() + PREROLL_S

    @property
    def is_stalled(self) -> bool:
        """Whether the device has taken no samples for too long."""
        return not self.has_ended and time.monotonic() - self._last_call_at > STALL_S

    @property
    def delay_s(self) -> float:
        """How long a sample that leaves the ring is on its way to the ear."""
        return self._fixed_delay_s if self._clock is None else self._clock[3]

    @property
    def ahead_s(self) -> float:
        """How much the ring holds."""
        return (self.ring.written_samples - self.ring.consumed_samples) / self.device.rate_hz

    def preroll(self) -> np.ndarray:
        """The silence, float32 `(n,)`, that a device this cold needs before the first sound."""
        missing_s = max(0.0, self._warm_at - time.monotonic())
        return np.zeros(int(missing_s * self.device.rate_hz), np.float32)

    def heard_samples(self) -> int:
        """The position in the ring that is heard now; it never goes back."""
        if self._clock is not None:
            start, end, heard_at, _ = self._clock
            position = start + int((time.monotonic() - heard_at) * self.device.rate_hz)
            # Not beyond its block: of what was taken since, this clock knows nothing.
            self._heard = min(max(self._heard, position), end)
        return self._heard

    def heard_at(self, ring_position: int) -> float:
        """When the sample at `ring_position` is or was heard, on `time.monotonic()`'s clock, if nothing comes between.

        Something has been played.
        """
        assert self._clock is not None
        start, _, heard_at, _ = self._clock
        return heard_at + (ring_position - start) / self.device.rate_hz

    def surely_heard_samples(self) -> int:
        """What had been heard when the device last took samples: after its end, nothing more is certain."""
        if self._clock is None:
            return 0
        start, _, _, delay_s = self._clock
        return max(0, start - int(delay_s * self.device.rate_hz))

    def close(self) -> None:
        """Silence, at once: what is on its way is dropped."""
        self._stream.abort()
        self._stream.close()

    def _fill(self, block: np.ndarray, n_samples: int, times: Any, status: Any) -> None:
        """PortAudio's thread: copies, and little else. `block` is float32 `(n_samples, n_channels)`."""
        expects_sound = self.expects_sound  # before reading: what is dry after it should not be
        self._last_call_at = time.monotonic()
        n_read = 0
        if status.output_underflow:
            # A device that is late again and again drops this block too (ALSA): it gets none that is missed.
            block.fill(0)
        else:
            n_read = self.ring.read_into(block[:, 0])
            block[:, 1:] = block[:, :1]
        if n_read:
            # Some host APIs do not say when a block is heard.
            delay_s = max(0.0, times.outputBufferDacTime - times.currentTime) or self._fixed_delay_s
            end = self.ring.consumed_samples
            self._clock = (end - n_read, end, self._last_call_at + delay_s, delay_s)
        is_dry = n_read < n_samples
        if expects_sound and is_dry and not self._is_dry:
            self.n_underruns += 1
        self._is_dry = is_dry

    def _finish(self) -> None:
        self.has_ended = True
        self._on_end()
