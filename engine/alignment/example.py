"""The example that a sound is compared with: the same segment said by espeak-ng, whose words are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from engine.alignment import features
from engine.builtin import example_of
from engine.errors import BuiltInVoiceError
from engine.text import spoken_without_markers
from engine.types import Segment, Word

WARPS = (0.9, 1.05, 1.2, 1.35)
"""By how much a speaker's formants are higher than espeak-ng's."""
_FRAMES_PER_LETTER = 7
_WORD = re.compile(r"\w[\w'’.,-]*\w|\w")


class Example:
    """Holds a segment's words, and of espeak-ng's sound the frames of speech: in which of them each word begins.

    Where espeak-ng could not be asked, `has_sound` is false, and the frames are counted by letters.
    """

    def __init__(self, words: Sequence[Word], begins: np.ndarray, n_frames: int, power: np.ndarray | None) -> None:
        """`begins` int `(n_words,)`; `power` the spectra of the frames, float32 `(n_frames, bins)`."""
        self.words, self.begins = tuple(words), begins
        self._n_frames, self._power = n_frames, power
        self._cepstra: dict[float, np.ndarray] = {}

    def __len__(self) -> int:
        return self._n_frames

    @property
    def has_sound(self) -> bool:
        return self._power is not None

    def cepstra(self, warp: float) -> np.ndarray:
        """Compute the cepstra as a speaker of that size has them: float32 `(n_frames, N_CEPSTRA)`."""
        assert self._power is not None
        if warp not in self._cepstra:
            self._cepstra[warp] = features.cepstra_of(self._power, warp)
        return self._cepstra[warp]


def example_for(segment: Segment, is_cancelled: Callable[[], bool] = lambda: False) -> Example:
    """Have espeak-ng say `segment`; where it cannot be used, count letters."""
    try:
        said = example_of(segment, is_cancelled)
    except BuiltInVoiceError:
        return lettered(segment)
    power = features.spectra(said.samples)
    spoken = np.flatnonzero(features.is_spoken(features.levels_of(power)))
    if not said.words or not len(spoken):
        return Example((), np.zeros(0, np.int64), 0, None)
    assert said.sample_rate_hz == features.RATE_HZ, said.sample_rate_hz
    at = np.array([word.at_sample for word in said.words])
    begins = np.searchsorted(spoken, (at - features.CENTRE_SAMPLES) / features.HOP_SAMPLES)
    return Example(said.words, np.minimum(begins, len(spoken) - 1), len(spoken), power[spoken])


def lettered(segment: Segment) -> Example:
    """Count a segment's letters as frames."""
    text, source = spoken_without_markers(segment)
    words, begins, n_frames = [], [], 0
    for match in _WORD.finditer(text):
        words.append(Word(*source.span(match.start(), match.end()), 0, 0.0))
        begins.append(n_frames)
        n_frames += _FRAMES_PER_LETTER * len(match[0])
    return Example(words, np.array(begins, np.int64), n_frames, None)
