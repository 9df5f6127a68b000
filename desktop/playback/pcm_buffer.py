"""The samples between the voice, which makes them in bursts, and the device, which takes them evenly."""

from __future__ import annotations

import threading
import time

import numpy as np

import engine
import engine.audio


class PcmBuffer:
    """A ring of float32 mono samples for one producer and one consumer.

    Positions are counts of samples since the beginning, so that a position noted while writing can be
    compared with what has been consumed. The lock is held for index arithmetic and, in `read_into`, for the
    copy of one device block: microseconds. Nothing allocates on the consumer's side.
    """

    def __init__(self, capacity_samples: int) -> None:
        assert capacity_samples > 0
        self._ring = np.zeros(capacity_samples, np.float32)
        self._changed = threading.Condition()
        self._written = 0
        self._consumed = 0
        self._closed = False

    @property
    def written_samples(self) -> int:
        """Where the next sample will be written."""
        return self._written

    @property
    def consumed_samples(self) -> int:
        return self._consumed

    def write(self, samples: np.ndarray, timeout_s: float) -> int:
        """Append what fits of float32 `(n,)`, waiting at most `timeout_s` for room; how many samples it took.

        0 means that the time ran out with a full ring, or that the buffer is closed.
        """
        room = self._wait_for_room(timeout_s)
        n_samples = min(room, samples.size)
        start = self._written % self._ring.size
        first = min(n_samples, self._ring.size - start)
        self._ring[start : start + first] = samples[:first]
        self._ring[: n_samples - first] = samples[first:n_samples]
        with self._changed:
            self._written += n_samples
        return n_samples

    def read_into(self, block: np.ndarray) -> int:
        """Fill `block`, float32 `(n,)`, with what there is and silence after it; how many samples there were."""
        with self._changed:
            n_samples = min(self._written - self._consumed, block.size)
            start = self._consumed % self._ring.size
            first = min(n_samples, self._ring.size - start)
            block[:first] = self._ring[start : start + first]
            block[first:n_samples] = self._ring[: n_samples - first]
            self._consumed += n_samples
            self._changed.notify()
        block[n_samples:] = 0
        return n_samples

    def truncate(self, position: int, fade_samples: int) -> None:
        """Forget the samples from `position` on that were not consumed yet.

        If the consumer is past `position`, it gets `fade_samples` more that fade out, so that no click
        is heard. Only the producer may call this.
        """
        with self._changed:
            assert position <= self._written, (position, self._written)
            if position >= self._consumed:
                self._written = position
                return
            n_samples = min(fade_samples, self._written - self._consumed)
            self._written = self._consumed + n_samples
            places = (self._consumed + np.arange(n_samples)) % self._ring.size
            self._ring[places] *= np.linspace(1, 0, n_samples, dtype=np.float32)

    def replace(self, position: int, samples: np.ndarray, fade_samples: int) -> int:
        """Put float32 `(n,)` where the samples from `position` on were that are not consumed yet.

        The old ones go on beneath it for `fade_samples`, fading out. Returns where `samples` begin: further on,
        when the consumer is past `position`. Only the producer may call this, with no more than the ring holds.
        """
        with self._changed:
            start = min(max(position, self._consumed), self._written)
            n_old = min(fade_samples, self._written - start)
            mixed = np.zeros(max(samples.size, n_old), np.float32)
            mixed[: samples.size] = samples
            mixed[:n_old] += (
                self._ring[(start + np.arange(n_old)) % self._ring.size] * engine.audio.fade_in(n_old)[::-1]
            )
            assert start + mixed.size - self._consumed <= self._ring.size, (start, mixed.size)
            self._ring[(start + np.arange(mixed.size)) % self._ring.size] = mixed
            self._written = start + mixed.size
            return start

    def close(self) -> None:
        """Wake whoever waits: nobody consumes any more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _wait_for_room(self, timeout_s: float) -> int:
        deadline = time.monotonic() + timeout_s
        with self._changed:
            while not self._closed:
                room = self._ring.size - (self._written - self._consumed)
                remaining_s = deadline - time.monotonic()
                if room or remaining_s <= 0:
                    return room
                self._changed.wait(remaining_s)
            return 0
