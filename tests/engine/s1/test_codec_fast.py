"""Every way through the codec's decoder against the plain one, which stays the oracle."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.codec import Codec, DecodeStream
from engine.s1.codec_fast import CodecPath, RowDecoder, choose_path

EXACT = 1e-5
CUTS = [[1] * 90, [4, 8, 16, 32, 30], [89, 1], [2, 3, 1, 40, 44]]


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    random = np.random.default_rng(0)
    return np.concatenate((random.integers(0, 1280, (1, 90)), random.integers(0, 1024, (3, 90))))


@pytest.fixture(scope="module")
def plain(tiny_checkpoint: Path, codes: np.ndarray) -> np.ndarray:
    codec = Codec.load(tiny_checkpoint, "cpu", CodecPath("plain"))
    return np.concatenate(list(codec.decode(codes)))


def in_chunks(codec: Codec, codes: np.ndarray, cuts: list[int]) -> list[np.ndarray]:
    stream = DecodeStream(codec)
    ends = np.cumsum(cuts)
    return [stream.decode(codes[:, end - n : end]) for n, end in zip(cuts, ends, strict=True)]


@pytest.mark.parametrize("cuts", CUTS)
def test_rows_equal_the_plain_decoder_however_they_are_cut(
    tiny_checkpoint: Path, codes: np.ndarray, plain: np.ndarray, cuts: list[int]
) -> None:
    codec = Codec.load(tiny_checkpoint, "cpu", CodecPath("rows"))
    assert isinstance(codec.model.decoder, RowDecoder)
    assert np.abs(plain).max() > 0.01
    assert np.abs(np.concatenate(in_chunks(codec, codes, cuts)) - plain).max() <= EXACT


@pytest.mark.parametrize("name", ["plain", "rows"])
@pytest.mark.parametrize(("dtype", "least_db"), [(torch.bfloat16, 20.0), (torch.float16, 40.0)])
def test_half_precision_is_near(
    tiny_checkpoint: Path, codes: np.ndarray, plain: np.ndarray, name: str, dtype: torch.dtype, least_db: float
) -> None:
    codec = Codec.load(tiny_checkpoint, "cpu", CodecPath(name, dtype))
    found = np.concatenate(in_chunks(codec, codes, [4, 8, 16, 32, 30]))
    assert found.dtype == np.float32
    error = found - plain
    assert 10 * np.log10(np.square(plain).sum() / np.square(error).sum()) >= least_db
    recording = np.random.default_rng(1).uniform(-0.5, 0.5, 5000).astype(np.float32)
    assert codec.encode(recording).shape == (4, 3)  # the encoding half stays in fp32


def test_the_fastest_exact_way_is_chosen() -> None:
    assert choose_path(torch.device("cuda"), has_kernels=False) == CodecPath("plain")
    assert choose_path(torch.device("cpu"), has_kernels=False) == CodecPath("rows")
    assert choose_path(torch.device("cpu"), has_kernels=True) == CodecPath("kernels")
