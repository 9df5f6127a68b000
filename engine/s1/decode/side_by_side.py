"""Several requests spoken side by side: each in a lane of its own, whose frames come from one batch."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

import torch

from engine.s1.decode.attempts import FAILURES, plan_of
from engine.s1.decode.graph_backend import Uncaptured
from engine.s1.decode.native_backend import NativeStacks
from engine.s1.decode.rows import Batch
from engine.s1.decode.state import FIRST_BUCKET
from engine.s1.decode.stepper import Stepper, StepPlan
from engine.s1.decode.verify import verify
from engine.s1.model.dual_ar import DualAr
from engine.s1.native.dual_ar import NativeDualAr
from engine.types import SpeechEvent, SpeechRequest

log = logging.getLogger(__name__)

MAX_BATCH = 8
"""Rows: with more, even a large GPU computes longer instead of waiting less; see tests/bench/RESULTS.md."""
USUAL_POSITIONS = 1024
"""Of a row on a GPU, where more means capturing anew: a voice of 10 to 30 s and a sentence."""
MEMORY_SHARE = 0.5
"""Of a GPU's free memory that rows may take."""

Speak = Callable[[Batch, SpeechRequest], Iterator[SpeechEvent]]


class BatchRoom:
    """Where batches of one model are made; on a GPU the room is kept for the next, because capturing takes seconds."""

    def __init__(self, model: DualAr) -> None:
        self._model = model
        self._kept: Stepper | None = None

    @property
    def max_batch(self) -> int:
        """How many rows there is memory for."""
        if self._model.device.type != "cuda" or self._kept is not None:
            return MAX_BATCH
        free_bytes, _ = torch.cuda.mem_get_info(self._model.device)
        slow = self._model.config.slow
        n_elements = slow.n_layer * 2 * slow.n_local_heads * slow.head_dim * USUAL_POSITIONS
        row_bytes = n_elements * self._model.cache_dtype.itemsize
        return max(1, min(MAX_BATCH, int(MEMORY_SHARE * free_bytes / row_bytes)))

    def open(self, n_requests: int) -> Batch:
        n_rows = min(n_requests, self.max_batch)
        if self._kept is not None:
            return Batch(self._kept, n_rows)
        if isinstance(self._model.stepper, Stepper):
            stepper = _on_gpu(self._model, self._model.stepper.plan, self.max_batch)
            self._kept = stepper
            return Batch(stepper, n_rows)
        return Batch(Stepper(self._model, _plain_plan(self._model, n_rows), n_rows, FIRST_BUCKET), n_rows)

    def close(self) -> None:
        self._kept = None


def _plain_plan(model: DualAr, n_rows: int) -> StepPlan:
    if isinstance(model, NativeDualAr):
        return StepPlan(lambda *_: NativeStacks(model, n_rows), Uncaptured())
    return plan_of(model, Uncaptured(), None)


def _on_gpu(model: DualAr, plan: StepPlan, n_rows: int) -> Stepper:
    """Captured as single frames are, once that is proven; else operator by operator."""
    sizes = tuple(2**i for i in range(n_rows.bit_length()) if 2**i < n_rows)
    try:
        stepper = Stepper(model, replace(plan, row_sizes=(*sizes, n_rows)), n_rows, USUAL_POSITIONS)
        verify(stepper, n_rows - 1, n_rows)
        return stepper
    except FAILURES as error:
        log.warning("batches are not captured here: %s", error)
    return Stepper(model, _plain_plan(model, n_rows), n_rows, USUAL_POSITIONS)


def speak_side_by_side(
    batch: Batch, requests: Sequence[SpeechRequest], speak: Speak
) -> Generator[tuple[int, SpeechEvent]]:
    """Events of `speak(batch, request)` for all of `requests`, each with its request's number. As many at a time as the
    batch has rows; when one is over, the next takes its place."""
    waiting = deque(enumerate(requests))
    lanes: deque[tuple[int, Iterator[SpeechEvent]]] = deque()
    try:
        while waiting or lanes:
            if waiting and len(lanes) < batch.max_rows:
                number, request = waiting.popleft()
                lanes.append((number, speak(batch, request)))
                number, events = lanes[-1]
            else:
                number, events = lanes.popleft()
                lanes.append((number, events))
            event = next(events, None)
            if event is None:
                lanes.pop()
            else:
                yield number, event
    finally:
        for _, events in lanes:
            if isinstance(events, Generator):
                events.close()
