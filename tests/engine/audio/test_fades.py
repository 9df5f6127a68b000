from __future__ import annotations

import numpy as np
import pytest

from engine.audio.fades import EdgeFader

RATE_HZ = 44_100
N_FADE = round(4.0 * RATE_HZ / 1000)


def faded(samples: np.ndarray, cuts: list[int]) -> np.ndarray:
    fader = EdgeFader(4.0, RATE_HZ)
    pieces = [fader.feed(piece) for piece in np.split(samples, np.cumsum(cuts))]
    return np.concatenate((*pieces, fader.finish()))


@pytest.mark.parametrize("cuts", [[], [1, 1, 1], [N_FADE], [N_FADE - 1, 2], [500, 400, 1]])
def test_edges_are_soft_and_the_rest_is_unchanged_however_it_is_cut(cuts: list[int]) -> None:
    samples = np.ones(1000, dtype=np.float32)
    found = faded(samples, cuts)
    assert found.shape == samples.shape
    assert np.array_equal(found, faded(samples, []))
    assert np.array_equal(found[N_FADE:-N_FADE], samples[N_FADE:-N_FADE])
    assert found[0] < 1e-3
    assert found[-1] < 1e-3
    assert np.abs(np.diff(found)).max() < 2 / N_FADE  # no step anywhere
    assert samples.min() == 1.0  # the caller's array is left alone


@pytest.mark.parametrize("n", [0, 1, N_FADE - 1, N_FADE, N_FADE + 1, 2 * N_FADE])
def test_shorter_than_its_fades(n: int) -> None:
    found = faded(np.ones(n, dtype=np.float32), [])
    assert len(found) == n
    assert np.isfinite(found).all()
    assert found.max(initial=0) <= 1.0
