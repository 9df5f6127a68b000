"""The model's parts for a static step, on the library: rows at positions of their own, weights read once for all."""

from __future__ import annotations

from torch import Tensor

from engine.s1.decode.state import Chosen, Logits
from engine.s1.model.layers import KvCache
from engine.s1.model.sampling import Draws
from engine.s1.native.dual_ar import NativeDualAr


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

    def choose(self, hidden: Tensor, draws: Draws) -> Chosen:
        memory = self._fast_caches[len(hidden) - 1].memory
        said, token_logits, logits = self._model.say(hidden, draws, memory)
        return Chosen(said[:, :-1], said[:, -1] == 1, Logits(token_logits, logits.unbind()))
