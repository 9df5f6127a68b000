"""What a voice's references left in the slow transformer's memory, kept: a new sentence prefills its own text only."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.s1.model.layers import KvCache

BUDGET_BYTES = 384 * 2**20
"""Of S1 Mini in bf16 a voice with 30 s of references takes about 90 MB, in fp32 180 MB."""


class PrefixCache:
    """Beginnings of prompts with their keys and values, on the model's device; the least used leave first."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self.budget_bytes = budget_bytes
        self.held_bytes = 0
        self._entries: OrderedDict[bytes, Tensor] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    @torch.inference_mode()
    def restore(self, prompt: Tensor, boundaries: Sequence[int], cache: KvCache) -> int:
        """Fill the empty `cache` with the longest beginning of `prompt` (1 + N, T) that is known: so many positions.

        `boundaries` ascend: the numbers of positions at which a beginning may end.
        """
        assert cache.length == 0
        for n_positions in reversed(boundaries):
            key = _key(prompt, n_positions)
            if (known := self._entries.get(key)) is not None:
                self._entries.move_to_end(key)
                cache.memory[..., :n_positions, :] = known
                cache.length = n_positions
                return n_positions
        return 0

    @torch.inference_mode()
    def keep(self, prompt: Tensor, cache: KvCache) -> None:
        """Remember the first `cache.length` positions of `prompt`; nothing when they exceed the budget alone."""
        key = _key(prompt, cache.length)
        kept = cache.memory[..., : cache.length, :]
        if key in self._entries or kept.nbytes > self.budget_bytes:
            return
        self._entries[key] = kept.clone()
        self.held_bytes += kept.nbytes
        while self.held_bytes > self.budget_bytes:
            _, dropped = self._entries.popitem(last=False)
            self.held_bytes -= dropped.nbytes

    def clear(self) -> None:
        self._entries.clear()
        self.held_bytes = 0


def _key(prompt: Tensor, n_positions: int) -> bytes:
    return prompt[:, :n_positions].contiguous().numpy().tobytes()


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginnings that a prompt may have in common with others, as numbers of positions, and where they are kept."""

    cache: PrefixCache
    boundaries: tuple[int, ...]
