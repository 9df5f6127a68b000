"""A book's loudness, measured as broadcasters do (EBU R 128), and brought to a target by one gain for all of it.

One gain keeps what is loud and soft in the reading. Only where it would lift peaks too high does a limiter hold those.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from av.audio.frame import AudioFrame
from av.filter.context import FilterContext
from av.filter.graph import Graph

from engine.audio.resampling import to_frame
from engine.types import SAMPLE_RATE_HZ

MAX_PEAK_DB = -2.0
"""Of a sample. Between samples speech rises at most another 1 dB, so the true peak stays below -1 dBTP."""

MAX_GAIN_DB = 30.0
"""Nearly silent sound stays so: what would be lifted further is noise."""

_NEARLY_NOTHING = np.float32(1e-20)
"""Added to what is measured, of which it changes no sample that could be heard. In silence after sound the filters of a
meter else fade into numbers so small (denormal) that a processor takes six to twenty times as long for them."""

_N_CORRECTIONS = 3
"""Each leaves about a fifth of what is missing."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """Hold a measured loudness. `integrated_lufs` is -70 or less for silence; `peak_db` is the true peak, in dBTP."""

    integrated_lufs: float
    peak_db: float


class LoudnessMeter:
    """Measure float32 mono at 44.1 kHz that comes in chunks; 400 times as fast as it would play.

    Without `hears_peaks`, whose peak is that of silence, four times as fast as that.
    """

    def __init__(self, *, hears_peaks: bool = True) -> None:
        self._chain = _Chain([("ebur128", "metadata=1:peak=true" if hears_peaks else "metadata=1")])
        self._values: dict[str, str] = {}

    def hear(self, samples: np.ndarray) -> None:
        """Measure the next samples, float32 `(n,)`."""
        self._note(self._chain.push(samples + _NEARLY_NOTHING))

    def loudness(self) -> Loudness:
        """Return the loudness of all that was heard; nothing more is heard afterwards."""
        # Measured in steps of a tenth of a second: silence completes the last.
        self.hear(np.zeros(SAMPLE_RATE_HZ // 5, np.float32))
        self._note(self._chain.flush())
        integrated = float(self._values.get("lavfi.r128.I", "-70"))
        peak = float(self._values.get("lavfi.r128.true_peak", "0"))
        return Loudness(integrated, 20 * math.log10(max(peak, 1e-6)))

    def _note(self, frames: Iterator[AudioFrame]) -> None:
        for frame in frames:
            self._values.update(frame.metadata)  # the last, which is no whole step, has none


@dataclass(frozen=True, slots=True)
class Levelling:
    """Say what is done to every sample: a gain, and a limiter where that would lift peaks too high."""

    gain_db: float = 0.0
    limits: bool = False


def levelling_for(loudness: Loudness, target_lufs: float | None) -> Levelling:
    """Choose the gain that brings `loudness` to `target_lufs`; none for silence, or where the target is None."""
    if target_lufs is None or loudness.integrated_lufs <= -70:
        return Levelling()
    gain_db = min(target_lufs - loudness.integrated_lufs, MAX_GAIN_DB)
    return Levelling(round(gain_db, 2), loudness.peak_db + gain_db > MAX_PEAK_DB)


def corrected(
    levelling: Levelling, sample: Sequence[np.ndarray], poll: Callable[[], object] = lambda: None
) -> Levelling:
    """Return `levelling` with as much more gain as its limiter takes away, measured on a `sample` of the sound.

    `poll` is called for each chunk that is heard, and may raise.
    """
    if not levelling.limits or not sample:
        return levelling
    target_lufs = _lufs_of(sample, poll) + levelling.gain_db
    found = levelling
    for _ in range(_N_CORRECTIONS):
        missing_db = target_lufs - _lufs_of(levelled(sample, found), poll)
        found = Levelling(round(min(found.gain_db + missing_db, MAX_GAIN_DB), 2), limits=True)
    return found


def _lufs_of(chunks: Iterable[np.ndarray], poll: Callable[[], object]) -> float:
    meter = LoudnessMeter(hears_peaks=False)
    for chunk in chunks:
        poll()
        meter.hear(chunk)
    return meter.loudness().integrated_lufs


def levelled(chunks: Iterable[np.ndarray], levelling: Levelling) -> Iterator[np.ndarray]:
    """Level float32 `(n,)` chunks; as many samples come out as go in, at the same places."""
    gain = np.float32(10 ** (levelling.gain_db / 20))
    if not levelling.limits:
        for chunk in chunks:
            yield chunk * gain if levelling.gain_db else chunk
        return
    limit = 10 ** (MAX_PEAK_DB / 20)
    chain = _Chain([("alimiter", f"limit={limit:.6f}:attack=5:release=60:level=false:latency=true")])
    n_in = n_out = 0
    for chunk in chunks:
        n_in += len(chunk)
        for frame in chain.push(chunk * gain):
            piece = frame.to_ndarray().reshape(-1).astype(np.float32)
            n_out += len(piece)
            yield piece
    for frame in chain.flush():
        piece = frame.to_ndarray().reshape(-1).astype(np.float32)[: max(0, n_in - n_out)]
        n_out += len(piece)
        if len(piece):
            yield piece
    if n_out < n_in:
        yield np.zeros(n_in - n_out, np.float32)


class _Chain:
    """FFmpeg's filters, one after the other, for mono."""

    def __init__(self, filters: list[tuple[str, str]]) -> None:
        self._graph = Graph()
        first: FilterContext = self._graph.add_abuffer(sample_rate=SAMPLE_RATE_HZ, format="flt", layout="mono")
        last = first
        for name, arguments in filters:
            following = self._graph.add(name, arguments)
            last.link_to(following)
            last = following
        self._sink = self._graph.add("abuffersink")
        last.link_to(self._sink)
        self._graph.configure()
        self._source = first
        self._n_samples = 0

    def push(self, samples: np.ndarray) -> Iterator[AudioFrame]:
        if not len(samples):
            return
        frame = to_frame(samples, SAMPLE_RATE_HZ)
        frame.pts = self._n_samples
        self._n_samples += len(samples)
        self._source.push(frame)
        yield from self._pull()

    def flush(self) -> Iterator[AudioFrame]:
        self._source.push(None)
        yield from self._pull()

    def _pull(self) -> Iterator[AudioFrame]:
        while True:
            try:
                frame = self._sink.pull()
            except (BlockingIOError, EOFError):
                return
            assert isinstance(frame, AudioFrame)
            yield frame
