"""One voice through a whole text (specification section 6).

Without references the model picks another timbre at every call. So what it has said first becomes the
reference for what follows: the sentences at the beginning, until there are 10 s of them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from engine.s1.decode.guard import usual_speech_frames
from engine.types import Reference, SegmentProblem, Voice

ENOUGH_FRAMES = 215  # 10 s: the shortest reference that is advised
MAX_FRAMES = 646  # 30 s: the longest


class VoiceLock:
    """`voice` is what to speak the next segment with."""

    def __init__(self, voice: Voice, n_positions: Callable[[Reference], int], max_positions: int) -> None:
        """The references of a chosen voice are kept as they are. Learned ones take at most `max_positions`
        of a prompt, counted by `n_positions`."""
        self.voice = voice
        self._n_positions, self._max_positions = n_positions, max_positions
        self._is_learning = not voice.references

    def learn(self, text: str, codes: np.ndarray, problem: SegmentProblem | None) -> None:
        """Hear what was just spoken: its text and codes int (n_codebooks, n_frames).

        A doubtful segment is only taken when it is the first, so that the timbre stays, and only as much
        of it as its text usually takes; a silent one has no timbre.
        """
        if not self._is_learning or problem == SegmentProblem.SILENT or codes.shape[1] == 0:
            return
        if problem is not None:
            if self.voice.references:
                return
            codes = codes[:, : usual_speech_frames(text)]
        n_frames = sum(r.codes.shape[1] for r in self.voice.references)
        n_positions = sum(self._n_positions(r) for r in self.voice.references)
        candidate = Reference(text, codes)
        n_room = min(
            MAX_FRAMES - n_frames, self._max_positions - n_positions - self._n_positions(candidate) + codes.shape[1]
        )
        if codes.shape[1] > n_room:
            self._is_learning = False
            if self.voice.references or n_room < 1:
                return
            candidate = Reference(text, codes[:, :n_room])  # the timbre counts more than the whole sentence
        self.voice = Voice(self.voice.name, (*self.voice.references, candidate))
        self._is_learning = self._is_learning and n_frames + codes.shape[1] < ENOUGH_FRAMES
