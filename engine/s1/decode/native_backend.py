"""The backend of the C++ library, on a CPU: rows at positions of their own, weights read once for all."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.s1.decode.backend import Logits, Ready
from engine.s1.decode.state import RowState
from engine.s1.native.dual_ar import NativeDualAr


class NativeBackend:
    """Computes a frame in two calls of the library: all slow layers, then all codes, drawn there."""

    lag = 0

    def __init__(self, model: NativeDualAr) -> None:
        self.model = model

    def room_for(self, n_positions: int) -> int:
        return n_positions

    def read(self, columns: Tensor, state: RowState, row: int, start: int) -> None:
        x = self.model.embed(columns[None])[0].contiguous()  # (T, D)
        n = len(x)
        self.model.slow_rows(x, torch.full((n,), row), torch.arange(start, start + n), state.memory)

    def open(self, state: RowState) -> NativeStep:
        return NativeStep(self.model, state)


class NativeStep:
    """Makes frames for the rows of `state`."""

    def __init__(self, model: NativeDualAr, state: RowState) -> None:
        self._model, self._state = model, state
        self._sequences = torch.arange(state.n_rows)
        self._fast_memory = [model.fast_memory(n) for n in range(1, state.n_rows + 1)]

    @torch.inference_mode()
    def run(self, n_rows: int, n_positions: int) -> Logits:  # noqa: ARG002 (the library looks at what is valid)
        model, state = self._model, self._state
        hidden = model.embed(state.columns[:n_rows, :, None])[:, 0].contiguous()  # (R, D)
        model.slow_rows(hidden, self._sequences[:n_rows], state.positions[:n_rows], state.memory)
        said, token, residuals = model.say(hidden, state.draws(n_rows), self._fast_memory[n_rows - 1])
        state.advance(said[:, :-1], said[:, -1] == 1)
        return Logits(token, residuals.unbind())

    def send(self, n_rows: int) -> Ready:
        return Ready(self._state.said[:n_rows])
