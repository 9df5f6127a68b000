"""Rounding in which the other weights make up for what one loses, against plain rounding on fixed data."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import Tensor, nn

from engine.s1.model.compensation import matrices_to_round, pack_int4_compensated, round_stack, set_rounded
from engine.s1.model.config import StackConfig
from engine.s1.model.layers import Block, KvCache, run_blocks
from engine.s1.model.low_bit import LowBitLinear, make_low_bit, pack_int4, unpack_int4

STACK = StackConfig(2, 64, 4, 2, 16, 96, qkv_bias=False, o_bias=False, qk_norm=True, rope_base=1e4, norm_eps=1e-6)


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def loss(packed: tuple[Tensor, Tensor], weight: Tensor, x: Tensor) -> float:
    """Of what comes out, relative."""
    expected = x @ weight.T
    return float((x @ unpack_int4(*packed).T - expected).norm() / expected.norm())


INPUTS = {
    "each on its own": (random(400, 128), 0.96),
    "mixtures of each other": (random(400, 128) @ random(128, 128, seed=1) @ random(128, 128, seed=2), 0.7),
    "of few sources": (random(400, 16) @ random(16, 128, seed=1) + 0.1 * random(400, 128, seed=2), 0.5),
}


@pytest.mark.parametrize("name", INPUTS)
def test_it_changes_what_comes_out_less_than_plain_rounding(name: str) -> None:
    x, at_most = INPUTS[name]
    weight = random(48, 128, seed=3) * 0.02
    assert loss(pack_int4_compensated(weight, x.T @ x), weight, x) < at_most * loss(pack_int4(weight), weight, x)


@pytest.mark.parametrize("n_inputs", [0, 1])
def test_inputs_that_show_next_to_nothing_do_no_harm(n_inputs: int) -> None:
    weight, x = random(16, 64, seed=3), random(n_inputs, 64)
    packed = pack_int4_compensated(weight, x.T @ x)
    assert [t.shape for t in packed] == [t.shape for t in pack_int4(weight)]
    assert (unpack_int4(*packed) - weight).norm() < 0.3 * weight.norm()


def test_a_stack_is_rounded_for_its_own_inputs() -> None:
    layers = nn.ModuleList(Block(STACK) for _ in range(2)).requires_grad_(False)
    for seed, parameter in enumerate(layers.parameters()):
        if parameter.ndim == 2:
            parameter.copy_(random(*parameter.shape, seed=seed) / parameter.shape[1] ** 0.5)
    before = copy.deepcopy(layers.state_dict())
    x = random(60, 8) @ random(8, 64, seed=1)
    x = torch.stack([x + 0.2 * random(60, 64, seed=seed) for seed in range(5)], dim=1)  # (60, 5, 64)
    shares: list[float] = []
    rounded = round_stack(layers, STACK, x, shares.append)
    assert all(torch.equal(value, before[name]) for name, value in layers.state_dict().items())
    assert shares == [0.5, 1.0]
    assert set(rounded) == set(matrices_to_round(layers))

    def said(stack: nn.ModuleList) -> Tensor:
        return run_blocks(stack, STACK, x, KvCache(STACK, len(x), 5, torch.float32, torch.device("cpu")))

    expected = said(layers)
    plain, compensated = copy.deepcopy(layers), copy.deepcopy(layers)
    make_low_bit(plain, 4)
    set_rounded(compensated, rounded)
    assert all(m.bits == 4 for m in compensated.modules() if isinstance(m, LowBitLinear))
    assert (said(compensated) - expected).norm() < 0.8 * (said(plain) - expected).norm()
