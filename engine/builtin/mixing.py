"""English by the natural voice, and by espeak-ng the words of it that the natural voice cannot say, in one sound."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

import numpy as np

from engine.builtin.neural.model import Network
from engine.builtin.neural.reading import has_foreign_letters
from engine.builtin.neural.synthesis import Row, Unsaid, rows_of, spoken_row
from engine.builtin.phonemes import GivenPhonemes
from engine.builtin.shaping import Sound, shaped
from engine.builtin.synthesis import Block, spoken_blocks
from engine.errors import BuiltInVoiceError
from engine.text.detection import guess_language
from engine.text.languages import DEFAULT_LANGUAGE, record_of
from engine.types import SAMPLE_RATE_HZ

JOIN_MS = 80
"""The pause where one voice takes over from the other, or a long sentence is cut: that of a comma, said fast."""

SEED = 0
"""Of the natural voice's breath, always the same: nobody hears another, and a sentence keeps its samples."""


def mixed_sounds(
    network: Network,
    text: str,
    given: Sequence[GivenPhonemes],
    pause_ms: int,
    is_cancelled: Callable[[], bool],
    on_failure: Callable[[BuiltInVoiceError], None],
) -> Generator[Sound]:
    """Speak English `text`, parts of it as `given`, with `pause_ms` of silence after it. Yields nothing when nothing in
    it is audible.

    What the network fails at is said by espeak-ng, and `on_failure` hears of it. Raises `BuiltInVoiceError` where that
    fails, too.
    """
    try:
        parts = rows_of(network, text, given)
    except BuiltInVoiceError as error:
        on_failure(error)
        parts = [Unsaid(0, len(text))]
    n_samples = 0
    lacks_ms = 0
    for i, part in enumerate(parts):
        after_ms = pause_ms if i == len(parts) - 1 else JOIN_MS
        begin = n_samples
        for sound in shaped(_blocks(network, part, text, given, is_cancelled, on_failure), after_ms):
            yield _moved(sound, begin)
            n_samples += len(sound.samples)
            lacks_ms = pause_ms - after_ms
        if is_cancelled():
            return
    if n_samples and lacks_ms:  # the last part was silent
        yield Sound(np.zeros(lacks_ms * SAMPLE_RATE_HZ // 1000, np.float32), ())


def _blocks(
    network: Network,
    part: Row | Unsaid,
    text: str,
    given: Sequence[GivenPhonemes],
    is_cancelled: Callable[[], bool],
    on_failure: Callable[[BuiltInVoiceError], None],
) -> Iterator[Block]:
    if isinstance(part, Row):
        try:
            prediction = network.predict(part.phonemes, is_cancelled)
        except BuiltInVoiceError as error:
            on_failure(error)
            part = Unsaid(part.words[0][0], part.words[-1][1])
        else:
            if prediction is not None:
                yield from spoken_row(prediction, part, SEED, is_cancelled)
            return
    written = text[part.start : part.end]
    language = guess_language(written) if has_foreign_letters(written) else DEFAULT_LANGUAGE
    inside = [
        replace(span, start=span.start - part.start, end=span.end - part.start)
        for span in given
        if part.start <= span.start and span.end <= part.end
    ]
    for block in spoken_blocks(written, record_of(language).espeak_voice, is_cancelled, inside):
        words = [replace(word, start=word.start + part.start, end=word.end + part.start) for word in block.words]
        yield replace(block, words=tuple(words))


def _moved(sound: Sound, n_samples: int) -> Sound:
    return replace(sound, words=tuple(replace(word, at_sample=word.at_sample + n_samples) for word in sound.words))
