"""What is known of a speaker from what was heard before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_MAX_FRAMES = 3000
"""Half a minute: what was heard earlier fades."""
_ENOUGH_FRAMES = 100
"""From then on the size of a speaker is sure."""
PRIOR_FRAMES = 150
"""So much of what is known counts beside a segment's own mean, which in a short one is that of its words."""


@dataclass(slots=True)
class Speaker:
    """Learns, from one segment to the next, how a voice sounds in the mean.

    `warp`: by how much its formants are higher than espeak-ng's, None while that is not known. `heard` and `example`:
    mean cepstra `(N_CEPSTRA,)` of the last `n_frames` frames of speech, and of the same words said by espeak-ng;
    `tempo`: how many times as fast as that they were.
    """

    warp: float | None = None
    heard: np.ndarray | None = None
    example: np.ndarray | None = None
    n_frames: int = 0
    tempo: float = 1.2

    def learn(self, heard: np.ndarray, example: np.ndarray, warp: float) -> None:
        """Learn from the cepstra `(n, N_CEPSTRA)` of a whole segment, whose example was made with `warp`."""
        n = len(heard)
        if warp != self.warp:
            if n < _ENOUGH_FRAMES:
                return
            self.warp, self.n_frames = warp, 0
        share = np.float32(n / (n + self.n_frames))
        self.tempo += float(share) * (len(example) / n - self.tempo)
        self.heard = _nearer(self.heard, heard, share)
        self.example = _nearer(self.example, example, share)
        self.n_frames = min(_MAX_FRAMES, self.n_frames + n)


def mean_with(known: np.ndarray | None, cepstra: np.ndarray) -> np.ndarray:
    """Return the mean of `cepstra`, beside which what is `known` counts as `PRIOR_FRAMES`."""
    return _nearer(known, cepstra, np.float32(len(cepstra) / (PRIOR_FRAMES + len(cepstra))))


def _nearer(known: np.ndarray | None, cepstra: np.ndarray, share: np.float32) -> np.ndarray:
    mean = cepstra.mean(axis=0)
    return mean if known is None else known + share * (mean - known)
