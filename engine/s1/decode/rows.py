"""Several generations side by side: a step makes a frame for each of them, and reads the weights once for all."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import torch
from torch import Tensor

from engine.s1.decode.prefix_cache import Prefix
from engine.s1.decode.stepper import Stepper
from engine.s1.model.sampling import Greedy, Sampler
from engine.types import CancelToken


class _Row:
    """One generation: where it stands, and its frames that nobody took yet; None after the last."""

    def __init__(self, choose: Sampler | Greedy, n_positions: int, max_frames: int) -> None:
        self.choose, self.n_positions, self.n_left = choose, n_positions, max_frames
        self.frames: deque[Tensor | None] = deque()


class Batch:
    """Rows join and leave at any time; those that are left always stand first in the stepper's state."""

    def __init__(self, stepper: Stepper, max_rows: int) -> None:
        self._stepper, self.max_rows = stepper, max_rows
        self._rows: list[_Row] = []

    @property
    def n_rows(self) -> int:
        return len(self._rows)

    def join(self, prompt: Tensor, choose: Sampler | Greedy, max_frames: int, prefix: Prefix | None) -> _Row:
        """Read `prompt` (1 + N, T), on the CPU; frames come with the steps that follow."""
        assert self.n_rows < self.max_rows
        n_prompt = prompt.shape[1]
        self._stepper.reserve(self.max_rows, n_prompt + max_frames, n_kept=self.n_rows)
        row = _Row(choose, n_prompt, max_frames)
        self._stepper.begin(self.n_rows, prompt, choose, prefix)
        self._rows.append(row)
        return row

    @torch.inference_mode()
    def leave(self, row: _Row) -> None:
        """No more frames for `row`, if it is still there: the last one takes its place."""
        if row not in self._rows:
            return
        place, last = self._rows.index(row), self._rows.pop()
        if last is not row:
            self._stepper.state.move(self.n_rows, place, last.n_positions)
            self._rows[place] = last

    @torch.inference_mode()
    def step(self) -> None:
        """A frame for each row. One that is over, or has all its frames, leaves."""
        stepper = self._stepper
        for place, row in enumerate(self._rows):
            stepper.state.fill_noise(place, row.choose)
        stepper.run(stepper.size_for(self.n_rows), max(row.n_positions for row in self._rows))
        said = stepper.plan.capturer.post(stepper.state.said[: self.n_rows]).read()
        for row, codes in zip(tuple(self._rows), said, strict=True):
            row.n_positions += 1
            row.n_left -= 1
            if not codes[-1]:
                row.frames.append(codes[:-1])
            if codes[-1] or row.n_left == 0:
                row.frames.append(None)
                self.leave(row)


class Lane:
    """One row after the other of a batch, for whoever takes frames from a `Stepper`: see `DualAr.stepper`."""

    is_busy = False

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    def generate(
        self,
        prompt: Tensor,
        choose: Sampler | Greedy,
        max_frames: int,
        cancel: CancelToken | None,
        prefix: Prefix | None,
    ) -> Iterator[Tensor]:
        """As `Stepper.generate`. Asking for a frame makes one for every other lane too."""
        if max_frames < 1:
            return
        row = self._batch.join(prompt, choose, max_frames, prefix)
        try:
            while cancel is None or not cancel.cancelled:
                while not row.frames:
                    self._batch.step()
                codes = row.frames.popleft()
                if codes is None:
                    return
                yield codes
        finally:
            self._batch.leave(row)
