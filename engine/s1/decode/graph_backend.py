"""From a step that is computed operator by operator to one that the device repeats by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import torch
from torch import Tensor

from engine.s1.decode.plain_backend import Compiler
from engine.s1.decode.state import Logits

Run = Callable[[], Logits]
RECOMPILE_LIMIT = 256
"""Shapes that one function may be compiled for: stacks, batch sizes and buckets multiply. PyTorch's own limit is 8."""


class Letter(Protocol):
    """Something on its way from the device."""

    def read(self) -> Tensor:
        """Wait until it is here: a tensor on the CPU."""
        ...


class Capturer(Protocol):
    @property
    def lag(self) -> int:
        """How many frames to begin before the first is read."""
        ...

    def capture(self, run: Run) -> Run:
        """A faster form of `run`. It calls `run` a few times, so that its state moves on meanwhile."""
        ...

    def post(self, tensor: Tensor) -> Letter:
        """Send what is in `tensor` now, and do not wait."""
        ...


class _Here:
    def __init__(self, tensor: Tensor) -> None:
        self._tensor = tensor

    def read(self) -> Tensor:
        return self._tensor


class Uncaptured:
    """Calls the step as it is, on any device."""

    lag = 0

    def capture(self, run: Run) -> Run:
        return run

    def post(self, tensor: Tensor) -> Letter:
        return _Here(tensor.cpu().clone())


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


class CudaCapturer:
    """CUDA graphs, which share their memory: only one of them runs at a time."""

    lag = 2

    def __init__(self) -> None:
        self._pool = torch.cuda.graph_pool_handle()
        self._slots: list[_Pinned] = []

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

    def post(self, tensor: Tensor) -> Letter:
        if not self._slots or not self._slots[0].fits(tensor):
            self._slots = [_Pinned(tensor) for _ in range(self.lag + 2)]
        slot = self._slots.pop(0)  # in turn: the oldest was read long ago
        self._slots.append(slot)
        slot.fill(tensor)
        return slot


def compiler(backend: str | Callable[..., Any] = "inductor", options: dict[str, Any] | None = None) -> Compiler:
    """PyTorch's, each function as one graph for each of its shapes. `options` are the backend's."""

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        made = torch.compile(function, fullgraph=True, dynamic=False, backend=backend, options=options)

        def call(*arguments: Any) -> Any:
            with _many_shapes():
                return made(*arguments)

        return call

    return compiled


@contextmanager
def _many_shapes() -> Iterator[None]:
    import torch._dynamo  # takes a second, and most ways of computing do without

    with torch._dynamo.config.patch(recompile_limit=RECOMPILE_LIMIT, accumulated_recompile_limit=4 * RECOMPILE_LIMIT):
        yield
