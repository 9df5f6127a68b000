"""The model's parts for a static step, on the library: rows at positions of their own, weights read once for all."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.s1.layers import KvCache
from engine.s1.native.dual_ar import NativeDualAr
from engine.s1.operator_stacks import choose_ids


class NativeStacks:
    def __init__(self, model: NativeDualAr, max_rows: int) -> None:
        self._model = model
        self._fast_caches = [
            KvCache(model.config.fast, n, model.config.n_codebooks, model.cache_dtype, model.device)
            for n in range(1, max_rows + 1)
        ]

    def slow(self, columns: Tensor, positions: Tensor, memory: Tensor, n_seen: int) -> Tensor:  # noqa: ARG002
        """The library looks at what is valid, whatever `n_seen`."""
        return self._model.slow_rows(columns, positions, memory)

    def choose_token(self, hidden: Tensor, settings: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
        logits = self._model.legal_logits(hidden)
        return choose_ids(logits, None, settings, noise, is_fused=False), logits

    def choose_residual(
        self, inputs: Tensor | None, code: Tensor, place: int, history: Tensor, settings: Tensor, noise: Tensor
    ) -> tuple[Tensor, Tensor]:
        cache = self._fast_caches[len(code) - 1]
        cache.length = 0 if place == 0 else place + 1
        x = self._model.fast_embeddings(code)[:, None].float()  # (R, 1, F)
        if inputs is not None:
            x = torch.cat((self._model.fast_input(inputs)[:, None], x), dim=1)
        logits = self._model.fast(x, cache)
        return choose_ids(logits, history, settings, noise, is_fused=False), logits
