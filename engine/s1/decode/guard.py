"""Generation that goes wrong, noticed (specification section 6): it never ends, it is stuck, it is silent."""

from __future__ import annotations

import unicodedata

import numpy as np

from engine.types import SegmentProblem

# Frames that slow speech may take, about three times the usual (21.5 frames are a second).
_BASE_FRAMES = 65
_WIDE_FRAMES = 12  # a Chinese or Japanese sign, a Korean syllable
_DIGIT_FRAMES = 16  # "1999" is read as words
_NARROW_FRAMES = 4
_MARKER_FRAMES = 43  # (laughing) may laugh for a while
_USUAL_SHARE = 3

STUCK_FRAMES = 64  # 3 s of one semantic token: longer than any pause within a sentence
SILENCE_PEAK = 10 ** (-50 / 20)  # a whisper peaks far above -50 dBFS


def max_speech_frames(text: str) -> int:
    """Tell how many frames `text` may take before its end of speech is taken to be lost."""
    return _BASE_FRAMES + sum(_frames_of(sign) for sign in text)


def usual_speech_frames(text: str) -> int:
    """Tell about how many frames `text` takes when read as usual."""
    return max(1, max_speech_frames(text) // _USUAL_SHARE)


def _frames_of(sign: str) -> int:
    if sign == "(":
        return _MARKER_FRAMES
    if unicodedata.east_asian_width(sign) in "WF":
        return _WIDE_FRAMES
    return _DIGIT_FRAMES if sign.isdigit() else _NARROW_FRAMES


class RunawayGuard:
    """Watches one generation as it comes and says what is wrong with it, if anything."""

    def __init__(self, max_frames: int) -> None:
        self._max_frames = max_frames
        self._n_frames = self._n_same = 0
        self._last_code = -1
        self._peak = 0.0

    def see_frame(self, codes: np.ndarray) -> bool:
        """Look at a frame's codes (n_codebooks,); True when it makes no sense to go on."""
        code = int(codes[0])
        self._n_same = self._n_same + 1 if code == self._last_code else 1
        self._last_code = code
        self._n_frames += 1
        return self._n_same >= STUCK_FRAMES

    def hear(self, samples: np.ndarray) -> None:
        self._peak = max(self._peak, float(np.abs(samples).max(initial=0.0)))

    @property
    def problem(self) -> SegmentProblem | None:
        """Once the generation is over."""
        if self._n_same >= STUCK_FRAMES:
            return SegmentProblem.STUCK
        if self._n_frames >= self._max_frames:
            return SegmentProblem.FRAME_CAP
        if self._peak < SILENCE_PEAK:
            return SegmentProblem.SILENT
        return None
