"""The interface of what computes frames. There are four: plain operators, captured graphs of these, captured graphs of
Triton kernels, and the C++ library.

Shapes: R rows, N codebooks, T positions, V semantic tokens and the end, W residual logits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from engine.s1.decode.state import RowState
from engine.s1.model.dual_ar import DualAr


@dataclass(frozen=True, slots=True)
class Logits:
    """What the codes of a frame were chosen from: token (R, V), residuals N - 1 times (R, W)."""

    token: Tensor
    residuals: tuple[Tensor, ...]


class Pending(Protocol):
    """A tensor on its way from the device."""

    def read(self) -> Tensor:
        """Wait until it is here, and return it: a tensor on the CPU."""
        ...


class Ready:
    """A `Pending` that nobody has to wait for: a copy, made now."""

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = tensor.cpu().clone()

    def read(self) -> Tensor:
        return self._tensor


class Step(Protocol):
    """Makes frames for the rows of one state."""

    def run(self, n_rows: int, n_positions: int) -> Logits:
        """Make the next frame of the state's first `n_rows` rows, none of which stands beyond position
        `n_positions` - 1: into `said`; and it becomes their input. The logits are valid until the next step."""
        ...

    def send(self, n_rows: int) -> Pending:
        """Send what the first `n_rows` rows have said, int64 (R, N + 1), and do not wait."""
        ...


class Backend(Protocol):
    """Computes frames of one model. What differs from run to run is in the state that it is given."""

    @property
    def model(self) -> DualAr: ...

    @property
    def lag(self) -> int:
        """How many steps to begin before the first is read."""
        ...

    def room_for(self, n_positions: int) -> int:
        """Tell how many positions, at least so many, a state for them should have."""
        ...

    def read(self, columns: Tensor, state: RowState, row: int, start: int) -> None:
        """Read `columns` int64 (1 + N, T), on the model's device, at the positions from `start` on, into the memory of
        `row`, where the positions before them stand already."""
        ...

    def open(self, state: RowState) -> Step:
        """Prepare to make frames for the rows of `state`."""
        ...
