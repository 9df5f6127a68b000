"""The pretended card refuses what a real one would, and leaves nothing behind."""

from __future__ import annotations

import gc
from collections.abc import Callable

import pytest
import torch
from fake_cuda import GTX_1660, RTX_4060_TI, fake_card
from fake_streams import CaptureError, OrderError
from torch import Tensor

CUDA = torch.device("cuda")


def captured(run: Callable[[Tensor], object], *generators: torch.Generator) -> torch.cuda.CUDAGraph:
    x = torch.ones(4, device=CUDA)
    graph = torch.cuda.CUDAGraph()
    for generator in generators:
        graph.register_generator_state(generator)
    with torch.cuda.graph(graph):
        run(x)
    return graph


QUESTIONS: dict[str, Callable[[Tensor], object]] = {
    "item": lambda x: x.sum().item(),
    "bool": lambda x: bool((x > 0).all()),
    "if": lambda x: 1 if x.sum() > 2 else 0,
    "equal": lambda x: torch.equal(x, x),
    "cpu": lambda x: x.cpu(),
    "copy to pageable memory": lambda x: torch.empty(4).copy_(x, non_blocking=True),
    "copy that waits": lambda x: torch.empty(4, pin_memory=True).copy_(x),
    "a list from the host": lambda x: x + torch.tensor([1.0, 2.0, 3.0, 4.0], device=CUDA),
    "an index of the host": lambda x: x[torch.tensor([1, 2])],
    "synchronize": lambda _: torch.cuda.synchronize(),
    "event": lambda _: torch.cuda.Event().synchronize(),
    "stream": lambda _: torch.cuda.current_stream().synchronize(),
    "empty_cache": lambda _: torch.cuda.empty_cache(),
    "noise of a generator that the graph does not know": lambda x: x.exponential_(generator=torch.Generator(CUDA)),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_nothing_in_a_captured_region_may_ask_the_host(question: str) -> None:
    with fake_card() as card:
        with pytest.raises(CaptureError):
            captured(QUESTIONS[question])
        if "generator" not in question:
            QUESTIONS[question](torch.ones(4, device=CUDA))  # elsewhere it may
        assert card.streams.capture is None


def test_what_a_device_does_alone_is_captured_and_repeated() -> None:
    with fake_card() as card:
        generator = torch.Generator(CUDA).manual_seed(3)
        late = torch.empty(4, pin_memory=True)

        def run(x: Tensor) -> None:
            y = (x * 2 + torch.arange(4, device=CUDA)).sort().values.exponential_(generator=generator)
            late.copy_(y, non_blocking=True)

        graph = captured(run, generator)
        before = card.n_questions
        with pytest.raises(OrderError, match="no more"):  # x, which only `captured` held
            graph.replay()
        assert card.n_questions == before
        x = torch.ones(4, device=CUDA)
        graph = torch.cuda.CUDAGraph()
        with pytest.raises(CaptureError, match="before"):
            graph.replay()
        with torch.cuda.graph(graph):
            y = x + 1
        graph.replay()
        assert y.cpu().shape == (4,)
        assert card.n_questions == before + 1


def test_two_devices_in_one_operator_are_refused() -> None:
    with fake_card():
        with pytest.raises(RuntimeError, match="device"):
            _ = torch.ones(4, device=CUDA) + torch.ones(4)
        with pytest.raises(RuntimeError, match="generator"):
            torch.ones(4, device=CUDA).exponential_(generator=torch.Generator())
        assert (torch.ones(4) + 1).tolist() == [2, 2, 2, 2]  # of the CPU's tensors nothing is pretended


def test_a_stream_may_not_read_what_another_writes_without_waiting() -> None:
    with fake_card():
        side = torch.cuda.Stream()
        x = torch.ones(4, device=CUDA)
        with torch.cuda.stream(side):
            with pytest.raises(OrderError):
                _ = x + 1
            side.wait_stream(torch.cuda.default_stream())
            y = x + 1
            done = torch.cuda.Event()
            done.record()
        with pytest.raises(OrderError):
            _ = y + 1
        torch.cuda.current_stream().wait_event(done)
        _ = y + 1


def test_memory_is_counted_runs_out_and_comes_back() -> None:
    with fake_card(GTX_1660) as card:
        x = torch.empty(2**30, dtype=torch.uint8, device=CUDA)
        view = x[:10].view(2, 5)
        assert card.used_bytes == torch.cuda.memory_allocated() == 2**30
        with pytest.raises(torch.OutOfMemoryError):
            torch.empty(6 * 2**30, dtype=torch.uint8, device=CUDA)
        del x
        assert card.used_bytes == 2**30  # the view's
        del view
        gc.collect()
        assert card.used_bytes == 0
        assert torch.cuda.memory_reserved() == 2**30
        torch.cuda.empty_cache()
        assert torch.cuda.memory_reserved() == 0
        assert torch.cuda.max_memory_allocated() == 2**30


def test_afterwards_all_is_as_it_was() -> None:
    names = ("is_available", "Stream", "Event", "CUDAGraph", "stream", "mem_get_info", "get_device_properties")
    before = [getattr(torch.cuda, name) for name in names]
    generator, default = torch.Generator, torch.cuda.graph.default_capture_stream
    with fake_card(RTX_4060_TI):
        assert torch.cuda.is_available()
        assert torch.cuda.get_device_name() == RTX_4060_TI.name
        captured(lambda x: x + 1)
    assert [getattr(torch.cuda, name) for name in names] == before
    assert torch.Generator is generator
    assert torch.cuda.graph.default_capture_stream is default
    assert torch.ones(3).sum().item() == 3
