"""The natural voice's sound: what the network predicts becomes exactly that many samples, and words lie where they are
heard."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.builtin.neural import Network, Row, rows_of
from engine.builtin.neural.model import DURATION_SAMPLES, SAMPLE_RATE_HZ, Prediction, with_output
from engine.builtin.neural.synthesis import KNEE, limited, spoken_row
from engine.builtin.neural.waveform import waveform
from engine.builtin.synthesis import Block

SENTENCE = "The old lighthouse keeper never missed a single night of lighting the lamp."


def never() -> bool:
    return False


def only_row(network: Network, text: str) -> Row:
    (row,) = rows_of(network, text)
    assert isinstance(row, Row)
    return row


def predicted(network: Network, row: Row) -> Prediction:
    prediction = network.predict(row.phonemes, never)
    assert prediction is not None
    return prediction


def blocks_of(network: Network, text: str, seed: int = 0) -> list[Block]:
    row = only_row(network, text)
    return list(spoken_row(predicted(network, row), row, seed, never))


class Silent:
    """A generator that draws no noise."""

    def standard_normal(self, shape: tuple[int, ...], dtype: type) -> np.ndarray:
        return np.zeros(shape, dtype)


@pytest.mark.parametrize("text", ["Hi.", "A.", "Hello there.", SENTENCE, f"{SENTENCE} {SENTENCE}"])
def test_the_sum_of_durations_is_the_number_of_samples(network: Network, text: str) -> None:
    row = only_row(network, text)
    prediction = predicted(network, row)
    assert len(prediction.durations) == len(row.phonemes) + 2
    n_samples = sum(len(block.samples) for block in spoken_row(prediction, row, 0, never))
    assert n_samples == DURATION_SAMPLES * prediction.durations.sum()


@pytest.mark.parametrize("text", ["Hi.", SENTENCE])
def test_as_it_goes_it_sounds_as_all_at_once(network: Network, text: str) -> None:
    from hibari import dsp

    prediction = predicted(network, only_row(network, text))
    of = (prediction.harmonic, prediction.phase, prediction.noise, prediction.rest, prediction.rest_phase)
    silent: Any = Silent()
    whole = dsp.synth(*of, prediction.f0_hz, silent)
    pieces = list(waveform(prediction, silent))
    assert np.abs(np.concatenate(pieces) - whole).max() < 1e-5
    assert all(piece.dtype == np.float32 for piece in pieces)
    assert len(pieces) > 3 or text == "Hi."


def test_the_words_of_ours_and_the_words_of_hibari_sound_the_same(network: Network) -> None:
    """But for the pause at the end, what its own reader makes of plain English is what ours does."""
    for text in ("Hello there.", SENTENCE, "Where did you put the keys, and why?"):
        assert only_row(network, text).phonemes == network.g2p(text)


def test_the_same_seed_gives_the_same_samples(network: Network) -> None:
    first, again, other = (
        np.concatenate([block.samples for block in blocks_of(network, SENTENCE, seed)]) for seed in (5, 5, 6)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_word_lies_where_it_is_heard(network: Network) -> None:
    """Words that begin with a voiced sound, after a pause: their place is within 60 ms of where it gets loud."""
    names = ["mama", "never", "lemon", "window", "apple", "river", "animal", "yellow", "lantern", "meadow"]
    for before, name in pairwise(names):
        text = f"{before.capitalize()}; {name}."
        blocks = blocks_of(network, text)
        sound = np.concatenate([block.samples for block in blocks])
        words = [word for block in blocks for word in block.words]
        assert [text[word.start : word.end] for word in words] == [before.capitalize(), name]
        steps = sound[: len(sound) // 120 * 120].reshape(-1, 120)  # of 5 ms
        level = np.convolve(np.sqrt(np.mean(steps**2, axis=1)), np.ones(3) / 3, "same")
        place = words[1].at_sample // 120
        quietest = place - 24 + int(np.argmin(level[place - 24 : place + 16]))
        onset = quietest + int(np.argmax(level[quietest:] > 0.02))
        assert abs(onset - place) <= 12, (text, onset - place)


def test_places_stand_in_order_inside_the_sound(network: Network) -> None:
    for text in (SENTENCE, "In 2025 it cost $3.50, isn't that mother-in-law's?", "word " * 60):
        blocks = blocks_of(network, text)
        places = [word.at_sample for block in blocks for word in block.words]
        assert places == sorted(set(places))
        assert places[0] >= 0
        assert places[-1] < sum(len(block.samples) for block in blocks)
        assert [block.is_last for block in blocks] == [False] * (len(blocks) - 1) + [True]


def test_cancelled_while_it_computes(network: Network) -> None:
    """A row of twenty seconds is given up within 50 ms of processor time, and the network is whole afterwards."""
    row = only_row(network, "lighthouse " * 40)
    asked = 0

    def at_the_second_look() -> bool:
        nonlocal asked
        asked += 1
        return asked > 1

    started_s = time.process_time()
    assert network.predict(row.phonemes, at_the_second_look) is None
    spent_s = time.process_time() - started_s
    prediction = predicted(network, row)
    assert spent_s < 0.06
    assert asked == 2
    made: list[Block] = []
    made.extend(spoken_row(prediction, row, 0, lambda: len(made) >= 2))
    assert not any(block.is_last for block in made)


def test_peaks_are_bent_and_nothing_else_is() -> None:
    samples = np.linspace(-3, 3, 6001, dtype=np.float32)
    bent = limited(samples)
    low = np.abs(samples) <= KNEE
    assert np.array_equal(bent[low], samples[low])
    assert np.abs(bent).max() < 0.96
    assert (np.diff(bent) >= 0).all()
    assert bent.dtype == np.float32


def test_an_output_is_added_without_touching_the_model() -> None:
    model = b"any bytes"
    assert with_output(model, "x") == model + b"\x3a\x05\x62\x03\x0a\x01x"


@pytest.fixture
def timed(network: Network) -> Callable[[str], float]:
    def first_sound_s(text: str) -> float:
        started_s = time.process_time()
        row = only_row(network, text)
        blocks = spoken_row(predicted(network, row), row, 0, never)
        next(iter(blocks))
        return time.process_time() - started_s

    return first_sound_s


def test_the_first_sound_comes_soon(timed: Callable[[str], float]) -> None:
    """Processor time, the best of three: a sentence of six seconds takes 50 ms where nothing else runs."""
    assert min(timed(SENTENCE) for _ in range(3)) < 0.2


def test_rate(network: Network) -> None:
    assert {block.sample_rate_hz for block in blocks_of(network, "Hi.")} == {SAMPLE_RATE_HZ}
