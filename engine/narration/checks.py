"""Checks of a sentence's sound, by itself and against the others of its book.

An engine that draws its sound at random now and then skips words, says them twice, falls silent or races. None of that
is an error anywhere, but all of it shows: in how long a sentence takes for its length, in its silences, in sound that
comes twice, and where the text is laid beside the sound (`engine.alignment`).
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np

from engine.alignment import FLAW_LIMITS, Flaw
from engine.types import SAMPLE_RATE_HZ

_BLOCK_SAMPLES = 441  # 10 ms
_QUIET_PEAK = 0.006  # -44 dBFS: the floor of a pause, not of speech
_CLIPPED = 32_760  # of 32 767

_FRAME_SAMPLES = 2048  # 46 ms
_N_BANDS = 24
_MIN_REPEAT_S = 1.2
_MIN_LAG_S = 0.35
_SAME = 0.92  # cosine of two frames' spectra, the sound's own mean taken out; of other words few frames reach 0.8
_MAX_FRAMES = 900  # 42 s: a longer sound is looked at in its first part


class Doubt(StrEnum):
    """Name why a sentence's sound may not be what it should. The second half is the engine's own word
    (`SegmentProblem`)."""

    TOO_FAST = "too_fast"  # for its length: words may be missing
    TOO_SLOW = "too_slow"  # words may have come twice
    LONG_PAUSE = "long_pause"
    REPETITION = "repetition"
    CLIPPED = "clipped"
    SKIPPED_WORD = "skipped_word"
    REPEATED_WORD = "repeated_word"
    STRANGE_SOUND = "strange_sound"  # what is not in the text
    SILENT = "silent"
    FRAME_CAP = "frame_cap"
    STUCK = "stuck"


_BADNESS = {Doubt.SILENT: 8, Doubt.STUCK: 6, Doubt.FRAME_CAP: 6, Doubt.REPETITION: 4, Doubt.LONG_PAUSE: 2}
MAX_PAUSE_S = 1.6
"""Longer than any pause within one sentence."""
MAX_CLIPPED = 20
"""Samples at full scale; a few are only loud."""


@dataclass(frozen=True, slots=True)
class Measures:
    """Hold what was measured of one sound.

    `audible_s` is its length without silence longer than a tenth of a second, `repeated_s` the longest stretch that
    comes again at once. The last three are those of `engine.alignment.Proof`, 0 where it was not proofread.
    """

    peak: float
    n_clipped: int
    audible_s: float
    longest_pause_s: float
    repeated_s: float
    skipped_word: float = 0.0
    repeated_word: float = 0.0
    strange_sound: float = 0.0


def measure(pcm: np.ndarray) -> Measures:
    """Measure int16 `(n_samples,)` above -32 768, without silence at its ends. About a millisecond for five seconds."""
    if not len(pcm):
        return Measures(0.0, 0, 0.0, 0.0, 0.0)
    level = np.abs(pcm)
    n_blocks = -(-len(level) // _BLOCK_SAMPLES)
    padded = np.pad(level, (0, n_blocks * _BLOCK_SAMPLES - len(level)))
    peaks = padded.reshape(n_blocks, _BLOCK_SAMPLES).max(axis=1)
    pauses_s = [n * _BLOCK_SAMPLES / SAMPLE_RATE_HZ for n in _runs(peaks < _QUIET_PEAK * 32768)]
    silent_s = sum(pause for pause in pauses_s if pause > 0.1)
    return Measures(
        peak=round(float(level.max()) / 32768, 5),
        n_clipped=int(np.count_nonzero(level >= _CLIPPED)),
        audible_s=round(max(0.0, len(pcm) / SAMPLE_RATE_HZ - silent_s), 4),
        longest_pause_s=round(max(pauses_s, default=0.0), 3),
        repeated_s=round(_repeated_s(pcm), 3),
    )


def _runs(flags: np.ndarray) -> list[int]:
    """The lengths of the runs of True in bool `(n,)`."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(np.int8), [0]))))
    return [int(end - start) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def _repeated_s(pcm: np.ndarray) -> float:
    """Return how long the longest stretch is that equals what comes right after it."""
    frame_s = _FRAME_SAMPLES / SAMPLE_RATE_HZ
    n_frames = min(len(pcm) // _FRAME_SAMPLES, _MAX_FRAMES)
    if n_frames * frame_s < 2 * _MIN_REPEAT_S:
        return 0.0
    features = _features(pcm[: n_frames * _FRAME_SAMPLES].reshape(n_frames, _FRAME_SAMPLES))
    is_silent = np.asarray(~features.any(axis=1))
    same = (features @ features.T) > _SAME  # (n_frames, n_frames)
    longest = 0
    for lag in range(math.ceil(_MIN_LAG_S / frame_s), n_frames // 2 + 1):
        needed = max(lag, math.ceil(_MIN_REPEAT_S / frame_s))
        along = np.diagonal(same, lag)
        if np.count_nonzero(along) >= needed // 2:
            both_silent = is_silent[:-lag] & is_silent[lag:]  # a pause within what comes twice
            longest = max([longest, *(run for run in _runs(along | both_silent) if run >= needed)])
    return longest * frame_s


def _features(frames: np.ndarray) -> np.ndarray:
    """Log energies of bands, the sound's own mean taken out, of length one: float32 `(n_frames, bands)`; silent frames
    are zero, and so are like none."""
    n_frames = len(frames)
    # Every four samples as one: what is above 5 kHz tells no words apart, and takes most of the time.
    thinned = frames.reshape(n_frames, _FRAME_SAMPLES // 4, 4).sum(axis=2, dtype=np.float32)
    spectrum = np.abs(np.fft.rfft(thinned * np.hanning(_FRAME_SAMPLES // 4).astype(np.float32), axis=1))
    edges = np.unique(np.geomspace(4, spectrum.shape[1] - 1, _N_BANDS + 1).astype(int))
    energy = np.add.reduceat(spectrum**2, edges[:-1], axis=1)
    log_energy = np.log(energy + 1e-9)
    loud = energy.sum(axis=1) > 1e-4 * energy.sum(axis=1).max()
    log_energy -= log_energy[loud].mean(axis=0)
    log_energy[~loud] = 0.0
    length = np.linalg.norm(log_energy, axis=1, keepdims=True)
    return (log_energy / np.maximum(length, 1e-9)).astype(np.float32)


def weigh(text: str) -> float:
    """Estimate how much there is to say in `text`, in letters of an alphabet: a digit is a word, and so is a Chinese
    sign."""
    weight = 0.0
    for sign in text:
        if sign.isdigit():
            weight += 4
        elif sign.isalpha():
            weight += 3 if unicodedata.east_asian_width(sign) in "WF" else 1
    return weight


class Sounding(Protocol):
    """Describe the sound of a sentence, to compare it with others: `store.Take` is one."""

    @property
    def chars(self) -> float:
        """Return the weight of its text, by `weigh`."""
        ...

    @property
    def problem(self) -> str | None:
        """Return the engine's own doubt about it, if it has one."""
        ...

    @property
    def measures(self) -> Measures:
        """Return what was measured of it."""
        ...


_HEAD_START_CHARS = 4  # a short sentence takes longer for its letters
_NOISE_CHARS = 25  # and varies more
_MIN_SENTENCES = 8  # with fewer there is no telling what is usual
_MAX_Z = 4.5
_MIN_RATIO = 1.3  # a steady voice has a small spread: what is 30 % off is still no outlier
_MIN_SPREAD = 0.05
_LEAPS = (Doubt.SKIPPED_WORD, Doubt.REPEATED_WORD, Doubt.STRANGE_SOUND)
_MAX_LEAPS = (FLAW_LIMITS[Flaw.SKIPPED], FLAW_LIMITS[Flaw.REPEATED], FLAW_LIMITS[Flaw.STRANGE])
_USUAL_PERCENTILE = 90  # where so many are accused the voice is too far from the example, and nothing is known


@dataclass(frozen=True, slots=True)
class Pace:
    """Describe how fast one language is read in one book: the median of the logarithm of letters per second, and its
    spread (1.48 MAD). `leaps`: what nine of ten sentences are below in the three values of a proofreading."""

    median: float
    spread: float
    leaps: tuple[float, ...] = (0.0, 0.0, 0.0)

    def z(self, sound: Sounding) -> float:
        """Return by how many spreads a sound is faster (above 0) or slower than usual."""
        noise = math.sqrt(1 + _NOISE_CHARS / max(1.0, sound.chars))
        return (_log_rate(sound) - self.median) / (max(self.spread, _MIN_SPREAD) * noise)

    def ratio(self, sound: Sounding) -> float:
        """Return how many times as fast as usual a sound is."""
        return math.exp(_log_rate(sound) - self.median)


def _log_rate(sound: Sounding) -> float:
    return math.log((sound.chars + _HEAD_START_CHARS) / max(0.05, sound.measures.audible_s))


def paces(sounds: Iterable[tuple[str, Sounding]]) -> Mapping[str, Pace]:
    """Compute the pace of each language of `(language, sound)` that has at least eight sentences."""
    by_language: dict[str, list[float]] = {}
    proofs: dict[str, list[tuple[float, ...]]] = {}
    for language, sound in sounds:
        if sound.measures.audible_s > 0 and sound.chars > 0:
            by_language.setdefault(language, []).append(_log_rate(sound))
            proofs.setdefault(language, []).append(_leaps(sound.measures))
    found: dict[str, Pace] = {}
    for language, rates in by_language.items():
        if len(rates) >= _MIN_SENTENCES:
            median = float(np.median(rates))
            leaps = np.percentile(proofs[language], _USUAL_PERCENTILE, axis=0).tolist()
            found[language] = Pace(median, 1.4826 * float(np.median(np.abs(np.array(rates) - median))), tuple(leaps))
    return found


def _leaps(measures: Measures) -> tuple[float, ...]:
    return (measures.skipped_word, measures.repeated_word, measures.strange_sound)


def doubts_of(sound: Sounding, pace: Pace | None, *, repeats_itself: bool) -> tuple[Doubt, ...]:
    """List what is wrong with a sound, as far as it shows. `repeats_itself`: its text says something twice, so it
    may."""
    measures = sound.measures
    if measures.audible_s == 0.0:
        return (Doubt.SILENT,)
    doubts = [Doubt(sound.problem)] if sound.problem in (Doubt.FRAME_CAP, Doubt.STUCK, Doubt.SILENT) else []
    if measures.repeated_s >= _MIN_REPEAT_S and not repeats_itself:
        doubts.append(Doubt.REPETITION)
    if measures.longest_pause_s > MAX_PAUSE_S:
        doubts.append(Doubt.LONG_PAUSE)
    if measures.n_clipped > MAX_CLIPPED:
        doubts.append(Doubt.CLIPPED)
    if pace is not None and abs(pace.z(sound)) > _MAX_Z:
        ratio = pace.ratio(sound)
        if ratio > _MIN_RATIO:
            doubts.append(Doubt.TOO_FAST)
        elif ratio < 1 / _MIN_RATIO:
            doubts.append(Doubt.TOO_SLOW)
    if pace is not None:
        leaps = zip(_LEAPS, _leaps(measures), _MAX_LEAPS, pace.leaps, strict=True)
        doubts += [doubt for doubt, saved, most, usual in leaps if saved > most >= usual]
    return tuple(doubts)


def badness(sound: Sounding, pace: Pace | None, *, repeats_itself: bool) -> float:
    """Rate a sound, to choose the best of several attempts (the lowest): what is wrong first, then how far from the
    usual pace."""
    doubts = doubts_of(sound, pace, repeats_itself=repeats_itself)
    distance = min(abs(pace.z(sound)), 50.0) if pace is not None and sound.measures.audible_s > 0 else 0.0
    return sum(10.0 * _BADNESS.get(doubt, 3) for doubt in doubts) + distance


def repeats_itself(text: str) -> bool:
    """Return whether `text` says three words, or four East Asian signs, more than once: then its sound may as well."""
    words = [word.casefold() for word in "".join(sign if sign.isalnum() else " " for sign in text).split()]
    triples = list(zip(words, words[1:], words[2:], strict=False))
    if len(triples) != len(set(triples)) or _says_twice_in_a_row(words):
        return True
    wide = "".join(sign for sign in text if unicodedata.east_asian_width(sign) in "WF" and sign.isalnum())
    runs = [wide[i : i + 4] for i in range(len(wide) - 3)]
    return len(runs) != len(set(runs))


def _says_twice_in_a_row(words: list[str]) -> bool:
    """ "No, no, no": a word three times, or two words twice."""
    thrice = any(a == b == c for a, b, c in zip(words, words[1:], words[2:], strict=False))
    return thrice or any(words[i : i + 2] == words[i + 2 : i + 4] for i in range(len(words) - 3))
