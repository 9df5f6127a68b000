"""The state of rows that are spoken side by side: buffers that stay where they are, so that a step can be captured.

Shapes: R rows, N codebooks, M positions there is room for, P the penalty's window, V semantic tokens and the end,
W residual logits, K key/value heads, C channels per head.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from engine.s1.model.dual_ar import DualAr
from engine.s1.model.layers import KvCache
from engine.s1.model.sampling import PENALTY_WINDOW_FRAMES, Draws, Greedy, Sampler, fill_noise, settings_of

ALIGNMENT = 64
"""Of memory on a CPU, in bytes: a line of its cache."""


class RowState:
    """All that a frame reads and writes, for `n_rows` rows of `max_positions`."""

    def __init__(self, model: DualAr, n_rows: int, max_positions: int) -> None:
        c, device = model.config, model.device
        n_residual = c.n_codebooks - 1

        def integers(*shape: int) -> Tensor:
            return torch.zeros(shape, dtype=torch.int64, device=device)

        self.n_rows, self.max_positions = n_rows, max_positions
        self._semantic_begin_id = model.semantic_begin_id
        self.columns = integers(n_rows, 1 + c.n_codebooks)  # the step's input: a token and its codes
        self.positions = integers(n_rows)  # where it stands
        self.history = integers(n_rows, n_residual, PENALTY_WINDOW_FRAMES)
        self.said = integers(n_rows, c.n_codebooks + 1)  # the frame's codes, and 1 from the end of speech on
        self.settings = torch.ones(n_rows, 4, device=device)  # see `settings_of`
        self.token_noise = torch.ones(n_rows, model.n_semantic + 1, device=device)
        self.residual_noise = torch.ones(n_rows, n_residual, c.n_residual_logits, device=device)
        # Zeros, because what is not looked at is still multiplied, by 0.
        shape = (c.slow.n_layer, 2, n_rows, c.slow.n_local_heads, max_positions, c.slow.head_dim)
        self.memory = _zeros(shape, model.cache_dtype, device)  # (n_layer, 2, R, K, M, C)

    def cache(self, row: int, length: int) -> KvCache:
        """Show the row's memory as a cache that holds the first `length` positions."""
        cache = KvCache.over(self.memory[:, :, row : row + 1])
        cache.length = length
        return cache

    def begin(self, row: int, column: Tensor, position: int, choose: Sampler | Greedy) -> None:
        """Let the row's next step read `column` (1 + N,) at `position`; what came before stands in the memory."""
        self.columns[row] = column
        self.positions[row] = position
        self.history[row] = 0
        self.said[row] = 0
        self.settings[row] = torch.tensor(settings_of(choose), device=self.settings.device)

    def fill_noise(self, row: int, choose: Sampler | Greedy) -> None:
        """Draw for the row's next frame the very numbers that `choose` would draw for it, in its order."""
        fill_noise(choose, (self.token_noise[row], *self.residual_noise[row]))

    def draws(self, n_rows: int) -> Draws:
        """Collect what the first rows' next codes are drawn with, besides their logits."""
        n = n_rows
        return Draws(self.history[:n], self.settings[:n], self.token_noise[:n], self.residual_noise[:n])

    def advance(self, codes: Tensor, is_over: Tensor) -> None:
        """Note a frame's codes (R, N) of the first R rows, and for which of them speech `is_over`, bool (R,): the codes
        of those are legal and mean nothing."""
        n = len(codes)
        self.columns[:n, :1] = codes[:, :1] + self._semantic_begin_id
        self.columns[:n, 1:] = codes
        self.history[:n] = torch.cat((self.history[:n, :, 1:], codes[:, 1:, None]), dim=2)
        self.positions[:n] = (self.positions[:n] + 1).clamp(max=self.max_positions - 1)
        self.said[:n, :-1] = codes
        self.said[:n, -1] |= is_over

    def move(self, source: int, row: int, n_positions: int) -> None:
        """Put row `source`, with what its first `n_positions` left, in the place of `row`."""
        for buffer in (*self.small(), self.settings):
            buffer[row] = buffer[source]
        self.memory[:, :, row, :, :n_positions] = self.memory[:, :, source, :, :n_positions]

    def take_over(self, other: RowState, n_rows: int) -> None:
        """Copy the first rows of a smaller state."""
        for buffer, old in zip((*self.small(), self.settings), (*other.small(), other.settings), strict=True):
            buffer[:n_rows] = old[:n_rows]
        self.memory[:, :, :n_rows, :, : other.max_positions] = other.memory[:, :, :n_rows]

    def small(self) -> tuple[Tensor, ...]:
        """List what a step changes besides the memory, where it only writes behind what is valid."""
        return self.columns, self.positions, self.history, self.said


def _zeros(shape: tuple[int, ...], dtype: torch.dtype, device: torch.device) -> Tensor:
    """On a CPU, pages that the system makes zeros once they are touched: to write 0.3 GB of them beforehand, for a
    sentence that needs a tenth, takes 0.1 s."""
    if device.type != "cpu":
        return torch.zeros(shape, dtype=dtype, device=device)
    n_bytes = math.prod(shape) * dtype.itemsize
    pages = torch.from_numpy(np.zeros(n_bytes + ALIGNMENT, dtype=np.uint8))
    first = -pages.data_ptr() % ALIGNMENT
    return pages[first : first + n_bytes].view(dtype).view(shape)
