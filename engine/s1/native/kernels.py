"""The library's functions, bound: stack.cpp has the same structures, and says what they mean."""

from __future__ import annotations

import threading
import weakref
from ctypes import POINTER, Structure, byref, c_float, c_int, c_int32, c_void_p
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path

import torch
from torch import Tensor

from engine.s1.config import StackConfig
from engine.s1.layers import Block, KvCache, rope_tables
from engine.s1.low_bit import LowBitLinear
from engine.s1.native.build import open_library


class Format(IntEnum):
    FP32 = 0
    BF16 = 1
    FP16 = 2
    INT8 = 3
    INT4 = 4


FORMATS = {torch.float32: Format.FP32, torch.bfloat16: Format.BF16, torch.float16: Format.FP16}


class _Matrix(Structure):
    _fields_ = (
        ("data", c_void_p),
        ("scales", c_void_p),
        ("bias", c_void_p),
        ("rows", c_int32),
        ("columns", c_int32),
        ("format", c_int32),
    )


class _Layer(Structure):
    _fields_ = (
        *((name, _Matrix) for name in ("wqkv", "wo", "w1", "w3", "w2")),
        *((name, c_void_p) for name in ("attention_norm", "ffn_norm", "q_norm", "k_norm")),
    )


class _Stack(Structure):
    _fields_ = (
        ("layers", POINTER(_Layer)),
        *((name, c_int32) for name in ("n_layer", "dim", "n_head", "n_local_heads", "head_dim", "intermediate_size")),
        ("norm_eps", c_float),
        ("cos", c_void_p),
        ("sin", c_void_p),
        ("norm", c_void_p),
        ("head", _Matrix),
    )


class _Run(Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("x", "sequences", "positions", "cache", "logits", "logit_rows")),
        *((name, c_int32) for name in ("n_rows", "n_sequences", "max_positions", "cache_format", "n_logits")),
    )


class Kernels:
    """The library and its threads, which sleep while nothing runs. One run at a time; others wait."""

    def __init__(self, cache_folder: Path, n_threads: int | None = None) -> None:
        """As many threads as PyTorch uses, by default. Raises `NoKernelsError`."""
        library = open_library(cache_folder)
        library.lectern_open_pool.restype = c_void_p
        library.lectern_open_pool.argtypes = (c_int,)
        library.lectern_close_pool.argtypes = (c_void_p,)
        library.lectern_run.argtypes = (c_void_p, POINTER(_Stack), POINTER(_Run))
        library.lectern_run.restype = library.lectern_close_pool.restype = None
        self.max_rows = int(library.lectern_max_rows())
        self.folder = cache_folder
        self.n_threads = n_threads or torch.get_num_threads()
        self._pool = library.lectern_open_pool(self.n_threads)
        self._library = library
        self._running = threading.Lock()
        weakref.finalize(self, library.lectern_close_pool, self._pool)

    def run(self, stack: _Stack, run: _Run) -> None:
        with self._running:
            self._library.lectern_run(self._pool, byref(stack), byref(run))


def woven(packed: Tensor) -> Tensor:
    """int4 as `low_bit.pack_int4` makes it, uint8 (rows, columns / 2) -> as the library reads it: in each whole 512
    weights of a row, the bytes of four groups of 32 take turns."""
    n_whole = packed.shape[1] // 256 * 256
    blocks = packed[:, :n_whole].unflatten(1, (-1, 4, 16)).transpose(2, 3)  # (rows, blocks, 16, 4)
    return torch.cat((blocks.flatten(1), packed[:, n_whole:]), dim=1)


@dataclass(frozen=True, slots=True)
class Rows:
    """New positions, row by row: x fp32 (R, D), and each row's sequence and position, int32 (R,)."""

    x: Tensor
    sequences: Tensor
    positions: Tensor


class NativeStack:
    """A stack's weights as the library sees them. It points into the modules' tensors and keeps them alive."""

    def __init__(
        self, layers: torch.nn.ModuleList, config: StackConfig, norm: Tensor, head: Tensor, max_positions: int
    ) -> None:
        """`norm` (D,) and `head` (V, D) are what comes after the last layer."""
        self.config = config
        self.n_logits = head.shape[0]
        self._kept: list[Tensor] = []
        self._layers = (_Layer * len(layers))(*(self._layer(layer) for layer in layers))  # type: ignore[arg-type]
        cos, sin = rope_tables(0, max_positions, config.head_dim, config.rope_base, torch.device("cpu"))
        sizes = (config.n_layer, config.dim, config.n_head, config.n_local_heads, config.head_dim)
        self._struct = _Stack(
            self._layers,
            *sizes,
            config.intermediate_size,
            config.norm_eps,
            self._pointer(cos),
            self._pointer(sin),
            self._floats(norm),
            self._plain_matrix(head, None),
        )
        self._head_alone = _Stack.from_buffer_copy(self._struct)
        self._head_alone.n_layer = 0

    def _layer(self, layer: Block) -> _Layer:
        attention, feed_forward = layer.attention, layer.feed_forward
        matrices = (attention.wqkv, attention.wo, feed_forward.w1, feed_forward.w3, feed_forward.w2)
        norms = [self._floats(norm.weight) for norm in (layer.attention_norm, layer.ffn_norm)]
        if self.config.qk_norm:
            norms += [self._floats(norm.weight) for norm in (attention.q_norm, attention.k_norm)]
        else:
            norms += [None, None]
        return _Layer(*(self._matrix(module) for module in matrices), *norms)

    def _matrix(self, module: torch.nn.Module) -> _Matrix:
        if isinstance(module, LowBitLinear):
            bias = None if module.bias is None else self._floats(module.bias)
            kind = Format.INT8 if module.bits == 8 else Format.INT4
            data = self._pointer(module.packed if kind == Format.INT8 else woven(module.packed))
            if kind == Format.INT4:
                module.register_buffer("packed", None)  # the library has its own
            scales = self._pointer(module.scales)
            return _Matrix(data, scales, bias, module.out_features, module.in_features, kind)
        assert isinstance(module, torch.nn.Linear)
        return self._plain_matrix(module.weight, module.bias)

    def _plain_matrix(self, weight: Tensor, bias: Tensor | None) -> _Matrix:
        held = None if bias is None else self._floats(bias)
        return _Matrix(self._pointer(weight), None, held, *weight.shape, FORMATS[weight.dtype])

    def _floats(self, tensor: Tensor | torch.nn.Module) -> int:
        assert isinstance(tensor, Tensor)
        return self._pointer(tensor.float())

    def _pointer(self, tensor: Tensor) -> int:
        assert tensor.device.type == "cpu"
        self._kept.append(tensor.detach().contiguous())
        return self._kept[-1].data_ptr()

    def run(self, kernels: Kernels, rows: Rows, cache: KvCache, logit_rows: Tensor | None) -> Tensor | None:
        """`rows` at their positions through all layers, into `cache`; `rows.x` becomes the result.

        `logit_rows` int32 (L,): the rows whose logits are wanted, fp32 (L, V).
        """
        memory = cache.memory
        n_rows = len(rows.positions)
        assert n_rows <= kernels.max_rows
        assert rows.x.is_contiguous()
        assert rows.x.dtype == torch.float32
        logits = None if logit_rows is None else torch.empty(len(logit_rows), self.n_logits)
        run = _Run(
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
        )
        kernels.run(self._struct, run)
        return logits

    def logits(self, kernels: Kernels, hidden: Tensor) -> Tensor:
        """hidden fp32 (R, D), contiguous -> norm and head, fp32 (R, V)."""
        logits = torch.empty(len(hidden), self.n_logits)
        wanted = torch.arange(len(hidden), dtype=torch.int32)
        run = _Run(x=hidden.data_ptr(), logits=logits.data_ptr(), logit_rows=wanted.data_ptr())
        run.n_rows = run.n_logits = len(hidden)
        kernels.run(self._head_alone, run)
        return logits
