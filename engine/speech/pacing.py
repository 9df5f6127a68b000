"""How many frames a chunk of sound holds: few at first, then more, so that who listens at 1x never runs dry.

A chunk of n frames takes n frame times and one codec pass to make, while what was sent before is heard. Small chunks
are soon there, large ones cost less. All of this is arithmetic on what was measured; no clock is read here.
"""

from __future__ import annotations

import statistics
from bisect import bisect_left
from collections import deque

MAX_CHUNK_FRAMES = 43
"""2 s of S1 Mini's sound; so long it takes at most until a place in the text can be lit."""
FIRST_CHUNK_FRAMES = 4
"""While nothing is known of this device: 186 ms, enough to bridge the making of the next on most."""
LEAST_FRAMES = 2
RESERVE_S = 0.3
"""Of sound, unheard when the next chunk arrives: what a slow frame or a busy computer may use up."""
SPARE = 0.35
"""Share of the headroom that is not counted on when a first chunk is chosen."""
N_KEPT = 32


class Pace:
    """What was measured on this device: how long frames and codec passes take. Medians, so that a first, slow call
    counts for little."""

    def __init__(self) -> None:
        self._frames_s: deque[float] = deque(maxlen=N_KEPT)
        self._codec_s: dict[int, deque[float]] = {}

    def saw_frame(self, seconds: float) -> None:
        self._frames_s.append(seconds)

    def saw_codec(self, n_frames: int, seconds: float) -> None:
        """A pass over a chunk of `n_frames`."""
        self._codec_s.setdefault(n_frames, deque(maxlen=5)).append(seconds)

    @property
    def is_known(self) -> bool:
        return bool(self._frames_s and self._codec_s)

    def chunk_s(self, n_frames: int) -> float:
        """Seconds from one chunk to the next of `n_frames`; `is_known` must hold."""
        return n_frames * statistics.median(self._frames_s) + self._pass_s(n_frames)

    def _pass_s(self, n_frames: int) -> float:
        """Between measured sizes on the line from one to the next; beyond the largest in proportion, which is too much
        rather than too little; below the smallest the same, because a pass reads all weights."""
        sizes = sorted(self._codec_s)
        after = bisect_left(sizes, n_frames)
        if after == 0:
            return self._median_s(sizes[0])
        before = sizes[after - 1]
        if after == len(sizes):
            return self._median_s(before) * n_frames / before
        share = (n_frames - before) / (sizes[after] - before)
        return (1 - share) * self._median_s(before) + share * self._median_s(sizes[after])

    def _median_s(self, n_frames: int) -> float:
        return statistics.median(self._codec_s[n_frames])


def next_size(pace: Pace, frame_s: float, headroom_s: float, previous: int) -> int:
    """Frames of the chunk to make while `headroom_s` of sound is unheard, after one of `previous` frames.

    At most twice as many, and no more than can be made before only the reserve is left: three fifths of the headroom
    while it is small. Where that is too few to gain on the listener, the fewest that do; where none do, the most.
    """
    most = min(2 * previous, MAX_CHUNK_FRAMES)
    if not pace.is_known:
        return most
    reserve_s = min(RESERVE_S, max(headroom_s, 0.0) * 0.6)
    fits = [n for n in range(LEAST_FRAMES, most + 1) if pace.chunk_s(n) <= headroom_s - reserve_s]
    gaining = _fewest_that_gain(pace, frame_s)
    if gaining is None:
        return most
    return max(fits[-1] if fits else LEAST_FRAMES, gaining)


def first_size(pace: Pace, frame_s: float) -> int:
    """Frames of the first chunk: the fewest after which, by what was measured, the sound never ends too soon.

    Slower than the listener nobody can help: then sound comes early, and pauses.
    """
    if not pace.is_known or _fewest_that_gain(pace, frame_s) is None:
        return FIRST_CHUNK_FRAMES
    for n in range(LEAST_FRAMES, MAX_CHUNK_FRAMES):
        if _lasts(pace, frame_s, n):
            return n
    return MAX_CHUNK_FRAMES


def _fewest_that_gain(pace: Pace, frame_s: float) -> int | None:
    """The smallest chunk that gains on the listener, per frame, at least half of what the largest does."""
    best_s = frame_s - pace.chunk_s(MAX_CHUNK_FRAMES) / MAX_CHUNK_FRAMES
    if best_s <= 0:
        return None
    sizes = range(LEAST_FRAMES, MAX_CHUNK_FRAMES + 1)
    return next(n for n in sizes if frame_s - pace.chunk_s(n) / n >= best_s / 2)


def _lasts(pace: Pace, frame_s: float, first: int) -> bool:
    """Whether sound that begins with `first` frames goes on without a gap, each chunk with time to spare, until there
    is headroom for a reserve or the largest chunks follow each other."""
    headroom_s, size = first * frame_s, first
    for _ in range(MAX_CHUNK_FRAMES):
        size = next_size(pace, frame_s, headroom_s, size)
        if pace.chunk_s(size) > (1 - SPARE) * headroom_s:
            return False
        headroom_s += size * frame_s - pace.chunk_s(size)
        if headroom_s >= 2 * RESERVE_S or size == MAX_CHUNK_FRAMES:
            break
    return True


class Playback:
    """A request's sound, heard at 1x from its first chunk on, as far as can be told without asking."""

    def __init__(self, pace: Pace, frame_s: float) -> None:
        self._pace, self._frame_s = pace, frame_s
        self._began_s: float | None = None
        self._sent_frames = self._last = 0

    def headroom_s(self, now_s: float) -> float:
        """Seconds of sound unheard. After a gap they count from the next chunk on."""
        if self._began_s is None:
            return 0.0
        return max(0.0, self._began_s + self._sent_frames * self._frame_s - now_s)

    def size(self, now_s: float) -> int:
        """Frames of the next chunk."""
        if self._began_s is None or self.headroom_s(now_s) == 0.0:
            return first_size(self._pace, self._frame_s)
        return next_size(self._pace, self._frame_s, self.headroom_s(now_s), self._last)

    def send(self, n_frames: int, now_s: float) -> None:
        """A chunk is there."""
        if self._began_s is None or self.headroom_s(now_s) == 0.0:
            self._began_s, self._sent_frames = now_s, 0
        self._sent_frames += n_frames
        self._last = n_frames

    def take_back(self, n_frames: int) -> None:
        """The last `n_frames` sent will not be heard: they come again."""
        self._sent_frames -= n_frames


class Ladder:
    """Sizes for nobody who listens meanwhile: always the same, so that one seed gives the same samples to the bit."""

    def __init__(self) -> None:
        self._next = FIRST_CHUNK_FRAMES

    def size(self, now_s: float) -> int:  # noqa: ARG002 (asked like a playback)
        return self._next

    def send(self, n_frames: int, now_s: float) -> None:  # noqa: ARG002
        self._next = min(2 * n_frames, MAX_CHUNK_FRAMES)

    def take_back(self, n_frames: int) -> None:
        """Nothing was counted on."""
