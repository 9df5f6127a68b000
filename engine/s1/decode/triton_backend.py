"""The backend of the Triton kernels, on an NVIDIA card: a captured graph that serves every length.

Prompts are read by the plain backend, whose model keeps views of the same weights.
"""

# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

from collections.abc import Sequence

import torch
from triton import TritonError

from engine.s1.decode.backend import Logits
from engine.s1.decode.graph_backend import FIRST_BUCKET, Capturer, GraphBackend, GraphStep, bucket_of
from engine.s1.decode.plain_backend import PlainBackend, PlainStep
from engine.s1.decode.state import RowState
from engine.s1.model.dual_ar import DualAr
from engine.s1.triton import Frame, ModelWeights

MAX_ROWS = 8
"""The kernels go through rows one after the other, with the weights that they hold."""


class TritonBackend(GraphBackend):
    """Computes frames by graphs of the kernels' launches."""

    def __init__(
        self,
        model: DualAr,
        capturer: Capturer,
        n_programs: int | None,
        weights: ModelWeights | None = None,
        row_sizes: Sequence[int] = (),
    ) -> None:
        """`n_programs`: how many the card runs at once, for a stack in one launch; None: a launch for each phase.

        The stacks' weights are put in the kernels' order, unless `weights` has them so: the model's become views.
        """
        self._weights = weights or ModelWeights(model)
        self._n_programs = n_programs
        super().__init__(PlainBackend(model), capturer, model.config.max_seq_len, row_sizes)

    def for_rows(self, row_sizes: Sequence[int]) -> GraphBackend:
        """Make the same for other numbers of rows; beyond `MAX_ROWS`, PyTorch's operators share weights better."""
        if max(row_sizes) > MAX_ROWS:
            return GraphBackend(self._plain, self.capturer, FIRST_BUCKET, row_sizes)
        return TritonBackend(self.model, self.capturer, self._n_programs, self._weights, row_sizes)

    def room_for(self, n_positions: int) -> int:
        return bucket_of(n_positions, FIRST_BUCKET, self.model.config.max_seq_len)

    def open(self, state: RowState) -> GraphStep:
        return GraphStep(self, TritonStep(self._plain, state, self._weights, self._n_programs))


class TritonStep(PlainStep):
    """One frame as launches over the buffers of `state`."""

    def __init__(self, backend: PlainBackend, state: RowState, weights: ModelWeights, n_programs: int | None) -> None:
        super().__init__(backend, state)
        assert state.n_rows <= MAX_ROWS
        self._frame = Frame(weights, state, n_programs)

    @torch.inference_mode()
    def run(self, n_rows: int, n_positions: int) -> Logits:  # noqa: ARG002 (the device knows)
        frame = self._frame
        try:
            frame.run(n_rows)
        except TritonError as error:  # a kernel that does not compile, or does not fit this card
            raise RuntimeError(f"Triton: {error}") from error
        return Logits(frame.token_logits[:n_rows], tuple(logits[:n_rows] for logits in frame.logits))


def programs_at_once(device: torch.device) -> int:
    """Tell how many programs the card runs at once: one for each of its multiprocessors, whose registers it takes."""
    return torch.cuda.get_device_properties(device).multi_processor_count
