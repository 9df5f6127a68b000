"""Frames for rows side by side, each in one call of the library: from the columns before it to its codes.

Shapes: R rows, N codebooks, V semantic tokens and the end, W residual logits.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch

from engine.s1.model.layers import KvCache
from engine.s1.model.row_buffers import RowBuffers
from engine.s1.native.kernels import Embeddings, Frame
from engine.s1.native.stack import FORMATS

if TYPE_CHECKING:
    from engine.s1.native.dual_ar import NativeDualAr


class NativeFrames:
    """Makes frames for the first R of `rows`, whose buffers stay where they are: what the library is told is put
    together once."""

    def __init__(self, model: NativeDualAr, rows: RowBuffers, n_rows: int) -> None:
        c, (_, n_places, window) = model.config, rows.history.shape
        slow, fast = model.stacks
        codes = model.codebook_embeddings.weight
        self.token_logits = torch.empty(n_rows, slow.n_logits)
        self.logits = torch.empty(n_places, n_rows, fast.n_logits)
        self._stacks = slow, fast
        fast_memory = KvCache(c.fast, n_rows, c.n_codebooks, model.cache_dtype, model.device).memory
        buffers = (rows.columns, rows.positions, rows.history, rows.said, rows.settings)
        noise = (rows.token_noise, rows.residual_noise, self.token_logits, self.logits)
        tensors = (*buffers, *noise, rows.memory, fast_memory, model.fast_embeddings.weight)
        self._kept = (*tensors, model.embeddings.weight, codes)
        assert all(tensor.is_contiguous() for tensor in self._kept)
        assert codes.dtype == model.embeddings.weight.dtype == model.fast_embeddings.weight.dtype
        assert rows.memory.dtype == fast_memory.dtype
        embeddings = Embeddings(
            model.embeddings.weight.data_ptr(),
            codes.data_ptr(),
            *(FORMATS[codes.dtype], len(model.embeddings.weight), c.codebook_size),
            *(model.semantic_begin_id, model.n_semantic),
            1 / math.sqrt(c.n_codebooks + 1) if c.scale_codebook_embeddings else 1.0,
        )
        self._frame = Frame(
            *(tensor.data_ptr() for tensor in tensors),
            embeddings,
            *(n_rows, n_places, window, rows.n_rows, rows.max_positions),
            FORMATS[rows.memory.dtype],
        )

    def make(self) -> None:
        """Make the next frame: into `rows.said`, and it becomes what they read next. The logits that it was drawn from
        are in `token_logits` (R, V) and `logits` (N - 1, R, W)."""
        slow, fast = self._stacks
        slow.frame(fast, self._frame)
