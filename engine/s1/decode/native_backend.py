"""The backend of the C++ library, on a CPU: rows at positions of their own, weights read once for all."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.s1.decode.backend import Logits, Ready
from engine.s1.decode.state import RowState
from engine.s1.native.dual_ar import NativeDualAr
from engine.s1.native.frames import NativeFrames


class NativeBackend:
    """Computes a frame in one call of the library, from embeddings to codes that are drawn there."""

    lag = 0

    def __init__(self, model: NativeDualAr) -> None:
        self.model = model

    def room_for(self, n_positions: int) -> int:
        return n_positions

    def read(self, columns: Tensor, state: RowState, row: int, start: int) -> None:
        x = self.model.embed(columns[None])[0].contiguous()  # (T, D)
        n = len(x)
        self.model.remember(x, torch.full((n,), row), torch.arange(start, start + n), state.memory)

    def open(self, state: RowState) -> NativeStep:
        return NativeStep(self.model, state)


class NativeStep:
    """Makes frames for the rows of `state`."""

    def __init__(self, model: NativeDualAr, state: RowState) -> None:
        self._state = state
        self._frames = [NativeFrames(model, state, n) for n in range(1, state.n_rows + 1)]

    @torch.inference_mode()
    def run(self, n_rows: int, n_positions: int) -> Logits:  # noqa: ARG002 (the library looks at what is valid)
        frames = self._frames[n_rows - 1]
        frames.make()
        return Logits(frames.token_logits, frames.logits.unbind())

    def send(self, n_rows: int) -> Ready:
        return Ready(self._state.said[:n_rows])
