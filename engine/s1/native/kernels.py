"""The library's functions, bound: stack.cpp has the same structures, and says what they mean."""

from __future__ import annotations

import threading
import weakref
from ctypes import POINTER, Structure, byref, c_float, c_int, c_int32, c_int64, c_void_p
from enum import IntEnum
from pathlib import Path

import torch

from engine.s1.native.build import open_library


class Format(IntEnum):
    FP32 = 0
    BF16 = 1
    FP16 = 2
    INT8 = 3
    INT4 = 4


class Matrix(Structure):
    _fields_ = (
        ("panels", c_void_p),
        ("scales", c_void_p),
        ("bias", c_void_p),
        ("rows", c_int32),
        ("columns", c_int32),
        ("format", c_int32),
    )


class Unpacked(Structure):
    _fields_ = (
        ("data", c_void_p),
        ("scales", c_void_p),
        ("rows", c_int32),
        ("columns", c_int32),
        ("format", c_int32),
    )


class Layer(Structure):
    _fields_ = (
        *((name, Matrix) for name in ("wqkv", "wo", "w1", "w3", "w2")),
        *((name, c_void_p) for name in ("attention_norm", "ffn_norm", "q_norm", "k_norm")),
    )


class Stack(Structure):
    _fields_ = (
        ("layers", POINTER(Layer)),
        *((name, c_int32) for name in ("n_layer", "dim", "n_head", "n_local_heads", "head_dim", "intermediate_size")),
        ("norm_eps", c_float),
        ("cos", c_void_p),
        ("sin", c_void_p),
        ("norm", c_void_p),
        ("head", Matrix),
        ("input", Matrix),
    )


class Run(Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("x", "sequences", "positions", "cache", "logits", "logit_rows")),
        *((name, c_int32) for name in ("n_rows", "n_sequences", "max_positions", "cache_format", "n_logits")),
        ("to_memory", c_int32),
    )


class Embeddings(Structure):
    _fields_ = (
        ("tokens", c_void_p),
        ("codes", c_void_p),
        *((name, c_int32) for name in ("format", "n_ids", "codebook_size", "first_speech", "n_speech")),
        ("scale", c_float),
    )


class Frame(Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("columns", "positions", "history", "said", "settings")),
        *((name, c_void_p) for name in ("token_noise", "noise", "token_logits", "logits")),
        *((name, c_void_p) for name in ("memory", "fast_memory", "fast_embeddings")),
        ("embeddings", Embeddings),
        *((name, c_int32) for name in ("n_rows", "n_places", "window", "n_sequences", "max_positions")),
        ("memory_format", c_int32),
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
        library.lectern_pack.argtypes = (c_void_p, POINTER(Unpacked), POINTER(Matrix))
        library.lectern_run.argtypes = (c_void_p, POINTER(Stack), POINTER(Run))
        library.lectern_frame.argtypes = (c_void_p, POINTER(Stack), POINTER(Stack), POINTER(Frame))
        library.lectern_pack.restype = library.lectern_run.restype = None
        library.lectern_frame.restype = library.lectern_close_pool.restype = None
        self.max_rows = int(library.lectern_max_rows())
        self.rows_are_independent = bool(library.lectern_rows_are_independent())
        """Whether a row's results are, to the bit, the same whoever is beside it."""
        self.folder = cache_folder
        self.n_threads = n_threads or torch.get_num_threads()
        self._pool = library.lectern_open_pool(self.n_threads)
        self._library = library
        self._running = threading.Lock()
        weakref.finalize(self, library.lectern_close_pool, self._pool)

    def panels_bytes(self, rows: int, columns: int, kind: Format) -> int:
        return int(self._library.lectern_panels_bytes(rows, columns, kind))

    def pack(self, unpacked: Unpacked, matrix: Matrix) -> None:
        with self._running:
            self._library.lectern_pack(self._pool, byref(unpacked), byref(matrix))

    def run(self, stack: Stack, run: Run) -> None:
        with self._running:
            self._library.lectern_run(self._pool, byref(stack), byref(run))

    def frame(self, slow: Stack, fast: Stack, frame: Frame) -> None:
        with self._running:
            self._library.lectern_frame(self._pool, byref(slow), byref(fast), byref(frame))
