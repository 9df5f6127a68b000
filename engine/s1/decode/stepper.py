"""Rows of a model with the room that they have: what grows when more of it is asked for."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.s1.decode.backend import Backend, Logits, Step
from engine.s1.decode.prefix_cache import Prefix
from engine.s1.decode.state import RowState
from engine.s1.model.sampling import Greedy, Sampler


class Stepper:
    """A backend's step and the state that it works on."""

    step: Step
    state: RowState

    def __init__(self, backend: Backend, n_rows: int = 1, n_positions: int = 1) -> None:
        self.backend = backend
        self._make(n_rows, n_positions)

    def _make(self, n_rows: int, n_positions: int) -> None:
        model = self.backend.model
        max_positions = self.backend.room_for(min(n_positions, model.config.max_seq_len))
        self._take(RowState(model, n_rows, max_positions))

    def _take(self, state: RowState) -> None:
        self.state, self.step = state, self.backend.open(state)

    def reserve(self, n_rows: int, n_positions: int, n_kept: int = 0) -> None:
        """Make room for so many; the first `n_kept` rows stay what they are, also where there is no memory for more."""
        if n_rows <= self.state.n_rows and n_positions <= self.state.max_positions:
            return
        n_rows, n_positions = max(n_rows, self.state.n_rows), max(n_positions, self.state.max_positions)
        kept, n_before = (self.state if n_kept else None), self.state.n_rows
        del self.state, self.step  # first, because there may not be room for both
        try:
            self._make(n_rows, n_positions)
        except Exception:
            if kept is None:
                self._make(n_before, 1)
            else:
                self._take(kept)
            raise
        if kept is not None:
            with torch.inference_mode():
                self.state.take_over(kept, n_kept)

    @torch.inference_mode()
    def begin(self, row: int, prompt: Tensor, choose: Sampler | Greedy, prefix: Prefix | None) -> None:
        """Read `prompt` int64 (1 + N, T), on the CPU, but for its last position, which the row's first step reads.

        What `prefix` knows of its beginning is not computed again.
        """
        n_prompt = prompt.shape[1]
        on_device = prompt.to(self.backend.model.device)
        n_read = 0
        if prefix is not None and prefix.boundaries:
            n_read = self._read_prefix(row, prompt, on_device, prefix)
        if n_read < n_prompt - 1:
            self.backend.read(on_device[:, n_read : n_prompt - 1], self.state, row, n_read)
        self.state.begin(row, on_device[:, -1], n_prompt - 1, choose)

    def _read_prefix(self, row: int, prompt: Tensor, on_device: Tensor, prefix: Prefix) -> int:
        """Read what the prompt has in common with others: so many positions."""
        n_known = prefix.cache.restore(prompt, prefix.boundaries, self.state.cache(row, 0))
        n_common = prefix.boundaries[-1]
        if n_known < n_common:
            self.backend.read(on_device[:, n_known:n_common], self.state, row, n_known)
            prefix.cache.keep(prompt, self.state.cache(row, n_common))
        return n_common

    def run(self, n_rows: int, n_positions: int) -> Logits:
        """Make a frame for the first `n_rows` rows: see `Step.run`."""
        return self.step.run(n_rows, n_positions)
