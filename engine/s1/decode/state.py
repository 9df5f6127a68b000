"""One frame as a function of fixed shapes over buffers that stay where they are, sampling included.

Nothing in it asks the host: it can be captured as one graph, and several frames can be on their way at once. R rows
are spoken side by side, each with its own position, noise and settings. Shapes: R rows, N codebooks, S positions
looked at, P the penalty's window, V semantic tokens and the end, W residual logits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from engine.s1.model.dual_ar import DualAr
from engine.s1.model.layers import KvCache
from engine.s1.model.sampling import PENALTY_WINDOW_FRAMES, Draws, Greedy, Sampler, fill_noise, settings_of

FIRST_BUCKET = 128
"""Attention looks at the first 128, 256, 512, … positions: the fewest that hold what is there."""


class Stacks(Protocol):
    """The model's parts, at fixed shapes. The fast stack's memory is its own business: it is new for each frame."""

    def slow(self, columns: Tensor, positions: Tensor, memory: Tensor, n_seen: int) -> Tensor:
        """Columns int64 (R, 1 + N) at their positions (R,) -> hidden (R, D), looking at `memory`'s first `n_seen`.

        `memory` (n_layer, 2, R', K, M, C) is the whole state's, of R' >= R rows.
        """
        ...

    def choose(self, hidden: Tensor, draws: Draws) -> Chosen:
        """What the rows say after hidden (R, D)."""
        ...


@dataclass(frozen=True, slots=True)
class Logits:
    """What the codes of a frame were chosen from: token (R, V), residuals N - 1 times (R, W)."""

    token: Tensor
    residuals: tuple[Tensor, ...]


@dataclass(frozen=True, slots=True)
class Chosen:
    """A frame's `codes` (R, N); those of rows for which speech `is_over`, bool (R,), are legal and mean nothing."""

    codes: Tensor
    is_over: Tensor
    logits: Logits


class StepState:
    """All that a frame reads and writes, for `n_rows` rows of `max_positions`."""

    def __init__(self, model: DualAr, n_rows: int, max_positions: int) -> None:
        c, device = model.config, model.device
        n_residual = c.n_codebooks - 1

        def integers(*shape: int) -> Tensor:
            return torch.zeros(shape, dtype=torch.int64, device=device)

        self.n_rows, self.max_positions = n_rows, max_positions
        self.columns = integers(n_rows, 1 + c.n_codebooks)  # the step's input: a token and its codes
        self.positions = integers(n_rows)  # where it stands
        self.history = integers(n_rows, n_residual, PENALTY_WINDOW_FRAMES)
        self.said = integers(n_rows, c.n_codebooks + 1)  # the frame's codes, and 1 from the end of speech on
        self.settings = torch.ones(n_rows, 4, device=device)  # see `settings_of`
        self.token_noise = torch.ones(n_rows, model.n_semantic + 1, device=device)
        self.residual_noise = torch.ones(n_rows, n_residual, c.n_residual_logits, device=device)
        # Zeros, because what is not looked at is still multiplied, by 0.
        shape = (c.slow.n_layer, 2, n_rows, c.slow.n_local_heads, max_positions, c.slow.head_dim)
        self.memory = torch.zeros(shape, dtype=model.cache_dtype, device=device)

    def put(self, row: int, cache: KvCache) -> None:
        """What was read into `cache`, of one row, becomes the row's memory."""
        self.memory[:, :, row, :, : cache.length] = cache.memory[:, :, 0, :, : cache.length]

    def begin(self, row: int, column: Tensor, position: int, choose: Sampler | Greedy) -> None:
        """The row's next step reads `column` (1 + N,) at `position`; what came before stands in the memory."""
        self.columns[row] = column
        self.positions[row] = position
        self.history[row] = 0
        self.said[row] = 0
        self.settings[row] = torch.tensor(settings_of(choose), device=self.settings.device)

    def fill_noise(self, row: int, choose: Sampler | Greedy) -> None:
        """For the row's next frame: the very numbers that `choose` would draw for it, in its order."""
        fill_noise(choose, (self.token_noise[row], *self.residual_noise[row]))

    def move(self, source: int, row: int, n_positions: int) -> None:
        """Row `source`, with what its first `n_positions` left, takes the place of `row`."""
        for buffer in (*self.small(), self.settings):
            buffer[row] = buffer[source]
        self.memory[:, :, row, :, :n_positions] = self.memory[:, :, source, :, :n_positions]

    def take_over(self, other: StepState, n_rows: int) -> None:
        """The first rows of a smaller state."""
        for buffer, old in zip((*self.small(), self.settings), (*other.small(), other.settings), strict=True):
            buffer[:n_rows] = old[:n_rows]
        self.memory[:, :, :n_rows, :, : other.max_positions] = other.memory[:, :, :n_rows]

    def small(self) -> tuple[Tensor, ...]:
        """What a step changes besides the memory, where it only writes behind what is valid."""
        return self.columns, self.positions, self.history, self.said


def bucket_of(n_positions: int, first: int, max_positions: int) -> int:
    """How many positions to look at, to see `n_positions` of them."""
    bucket = min(first, max_positions)
    while bucket < n_positions:
        bucket = min(2 * bucket, max_positions)
    return bucket


class StaticStep:
    """`run` makes a frame for the first rows of `state`."""

    def __init__(self, model: DualAr, stacks: Stacks, state: StepState) -> None:
        self.model, self.stacks, self.state = model, stacks, state

    @torch.inference_mode()
    def run(self, n_rows: int, n_seen: int) -> Logits:
        """The first `n_rows` rows, none of them beyond position `n_seen` - 1: their next frame, into `said`; and it
        becomes their input."""
        s, n = self.state, n_rows
        hidden = self.stacks.slow(s.columns[:n], s.positions[:n], s.memory, n_seen)
        draws = Draws(s.history[:n], s.settings[:n], s.token_noise[:n], s.residual_noise[:n])
        chosen = self.stacks.choose(hidden, draws)
        self._advance(chosen.codes, chosen.is_over)
        return chosen.logits

    def _advance(self, codes: Tensor, is_over: Tensor) -> None:
        s, n = self.state, len(codes)
        s.columns[:n, :1] = codes[:, :1] + self.model.semantic_begin_id
        s.columns[:n, 1:] = codes
        s.history[:n] = torch.cat((s.history[:n, :, 1:], codes[:, 1:, None]), dim=2)
        s.positions[:n] = (s.positions[:n] + 1).clamp(max=s.max_positions - 1)
        s.said[:n, :-1] = codes
        s.said[:n, -1] |= is_over
