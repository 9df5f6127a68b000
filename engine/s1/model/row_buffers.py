"""What whoever computes frames in one go, on a card or a CPU, reads and writes: see `RowState`."""

from __future__ import annotations

from typing import Protocol

from torch import Tensor


class RowBuffers(Protocol):
    """All of a frame's, for R rows, where they stay. int64: columns (R, 1 + N), positions (R,), history (R, N - 1, P),
    said (R, N + 1). fp32: settings (R, 4), token_noise (R, V), residual_noise (R, N - 1, W). memory (n_layer, 2, R, K,
    M, C): the slow stack's.

    N codebooks, M positions there is room for, P the penalty's window, V semantic tokens and the end, W residual
    logits, K key/value heads, C channels per head.
    """

    n_rows: int
    max_positions: int
    columns: Tensor
    positions: Tensor
    history: Tensor
    said: Tensor
    settings: Tensor
    token_noise: Tensor
    residual_noise: Tensor
    memory: Tensor
