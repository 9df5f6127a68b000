"""A segment said by espeak-ng as it comes, whatever voice is to say it: an example to compare other sound with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.builtin.speaking import placed_words, said
from engine.builtin.synthesis import spoken_blocks
from engine.text.languages import record_of
from engine.types import Segment, Word


@dataclass(frozen=True, slots=True)
class ExampleSound:
    """Holds what espeak-ng says: float32 `(n_samples,)` in [-1, 1] at `sample_rate_hz`, and its words, at that rate."""

    samples: np.ndarray
    sample_rate_hz: int
    words: tuple[Word, ...]


def example_of(segment: Segment, is_cancelled: Callable[[], bool] = lambda: False) -> ExampleSound:
    """Say `segment` with espeak-ng, which takes 2 ms for a second of sound.

    There is no sound and no word where there is nothing to say. Raises `BuiltInVoiceError`.
    """
    text, source, given = said(segment)
    blocks = list(spoken_blocks(text, record_of(segment.language).espeak_voice, is_cancelled, given))
    samples = np.concatenate([block.samples for block in blocks]) if blocks else np.zeros(0, np.int16)
    words = [word for block in blocks for word in block.words]
    rate_hz = blocks[0].sample_rate_hz if blocks else 0
    return ExampleSound(samples / np.float32(32768), rate_hz, tuple(placed_words(words, source)))
