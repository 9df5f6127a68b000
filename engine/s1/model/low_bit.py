"""Weights of 8 or 4 bits: a matrix is stored small and widened where it is used. Activations are not quantised.

int8: a scale per row, symmetric. int4: a scale and a zero per 32 weights, w = (q - 8) * scale + zero. Scales are bf16.
Embeddings and heads stay as they are: they are a small part of what a frame reads, and the most sensitive.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

GROUP = 32
"""int4: neighbouring weights of a row that share a scale and a zero."""


MAX_FUSED_ROWS = 16
"""Of inputs, when compiled: with more, weights are better widened once for all."""

Operator = Callable[[Tensor], Tensor]
"""x bf16 (rows, columns in) -> bf16 (rows, columns out)."""


class LowBitLinear(nn.Module):
    """Stands where an `nn.Linear` stood.

    `packed`: int8 (rows, columns); or uint8 (rows, columns / 2), where of each 32 weights byte j holds j in its low
    and 16 + j in its high half. `scales`: bf16 (rows,); or (rows, columns / 32, 2), scale and zero.
    """

    packed: Tensor
    scales: Tensor
    bias: Tensor | None

    def __init__(
        self,
        weight: Tensor,
        bias: Tensor | None,
        bits: int,
        *,
        with_operators: bool = False,
        rounded: tuple[Tensor, Tensor] | None = None,
    ) -> None:
        """`with_operators`: multiply with PyTorch's own operators for such weights where there are any. `rounded`:
        `packed` and `scales`, where `weight` is rounded already."""
        super().__init__()
        assert bits in (4, 8)
        self.bits = bits
        self.out_features, self.in_features = weight.shape
        packed, scales = rounded or (pack_int8(weight) if bits == 8 else pack_int4(weight))
        self._operator: Operator | None = None
        self.register_buffer("packed", packed)
        self.register_buffer("scales", scales)
        self.register_buffer("bias", bias)
        if with_operators:
            self.use_operator()

    def widened(self) -> Tensor:
        """Unpack the weights that are computed with, fp32 (rows, columns)."""
        return unpack_int8(self.packed, self.scales) if self.bits == 8 else unpack_int4(self.packed, self.scales)

    def forward(self, x: Tensor) -> Tensor:
        if self._operator is None:
            if torch.compiler.is_compiling() and x.shape[:-1].numel() <= MAX_FUSED_ROWS:
                return self._fused(x)
            return F.linear(x, self.widened().to(x.dtype), self.bias)
        out = self._operator(x.reshape(-1, self.in_features).bfloat16()).to(x.dtype).unflatten(0, x.shape[:-1])
        return out if self.bias is None else out + self.bias

    def _fused(self, x: Tensor) -> Tensor:
        """One sum over products, which a compiler makes one loop of: weights are read in their few bits, widened in
        registers and never written. Few rows of x only; outermost are the weights' rows, so that each is read once."""
        inputs = x.reshape(1, -1, self.in_features).float()  # (1, rows of x, columns)
        if self.bits == 8:
            out = (inputs * self.packed[:, None].float()).sum(-1) * self.scales.float()[:, None]  # (rows, rows of x)
        else:
            halves = inputs.unflatten(-1, (-1, 2, GROUP // 2))  # (1, rows of x, columns / 32, 2, 16)
            pairs = self.packed.unflatten(1, (-1, GROUP // 2))[:, None]  # (rows, 1, columns / 32, 16)
            scale, zero = (self.scales[:, None, :, i : i + 1].float() for i in (0, 1))  # (rows, 1, columns / 32, 1)
            low, high = (pairs & 15).float() - 8, (pairs >> 4).float() - 8
            products = (low * scale + zero) * halves[..., 0, :] + (high * scale + zero) * halves[..., 1, :]
            out = products.sum((-1, -2))
        out = out.T.unflatten(0, x.shape[:-1]).to(x.dtype)
        return out if self.bias is None else out + self.bias

    def use_operator(self) -> None:
        """Multiply with PyTorch's own operator for such weights from now on, where there is one for this device."""
        if self._operator is None:
            make = _int8_operator if self.bits == 8 else _int4_operator
            operator = make(self.packed, self.scales)
            if operator is None or (self.packed.device.type == "cuda" and not self._agrees_with(operator)):
                return
            self._operator = operator
            if self.bits == 4:
                self.register_buffer("packed", None)  # the operator has its own

    def _agrees_with(self, operator: Operator) -> bool:
        """Kernels differ from card to card, and from one PyTorch to the next: this one is tried before it is used."""
        x = torch.linspace(-1, 1, self.in_features, device=self.packed.device).bfloat16()[None]
        expected = x.float() @ self.widened().T
        try:
            found = operator(x).float()
        except RuntimeError:
            return False
        return bool((found - expected).norm() <= 0.02 * expected.norm() + 1e-6)


def _int8_operator(packed: Tensor, scales: Tensor) -> Operator | None:
    """PyTorch's int8 product for bf16 activations, on CPU and CUDA."""
    if not _has_kernel("aten::_weight_int8pack_mm", packed.device):
        return None
    return lambda x: torch.ops.aten._weight_int8pack_mm(x, packed, scales)


def _int4_operator(packed: Tensor, scales: Tensor) -> Operator | None:
    """PyTorch's int4 product for bf16 activations, in a layout of its own; None for sizes that it does not take."""
    n_rows, columns = packed.shape[0], packed.shape[1] * 2
    codes = _codes(packed)  # (rows, columns)
    groups = scales.transpose(0, 1).contiguous()  # (columns / 32, rows, 2)
    aten = torch.ops.aten
    if packed.device.type == "cpu":
        if n_rows % 16 or not _has_kernel("aten::_weight_int4pack_mm_for_cpu", packed.device):
            return None
        own = aten._convert_weight_to_int4pack_for_cpu(codes.int(), 1)
        return lambda x: aten._weight_int4pack_mm_for_cpu(x, own, GROUP, groups)
    if n_rows % 8 or columns % 128 or torch.cuda.get_device_capability(packed.device) < (8, 0):
        return None
    # two codes a byte, the first in the high half
    own = aten._convert_weight_to_int4pack((codes[:, ::2] << 4 | codes[:, 1::2]).contiguous(), 8)
    return lambda x: aten._weight_int4pack_mm(x, own, GROUP, groups)


def _has_kernel(operator: str, device: torch.device) -> bool:
    key = "CUDA" if device.type == "cuda" else "CPU"
    return torch._C._dispatch_has_kernel_for_dispatch_key(operator, key)


def pack_int8(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Pack (rows, columns) -> int8 (rows, columns), bf16 scales (rows,)."""
    wide = weight.to(torch.float32, copy=True)  # in its place: new memory for each step took most of the time
    low, high = wide.aminmax(dim=1)
    scales = (torch.maximum(-low, high) / 127).clamp(min=1e-30).bfloat16()
    return wide.div_(scales.float()[:, None]).round_().clamp_(-127, 127).to(torch.int8), scales


def unpack_int8(packed: Tensor, scales: Tensor) -> Tensor:
    return packed.float() * scales.float()[:, None]


def pack_int4(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Pack (rows, columns) -> uint8 (rows, columns / 2), bf16 scales and zeros (rows, columns / 32, 2)."""
    groups = weight.float().unflatten(1, (-1, GROUP))  # (rows, columns / 32, 32)
    scale, zero = group_scales(groups)
    codes = ((groups - zero[..., None]) / scale[..., None] + 8).round().clamp(0, 15).to(torch.uint8)
    return join_codes(codes), torch.stack((scale, zero), dim=2).bfloat16()


def group_scales(groups: Tensor) -> tuple[Tensor, Tensor]:
    """Choose the scale and the zero of each of groups fp32 (rows, groups, 32): each (rows, groups), rounded to bf16."""
    low, high = groups.amin(2), groups.amax(2)
    scale = ((high - low) / 15).clamp(min=1e-30).bfloat16().float()
    return scale, (low + 8 * scale).bfloat16().float()


def join_codes(codes: Tensor) -> Tensor:
    """Put two codes, uint8 (rows, groups, 32), in a byte: (rows, groups * 16)."""
    half = GROUP // 2
    return (codes[..., :half] | (codes[..., half:] << 4)).flatten(1).contiguous()


def unpack_int4(packed: Tensor, scales: Tensor) -> Tensor:
    codes = _codes(packed).unflatten(1, (-1, GROUP)).float() - 8
    return (codes * scales[..., :1].float() + scales[..., 1:].float()).flatten(1)


def _codes(packed: Tensor) -> Tensor:
    """uint8 (rows, columns / 2) -> 0 to 15, uint8 (rows, columns)."""
    pairs = packed.unflatten(1, (-1, GROUP // 2))
    return torch.cat((pairs & 15, pairs >> 4), dim=2).flatten(1)


def can_pack(weight: Tensor, bits: int) -> bool:
    return bits == 8 or weight.shape[1] % GROUP == 0


def make_low_bit(stack: nn.Module, bits: int, *, with_operators: bool = False) -> None:
    """Replace every `nn.Linear` inside `stack`; one that cannot be cut into groups of 32 becomes int8."""
    for parent in list(stack.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                fits = bits if can_pack(child.weight, bits) else 8
                small = LowBitLinear(child.weight.detach(), child.bias, fits, with_operators=with_operators)
                setattr(parent, name, small)


def use_operators(model: nn.Module) -> None:
    """Let `model` be computed operator by operator: see `LowBitLinear.use_operator`."""
    for module in model.modules():
        if isinstance(module, LowBitLinear):
            module.use_operator()
