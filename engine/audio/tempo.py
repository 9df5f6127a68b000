"""Faster and slower without a change of pitch, for samples that come in blocks."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from av.audio.frame import AudioFrame
from av.filter import Graph

WINDOW_S = 0.047  # of FFmpeg's atempo at 44.1 kHz: 2048 samples
MAX_STEP = 2.0  # beyond, atempo leaves parts out instead of blending them: two of them in a row do not
MIN_STEP = 0.5  # the least that atempo takes

MIN_PUSH_SAMPLES = 512  # atempo answers a frame that makes less than one sample with "out of memory"


class TempoChanger:
    """Change the speed of a stream with FFmpeg's `atempo`: float32 mono in, `1 / speed` times as many samples out.

    About 0.1 s stays inside until `flush`.
    """

    def __init__(self, speed: float, rate_hz: int) -> None:
        assert 0.25 <= speed <= 4, speed
        self._speed = speed
        self._rate_hz = rate_hz
        self._n_in = 0
        self._n_sent = 0
        self._n_out = 0
        self._waiting = np.zeros(0, np.float32)
        self._graph = Graph()
        source = self._graph.add_abuffer(
            format="flt", sample_rate=rate_hz, layout="mono", time_base=Fraction(1, rate_hz)
        )
        self._is_split = not MIN_STEP <= speed <= MAX_STEP
        last, step = source, math.sqrt(speed) if self._is_split else speed
        for _ in range(2 if self._is_split else 1):
            tempo = self._graph.add("atempo", f"{step:.9f}")
            last.link_to(tempo)
            last = tempo
        last.link_to(self._graph.add("abuffersink"))
        self._graph.configure()

    @property
    def lead_samples(self) -> float:
        """Return how much further on, in samples of what went in, the sound that comes out is than its place says: half
        a window of each `atempo` (measured, 0.5 to 3 times)."""
        half = WINDOW_S / 2 * self._rate_hz
        return half * (1 + math.sqrt(self._speed)) if self._is_split else half

    def push(self, samples: np.ndarray) -> np.ndarray:
        """Take float32 `(n,)`, and return the samples that are ready."""
        self._n_in += samples.size
        joined = np.concatenate((self._waiting, samples))
        is_enough = joined.size >= MIN_PUSH_SAMPLES
        self._waiting = joined[:0] if is_enough else joined
        out = self._send(joined) if is_enough else joined[:0]
        self._n_out += out.size
        return out

    def flush(self) -> np.ndarray:
        """Return the samples that stayed inside; the whole is then as long as it must be. It is not used afterwards."""
        n_missing = round(self._n_in / self._speed) - self._n_out
        # atempo ends half a window early (measured): silence after the end brings out the rest of the sound.
        silence = np.zeros(int(4 * WINDOW_S * self._rate_hz * max(1, self._speed)), np.float32)
        tail = np.concatenate((self._send(np.concatenate((self._waiting, silence))), self._send(None)))
        assert tail.size >= n_missing, (tail.size, n_missing)
        return tail[: max(0, n_missing)]

    def _send(self, samples: np.ndarray | None) -> np.ndarray:
        """None is the end."""
        self._graph.push(None if samples is None else self._frame(samples))
        pieces: list[np.ndarray] = []
        while True:
            try:
                piece = self._graph.pull()
            except (BlockingIOError, EOFError):
                break
            assert isinstance(piece, AudioFrame)
            pieces.append(piece.to_ndarray()[0])
        return np.concatenate(pieces) if pieces else np.zeros(0, np.float32)

    def _frame(self, samples: np.ndarray) -> AudioFrame:
        frame = AudioFrame.from_ndarray(samples[None, :], format="flt", layout="mono")
        frame.sample_rate = self._rate_hz
        frame.pts, frame.time_base = self._n_sent, Fraction(1, self._rate_hz)
        self._n_sent += samples.size
        return frame
