"""From a tape to the samples a device takes: at a speed, a volume and the device's rate, with soft edges."""

from __future__ import annotations

import math
from bisect import bisect_right

import numpy as np

import engine
import engine.audio
from desktop.playback.tape import Place, Tape

BLOCK_SAMPLES = 2205  # 50 ms: what is asked of the tape at a time
FADE_S = 0.005


class SoundFeed:
    """One unbroken run of sound from `start` on, which the device's ring holds from `ring_start` on.

    It fades in at its start and, at `finish`, out; between these, segments follow each other without a seam.
    It ends where the tape has nothing more yet: what comes later is another run's.
    """

    def __init__(
        self, start: Place, ring_start: int, rate_hz: int, speed: float, volume: float, fade_in_s: float = FADE_S
    ) -> None:
        self._next = start
        self._ring_start = ring_start
        self._rate_hz = rate_hz
        self._volume = volume
        # The engine's samples per sample of the device.
        self._ratio = speed * engine.SAMPLE_RATE_HZ / rate_hz
        self._tempo = None if speed == 1 else engine.audio.TempoChanger(speed, engine.SAMPLE_RATE_HZ)
        self._resampler = None
        if rate_hz != engine.SAMPLE_RATE_HZ:
            self._resampler = engine.audio.StreamResampler(engine.SAMPLE_RATE_HZ, rate_hz)
        self._ramp = engine.audio.fade_in(round(fade_in_s * rate_hz))
        self._fade_out = engine.audio.fade_in(round(FADE_S * rate_hz))[::-1]
        self._held = np.zeros(0, np.float32)
        self._n_read = 0
        self._n_made = 0
        # Where on the tape the sample `_marks[i]` of all that was read lay; what follows lies behind it.
        self._marks = [0]
        self._places = [start]
        self.is_over = False

    @property
    def ring_start(self) -> int:
        return self._ring_start

    @property
    def next_place(self) -> Place:
        """What it will read next."""
        return self._next

    def read(self, tape: Tape) -> np.ndarray:
        """The next float32 `(n,)` for the device; may be empty, when little was on the tape, or nothing new."""
        place, samples = tape.read(self._next, BLOCK_SAMPLES)
        if not samples.size:
            return samples
        if place.segment != self._places[-1].segment:
            self._marks.append(self._n_read)
            self._places.append(place)
        self._next = Place(place.segment, place.sample + samples.size)
        self._n_read += samples.size
        return self._hold_back(self._shape(samples))

    def finish(self) -> np.ndarray:
        """What is left, fading out; nothing is read any more."""
        rest = np.zeros(0, np.float32) if self._tempo is None else self._tempo.flush()
        if self._resampler is not None:
            rest = np.concatenate((self._resampler.push(rest), self._resampler.flush()))
        rest = np.concatenate((self._hold_back(rest * np.float32(self._volume)), self._held))
        n_fade = min(rest.size, self._fade_out.size)
        if n_fade:
            rest[-n_fade:] *= self._fade_out[-n_fade:]
        self.is_over = True
        return rest

    def place_at(self, ring_position: int) -> Place:
        """Where on the tape the sound at `ring_position` was taken from."""
        made = max(0, ring_position - self._ring_start)
        if self.is_over and made >= self._n_made:
            return self._next
        read = made * self._ratio
        if self._tempo is not None:
            read = min(read + min(read, self._tempo.lead_samples), self._n_read)
        read = math.floor(read + 0.5)
        at = bisect_right(self._marks, read) - 1
        return Place(self._places[at].segment, self._places[at].sample + read - self._marks[at])

    def _shape(self, samples: np.ndarray) -> np.ndarray:
        if self._tempo is not None:
            samples = self._tempo.push(samples)
        if self._resampler is not None:
            samples = self._resampler.push(samples)
        return samples * np.float32(self._volume)

    def _hold_back(self, samples: np.ndarray) -> np.ndarray:
        """Fade in where it begins, and keep the last samples until it is known whether they are the end."""
        ramp = self._ramp[self._n_made : self._n_made + samples.size]
        samples[: ramp.size] *= ramp
        self._n_made += samples.size
        joined = np.concatenate((self._held, samples))
        n_ready = max(0, joined.size - self._fade_out.size)
        self._held = joined[n_ready:]
        return joined[:n_ready]
