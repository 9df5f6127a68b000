"""codec.cpp's functions, bound: it has the same structures, and says what they mean."""

from __future__ import annotations

import threading
import weakref
from ctypes import POINTER, Structure, c_float, c_int, c_int32, c_int64, c_void_p
from enum import IntEnum
from pathlib import Path

import torch
from torch import Tensor

from engine.s1.native.build import open_library


class Kind(IntEnum):
    CONVOLUTION = 0
    UNIT = 1
    LAST = 2
    TWO_TAPS = 3


class Op(Structure):
    _fields_ = (
        *((name, c_void_p) for name in ("weights", "bias", "alpha", "beta", "weights2", "bias2", "alpha2", "beta2")),
        ("state", c_int64),
        *((name, c_int32) for name in ("kind", "n_in", "n_out", "n_segments", "dilation", "n_tail", "rate")),
    )


class CodecKernels:
    """The library and its threads, which sleep while nothing runs. One run at a time; others wait."""

    def __init__(self, cache_folder: Path, n_threads: int | None = None) -> None:
        """As many threads as PyTorch uses, by default. Raises `NoKernelsError`."""
        library = open_library(cache_folder, "codec")
        library.lectern_codec_open.restype = c_void_p
        library.lectern_codec_open.argtypes = (c_int,)
        library.lectern_codec_close.argtypes = (c_void_p,)
        run_arguments = (c_void_p, POINTER(Op), c_int, POINTER(c_float), POINTER(c_float), c_int, POINTER(c_float))
        library.lectern_codec_run.argtypes = run_arguments
        library.lectern_codec_run.restype = library.lectern_codec_close.restype = None
        self.panel = int(library.lectern_codec_panel())
        self._decoder = library.lectern_codec_open(n_threads or torch.get_num_threads())
        self._library = library
        self._running = threading.Lock()
        weakref.finalize(self, library.lectern_codec_close, self._decoder)

    def run(self, ops: object, n_ops: int, state: Tensor, rows: Tensor, samples: Tensor) -> None:
        pointers = [POINTER(c_float).from_buffer(c_void_p(tensor.data_ptr())) for tensor in (state, rows, samples)]
        with self._running:
            self._library.lectern_codec_run(self._decoder, ops, n_ops, *pointers[:2], len(rows), pointers[2])
