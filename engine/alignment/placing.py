"""From a way through the example to words: where each begins, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.alignment import features
from engine.types import Word

_SNAP_FRAMES = 6
"""A word that would begin so near to a pause begins after it."""
_TEMPO_FRAMES = 30
_TEMPO_WEIGHT = 0.3
MAX_ODDNESS = 0.82
"""Of 100 English sentences none of the right text had more than 0.79, and none of another one less than 0.85."""
_SURE_ODDNESS = 0.6
_LOCAL_FRAMES = 10
_MAX_SURE = 0.95  # only an engine itself is surer


def oddness(places: np.ndarray, unlikeness: np.ndarray, n_example: int) -> float:
    """Rate a way through the example: how unlike it is to what is heard, and how unevenly it goes."""
    n = len(places)
    mean = float(unlikeness.mean())
    if n <= _TEMPO_FRAMES:
        return mean
    tempo = (places[_TEMPO_FRAMES:] - places[:-_TEMPO_FRAMES]) / _TEMPO_FRAMES * (n / max(1, n_example))
    return mean + _TEMPO_WEIGHT * float(np.log(np.maximum(tempo, 0.05)).std())


def rows_of(begins: np.ndarray, places: np.ndarray, spoken: np.ndarray) -> np.ndarray:
    """Find the rows of `spoken` frames in which words begin that begin at `begins` of the example, int `(n_words,)`."""
    rows = np.minimum(np.searchsorted(places, begins), len(places) - 1)
    if not len(rows):
        return rows
    after_pause = np.flatnonzero(np.diff(spoken, prepend=-2) > 1)
    nearest = after_pause[np.abs(after_pause[:, None] - rows).argmin(axis=0)]
    rows = np.where(np.abs(nearest - rows) <= _SNAP_FRAMES, nearest, rows)
    return np.maximum.accumulate(rows)


def confidences(rows: np.ndarray, unlikeness: np.ndarray, odd: float) -> np.ndarray:
    """Tell how sure words are that begin at `rows`, 0 to 1: by the whole way, and by what is around each of them."""
    whole = np.interp(odd, (_SURE_ODDNESS, MAX_ODDNESS), (_MAX_SURE, 0.5))
    sums = np.concatenate(([0.0], np.cumsum(unlikeness)))
    before = np.maximum(rows - _LOCAL_FRAMES, 0)
    after = np.minimum(rows + _LOCAL_FRAMES, len(unlikeness))
    local = (sums[after] - sums[before]) / np.maximum(1, after - before)
    return whole * np.interp(local, (0.9, 1.2), (1.0, 0.4))


def words_at(words: Sequence[Word], frames: np.ndarray, sure: np.ndarray, n_samples: int) -> tuple[Word, ...]:
    """Place `words` at frames of a sound of `n_samples`; not all of them, where there are fewer frames."""
    at = 2 * (frames * features.HOP_SAMPLES + features.CENTRE_SAMPLES)
    return tuple(
        Word(word.start, word.end, min(sample, max(0, n_samples - 1)), round(confidence, 3))
        for word, sample, confidence in zip(words, at.tolist(), sure.tolist(), strict=False)
    )
