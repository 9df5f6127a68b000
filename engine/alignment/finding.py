"""Where the words of a segment begin in a sound, as far as it has come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.alignment import features
from engine.alignment.example import WARPS, Example, example_for
from engine.alignment.path import Path
from engine.alignment.placing import MAX_ODDNESS, confidences, oddness, rows_of, words_at
from engine.alignment.proofreading import Proof, proof_of
from engine.alignment.speaker import Speaker, mean_with
from engine.audio import resample
from engine.types import SAMPLE_RATE_HZ, Segment, Word

_ANEW = 1.5
"""When so many times as much is heard, what the speaker sounds like is computed anew, and the way with it."""
_WARP_FRAMES, _MAX_WARP_FRAMES = 60, 400
"""Speech by which a speaker's size is judged."""
_USUAL_WARP = 1.2
_AHEAD_FRAMES = 3
"""A way that can still change lags: a word that begins so soon, at the speaker's pace, is taken to have begun."""
_BLOCK_FRAMES = 256
MAX_CELLS = 16_000_000
"""Frames heard times those of the example, beyond which the words are only spread: five minutes of sound for one of
text, or one that never ends."""
_MIN_JUDGED_FRAMES = 80
_MIN_TEMPO, _MAX_TEMPO = 0.4, 2.5


def align(samples: np.ndarray, sample_rate_hz: int, segment: Segment) -> tuple[Word, ...]:
    """Find where the words of `segment` are in its sound, float32 `(n_samples,)` of any rate: places are samples of it.

    Takes half a hundredth of the sound's duration. Words that are not found are spread over what is spoken, with
    confidence 0; without a sound or a word there are none. Raises `OptionError` for a rate out of bounds.
    """
    heard = samples if sample_rate_hz == SAMPLE_RATE_HZ else resample(samples, sample_rate_hz, SAMPLE_RATE_HZ)
    finder = WordFinder(segment)
    finder.hear(heard)
    words = finder.finish()
    if sample_rate_hz == SAMPLE_RATE_HZ:
        return words
    return tuple(replace(word, at_sample=word.at_sample * sample_rate_hz // SAMPLE_RATE_HZ) for word in words)


class WordFinder:
    """Hears the sound of one segment, chunk by chunk, and places its words.

    `is_sure` tells whether the last were found; else they were spread over the speech by how long they take in the
    example.
    """

    def __init__(
        self, segment: Segment, speaker: Speaker | None = None, is_cancelled: Callable[[], bool] = lambda: False
    ) -> None:
        """Have `segment` said by espeak-ng, which takes 3 ms for a second. `speaker` is who speaks, where more of that
        voice was heard before; it learns from this."""
        self._speaker = speaker or Speaker()
        self._example: Example = example_for(segment, is_cancelled)
        self.begin()

    def begin(self) -> None:
        """Forget what was heard: the segment begins anew."""
        self.is_sure = False
        self._n_samples = 0
        self._rest = np.zeros(0, np.float32)  # heard, and not in frames yet
        self._cepstra = np.zeros((0, features.N_CEPSTRA), np.float32)
        self._levels = np.zeros(0, np.float32)
        self._path: Path | None = None
        self._followed = np.zeros(0, np.int64)  # the frames of speech that are rows of the path
        self._n_settled = 0

    def hear(self, samples: np.ndarray) -> None:
        """Take the next samples, float32 `(n,)` at `SAMPLE_RATE_HZ`."""
        self._n_samples += len(samples)
        joined = np.concatenate((self._rest, samples))
        n_frames = max(0, (len(joined) // 2 - features.WINDOW_SAMPLES) // features.HOP_SAMPLES + 1)
        if n_frames:
            n = 2 * ((n_frames - 1) * features.HOP_SAMPLES + features.WINDOW_SAMPLES)
            power = features.spectra((joined[:n:2] + joined[1:n:2]) * np.float32(0.5))
            self._cepstra = np.concatenate((self._cepstra, features.cepstra_of(power)))
            self._levels = np.concatenate((self._levels, features.levels_of(power)))
        self._rest = joined[2 * n_frames * features.HOP_SAMPLES :]

    def words(self) -> tuple[Word, ...]:
        """Place the words that begin in what was heard so far; more sound may move them."""
        return self._words(is_last=False, is_whole=False)

    def finish(self, *, is_whole: bool = True) -> tuple[Word, ...]:
        """Place the words of a sound that is over; `is_whole`: it was not cut, so that all of the text is in it."""
        return self._words(is_last=True, is_whole=is_whole)

    def proof(self) -> Proof:
        """Read the sound again, after `finish`, for words that are missing or too many; nothing is found where it is
        not known how the text sounds."""
        if self._path is None or not self._path.n_rows:
            return Proof()
        heard = features.compared(self._cepstra[self._followed], self._mean)
        return proof_of(features.distances(heard, self._compared), self._example.begins)

    def _words(self, *, is_last: bool, is_whole: bool) -> tuple[Word, ...]:
        self.is_sure = False
        spoken = np.flatnonzero(features.is_spoken(self._levels))
        if not self._example.words or not len(spoken):
            return ()
        if not self._example.has_sound or len(spoken) * len(self._example) > MAX_CELLS:
            return self._spread(spoken, is_whole)
        path = self._follow(spoken, is_last, is_whole)
        places = path.trace(path.end(is_whole=is_whole))
        unlikeness = path.unlikeness(places)
        odd = oddness(places, unlikeness, len(self._example) if is_whole else int(places[-1]) + 1)
        tempo = len(self._example) / len(spoken)
        is_odd = odd > MAX_ODDNESS or (is_whole and not _MIN_TEMPO < tempo < _MAX_TEMPO)
        if is_odd and (is_last or len(spoken) >= _MIN_JUDGED_FRAMES):
            return self._spread(spoken, is_whole)
        self.is_sure = True
        if is_last:
            self._learn(spoken)
        begins = self._example.begins
        reached = int(places[-1]) + (0 if is_last else round(_AHEAD_FRAMES * self._speaker.tempo))
        n = len(begins) if is_whole else int(np.searchsorted(begins, reached, side="right"))
        rows = rows_of(begins[:n], places, spoken)
        return words_at(self._example.words, spoken[rows], confidences(rows, unlikeness, odd), self._n_samples)

    def _spread(self, spoken: np.ndarray, is_whole: bool) -> tuple[Word, ...]:
        """Place words by how long they take in the example, over the frames of speech."""
        begins = self._example.begins
        rows = begins * (len(spoken) / len(self._example)) if is_whole else begins / self._speaker.tempo
        rows = rows.astype(np.int64)
        rows = rows[rows < len(spoken)]
        return words_at(self._example.words, spoken[rows], np.zeros(len(rows)), self._n_samples)

    def _follow(self, spoken: np.ndarray, is_last: bool, is_whole: bool) -> Path:
        """Bring the path to the last frame of `spoken`. What was followed of it stays, where it is still the same."""
        if self._path is None or is_last or len(spoken) >= _ANEW * self._n_settled:
            self._path = self._settle(spoken, is_last, is_whole)
        n = min(len(spoken), len(self._followed), self._path.n_rows)
        changed = np.flatnonzero(spoken[:n] != self._followed[:n])
        known = max(0, (int(changed[0]) if len(changed) else n) - features.DELTA_FRAMES)
        self._path.cut(known)
        begin = max(0, known - features.DELTA_FRAMES)
        heard = features.compared(self._cepstra[spoken[begin:]], self._mean)[known - begin :]
        for start in range(0, len(heard), _BLOCK_FRAMES):
            self._path.extend(features.distances(heard[start : start + _BLOCK_FRAMES], self._compared))
        self._followed = spoken
        return self._path

    def _settle(self, spoken: np.ndarray, is_last: bool, is_whole: bool) -> Path:
        """Decide what the speaker sounds like, and begin the path anew. Of a beginning the mean is compared with that
        of the example's beginning."""
        self._n_settled = len(spoken)
        heard = self._cepstra[spoken]
        self._n_compared = len(self._example)
        if not is_whole:
            self._n_compared = min(self._n_compared, int(self._speaker.tempo * len(spoken)) + 30)
        known = self._speaker.warp
        is_enough = is_last or len(spoken) >= _WARP_FRAMES
        self._warp = known or (self._best_warp(heard) if is_enough else _USUAL_WARP)
        example = self._example.cepstra(self._warp)
        self._mean = mean_with(self._speaker.heard, heard)
        self._compared = features.compared(example, mean_with(self._speaker.example, example[: self._n_compared]))
        return Path(len(example))

    def _best_warp(self, heard: np.ndarray) -> float:
        """Find the speaker's size by the cheapest way through the beginning, with every second frame."""
        heard = heard[:_MAX_WARP_FRAMES]
        n_example = min(self._n_compared, 2 * _MAX_WARP_FRAMES)
        compared = features.compared(heard, heard.mean(axis=0))[::2]

        def cost(warp: float) -> float:
            example = self._example.cepstra(warp)[:n_example]
            path = Path(-(-len(example) // 2))
            path.extend(features.distances(compared, features.compared(example, example.mean(axis=0))[::2]))
            return path.best_cost

        return min(WARPS, key=cost)

    def _learn(self, spoken: np.ndarray) -> None:
        example = self._example.cepstra(self._warp)[: self._n_compared]
        self._speaker.learn(self._cepstra[spoken], example, self._warp)
