"""The static step against the plain path, in every shape: the same frames, greedy and sampled, whatever computes it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
import torch
from shapes import VARIANTS, CheckpointWriter
from stepping import CPU, N_PROMPT, LateCapturer, frames, prompt_of, sampler, with_stepper
from torch import Tensor

from engine.s1.checkpoint.load import load_dual_ar
from engine.s1.decode.generate import generate
from engine.s1.decode.state import bucket_of
from engine.s1.decode.stepper import Stepper
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.sampling import Greedy
from engine.types import CancelToken


@pytest.mark.parametrize("variant", VARIANTS)
def test_its_frames_are_those_of_the_plain_path_in_every_shape(
    variant: str, write_checkpoint: CheckpointWriter
) -> None:
    _, model = load_dual_ar(write_checkpoint(**VARIANTS[variant]), CPU, torch.float32)
    choosers = [Greedy, sampler, lambda: sampler(4, 0.3, 0.95, 1.5), lambda: sampler(5, 1.0, 1.0, 0.9)]
    expected = [frames(model, make()) for make in choosers]
    with_stepper(model)
    for make, wanted in zip(choosers, expected, strict=True):
        assert torch.equal(frames(model, make()), wanted)


@torch.inference_mode()
def logits_along(model: DualAr, codes: Tensor) -> list[Tensor]:
    """The plain path's logits where it is led along `codes` (N, n): per frame (V,), then (N - 1, W)."""
    cache, fast_cache = model.slow_cache(N_PROMPT + codes.shape[1]), model.fast_cache()
    columns = torch.cat((codes[:1] + model.semantic_begin_id, codes))
    found = []
    for i, part in enumerate((prompt_of(model), *columns[:, :-1].split(1, dim=1))):
        hidden = model.slow(part[None], cache)[0, -1]
        found.append(model.legal_logits(hidden).float())
        fast_cache.length, rows = 0, []
        x = torch.stack((model.fast_input(hidden), model.fast_embeddings(codes[0, i])))[None]
        for code in codes[1:, i]:
            rows.append(model.fast(x, fast_cache)[0].float())
            x = model.fast_embeddings(code)[None, None]
        found.append(torch.stack(rows))
    return found


@torch.inference_mode()
def stepped(model: DualAr, n: int) -> tuple[Tensor, list[Tensor]]:
    """Greedy codes (N, n) by the stepper, and the logits that it chose from."""
    stepper = model.stepper
    assert isinstance(stepper, Stepper)
    stepper.reserve(1, N_PROMPT + n)
    stepper.begin(0, prompt_of(model), Greedy(), None)
    codes, logits = [], []
    for i in range(n):
        made = stepper.run(1, N_PROMPT + i)
        logits += [made.token[0].clone(), torch.stack([row[0] for row in made.residuals])]
        codes.append(stepper.state.said[0, :-1].clone())
    return torch.stack(codes, dim=1), logits


def test_its_logits_are_those_of_the_plain_path(tiny_checkpoint: Path) -> None:
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    codes, found = stepped(with_stepper(model), 12)
    torch.testing.assert_close(found, logits_along(model, codes), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    ("dtype", "bits", "largest"),
    [(torch.bfloat16, None, 0.03), (torch.float16, None, 0.01), (torch.bfloat16, 8, 0.03), (torch.bfloat16, 4, 0.03)],
)
def test_in_other_precisions_too(dtype: torch.dtype, bits: int | None, largest: float, tiny_checkpoint: Path) -> None:
    """The same weights: only what is rounded in between differs."""
    _, model = load_dual_ar(tiny_checkpoint, CPU, dtype, bits)
    codes, found = stepped(with_stepper(model), 6)
    for made, expected in zip(found, logits_along(model, codes), strict=True):
        assert (made - expected).norm() <= largest * expected.norm()


def test_frames_that_come_late_are_the_same_and_those_after_the_end_are_dropped(tiny_checkpoint: Path) -> None:
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    model.output.weight[model.im_end_id] *= 3  # ends sooner or later
    expected = {seed: frames(model, sampler(seed), 100) for seed in range(6)}
    ended = [seed for seed, found in expected.items() if found.shape[1] < 100]
    assert ended
    capturer = LateCapturer()
    with_stepper(model, capturer)
    for seed, wanted in expected.items():
        capturer.n_begun = 0
        assert torch.equal(frames(model, sampler(seed), 100), wanted)
        assert capturer.n_begun == min(100, wanted.shape[1] + (1 + capturer.lag if seed in ended else 0))


def test_it_is_captured_once_for_each_bucket_and_grows(tiny_checkpoint: Path) -> None:
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    capturer = LateCapturer()
    stepper = with_stepper(model, capturer).stepper
    assert isinstance(stepper, Stepper)
    assert stepper.buckets() == [16, 32, 64]
    for bucket in stepper.buckets():
        stepper.capture(1, bucket)
    frames(model, sampler(), 30)
    frames(model, sampler(), 30)
    assert capturer.n_captured == 3
    frames(model, sampler(), 90)
    assert stepper.buckets() == [16, 32, 64, 128]


def test_a_second_generation_beside_the_first_goes_the_plain_way(tiny_checkpoint: Path) -> None:
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    expected = [frames(model, sampler(seed), 8) for seed in (1, 2)]
    with_stepper(model)
    both = [generate(model, prompt_of(model), sampler(seed), 8) for seed in (1, 2)]
    found = list(zip(*both, strict=True))
    for i in (0, 1):
        assert torch.equal(torch.stack([pair[i] for pair in found], dim=1), expected[i])
    assert isinstance(model.stepper, Stepper)
    assert not model.stepper.is_busy


def test_cancelled_or_closed_it_can_be_used_again(tiny_checkpoint: Path) -> None:
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    expected = frames(model, sampler(), 6)
    with_stepper(model, LateCapturer())
    cancel = CancelToken()
    assert len([cancel.cancel() for _ in generate(model, prompt_of(model), sampler(1), 6, cancel)]) == 1
    closed = generate(model, prompt_of(model), sampler(1), 6)
    next(closed)
    closed.close()  # type: ignore[attr-defined]
    assert torch.equal(frames(model, sampler(), 6), expected)


def test_buckets_grow_twofold_to_the_limit() -> None:
    sizes = [bucket_of(n, 128, 1500) for n in range(1, 1501)]
    assert sorted(set(sizes)) == [128, 256, 512, 1024, 1500]
    assert all(n <= size < 2 * max(n, 128) for n, size in enumerate(sizes, 1))
    assert all(a <= b for a, b in pairwise(sizes))
    assert bucket_of(5, 128, 100) == 100
