"""Several rows side by side: each gets the frames that it would get alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from shapes import VARIANTS, CheckpointWriter
from stepping import CPU, LateCapturer, frames, graphs, prompt_of, sampler
from torch import Tensor

from engine.machine.device import choose_precision
from engine.s1.checkpoint.load import load_dual_ar
from engine.s1.decode.decoder import Decoder, backend_of
from engine.s1.decode.graph_backend import GraphBackend
from engine.s1.decode.plain_backend import PlainBackend
from engine.s1.decode.rows import Rows, generate
from engine.s1.decode.stepper import Stepper
from engine.s1.decode.verify import verify
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.sampling import Greedy, Sampler
from engine.s1.native.kernels import Kernels
from engine.types import CancelToken


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    return Kernels(tmp_path_factory.mktemp("kernels"), n_threads=2)


def load(folder: Path, kernels: Kernels | None) -> DualAr:
    return load_dual_ar(folder, CPU, torch.float32, kernels=kernels)[1]


def open_rows(model: DualAr, n_rows: int = 3) -> Rows:
    """With less room than is needed."""
    return Rows(Stepper(backend_of(model), n_rows, 16))


def prompts(model: DualAr) -> list[Tensor]:
    return [prompt_of(model, n_text, n_frames) for n_text, n_frames in ((3, 2), (12, 14), (30, 5))]


def take(rows: Rows, prompts: list[Tensor], choosers: Sequence[Sampler | Greedy], counts: list[int]) -> list[Tensor]:
    """Every generation's frames (N, n); a frame from each in turn."""
    generations = [
        generate(rows, prompt, choose, n) for prompt, choose, n in zip(prompts, choosers, counts, strict=True)
    ]
    found: list[list[Tensor]] = [[] for _ in generations]
    for _ in range(max(counts) + 1):
        for one, of in zip(generations, found, strict=True):
            if (codes := next(one, None)) is not None:
                of.append(codes)
    assert all(next(one, None) is None for one in generations)
    return [torch.stack(of, dim=1) for of in found]


COUNTS = [25, 9, 14]


@pytest.mark.slow
@pytest.mark.parametrize("variant", VARIANTS)
def test_rows_do_not_notice_each_other_in_any_shape(
    variant: str, write_checkpoint: CheckpointWriter, kernels: Kernels
) -> None:
    """Prompts of different lengths, ends at different times, each its own settings; by operators and by kernels."""
    folder = write_checkpoint(**VARIANTS[variant])
    for model in (load(folder, None), load(folder, kernels)):
        choosers, again = ([sampler(1), Greedy(), sampler(2, 0.5, 0.9, 1.3)] for _ in range(2))
        expected = [frames(model, c, n, p) for p, c, n in zip(prompts(model), again, COUNTS, strict=True)]
        rows = open_rows(model)
        found = take(rows, prompts(model), choosers, COUNTS)
        for one, alone in zip(found, expected, strict=True):
            assert torch.equal(one, alone)
        assert rows.n_rows == 0
        assert rows.is_free


def test_captured_for_some_numbers_of_rows_only(tiny_checkpoint: Path) -> None:
    """What is computed for nobody disturbs nobody."""
    model, capturer = load(tiny_checkpoint, None), LateCapturer()
    choosers = [sampler(1), sampler(2), sampler(3)]
    expected = [frames(model, c, n, p) for p, c, n in zip(prompts(model), choosers, COUNTS, strict=True)]
    backend = GraphBackend(PlainBackend(model), capturer, row_sizes=(1, 4))
    rows = Rows(Stepper(backend, 4, 128))
    found = take(rows, prompts(model), [sampler(1), sampler(2), sampler(3)], COUNTS)
    for one, alone in zip(found, expected, strict=True):
        assert torch.equal(one, alone)
    assert capturer.n_captured == 2  # for one row and for four, 128 positions


@pytest.mark.slow
def test_the_end_of_speech_is_each_rows_own(tiny_checkpoint: Path) -> None:
    model = load(tiny_checkpoint, None)
    model.output.weight[model.im_end_id] *= 3
    seeds = list(range(6))
    expected = [frames(model, sampler(seed), 60) for seed in seeds]
    assert len({found.shape[1] for found in expected}) > 2
    for backend in (backend_of(model), graphs(model, LateCapturer())):
        rows = Rows(Stepper(backend, 6, 16))
        generations = [generate(rows, prompt_of(model), sampler(seed), 60) for seed in seeds]
        for one, alone in zip(generations, expected, strict=True):  # one after the other: the others' frames wait
            assert torch.equal(torch.stack(list(one), dim=1), alone)


def test_a_row_that_is_left_or_cancelled_makes_room(tiny_checkpoint: Path) -> None:
    model = load(tiny_checkpoint, None)
    expected = frames(model, sampler(3), 12)
    rows = open_rows(model, 3)
    cancel = CancelToken()
    first = generate(rows, prompts(model)[0], sampler(1), 50)
    second = generate(rows, prompts(model)[2], sampler(2), 50, cancel)
    third = generate(rows, prompt_of(model), sampler(3), 12)
    found = [[next(one) for one in (first, second, third)][2]]
    first.close()  # type: ignore[attr-defined]
    assert rows.n_rows == 2
    found.append(next(third))
    cancel.cancel()
    assert next(second, None) is None
    assert rows.n_rows == 1
    found += list(third)
    assert torch.equal(torch.stack(found, dim=1), expected)


def test_a_batch_proves_itself_as_a_single_row_does(tiny_checkpoint: Path, kernels: Kernels) -> None:
    for model in (load(tiny_checkpoint, None), load(tiny_checkpoint, kernels)):
        verify(Stepper(backend_of(model), 4, 16), row=3, n_rows=4)


def test_there_are_rows_for_what_there_is(tiny_checkpoint: Path, kernels: Kernels) -> None:
    for library in (None, kernels):
        tokenizer, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32, kernels=library)
        decoder = Decoder(tokenizer, model, choose_precision(CPU, "float32"))
        assert decoder.rows_for(3).max_rows == 3
        assert decoder.rows_for(50).max_rows == decoder.max_batch == 8


def test_batches_of_captured_steps_keep_what_is_captured(tiny_checkpoint: Path) -> None:
    tokenizer, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    expected = [frames(model, sampler(seed), 9) for seed in (1, 2, 3)]
    capturer = LateCapturer()
    captured = Stepper(GraphBackend(PlainBackend(model), capturer))
    decoder = Decoder(tokenizer, model, choose_precision(CPU, "float32"), "graph", captured)
    for _ in range(2):
        rows = decoder.rows_for(3)
        found = take(rows, [prompt_of(model)] * 3, [sampler(seed) for seed in (1, 2, 3)], [9] * 3)
        for one, alone in zip(found, expected, strict=True):
            assert torch.equal(one, alone)
        assert rows.max_rows == 3
    assert capturer.n_captured == 4  # for eight rows, which are proven, and one, two and four of them
