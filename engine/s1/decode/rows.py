"""The loop that makes frames: a step makes one for each row, and reads the weights once for all of them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import torch
from torch import Tensor

from engine.errors import PromptTooLongError
from engine.s1.decode.backend import Backend, Pending
from engine.s1.decode.prefix_cache import Prefix
from engine.s1.decode.stepper import Stepper
from engine.s1.model.sampling import Greedy, Sampler
from engine.types import CancelToken


class Row:
    """One generation: where it stands, and its frames that nobody took yet; None after the last."""

    def __init__(self, choose: Sampler | Greedy, n_positions: int, max_frames: int) -> None:
        self.choose, self.n_positions = choose, n_positions
        self.n_to_begin = self.n_to_read = max_frames
        self.is_over = False
        self.frames: deque[Tensor | None] = deque()


class Rows:
    """Generations side by side, one or many. They join and leave at any time; those that still have frames to begin
    always stand first in the stepper's state."""

    def __init__(self, stepper: Stepper, max_rows: int | None = None) -> None:
        """Places for `max_rows` generations, by default as many as the stepper has."""
        self._stepper = stepper
        self.max_rows = max_rows or stepper.state.n_rows
        self._rows: list[Row] = []
        self._members: set[Row] = set()
        self._under_way: deque[tuple[tuple[Row, ...], Pending]] = deque()

    @classmethod
    def of(cls, backend: Backend, n_rows: int = 1) -> Rows:
        """Make rows that have little room at first."""
        return cls(Stepper(backend, n_rows))

    @property
    def backend(self) -> Backend:
        return self._stepper.backend

    @property
    def n_rows(self) -> int:
        """How many are computed in a step now."""
        return len(self._rows)

    @property
    def is_free(self) -> bool:
        """Whether everybody who joined has left."""
        return not self._members

    def join(self, prompt: Tensor, choose: Sampler | Greedy, max_frames: int, prefix: Prefix | None) -> Row:
        """Read `prompt` int64 (1 + N, T), on the CPU; at most `max_frames` frames come with the steps that follow."""
        assert self.n_rows < self.max_rows
        assert max_frames > 0
        n_prompt = prompt.shape[1]
        self._stepper.reserve(self.max_rows, n_prompt + max_frames, n_kept=self.n_rows)
        row = Row(choose, n_prompt, max_frames)
        self._stepper.begin(self.n_rows, prompt, choose, prefix)
        self._rows.append(row)
        self._members.add(row)
        return row

    def leave(self, row: Row) -> None:
        """Make no more frames for `row`."""
        self._members.discard(row)
        self._end(row)

    def next_frame(self, row: Row) -> Tensor | None:
        """Make the row's next codes, int64 (N,) on the CPU, or None after the last; the others get theirs too."""
        while not row.frames:
            self.step()
        return row.frames.popleft()

    @torch.inference_mode()
    def step(self) -> None:
        """Begin steps, as many as may be under way, and read the oldest: a frame for each of its rows."""
        while self._rows and len(self._under_way) <= self.backend.lag:
            self._under_way.append(self._begin_step())
        rows, said = self._under_way.popleft()
        for row, codes in zip(rows, said.read(), strict=True):
            if row.is_over:
                continue
            row.n_to_read -= 1
            if not codes[-1]:
                row.frames.append(codes[:-1])
            if codes[-1] or row.n_to_read == 0:
                row.frames.append(None)
                self._end(row)

    def _begin_step(self) -> tuple[tuple[Row, ...], Pending]:
        rows, stepper = tuple(self._rows), self._stepper
        for place, row in enumerate(rows):
            stepper.state.fill_noise(place, row.choose)
        stepper.run(len(rows), max(row.n_positions for row in rows))
        said = stepper.step.send(len(rows))
        for row in rows:
            row.n_positions += 1
            row.n_to_begin -= 1
            if row.n_to_begin == 0:
                self._remove(row)
        return rows, said

    def _end(self, row: Row) -> None:
        row.is_over = True
        self._remove(row)
        wanted = [entry for entry in self._under_way if not all(row.is_over for row in entry[0])]
        self._under_way = deque(wanted)

    @torch.inference_mode()
    def _remove(self, row: Row) -> None:
        """Take `row` out of the steps that follow, if it is still there: the last one takes its place."""
        if row not in self._rows:
            return
        place, last = self._rows.index(row), self._rows.pop()
        if last is not row:
            self._stepper.state.move(self.n_rows, place, last.n_positions)
            self._rows[place] = last


def generate(
    rows: Rows,
    prompt: Tensor,
    choose: Sampler | Greedy,
    max_frames: int,
    cancel: CancelToken | None = None,
    prefix: Prefix | None = None,
) -> Iterator[Tensor]:
    """Yield frames of codes, int64 (N,) on the CPU, until the end of speech (specification section 3).

    `prompt` is int64 (1 + N, T), on the CPU; what `prefix` knows of its beginning is not computed again. A frame that
    is asked for here is made for every other one of `rows` too. Ends without a word after `max_frames`, when prompt
    and frames fill `max_seq_len`, or within a frame of `cancel`. Raises `PromptTooLongError`.
    """
    config, n_prompt = rows.backend.model.config, prompt.shape[1]
    if n_prompt > config.max_prompt_len:
        raise PromptTooLongError(n_prompt, config.max_prompt_len)
    max_frames = min(max_frames, config.max_seq_len - n_prompt)
    if max_frames < 1:
        return
    row = rows.join(prompt, choose, max_frames, prefix)
    try:
        while cancel is None or not cancel.cancelled:
            codes = rows.next_frame(row)
            if codes is None:
                return
            yield codes
    finally:
        rows.leave(row)
