"""A stack's weights as stack.cpp reads them, and what it does with them: new positions, logits, frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor

from engine.s1.model.config import StackConfig
from engine.s1.model.layers import Block, rope_tables
from engine.s1.model.low_bit import LowBitLinear
from engine.s1.native.kernels import Format, Frame, Kernels, Layer, Matrix, Run, Stack, Unpacked
from engine.s1.native.memory import on_large_pages

FORMATS = {torch.float32: Format.FP32, torch.bfloat16: Format.BF16, torch.float16: Format.FP16}

LANES = 16
"""Rows in a panel."""
ALIGNMENT = 64
"""Of a matrix, in bytes: a line of the cache."""


class _Arena:
    """Memory for one stack's panels, in the order in which they are read."""

    def __init__(self, n_bytes: int) -> None:
        self._bytes = on_large_pages(n_bytes)
        self._n_taken = 0

    def take(self, n_bytes: int) -> int:
        """Take the next so many bytes: their address."""
        at = self._n_taken
        self._n_taken += n_bytes
        assert self._n_taken <= len(self._bytes)
        return self._bytes.data_ptr() + at


@dataclass(frozen=True, slots=True)
class Rows:
    """New positions, row by row: x fp32 (R, D), and each row's sequence and position, int64 (R,)."""

    x: Tensor
    sequences: Tensor
    positions: Tensor


class NativeStack:
    """A stack's weights as the library reads them: packed anew, and taken out of the modules. `norm` (D,) and `head`
    (V, D) are what comes after the last layer, `input_` what makes its inputs of another's x, if any;
    they stay where they are besides."""

    def __init__(
        self,
        kernels: Kernels,
        layers: torch.nn.ModuleList,
        config: StackConfig,
        norm: Tensor,
        head: Tensor,
        max_positions: int,
        input_: torch.nn.Module | None = None,
    ) -> None:
        self.config = config
        self.n_logits = head.shape[0]
        self._kernels = kernels
        self._kept: list[Tensor] = []
        blocks = [cast(Block, layer) for layer in layers]
        of_head = _Source(head, None, None, FORMATS[head.dtype])
        self.layer_bytes = sum(self._room_for(_source(m)) for block in blocks for m in _matrices(block))
        of_input = None if input_ is None else _source(input_)
        self._arena = _Arena(
            self.layer_bytes + sum(self._room_for(source) for source in (of_head, of_input) if source is not None)
        )
        self._layers = (Layer * len(blocks))(*(self._layer(block) for block in blocks))
        cos, sin = rope_tables(0, max_positions, config.head_dim, config.rope_base, torch.device("cpu"))
        sizes = (config.n_layer, config.dim, config.n_head, config.n_local_heads, config.head_dim)
        self._struct = Stack(
            self._layers,
            *sizes,
            config.intermediate_size,
            config.norm_eps,
            self._pointer(cos),
            self._pointer(sin),
            self._pointer(norm.float()),
            self._packed(of_head),
            Matrix() if of_input is None else self._packed(of_input),
        )
        self._head_alone = Stack.from_buffer_copy(self._struct)
        self._head_alone.n_layer = 0

    def _layer(self, block: Block) -> Layer:
        norms = [block.attention_norm, block.ffn_norm]
        if self.config.qk_norm:
            norms += [block.attention.q_norm, block.attention.k_norm]
        pointers = [self._pointer(norm.weight.float()) for norm in norms]
        packed = []
        for module in _matrices(block):
            packed.append(self._packed(_source(module)))
            _forget(module)
        return Layer(*packed, *pointers, *(None,) * (4 - len(pointers)))

    def _room_for(self, source: _Source) -> int:
        n_bytes = self._kernels.panels_bytes(*source.shape, source.kind)
        return -(-n_bytes // ALIGNMENT) * ALIGNMENT

    def _packed(self, source: _Source) -> Matrix:
        rows, columns = source.shape
        data = source.data.detach().contiguous()
        panels = self._arena.take(self._room_for(source))
        matrix = Matrix(panels, None, None, rows, columns, source.kind)
        unpacked = Unpacked(data.data_ptr(), None, rows, columns, source.kind)
        if source.bias is not None:
            matrix.bias = self._pointer(source.bias.float())
        if source.kind == Format.INT8:
            assert source.scales is not None
            matrix.scales = self._pointer(torch.nn.functional.pad(source.scales, (0, -rows % LANES)))
        elif source.scales is not None:
            unpacked.scales = source.scales.data_ptr()
        self._kernels.pack(unpacked, matrix)
        return matrix

    def _pointer(self, tensor: Tensor) -> int:
        assert tensor.device.type == "cpu"
        self._kept.append(tensor.detach().contiguous())
        return self._kept[-1].data_ptr()

    def run(
        self, rows: Rows, memory: Tensor, logit_rows: Tensor | None = None, *, to_memory: bool = False
    ) -> Tensor | None:
        """Take `rows` at their positions through all layers; `rows.x` becomes the result.

        Keys and values go into `memory` (n_layer, 2, R', K, M, C), where each sequence has a row. `to_memory`: they are
        all that is wanted, and `rows.x` is void.

        `logit_rows` int64 (L,): the rows whose logits are wanted, fp32 (L, V).
        """
        assert memory.is_contiguous()
        n_rows = len(rows.positions)
        assert n_rows <= self._kernels.max_rows
        assert rows.x.is_contiguous()
        assert rows.x.dtype == torch.float32
        logits = None if logit_rows is None else torch.empty(len(logit_rows), self.n_logits)
        run = Run(
            rows.x.data_ptr(),
            rows.sequences.data_ptr(),
            rows.positions.data_ptr(),
            memory.data_ptr(),
            None if logits is None else logits.data_ptr(),
            None if logit_rows is None else logit_rows.data_ptr(),
            n_rows,
            memory.shape[2],
            memory.shape[4],
            FORMATS[memory.dtype],
            0 if logit_rows is None else len(logit_rows),
            to_memory,
        )
        self._kernels.run(self._struct, run)
        return logits

    def logits(self, hidden: Tensor) -> Tensor:
        """Score hidden fp32 (R, D), contiguous -> norm and head, fp32 (R, V)."""
        logits = torch.empty(len(hidden), self.n_logits)
        wanted = torch.arange(len(hidden))
        run = Run(x=hidden.data_ptr(), logits=logits.data_ptr(), logit_rows=wanted.data_ptr())
        run.n_rows = run.n_logits = len(hidden)
        self._kernels.run(self._head_alone, run)
        return logits

    def frame(self, fast: NativeStack, frame: Frame) -> None:
        """Make a frame, as the slow stack together with `fast`."""
        assert 2 * frame.n_rows <= self._kernels.max_rows
        self._kernels.frame(self._struct, fast._struct, frame)


@dataclass(frozen=True, slots=True)
class _Source:
    """A matrix as its module holds it; see `LowBitLinear` for those of few bits."""

    data: Tensor
    scales: Tensor | None
    bias: Tensor | None
    kind: Format

    @property
    def shape(self) -> tuple[int, int]:
        rows, columns = self.data.shape
        return rows, columns * 2 if self.kind == Format.INT4 else columns


def _matrices(block: Block) -> tuple[torch.nn.Module, ...]:
    attention, feed_forward = block.attention, block.feed_forward
    return attention.wqkv, attention.wo, feed_forward.w1, feed_forward.w3, feed_forward.w2


def _source(module: torch.nn.Module) -> _Source:
    if isinstance(module, LowBitLinear):
        return _Source(module.packed, module.scales, module.bias, Format.INT8 if module.bits == 8 else Format.INT4)
    assert isinstance(module, torch.nn.Linear)
    return _Source(module.weight, None, module.bias, FORMATS[module.weight.dtype])


def _forget(module: torch.nn.Module) -> None:
    """The library has its own."""
    if isinstance(module, LowBitLinear):
        module.register_buffer("packed", None)
    else:
        module.register_parameter("weight", None)
