"""The measuring itself, on tiny weights; what comes out is the computer's affair."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from shapes import PLAIN_CONFIG, SMALL_CODEC

from engine.errors import OptionError
from engine.s1.checkpoint.codec_file import is_encoding_only
from engine.s1.checkpoint.random_weights import random_codec, random_dual_ar, write_sizes
from engine.s1.decode.decoder import open_decoder
from engine.speech.bench import BenchOptions, bytes_per_frame, chunk_sizes, run_bench

CPU = torch.device("cpu")


def numbers(document: dict) -> list[float]:
    found: list[float] = []
    for value in document.values():
        if isinstance(value, dict):
            found += numbers(value)
        elif isinstance(value, int | float):
            found.append(value)
    return found


@pytest.mark.slow
def test_a_checkpoint_is_measured(tiny_checkpoint: Path) -> None:
    told: list[str] = []
    document = run_bench(BenchOptions(tiny_checkpoint, "cpu", n_frames=9, n_batch=2), told.append)
    assert json.loads(json.dumps(document)) == document
    assert all(math.isfinite(n) and n > 0 for n in numbers(document))
    assert document["settings"]["weights"] == "checkpoint"
    assert document["settings"]["how"] == "eager: switched off"
    assert document["settings"]["frames"] == 9
    assert document["hardware"]["device"] == "CPU"
    decode = document["decode"]
    assert decode["frames_per_s"] * decode["ms_per_frame"] == pytest.approx(1000)
    assert decode["gb_per_s"] / decode["copy_gb_per_s"] == pytest.approx(decode["fraction_of_copy"])
    assert document["codec"]["chunks"] == [4, 6]
    assert document["batch"]["texts"] == 2
    assert len(told) == 6


@pytest.mark.slow
def test_more_texts_at_once_than_the_engine_takes_are_refused(tiny_checkpoint: Path) -> None:
    with pytest.raises(OptionError) as caught:
        run_bench(BenchOptions(tiny_checkpoint, "cpu", n_batch=64))
    assert caught.value.name == "batch"


def test_random_weights_need_no_files_and_have_the_sizes_asked_for(tmp_path: Path) -> None:
    write_sizes(tmp_path, PLAIN_CONFIG, SMALL_CODEC, 300)
    assert not list(tmp_path.glob("*.pth"))
    decoder = open_decoder(tmp_path, CPU, "int8", None, load=random_dual_ar)
    assert decoder.precision.name == "int8"
    codec = random_codec(tmp_path, CPU, lambda name: not is_encoding_only(name))
    assert {name for name, p in codec.named_parameters() if p.is_meta} == {
        name for name, _ in codec.named_parameters() if is_encoding_only(name)
    }
    assert all(torch.isfinite(p).all() for p in codec.decoder.parameters())
    assert {str(p.dtype) for p in decoder.model.parameters()} == {"torch.bfloat16"}


@pytest.mark.parametrize(("precision", "bytes_per_weight"), [("float32", 4), ("bfloat16", 2)])
def test_what_a_frame_reads(tmp_path: Path, precision: str, bytes_per_weight: int) -> None:
    write_sizes(tmp_path, PLAIN_CONFIG, SMALL_CODEC, 300)
    model = open_decoder(tmp_path, CPU, precision, None, load=random_dual_ar).model
    attention = 24 * (4 + 2 * 2) * 8 + 24 * 4 * 8
    layer = attention + 3 * 24 * 40 + 2 * 24 + 2 * 8  # norms too
    n_passes = 2
    weights = 2 * layer + 401 * 24 + n_passes * (2 * layer + 400 * 24)
    cache = 2 * 2 * 2 * 8 * 50
    assert bytes_per_frame(model, 50) == (weights + cache) * bytes_per_weight


def test_chunks_are_those_that_speaking_makes() -> None:
    assert chunk_sizes(215) == [4, 8, 16, 32, 43, 43, 43, 26]
    assert chunk_sizes(3) == [3]


@pytest.mark.parametrize("wrong", [{"n_frames": 0}, {"n_frames": 10**6}, {"n_batch": 0}, {"n_batch": 65}])
def test_what_cannot_be_measured_is_refused_before_anything_is_loaded(wrong: dict) -> None:
    with pytest.raises(OptionError) as caught:
        BenchOptions(**wrong)
    assert caught.value.name == next(iter(wrong)).removeprefix("n_")
