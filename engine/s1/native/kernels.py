"""The library's functions, bound: stack.cpp has the same structures, and says what they mean."""

from __future__ import annotations

import contextlib
import mmap
import threading
import weakref
from ctypes import POINTER, Structure, byref, c_float, c_int, c_int32, c_int64, c_void_p
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import cast

import torch
from torch import Tensor

from engine.s1.config import StackConfig
from engine.s1.layers import Block, KvCache, rope_tables
from engine.s1.low_bit import LowBitLinear
from engine.s1.native.build import open_library
from engine.s1.sampling import Draws


class Format(IntEnum):
    FP32 = 0
    BF16 = 1
    FP16 = 2
    INT8 = 3
    INT4 = 4


LANES = 16
"""Rows in a panel."""

FORMATS = {torch.float32: Format.FP32, torch.bfloat16: Format.BF16, torch.float16: Format.FP16}


class _Matrix(Structure):
    _fields_ = (
        ("panels", c_void_p),
        ("scales", c_void_p),
        ("bias", c_void_p),
        ("rows", c_int32),
        ("columns", c_int32),
        ("format", c_int32),
    )


class _Unpacked(Structure):
    _fields_ = (
        ("data", c_void_p),
        ("scales", c_void_p),
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


class _Frame(Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("hidden", "inputs", "embeddings", "said", "history", "settings")),
        *((name, c_void_p) for name in ("token_noise", "noise", "token_logits", "logits", "cache")),
        *((name, c_int32) for name in ("n_rows", "n_places", "window", "max_positions")),
        *((name, c_int32) for name in ("embedding_format", "cache_format")),
    )


class Kernels:
    """The library and its threads, which sleep while nothing runs. One run at a time; others wait."""

    def __init__(self, cache_folder: Path, n_threads: int | None = None) -> None:
        """As many threads as PyTorch uses, by default. Raises `NoKernelsError`."""
        library = open_library(cache_folder)
        library.lectern_open_pool.restype = c_void_p
        library.lectern_open_pool.argtypes = (c_int,)
        library.lectern_close_pool.argtypes = (c_void_p,)
        library.lectern_panels_bytes.argtypes = (c_int, c_int, c_int)
        library.lectern_panels_bytes.restype = c_int64
        library.lectern_pack.argtypes = (c_void_p, POINTER(_Unpacked), POINTER(_Matrix))
        library.lectern_run.argtypes = (c_void_p, POINTER(_Stack), POINTER(_Run))
        library.lectern_frame.argtypes = (c_void_p, POINTER(_Stack), POINTER(_Stack), POINTER(_Frame))
        library.lectern_pack.restype = library.lectern_run.restype = None
        library.lectern_frame.restype = library.lectern_close_pool.restype = None
        self.max_rows = int(library.lectern_max_rows())
        self.folder = cache_folder
        self.n_threads = n_threads or torch.get_num_threads()
        self._pool = library.lectern_open_pool(self.n_threads)
        self._library = library
        self._running = threading.Lock()
        weakref.finalize(self, library.lectern_close_pool, self._pool)

    def panels_bytes(self, rows: int, columns: int, kind: Format) -> int:
        return int(self._library.lectern_panels_bytes(rows, columns, kind))

    def pack(self, unpacked: _Unpacked, matrix: _Matrix) -> None:
        with self._running:
            self._library.lectern_pack(self._pool, byref(unpacked), byref(matrix))

    def run(self, stack: _Stack, run: _Run) -> None:
        with self._running:
            self._library.lectern_run(self._pool, byref(stack), byref(run))

    def frame(self, slow: _Stack, fast: _Stack, frame: _Frame) -> None:
        with self._running:
            self._library.lectern_frame(self._pool, byref(slow), byref(fast), byref(frame))


class _Arena:
    """Memory for one stack's panels, in pages of 2 MB where there are any: to look up one of 4 kB for every 64th line
    that is read costs a third of what memory can deliver."""

    def __init__(self, n_bytes: int) -> None:
        memory = mmap.mmap(-1, max(n_bytes, 1), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        with contextlib.suppress(OSError):  # a kernel without them
            memory.madvise(mmap.MADV_HUGEPAGE)
        self._bytes = torch.frombuffer(memory, dtype=torch.uint8)  # keeps `memory`
        self._n_taken = 0

    def take(self, n_bytes: int) -> int:
        """The address of so many bytes, at a multiple of `ALIGNMENT`."""
        at = self._n_taken
        self._n_taken += aligned(n_bytes)
        assert at + n_bytes <= len(self._bytes)
        return self._bytes.data_ptr() + at


ALIGNMENT = 64


def aligned(n_bytes: int) -> int:
    return -(-n_bytes // ALIGNMENT) * ALIGNMENT


@dataclass(frozen=True, slots=True)
class Rows:
    """New positions, row by row: x fp32 (R, D), and each row's sequence and position, int32 (R,)."""

    x: Tensor
    sequences: Tensor
    positions: Tensor


class NativeStack:
    """A stack's weights as the library reads them: packed anew, and taken out of the modules. `norm` (D,) and `head`
    (V, D) are what comes after the last layer; they stay where they are besides."""

    def __init__(
        self,
        kernels: Kernels,
        layers: torch.nn.ModuleList,
        config: StackConfig,
        norm: Tensor,
        head: Tensor,
        max_positions: int,
    ) -> None:
        self.config = config
        self.n_logits = head.shape[0]
        self._kernels = kernels
        self._kept: list[Tensor] = []
        blocks = [cast(Block, layer) for layer in layers]
        sources = [*(_source(m) for block in blocks for m in _matrices(block)), _Source(head, None, None, FORMATS[head.dtype])]
        self._arena = _Arena(sum(aligned(kernels.panels_bytes(*s.shape, s.kind)) for s in sources))
        self._layers = (_Layer * len(blocks))(*(self._layer(block) for block in blocks))
        cos, sin = rope_tables(0, max_positions, config.head_dim, config.rope_base, torch.device("cpu"))
        sizes = (config.n_layer, config.dim, config.n_head, config.n_local_heads, config.head_dim)
        self._struct = _Stack(
            self._layers,
            *sizes,
            config.intermediate_size,
            config.norm_eps,
            self._pointer(cos),
            self._pointer(sin),
            self._pointer(norm.float()),
            self._packed(sources[-1]),
        )
        self._head_alone = _Stack.from_buffer_copy(self._struct)
        self._head_alone.n_layer = 0

    def _layer(self, block: Block) -> _Layer:
        norms = [block.attention_norm, block.ffn_norm]
        if self.config.qk_norm:
            norms += [block.attention.q_norm, block.attention.k_norm]
        pointers = [self._pointer(norm.weight.float()) for norm in norms]
        packed = []
        for module in _matrices(block):
            packed.append(self._packed(_source(module)))
            _forget(module)
        return _Layer(*packed, *pointers, *(None,) * (4 - len(pointers)))

    def _packed(self, source: _Source) -> _Matrix:
        rows, columns = source.shape
        data = source.data.detach().contiguous()
        panels = self._arena.take(self._kernels.panels_bytes(rows, columns, source.kind))
        matrix = _Matrix(panels, None, None, rows, columns, source.kind)
        unpacked = _Unpacked(data.data_ptr(), None, rows, columns, source.kind)
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

    def run(self, rows: Rows, cache: KvCache, logit_rows: Tensor | None) -> Tensor | None:
        """`rows` at their positions through all layers, into `cache`; `rows.x` becomes the result.

        `logit_rows` int32 (L,): the rows whose logits are wanted, fp32 (L, V).
        """
        memory = cache.memory
        n_rows = len(rows.positions)
        assert n_rows <= self._kernels.max_rows
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
        self._kernels.run(self._struct, run)
        return logits

    def logits(self, hidden: Tensor) -> Tensor:
        """hidden fp32 (R, D), contiguous -> norm and head, fp32 (R, V)."""
        logits = torch.empty(len(hidden), self.n_logits)
        wanted = torch.arange(len(hidden), dtype=torch.int32)
        run = _Run(x=hidden.data_ptr(), logits=logits.data_ptr(), logit_rows=wanted.data_ptr())
        run.n_rows = run.n_logits = len(hidden)
        self._kernels.run(self._head_alone, run)
        return logits

    def frame(
        self, fast: NativeStack, hidden: Tensor, inputs: Tensor, embeddings: Tensor, draws: Draws, memory: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """As the slow stack, with `fast`: a frame after hidden (R, D) -> int64 (R, N + 1), its codes and 1 where speech is
        over; and the logits that they were drawn from, (R, V) and (N - 1, R, W). All fp32.

        `inputs` (R, F): of `hidden`, the fast stack's. `embeddings` (V', F): of codes. `memory` (n_layer, 2, R, K, N, C):
        for this frame alone. Where all rows are over there are no other codes, and no logits of them.
        """
        n_rows, n_places, window = draws.history.shape
        assert 2 * n_rows <= self._kernels.max_rows
        hidden, inputs = hidden.float().contiguous(), inputs.float().contiguous()
        history, settings, token_noise, noise = (
            t.contiguous() for t in (draws.history, draws.settings, draws.token_noise, draws.residual_noise)
        )
        said = torch.zeros(n_rows, n_places + 2, dtype=torch.int64)
        token_logits = torch.empty(n_rows, self.n_logits)
        logits = torch.empty(n_places, n_rows, fast.n_logits)
        tensors = (hidden, inputs, embeddings, said, history, settings, token_noise, noise, token_logits, logits, memory)
        frame = _Frame(
            *(tensor.data_ptr() for tensor in tensors),
            *(n_rows, n_places, window, memory.shape[4]),
            *(FORMATS[embeddings.dtype], FORMATS[memory.dtype]),
        )
        self._kernels.frame(self._struct, fast._struct, frame)
        return said, token_logits, logits


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
