"""Several rows side by side: each gets the frames that it would get alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from shapes import VARIANTS, CheckpointWriter
from stepping import CPU, LateCapturer, frames, prompt_of, sampler
from torch import Tensor

from engine.s1.checkpoint.load import load_dual_ar
from engine.s1.decode.attempts import plan_of
from engine.s1.decode.graph_backend import Uncaptured
from engine.s1.decode.native_backend import NativeStacks
from engine.s1.decode.rows import Batch, Lane
from engine.s1.decode.side_by_side import BatchRoom
from engine.s1.decode.stepper import Stepper, StepPlan
from engine.s1.decode.verify import verify
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.sampling import Greedy, Sampler
from engine.s1.native.dual_ar import NativeDualAr
from engine.s1.native.kernels import Kernels
from engine.types import CancelToken


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    return Kernels(tmp_path_factory.mktemp("kernels"), n_threads=2)


def load(folder: Path, kernels: Kernels | None) -> DualAr:
    return load_dual_ar(folder, CPU, torch.float32, kernels=kernels)[1]


def open_batch(model: DualAr, n_rows: int = 3, capturer: Uncaptured | None = None) -> Batch:
    """With less room than is needed, and buckets of 16 and up."""
    if isinstance(model, NativeDualAr):
        plan = StepPlan(lambda *_: NativeStacks(model, n_rows), capturer or Uncaptured(), 16)
    else:
        plan = replace(plan_of(model, capturer or Uncaptured(), None), first_bucket=16)
    return Batch(Stepper(model, plan, n_rows, 16), n_rows)


def prompts(model: DualAr) -> list[Tensor]:
    return [prompt_of(model, n_text, n_frames) for n_text, n_frames in ((3, 2), (12, 14), (30, 5))]


def take(batch: Batch, prompts: list[Tensor], choosers: Sequence[Sampler | Greedy], counts: list[int]) -> list[Tensor]:
    """Every lane's frames (N, n); a frame from each in turn."""
    lanes = [
        Lane(batch).generate(prompt, choose, n, None, None)
        for prompt, choose, n in zip(prompts, choosers, counts, strict=True)
    ]
    found: list[list[Tensor]] = [[] for _ in lanes]
    for _ in range(max(counts) + 1):
        for lane, of in zip(lanes, found, strict=True):
            if (codes := next(lane, None)) is not None:
                of.append(codes)
    assert all(next(lane, None) is None for lane in lanes)
    return [torch.stack(of, dim=1) for of in found]


COUNTS = [25, 9, 14]


@pytest.mark.parametrize("variant", VARIANTS)
def test_rows_do_not_notice_each_other_in_any_shape(
    variant: str, write_checkpoint: CheckpointWriter, kernels: Kernels
) -> None:
    """Prompts of different lengths, ends at different times; by operators and by kernels."""
    folder = write_checkpoint(**VARIANTS[variant])
    for model in (load(folder, None), load(folder, kernels)):
        for choosers in (lambda: [Greedy()] * 3, lambda: [sampler(1), Greedy(), sampler(2, 0.5, 0.9, 1.3)]):
            expected = [frames(model, c, n, p) for p, c, n in zip(prompts(model), choosers(), COUNTS, strict=True)]
            batch = open_batch(model)
            found = take(batch, prompts(model), choosers(), COUNTS)
            for one, alone in zip(found, expected, strict=True):
                assert torch.equal(one, alone)
            assert batch.n_rows == 0


def test_captured_for_some_numbers_of_rows_only(tiny_checkpoint: Path) -> None:
    """What is computed for nobody disturbs nobody."""
    model, capturer = load(tiny_checkpoint, None), LateCapturer()
    choosers = [sampler(1), sampler(2), sampler(3)]
    expected = [frames(model, c, n, p) for p, c, n in zip(prompts(model), choosers, COUNTS, strict=True)]
    plan = replace(plan_of(model, capturer, None), row_sizes=(1, 4))
    batch = Batch(Stepper(model, plan, 4, 128), 4)
    found = take(batch, prompts(model), [sampler(1), sampler(2), sampler(3)], COUNTS)
    for one, alone in zip(found, expected, strict=True):
        assert torch.equal(one, alone)
    assert capturer.n_captured == 2  # for one row and for four, 128 positions


def test_the_end_of_speech_is_each_rows_own(tiny_checkpoint: Path) -> None:
    model = load(tiny_checkpoint, None)
    model.output.weight[model.im_end_id] *= 3
    seeds = list(range(6))
    expected = [frames(model, sampler(seed), 60) for seed in seeds]
    assert len({found.shape[1] for found in expected}) > 2
    batch = open_batch(model, 6)
    lanes = [Lane(batch).generate(prompt_of(model), sampler(seed), 60, None, None) for seed in seeds]
    for lane, alone in zip(lanes, expected, strict=True):  # one after the other: the others' frames wait for them
        assert torch.equal(torch.stack(list(lane), dim=1), alone)


def test_a_row_that_is_left_or_cancelled_makes_room(tiny_checkpoint: Path) -> None:
    model = load(tiny_checkpoint, None)
    expected = frames(model, sampler(3), 12)
    batch = open_batch(model, 3)
    cancel = CancelToken()
    first = Lane(batch).generate(prompts(model)[0], sampler(1), 50, None, None)
    second = Lane(batch).generate(prompts(model)[2], sampler(2), 50, cancel, None)
    third = Lane(batch).generate(prompt_of(model), sampler(3), 12, None, None)
    found = [[next(lane) for lane in (first, second, third)][2]]
    first.close()  # type: ignore[attr-defined]
    assert batch.n_rows == 2
    found.append(next(third))
    cancel.cancel()
    assert next(second, None) is None
    assert batch.n_rows == 1
    found += list(third)
    assert torch.equal(torch.stack(found, dim=1), expected)


def test_a_batch_proves_itself_as_a_single_row_does(tiny_checkpoint: Path, kernels: Kernels) -> None:
    for model in (load(tiny_checkpoint, None), load(tiny_checkpoint, kernels)):
        verify(open_batch(model, 4)._stepper, row=3, n_rows=4)


def test_room_is_opened_for_what_there_is(tiny_checkpoint: Path, kernels: Kernels) -> None:
    for model in (load(tiny_checkpoint, None), load(tiny_checkpoint, kernels)):
        room = BatchRoom(model)
        assert room.open(3).max_rows == 3
        assert room.open(50).max_rows == room.max_batch == 8
