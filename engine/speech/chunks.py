"""Frames become chunks of sound: when the next is due, decoded beside the frames that follow where that pays."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from engine.audio.fades import EdgeFader
from engine.speech.codec import Codec, DecodeStream, PendingSound
from engine.speech.pacing import Ladder, Pace, Playback

FADE_MS = 4.0


class ChunkMaker:
    """One attempt at a segment: frames in, samples out, for a listener who is not to be kept waiting."""

    def __init__(
        self,
        codec: Codec,
        pace: Pace,
        playback: Playback | Ladder,
        hear: Callable[[np.ndarray], object],
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """`hear` is given all samples as the codec makes them, before their edges are softened."""
        self._pace, self._playback, self._hear, self._clock = pace, playback, hear, clock
        self._stream, self._fader = DecodeStream(codec), EdgeFader(FADE_MS, codec.sample_rate)
        self._n_codebooks = codec.n_codebooks
        self._frames: list[np.ndarray] = []
        self._n_begun = 0
        self._pending: tuple[PendingSound, int] | None = None
        self._size: int | None = None
        self._since: float | None = None  # when work on the next frame began; None: that cannot be told

    @property
    def n_sent_frames(self) -> int:
        """How many went to the codec, and so to the listener."""
        return self._n_begun

    @property
    def codes(self) -> np.ndarray:
        """All frames so far, int64 (n_codebooks, n_frames)."""
        if not self._frames:
            return np.zeros((self._n_codebooks, 0), dtype=np.int64)
        return np.stack(self._frames, axis=1)

    def add(self, frame: np.ndarray) -> Iterator[np.ndarray]:
        """The next frame (n_codebooks,); samples float32 (n,) that are there by now. Run it to its end: the time from
        there to the next frame counts as that frame's, so that the first of an attempt, which reads the prompt, does
        not."""
        if self._since is not None:
            self._pace.saw_frame(self._clock() - self._since)
        self._frames.append(frame)
        if self._pending is not None and self._pending[0].is_ready:
            yield self._take_pending()
        if self._size is None:
            self._size = self._playback.size(self._clock())
        if len(self._frames) - self._n_begun >= self._size:
            if self._pending is not None:
                yield self._take_pending()
            is_first = self._n_begun == 0
            sound = self._begin()
            if is_first or sound.is_ready:  # the first is waited for: nothing is heard yet
                yield self._take_pending()
        self._since = self._clock()

    def finish(self) -> Iterator[np.ndarray]:
        """What is left, once frames end; the last samples are faded out."""
        if not self._frames:
            return
        if self._pending is not None:
            yield self._take_pending()
        last = []
        if self._n_begun < len(self._frames):
            self._begin()
            last.append(self._take_pending())
        yield np.concatenate((*last, self._fader.finish()))

    def _begin(self) -> PendingSound:
        new = self._frames[self._n_begun :]
        sound = self._stream.begin(np.stack(new, axis=1))
        self._pending = sound, len(new)
        self._n_begun, self._size = len(self._frames), None
        self._playback.send(len(new), self._clock())  # as good as sent: the size of the next counts on it
        return sound

    def _take_pending(self) -> np.ndarray:
        assert self._pending is not None
        (sound, n_frames), self._pending = self._pending, None
        samples = sound.result()
        self._pace.saw_codec(n_frames, sound.seconds)
        self._hear(samples)
        return self._fader.feed(samples)
