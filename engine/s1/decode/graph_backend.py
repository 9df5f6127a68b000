"""The backend of captured graphs: the plain step, repeated by the device itself, and frames read a little behind.

A graph is captured once for each number of rows and each bucket of positions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.s1.decode.backend import Logits, Pending
from engine.s1.decode.plain_backend import Compiler, PlainBackend, PlainStep
from engine.s1.decode.state import RowState
from engine.s1.model.dual_ar import DualAr

FIRST_BUCKET = 128
"""Attention looks at the first 128, 256, 512, … positions: the fewest that hold what is there."""
RECOMPILE_LIMIT = 256
"""Shapes that one function may be compiled for: stacks, batch sizes and buckets multiply. PyTorch's own limit is 8."""

Run = Callable[[], Logits]
Send = Callable[[Tensor], Pending]


class Capturer(Protocol):
    """What a device offers for captured steps."""

    @property
    def lag(self) -> int:
        """How many steps to begin before the first is read."""
        ...

    def capture(self, run: Run) -> Run:
        """Make a faster form of `run`. It calls `run` a few times, so that its state moves on meanwhile."""
        ...

    def sender(self) -> Send:
        """Make a function that sends what is in a tensor now, and does not wait."""
        ...


class GraphBackend:
    """Computes frames by graphs of the plain backend's steps."""

    def __init__(
        self,
        plain: PlainBackend,
        capturer: Capturer,
        first_bucket: int = FIRST_BUCKET,
        row_sizes: Sequence[int] = (),
    ) -> None:
        """`row_sizes`: numbers of rows to capture steps for, ascending; none: for every number."""
        self._plain, self.capturer = plain, capturer
        self.first_bucket, self.row_sizes = first_bucket, tuple(row_sizes)

    @property
    def model(self) -> DualAr:
        return self._plain.model

    @property
    def lag(self) -> int:
        return self.capturer.lag

    def for_rows(self, row_sizes: Sequence[int]) -> GraphBackend:
        """Make the same, what is compiled included, for other numbers of rows."""
        return GraphBackend(self._plain, self.capturer, self.first_bucket, row_sizes)

    def room_for(self, n_positions: int) -> int:
        return bucket_of(n_positions, self.first_bucket, self.model.config.max_seq_len)

    def read(self, columns: Tensor, state: RowState, row: int, start: int) -> None:
        self._plain.read(columns, state, row, start)

    def open(self, state: RowState) -> GraphStep:
        return GraphStep(self, PlainStep(self._plain, state, is_exact=False))


class GraphStep:
    """Repeats a plain step, captured when it is first asked for in that shape."""

    def __init__(self, backend: GraphBackend, plain: PlainStep) -> None:
        self._backend, self._plain = backend, plain
        self._send = backend.capturer.sender()
        self._runs: dict[tuple[int, int], Run] = {}

    def buckets(self) -> list[int]:
        """List every number of positions that a step may look at."""
        found = [self._bucket(1)]
        while found[-1] < self._plain.state.max_positions:
            found.append(self._bucket(found[-1] + 1))
        return found

    def capture(self, n_rows: int, n_positions: int) -> None:
        """Do now what the first step of that shape would do."""
        self._captured(n_rows, self._bucket(n_positions))

    @torch.inference_mode()
    def run(self, n_rows: int, n_positions: int) -> Logits:
        return self._captured(n_rows, self._bucket(n_positions))()

    def send(self, n_rows: int) -> Pending:
        return self._send(self._plain.state.said[:n_rows])

    def _bucket(self, n_positions: int) -> int:
        return bucket_of(n_positions, self._backend.first_bucket, self._plain.state.max_positions)

    @torch.inference_mode()
    def _captured(self, n_rows: int, n_seen: int) -> Run:
        """For as many rows as there is a size for: the rest is computed for nobody."""
        size = min((n for n in self._backend.row_sizes if n >= n_rows), default=n_rows)
        made = self._runs.get((size, n_seen))
        if made is None:
            small = self._plain.state.small()
            before = [buffer.clone() for buffer in small]
            made = self._backend.capturer.capture(lambda: self._plain.run(size, n_seen))
            for buffer, value in zip(small, before, strict=True):
                buffer.copy_(value)
            self._runs[size, n_seen] = made
        return made


def bucket_of(n_positions: int, first: int, max_positions: int) -> int:
    """Tell how many positions to look at, to see `n_positions` of them."""
    bucket = min(first, max_positions)
    while bucket < n_positions:
        bucket = min(2 * bucket, max_positions)
    return bucket


class CudaCapturer:
    """CUDA graphs, which share their memory: only one of them runs at a time."""

    lag = 2

    def __init__(self) -> None:
        self._pool = torch.cuda.graph_pool_handle()

    def capture(self, run: Run) -> Run:
        before = torch.cuda.current_stream()
        aside = torch.cuda.Stream()
        aside.wait_stream(before)
        with torch.cuda.stream(aside):
            for _ in range(2):  # compiles, and lets libraries make their workspaces, none of which may be captured
                run()
        before.wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):  # the codec has a thread
            logits = run()

        def replay() -> Logits:
            graph.replay()
            return logits

        return replay

    def sender(self) -> Send:
        slots: list[_Pinned] = []

        def send(tensor: Tensor) -> Pending:
            if not slots or not slots[0].fits(tensor):
                slots[:] = [_Pinned(tensor) for _ in range(self.lag + 2)]
            slot = slots.pop(0)  # in turn: the oldest was read long ago
            slots.append(slot)
            slot.fill(tensor)
            return slot

        return send


class _Pinned:
    """Memory that the device writes by itself, and the event after it has."""

    def __init__(self, tensor: Tensor) -> None:
        self._tensor = torch.empty(tensor.shape, dtype=tensor.dtype, pin_memory=True)
        self._event = torch.cuda.Event()

    def fits(self, tensor: Tensor) -> bool:
        return self._tensor.shape == tensor.shape and self._tensor.dtype == tensor.dtype

    def fill(self, tensor: Tensor) -> None:
        self._tensor.copy_(tensor, non_blocking=True)
        self._event.record()

    def read(self) -> Tensor:
        self._event.synchronize()
        return self._tensor.clone()


def compiler(backend: str | Callable[..., Any] = "inductor", options: dict[str, Any] | None = None) -> Compiler:
    """Make PyTorch's compiler, which takes each function as one graph for each of its shapes.

    `backend` and `options` are `torch.compile`'s.
    """

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        made = torch.compile(function, fullgraph=True, dynamic=False, backend=backend, options=options)

        def call(*arguments: Any) -> Any:
            with _many_shapes():
                return made(*arguments)

        return call

    return compiled


@contextmanager
def _many_shapes() -> Iterator[None]:
    import torch._dynamo  # takes a second, and most backends do without

    with torch._dynamo.config.patch(recompile_limit=RECOMPILE_LIMIT, accumulated_recompile_limit=4 * RECOMPILE_LIMIT):
        yield
