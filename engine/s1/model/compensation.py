"""Rounding to 4 bits in which what one weight loses, the weights not yet rounded make up for.

A matrix W is used on inputs x. Of all roundings Q that is the best which changes least of what comes out, the sum of
|(W - Q) x|² over the inputs; of each row w of W that is (w - q) G (w - q)ᵀ with the Gram matrix G, the sum of x xᵀ.
When a column is rounded, the others can move to where they undo most of its error: by the error times that column's
row of the inverse of G, over its diagonal, G of what is not rounded yet. The rows of the upper Cholesky factor of the
inverse are just these, for all columns in their order (Frantar and others, "GPTQ", 2022).
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn

from engine.s1.model.config import StackConfig
from engine.s1.model.layers import rope_tables
from engine.s1.model.low_bit import GROUP, LowBitLinear, can_pack, group_scales, join_codes, unpack_int4

DAMPING = 0.01
"""Of the mean of the diagonal, added to it: what the inputs did not show is not to be paid for with large moves."""
_AT_ONCE = 64
"""Sequences that go through a layer at a time."""


def pack_int4_compensated(weight: Tensor, gram: Tensor) -> tuple[Tensor, Tensor]:
    """Pack (rows, columns) as `pack_int4` does, for inputs whose sum of x xᵀ is `gram` (columns, columns).

    A group's scale and zero are taken from its weights as they are by then.
    """
    columns = weight.shape[1]
    left = weight.float().T.contiguous()  # (columns, rows): what is still to be rounded
    factor = _inverse_factor(gram)
    codes = torch.empty(columns, weight.shape[0], dtype=torch.uint8)
    scales = []
    for first in range(0, columns, GROUP):
        group = slice(first, first + GROUP)
        scale, zero = group_scales(left[group].T[:, None])  # each (rows, 1)
        scale, zero = scale[:, 0], zero[:, 0]
        errors = torch.empty(GROUP, weight.shape[0])
        block, own = left[group], factor[group, group]
        for i, row in enumerate(block):
            code = ((row - zero) / scale + 8).round().clamp(0, 15)
            codes[first + i] = code.to(torch.uint8)
            errors[i] = (row - ((code - 8) * scale + zero)) / own[i, i]
            block[i + 1 :].addr_(own[i, i + 1 :], errors[i], alpha=-1)
        left[first + GROUP :].addmm_(factor[group, first + GROUP :].T, errors, alpha=-1)
        scales.append(torch.stack((scale, zero), dim=1))
    return join_codes(codes.T.unflatten(1, (-1, GROUP))), torch.stack(scales, dim=1).bfloat16()


def _inverse_factor(gram: Tensor) -> Tensor:
    """The upper U with UᵀU the inverse of `gram`, which is damped until it has one."""
    gram = gram.double()
    diagonal = gram.diagonal()
    mean = diagonal.mean().clamp(min=1e-30)
    damping = DAMPING
    while True:
        lower, info = torch.linalg.cholesky_ex(gram + torch.eye(len(gram), dtype=gram.dtype) * (damping * mean))
        if not info:
            break
        damping *= 10
    return torch.linalg.cholesky(torch.cholesky_inverse(lower), upper=True).float()


Rounded = dict[str, tuple[Tensor, Tensor]]
"""Packed weights and scales of a stack's matrices, by their names in it."""


def matrices_to_round(layers: nn.ModuleList) -> dict[str, nn.Linear]:
    """List those of a stack's matrices that can be cut into groups of 32, by their names in it."""
    named = ((name, module) for name, module in layers.named_modules() if isinstance(module, nn.Linear))
    return {name: module for name, module in named if can_pack(module.weight, 4)}


@torch.inference_mode()
def round_stack(layers: nn.ModuleList, config: StackConfig, x: Tensor, report: Callable[[float], object]) -> Rounded:
    """Round a stack's matrices for inputs x (n, T, D), each of the n from position 0 on; the stack stays as it is.

    Each layer is rounded for what the rounded ones before it give. `report` is told the share that is done.
    """
    rope = rope_tables(0, x.shape[1], config.head_dim, config.rope_base, x.device)
    memory = _Forgetful()
    mask = memory.mask(x.shape[1], x.device)
    x, rounded = x.float(), Rounded()
    wanted = matrices_to_round(layers)
    for number, original in enumerate(layers):
        layer = copy.deepcopy(original).float()
        grams = _Grams({name: module for name, module in layer.named_modules() if isinstance(module, nn.Linear)})
        for part in x.split(_AT_ONCE):
            layer(part, rope, mask, memory, 0)
        grams.stop()
        for name, module in grams.matrices.items():
            if f"{number}.{name}" in wanted:
                packed = pack_int4_compensated(module.weight, grams.of[name])
                rounded[f"{number}.{name}"] = packed
                module.weight = nn.Parameter(unpack_int4(*packed), requires_grad=False)
        x = torch.cat([layer(part, rope, mask, memory, 0) for part in x.split(_AT_ONCE)])
        report((number + 1) / len(layers))
    return rounded


def set_rounded(layers: nn.ModuleList, rounded: Rounded) -> None:
    """Put rounded matrices in the places of a stack's own."""
    for name, packed in rounded.items():
        parent, _, own_name = name.rpartition(".")
        linear = layers.get_submodule(name)
        assert isinstance(linear, nn.Linear)
        small = LowBitLinear(linear.weight.detach(), linear.bias, 4, rounded=packed)
        setattr(layers.get_submodule(parent), own_name, small)


class _Grams:
    """The sums of x xᵀ of all that comes to some matrices, by name; of those that get the same only once."""

    def __init__(self, matrices: dict[str, nn.Linear]) -> None:
        self.matrices, self.of = matrices, dict[str, Tensor]()
        self._last: tuple[Tensor, Tensor] | None = None
        self._hooks = [module.register_forward_pre_hook(partial(self._see, name)) for name, module in matrices.items()]

    def _see(self, name: str, _: nn.Module, inputs: tuple[Tensor]) -> None:
        if self._last is None or self._last[0] is not inputs[0]:
            rows = inputs[0].flatten(0, -2)
            self._last = inputs[0], rows.T @ rows
        gram = self._last[1]
        self.of[name] = self.of[name] + gram if name in self.of else gram

    def stop(self) -> None:
        for hook in self._hooks:
            hook.remove()


class _Forgetful:
    """Keys and values of a sequence that is read in one go."""

    length = 0

    def mask(self, n_new: int, device: torch.device) -> Tensor:
        return torch.ones(n_new, n_new, dtype=torch.bool, device=device).tril()

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:  # noqa: ARG002
        return keys, values
