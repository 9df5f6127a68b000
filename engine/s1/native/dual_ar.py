"""The dual-AR transformer on a CPU, its stacks run by the library: one call for all layers of a position."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.s1.model.dual_ar import DualAr
from engine.s1.model.layers import KvCache
from engine.s1.native.kernels import Kernels
from engine.s1.native.stack import NativeStack, Rows


class NativeDualAr(DualAr):
    """A model whose stacks the library runs. Its weights are of any precision; what is computed in between is fp32."""

    def __init__(self, plain: DualAr, kernels: Kernels, cache_dtype: torch.dtype) -> None:
        """Take the modules of `plain`, which has its weights; those of the stacks are packed, and taken out of them.

        Raises `MemoryError`.
        """
        torch.nn.Module.__init__(self)  # not DualAr's, which would make modules anew
        self.config = c = plain.config
        self.semantic_begin_id, self.im_end_id = plain.semantic_begin_id, plain.im_end_id
        self.n_semantic = plain.n_semantic
        for name, module in plain.named_children():
            self.add_module(name, module)
        self._max_rows, self._cache_dtype = kernels.max_rows, cache_dtype
        self.rows_are_independent = kernels.rows_are_independent
        head = self.head
        begin, end = self.semantic_begin_id, self.im_end_id
        legal = torch.cat((head[begin : begin + self.n_semantic], head[end : end + 1]))
        residual = self.fast_output.weight[: c.n_residual_logits]
        self._slow = NativeStack(kernels, self.layers, c.slow, self.norm.weight, legal, c.max_seq_len)
        self._fast = NativeStack(
            kernels,
            self.fast_layers,
            c.fast,
            self.fast_norm.weight,
            residual,
            c.n_codebooks,
            None if c.fast.dim == c.slow.dim else self.fast_project_in,
        )

    @property
    def activation_dtype(self) -> torch.dtype:
        return torch.float32

    @property
    def cache_dtype(self) -> torch.dtype:
        return self._cache_dtype

    @property
    def stacks(self) -> tuple[NativeStack, NativeStack]:
        """The slow one and the fast one."""
        return self._slow, self._fast

    @property
    def layer_bytes(self) -> tuple[int, int]:
        """What the slow layers and the fast ones take, as the library reads them."""
        return self._slow.layer_bytes, self._fast.layer_bytes

    def slow(self, prompt: Tensor, cache: KvCache) -> Tensor:
        x = self.embed(prompt)
        hidden, _ = self._run(self._slow, x, cache, with_logits=False)
        return hidden

    def remember(self, x: Tensor, sequences: Tensor, positions: Tensor, memory: Tensor) -> None:
        """Put what the slow stack remembers of x (R, D), embedded, each row of a sequence (R,) and at its position (R,)
        there, into `memory` (n_layer, 2, R', K, M, C): sequence r is row r of it. x is void then.
        """
        assert x.dtype == torch.float32
        parts = (values.split(self._max_rows) for values in (x, sequences, positions))
        for part in zip(*parts, strict=True):
            self._slow.run(Rows(*part), memory, to_memory=True)

    def legal_logits(self, hidden: Tensor) -> Tensor:
        rows = hidden.reshape(-1, hidden.shape[-1]).contiguous()
        parts = [self._slow.logits(part) for part in rows.split(self._max_rows)]
        return torch.cat(parts).unflatten(0, hidden.shape[:-1]) if hidden.ndim > 1 else parts[0][0]

    def all_logits(self, hidden: Tensor) -> Tensor:
        return super().all_logits(hidden.to(self.dtype)).float()

    def fast_input(self, hidden: Tensor) -> Tensor:
        if self.config.fast.dim == self.config.slow.dim:
            return hidden
        return super().fast_input(hidden.to(self.dtype)).float()

    def fast(self, x: Tensor, cache: KvCache) -> Tensor:
        _, logits = self._run(self._fast, x.float(), cache, with_logits=True)
        assert logits is not None
        return logits

    def all_fast_logits(self, x: Tensor, cache: KvCache) -> Tensor:
        hidden, _ = self._run(self._fast, x.float(), cache, with_logits=False)
        return self.fast_output(self.fast_norm(hidden[:, -1].to(self.dtype))).float()

    def _run(self, stack: NativeStack, x: Tensor, cache: KvCache, *, with_logits: bool) -> tuple[Tensor, Tensor | None]:
        """x fp32 (B, T, D) after what `cache` holds -> the same, and the last position's logits (B, V)."""
        n_sequences, n_new, _ = x.shape
        assert cache.length + n_new <= cache.max_positions, (cache.length, n_new, cache.max_positions)
        assert n_sequences <= self._max_rows
        parts, logits = [], None
        for part in x.split(self._max_rows // n_sequences, dim=1):
            n = part.shape[1]
            rows = Rows(
                part.flatten(0, 1).contiguous(),
                torch.arange(n_sequences).repeat_interleave(n),
                torch.arange(cache.length, cache.length + n).repeat(n_sequences),
            )
            last = torch.arange(n - 1, n_sequences * n, n) if with_logits else None
            logits = stack.run(rows, cache.memory, last)
            parts.append(rows.x.unflatten(0, (n_sequences, n)))
            cache.length += n
        return torch.cat(parts, dim=1), logits
