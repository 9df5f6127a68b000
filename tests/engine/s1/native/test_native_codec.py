"""Each other decoder of the codec against the plain one, which stays the oracle."""

from __future__ import annotations

import copy
import logging
import math
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.s1.checkpoint.load import load_codec
from engine.s1.model.codec import Decoder
from engine.s1.model.codec_layers import Stream
from engine.s1.model.codec_rows import RowCodecModel
from engine.s1.model.config import CodecConfig
from engine.s1.native.codec import NativeCodecModel, NativeDecoder
from engine.s1.native.codec_kernels import CodecKernels
from engine.speech.codec import Codec, DecodeStream

EXACT = 1e-5
CUTS = [[1] * 20 + [70], [4, 8, 16, 32, 30], [89, 1], [2, 3, 1, 40, 44]]


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    random = np.random.default_rng(0)
    return np.concatenate((random.integers(0, 1280, (1, 90)), random.integers(0, 1024, (3, 90))))


@pytest.fixture(scope="module")
def plain(tiny_checkpoint: Path, codes: np.ndarray) -> np.ndarray:
    codec = Codec(tiny_checkpoint, load_codec(tiny_checkpoint, torch.device("cpu"), lambda _: True), "plain")
    return np.concatenate(list(codec.decode(codes)))


def in_chunks(codec: Codec, codes: np.ndarray, cuts: list[int]) -> list[np.ndarray]:
    stream = DecodeStream(codec)
    ends = np.cumsum(cuts)
    return [stream.decode(codes[:, end - n : end]) for n, end in zip(cuts, ends, strict=True)]


@pytest.mark.parametrize("cuts", CUTS)
def test_rows_equal_the_plain_decoder_however_they_are_cut(
    tiny_checkpoint: Path, codes: np.ndarray, plain: np.ndarray, cuts: list[int]
) -> None:
    codec = Codec.load(tiny_checkpoint, "cpu")
    assert codec.backend == "rows"
    assert isinstance(codec.model, RowCodecModel)
    assert np.abs(plain).max() > 0.01
    assert np.abs(np.concatenate(in_chunks(codec, codes, cuts)) - plain).max() <= EXACT


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kernels")


@pytest.fixture(scope="module")
def fast(tiny_checkpoint: Path, cache: Path) -> Codec:
    codec = Codec.load(tiny_checkpoint, "cpu", cache_folder=cache)
    assert codec.backend == "kernels"
    assert isinstance(codec.model, NativeCodecModel)
    return codec


@pytest.mark.slow
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
    ("n_channels", "rates", "n_last"),
    [
        (64, (8, 8, 4, 2), 3),
        pytest.param(48 * 16, (8, 4, 4, 4), 3, marks=pytest.mark.slow),
        pytest.param(1024, (8,), 36, marks=pytest.mark.slow),
        (80, (4, 4, 4, 8), 3),
    ],
)
@torch.inference_mode()
def test_kernels_equal_plain_layers_of_any_width(
    cache: Path, n_channels: int, rates: tuple[int, ...], n_last: int
) -> None:
    """Panels that are not full, few rows and many of wide layers, more threads than cores, batches, chunks shorter than
    what is remembered."""
    torch.manual_seed(0)
    plain = Decoder(CodecConfig(latent_dim=20, decoder_dim=n_channels, decoder_rates=rates)).eval()
    for name, parameter in plain.named_parameters():
        if name.endswith("alpha"):
            torch.nn.init.uniform_(parameter, 0.05, 2.0)
        else:
            scale = 1.0 if name.endswith("bias") else parameter[0].numel() ** -0.5
            torch.nn.init.normal_(parameter, std=scale)
    fast = NativeDecoder(plain, CodecKernels(cache, n_threads=3))
    sizes = [1, 2, 7, n_last]
    x = torch.randn(2, 20, sum(sizes))
    whole = plain(x, Stream())
    stream = Stream()
    found = torch.cat([fast(part, stream) for part in x.split(sizes, dim=2)], dim=2)
    assert found.shape == whole.shape == (2, 1, sum(sizes) * math.prod(rates))
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
    assert codec.backend == "rows"
    assert "no_compiler" in caplog.text


@pytest.mark.parametrize("has_kernels", [False, True])
def test_the_encoding_half_is_the_same_whatever_decodes(tiny_checkpoint: Path, cache: Path, has_kernels: bool) -> None:
    recording = np.random.default_rng(1).uniform(-0.5, 0.5, 5000).astype(np.float32)
    expected = load_codec(tiny_checkpoint, torch.device("cpu"), lambda _: True)
    padded = torch.nn.functional.pad(torch.from_numpy(recording), (0, 3 * 2048 - 5000))
    codec = Codec.load(tiny_checkpoint, "cpu", cache_folder=cache if has_kernels else None)
    assert np.array_equal(codec.encode(recording), expected.encode(padded[None], Stream())[0].numpy())
