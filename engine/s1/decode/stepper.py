"""Frames by static steps: the step captured once for each shape, and frames read a little behind those being made."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.s1.decode.graph_backend import Capturer, Letter, Run
from engine.s1.decode.prefix_cache import Prefix, read_beginning
from engine.s1.decode.state import FIRST_BUCKET, Logits, Stacks, StaticStep, StepState, bucket_of
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.layers import KvCache
from engine.s1.model.sampling import Greedy, Sampler
from engine.types import CancelToken

USUAL_POSITIONS = 2048
"""What is set aside at first: a voice of 30 s and a minute of speech. More is made when it is asked for."""


@dataclass(frozen=True, slots=True)
class StepPlan:
    """How steps are computed: `make_stacks(max_rows, max_positions)`, and what captures them."""

    make_stacks: Callable[[int, int], Stacks]
    capturer: Capturer
    first_bucket: int = FIRST_BUCKET
    row_sizes: tuple[int, ...] = ()
    """Numbers of rows to make steps for, ascending; none: for every number."""


class Stepper:
    """One generation at a time: `is_busy` meanwhile."""

    def __init__(self, model: DualAr, plan: StepPlan, n_rows: int = 1, n_positions: int = USUAL_POSITIONS) -> None:
        self.model, self.plan = model, plan
        self.is_busy = False
        self._make(n_rows, n_positions)

    def _make(self, n_rows: int, n_positions: int) -> None:
        c = self.model.config
        max_positions = bucket_of(min(n_positions, c.max_seq_len), self.plan.first_bucket, c.max_seq_len)
        self._runs: dict[tuple[int, int], Run] = {}
        self.state = StepState(self.model, n_rows, max_positions)
        self._step = StaticStep(self.model, self.plan.make_stacks(n_rows, max_positions), self.state)

    def reserve(self, n_rows: int, n_positions: int, n_kept: int = 0) -> None:
        """Room for so many; the first `n_kept` rows stay what they are."""
        if n_rows <= self.state.n_rows and n_positions <= self.state.max_positions:
            return
        n_rows, n_positions = max(n_rows, self.state.n_rows), max(n_positions, self.state.max_positions)
        kept = self.state if n_kept else None
        del self.state, self._step, self._runs  # first, because there may not be room for both
        self._make(n_rows, n_positions)
        if kept is not None:
            with torch.inference_mode():
                self.state.take_over(kept, n_kept)

    def buckets(self) -> list[int]:
        """Every number of positions that a step may look at."""
        found = [bucket_of(1, self.plan.first_bucket, self.state.max_positions)]
        while found[-1] < self.state.max_positions:
            found.append(bucket_of(found[-1] + 1, self.plan.first_bucket, self.state.max_positions))
        return found

    def size_for(self, n_rows: int) -> int:
        """How many rows to run for `n_rows` of them: the rest is computed for nobody."""
        return min((n for n in self.plan.row_sizes if n >= n_rows), default=n_rows)

    @torch.inference_mode()
    def run(self, n_rows: int, n_positions: int) -> Logits:
        """A step of the first `n_rows` rows, of which none stands beyond position `n_positions` - 1.

        The logits are valid until the next step.
        """
        n_seen = bucket_of(n_positions, self.plan.first_bucket, self.state.max_positions)
        return self._captured(n_rows, n_seen)()

    def capture(self, n_rows: int, n_seen: int) -> None:
        """Do now what the first step of that shape would do."""
        with torch.inference_mode():
            self._captured(n_rows, n_seen)

    def _captured(self, n_rows: int, n_seen: int) -> Run:
        made = self._runs.get((n_rows, n_seen))
        if made is None:
            small = self.state.small()
            before = [buffer.clone() for buffer in small]
            made = self.plan.capturer.capture(lambda: self._step.run(n_rows, n_seen))
            for buffer, value in zip(small, before, strict=True):
                buffer.copy_(value)
            self._runs[n_rows, n_seen] = made
        return made

    @torch.inference_mode()
    def begin(self, row: int, prompt: Tensor, choose: Sampler | Greedy, prefix: Prefix | None) -> None:
        """Read `prompt` (1 + N, T), on the CPU, but for its last position, which the row's first step reads."""
        n_prompt = prompt.shape[1]
        on_device = prompt.to(self.model.device)
        is_alone = self.state.n_rows == 1
        cache = KvCache.over(self.state.memory) if is_alone else self.model.slow_cache(n_prompt)
        read_beginning(self.model, prompt, on_device, prefix, cache)
        if cache.length < n_prompt - 1:
            self.model.slow(on_device[None, :, cache.length : n_prompt - 1], cache)
        if not is_alone:
            self.state.put(row, cache)
        self.state.begin(row, on_device[:, -1], n_prompt - 1, choose)

    def generate(
        self,
        prompt: Tensor,
        choose: Sampler | Greedy,
        max_frames: int,
        cancel: CancelToken | None,
        prefix: Prefix | None,
    ) -> Iterator[Tensor]:
        """As `generate.generate`, whose checks were made; the codes are on the CPU."""
        assert not self.is_busy
        self.is_busy = True
        try:
            self.reserve(1, prompt.shape[1] + max_frames)
            self.begin(0, prompt, choose, prefix)
            under_way: deque[Letter] = deque()
            n_begun = 0
            for _ in range(max_frames):
                if cancel is not None and cancel.cancelled:
                    return
                while n_begun < max_frames and len(under_way) <= self.plan.capturer.lag:
                    under_way.append(self._begin_frame(choose, prompt.shape[1] + n_begun))
                    n_begun += 1
                said = under_way.popleft().read()
                if said[-1]:
                    return
                yield said[:-1]
        finally:
            self.is_busy = False

    @torch.inference_mode()
    def _begin_frame(self, choose: Sampler | Greedy, n_positions: int) -> Letter:
        self.state.fill_noise(0, choose)
        self.run(1, n_positions)
        return self.plan.capturer.post(self.state.said[0])
