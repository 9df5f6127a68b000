"""Every way through the codec's decoder against the plain one, which stays the oracle."""

from __future__ import annotations

import copy
import logging
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.s1.decode.codec_fast import CodecPath, RowDecoder, choose_path
from engine.s1.model.codec import Decoder
from engine.s1.model.codec_layers import Stream
from engine.s1.model.config import CodecConfig
from engine.s1.native.codec import CodecKernels, NativeDecoder
from engine.speech.codec import Codec, DecodeStream

EXACT = 1e-5
CUTS = [[1] * 20 + [70], [4, 8, 16, 32, 30], [89, 1], [2, 3, 1, 40, 44]]


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


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="module")
def fast(tiny_checkpoint: Path, cache: Path) -> Codec:
    codec = Codec.load(tiny_checkpoint, "cpu", cache_folder=cache)
    assert codec.path == CodecPath("kernels")
    assert isinstance(codec.model.decoder, NativeDecoder)
    return codec


@pytest.mark.parametrize("cuts", CUTS)
def test_kernels_equal_the_plain_decoder_however_they_are_cut(
    fast: Codec, codes: np.ndarray, plain: np.ndarray, cuts: list[int]
) -> None:
    assert np.abs(np.concatenate(in_chunks(fast, codes, cuts)) - plain).max() <= EXACT


def test_streams_through_the_kernels_do_not_mix_and_can_go_back(fast: Codec, codes: np.ndarray) -> None:
    """Two signals in turn; and a chunk that is made again after it failed."""
    one, other = DecodeStream(fast), DecodeStream(fast)
    expected = in_chunks(fast, codes, [30, 30])
    assert np.array_equal(one.decode(codes[:, :30]), expected[0])
    other.decode(codes[:, 40:])
    before = one._stream.copy()
    one.decode(codes[:, 60:])
    one._stream = before
    assert np.array_equal(one.decode(codes[:, 30:60]), expected[1])


@pytest.mark.parametrize(
    ("n_channels", "rates"), [(64, (8, 8, 4, 2)), (48 * 16, (8, 4, 4, 4)), (1024, (8,)), (80, (4, 4, 4, 8))]
)
@torch.inference_mode()
def test_kernels_equal_plain_layers_of_any_width(cache: Path, n_channels: int, rates: tuple[int, ...]) -> None:
    """Panels that are not full, few rows of wide layers, more threads than cores, batches, chunks shorter than what is
    remembered."""
    torch.manual_seed(0)
    plain = Decoder(CodecConfig(latent_dim=20, decoder_dim=n_channels, decoder_rates=rates)).eval()
    for name, parameter in plain.named_parameters():
        if name.endswith("alpha"):
            torch.nn.init.uniform_(parameter, 0.05, 2.0)
        else:
            scale = 1.0 if name.endswith("bias") else parameter[0].numel() ** -0.5
            torch.nn.init.normal_(parameter, std=scale)
    fast = NativeDecoder(plain, CodecKernels(cache, n_threads=3))
    x = torch.randn(2, 20, 13)
    whole = plain(x, Stream())
    stream = Stream()
    found = torch.cat([fast(part, stream) for part in x.split([1, 2, 7, 3], dim=2)], dim=2)
    assert found.shape == whole.shape == (2, 1, 13 * math.prod(rates))
    # such weights make much of little: what float64 gives is the measure, and how far off the plain decoder is
    exact = copy.deepcopy(plain).double()(x.double(), Stream())
    error, plain_error = (float((sound - exact).norm() / exact.norm()) for sound in (found, whole))
    assert error <= 4 * plain_error + 1e-6
    assert error <= 1e-3


def test_without_a_compiler_rows_do_the_work(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with caplog.at_level(logging.WARNING):
        codec = Codec.load(tiny_checkpoint, "cpu", cache_folder=tmp_path)
    assert codec.path == CodecPath("rows")
    assert "no_compiler" in caplog.text


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
