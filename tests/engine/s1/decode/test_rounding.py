"""The fast stack's rounded weights: computed with as they are, made once, kept, and made again where that is spoilt."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import pytest
import torch
from torch import Tensor

from engine.errors import OutputError
from engine.s1.checkpoint.load import FastForm, load_dual_ar
from engine.s1.decode import rounding
from engine.s1.decode.decoder import Decoder, open_decoder
from engine.s1.decode.reference import logits_along
from engine.s1.decode.rounding import read_rounding
from engine.s1.model.compensation import set_rounded
from engine.s1.model.low_bit import LowBitLinear, make_low_bit
from engine.s1.native.dual_ar import NativeDualAr
from engine.s1.native.kernels import Kernels

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def say_little(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rounding, "TEXTS", ("One.", "And two."))
    monkeypatch.setattr(rounding, "N_FRAMES", 5)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Kernels(tmp_path_factory.mktemp("library")).folder


@pytest.fixture
def cache(library: Path, tmp_path: Path) -> Path:
    """A cache folder where the library is compiled already."""
    return Path(shutil.copytree(library, tmp_path / "cache"))


def opened(folder: Path, cache: Path) -> tuple[Decoder, list[float]]:
    shares: list[float] = []
    return open_decoder(folder, CPU, "mixed", cache, shares.append), shares


def kept(cache: Path) -> list[Path]:
    return list(cache.glob("rounding-*"))


def logits(decoder_model: torch.nn.Module) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    prompt = torch.zeros(5, 12, dtype=torch.int64)
    prompt[0] = torch.randint(0, 256, (12,), generator=generator)
    codes = torch.randint(0, 200, (4, 3), generator=generator)
    tokens, residuals = logits_along(decoder_model, prompt, codes)  # type: ignore[arg-type]
    return torch.cat((tokens.flatten(), residuals.flatten()))


def test_a_mixture_says_what_its_widened_weights_say(tiny_checkpoint: Path, cache: Path) -> None:
    decoder, _ = opened(tiny_checkpoint, cache)
    assert isinstance(decoder.model, NativeDualAr)
    assert decoder.precision.name == "mixed"
    _, plain = load_dual_ar(tiny_checkpoint, CPU, torch.bfloat16)
    (path,) = kept(cache)
    rounded = read_rounding(path, plain)
    assert rounded is not None
    set_rounded(plain.fast_layers, rounded)
    make_low_bit(plain.layers, 8)
    bits = [{m.bits for m in s.modules() if isinstance(m, LowBitLinear)} for s in (plain.layers, plain.fast_layers)]
    assert bits == [{8}, {4}]
    found, expected = logits(decoder.model), logits(plain.float())
    assert (found - expected).norm() < 5e-3 * expected.norm()  # the cache's bf16


def test_it_is_made_once_for_a_checkpoint(tiny_checkpoint: Path, cache: Path, tmp_path: Path) -> None:
    first, shares = opened(tiny_checkpoint, cache)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    again, shares = opened(tiny_checkpoint, cache)
    assert shares == []
    assert torch.equal(logits(again.model), logits(first.model))
    other = shutil.copytree(tiny_checkpoint, tmp_path / "other")
    tensors = torch.load(other / "model.pth")
    tensors["fast_layers.0.feed_forward.w1.weight"][0, 0] += 1
    torch.save(tensors, other / "model.pth")
    assert opened(other, cache)[1]
    assert len(kept(cache)) == 2


@pytest.mark.parametrize("damage", ["a byte", "the end", "all"])
def test_what_is_damaged_is_made_again(damage: str, tiny_checkpoint: Path, cache: Path) -> None:
    first, _ = opened(tiny_checkpoint, cache)
    (path,) = kept(cache)
    good = path.read_bytes()
    spoilt = {"a byte": good[:-9] + bytes([good[-9] ^ 1]) + good[-8:], "the end": good[:-40], "all": b""}[damage]
    path.write_bytes(spoilt)
    again, shares = opened(tiny_checkpoint, cache)
    assert shares
    assert path.read_bytes() == good
    assert torch.equal(logits(again.model), logits(first.model))


def test_ended_half_way_it_leaves_nothing(tiny_checkpoint: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Ended(BaseException): ...

    def end(*_: object) -> None:
        raise Ended

    with monkeypatch.context() as patch:
        patch.setattr("engine.files.disk.move", end)  # all is written but for the name
        with pytest.raises(Ended):
            opened(tiny_checkpoint, cache)
    assert kept(cache) == []
    assert [f for f in cache.iterdir() if f.suffix != ".so"] == []
    assert opened(tiny_checkpoint, cache)[1]


def test_where_nothing_can_be_kept_it_serves_all_the_same(
    tiny_checkpoint: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    first, _ = opened(tiny_checkpoint, cache)
    (path,) = kept(cache)
    path.unlink()

    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OutputError("disk_full", path)

    monkeypatch.setattr(rounding, "write_whole", refuse)
    with caplog.at_level(logging.WARNING):
        again, _ = opened(tiny_checkpoint, cache)
    assert "cannot be kept" in caplog.text
    assert torch.equal(logits(again.model), logits(first.model))


def test_without_the_library_the_rounding_is_plain(tiny_checkpoint: Path) -> None:
    decoder = open_decoder(tiny_checkpoint, CPU, "mixed", None)
    _, plain = load_dual_ar(tiny_checkpoint, CPU, torch.bfloat16, 8, fast=FastForm(4))
    assert torch.equal(logits(decoder.model), logits(plain))
