"""The natural voice's sound of one text: rows of phonemes, each made at once, and the stretches that it cannot say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from engine.builtin.neural.model import DURATION_SAMPLES, SAMPLE_RATE_HZ, Network, Prediction
from engine.builtin.neural.reading import ReadWord, needs_saying, read_words
from engine.builtin.neural.waveform import waveform
from engine.builtin.phonemes import GivenPhonemes
from engine.builtin.synthesis import Block, SpokenWord

MAX_ROW_PHONEMES = 400
"""It has learned from rows of at most some 500; a segment of `engine.text` has seldom more than 350."""

GAIN = 1.45
"""Brings it to espeak-ng's level (tests/bench/RESULTS.md)."""

EARLIER_SAMPLES = SAMPLE_RATE_HZ * 60 // 1000
"""A phoneme is heard so long before its place among the durations. Of 70 words after a pause 62 ms is the median, and
20 ms the standard deviation (tests/bench/RESULTS.md)."""

KNEE, MAX_PEAK = 0.7, 0.95
"""A sentence peaks at 0.35 to 0.7; where it goes wild (one in some hundred, at 1.0) its peaks are bent."""

SILENCE = 0.003
"""-50 dB of full scale: up to 0.4 s of breath, as loud as that, come after the last word."""

_PAUSES = ".!?…,;:—"


@dataclass(frozen=True, slots=True)
class Row:
    """Phonemes that are said in one go, and the words in them: a span of the text, and the place of the first
    phoneme."""

    phonemes: str
    words: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Unsaid:
    """Code points `[start, end)` of the text, which the voice cannot say."""

    start: int
    end: int


def rows_of(network: Network, text: str, given: Sequence[GivenPhonemes] = ()) -> list[Row | Unsaid]:
    """Cut `text` into what the voice says and what it cannot say, in order; empty where there is nothing to say.

    Raises `BuiltInVoiceError`.
    """
    found: list[Row | Unsaid] = []
    for can_say, group in groupby(read_words(network.g2p, text, given), key=lambda word: word.phonemes is not None):
        words = list(group)
        if can_say:
            found += _rows(network, words, text)
        else:
            found.append(Unsaid(words[0].start, words[-1].end))
    return [_closed(part, i == len(found) - 1) if isinstance(part, Row) else part for i, part in enumerate(found)]


def spoken_row(prediction: Prediction, row: Row, seed: int, is_cancelled: Callable[[], bool]) -> Iterator[Block]:
    """Say `row` as it was predicted. When cancelled, the last block never comes. The same `seed` gives the same
    samples."""
    begins = DURATION_SAMPLES * np.cumsum(prediction.durations)  # of each phoneme, after the silence before the first
    words = tuple(
        SpokenWord(start, end, max(0, int(begins[place]) - EARLIER_SAMPLES)) for start, end, place in row.words
    )
    n_left = int(begins[-1])
    for samples in waveform(prediction, np.random.default_rng(seed)):
        n_left -= len(samples)
        if is_cancelled():
            return
        yield Block(
            limited(samples * np.float32(GAIN)), SAMPLE_RATE_HZ, words, is_last=n_left == 0, gain=1.0, silence=SILENCE
        )
        words = ()


def limited(samples: np.ndarray) -> np.ndarray:
    """Bend what is above `KNEE` so that nothing reaches full scale; samples below stay as they are. float32 `(n,)`."""
    over = np.abs(samples) - KNEE
    if not (over > 0).any():
        return samples
    room = np.float32(MAX_PEAK - KNEE)
    return np.where(over > 0, np.sign(samples) * (KNEE + room * np.tanh(over / room)), samples).astype(np.float32)


def _rows(network: Network, words: list[ReadWord], text: str) -> Iterator[Row]:
    """Join the phonemes of `words`, into as many rows as it takes."""
    phonemes, places = "", []
    for word in words:
        said = "".join(filter(network.knows, word.phonemes or ""))
        while len(phonemes) + len(said) > MAX_ROW_PHONEMES:
            if not phonemes:  # a word as long as that: nothing of it is lost
                phonemes, said = said[:MAX_ROW_PHONEMES], said[MAX_ROW_PHONEMES:]
                places = [(word.start, word.end, 0)]
            yield Row(phonemes.strip(), tuple(places))
            phonemes, places = "", []
        if said.strip() and needs_saying(text[word.start : word.end]):
            places.append((word.start, _word_end(text, word), len(phonemes)))
        phonemes += said
        if word.spaced and phonemes and not phonemes.endswith(" "):
            phonemes += " "
    if places:
        yield Row(phonemes.strip(), tuple(places))


def _word_end(text: str, word: ReadWord) -> int:
    """Return where `word` ends, without the signs after it."""
    end = word.end
    while not needs_saying(text[end - 1]):
        end -= 1
    return end


def _closed(row: Row, is_end: bool) -> Row:
    """End `row` with a pause: without one its last word is cut short."""
    if row.phonemes.rstrip("”\"' )")[-1:] in _PAUSES:
        return row
    return Row(row.phonemes + ("." if is_end else ","), row.words)
