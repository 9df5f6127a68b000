"""Each backend against the reference, in every shape: the same frames, greedy and sampled, whatever computes them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from at_once import slow_but
from shapes import UNALIKE, VARIANTS, CheckpointWriter
from stepping import CPU, N_PROMPT, LateCapturer, frames, graphs, made, prompt_of, rows_of, sampler
from torch import Tensor

from engine.machine.device import choose_precision
from engine.s1.checkpoint.load import load_dual_ar
from engine.s1.decode.backend import Backend
from engine.s1.decode.decoder import Decoder
from engine.s1.decode.graph_backend import GraphStep, bucket_of
from engine.s1.decode.plain_backend import PlainBackend
from engine.s1.decode.reference import logits_along
from engine.s1.decode.rows import Rows, generate
from engine.s1.decode.stepper import Stepper
from engine.s1.model.sampling import Greedy
from engine.types import CancelToken

BACKENDS = {"plain": PlainBackend, "graph": graphs}


@pytest.mark.parametrize("variant", slow_but(UNALIKE, VARIANTS))
def test_their_frames_are_those_of_the_reference_in_every_shape(
    variant: str, write_checkpoint: CheckpointWriter
) -> None:
    """And with every kind of settings, which know nothing of shapes, in one of them."""
    _, model = load_dual_ar(write_checkpoint(**VARIANTS[variant]), CPU, torch.float32)
    choosers = [Greedy, sampler]
    if variant == "plain":
        choosers += [lambda: sampler(4, 0.3, 0.95, 1.5), lambda: sampler(5, 1.0, 1.0, 0.9)]
    backends = [rows_of(make(model)) for make in BACKENDS.values()]
    for make in choosers:
        expected = frames(model, make())
        for rows in backends:
            assert torch.equal(made(rows, make()), expected)


@torch.inference_mode()
def stepped(backend: Backend, n: int) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """Greedy codes (N, n), and the logits that they were chosen from: (n, V) and (n, N - 1, W)."""
    stepper = Stepper(backend)
    stepper.reserve(1, N_PROMPT + n)
    stepper.begin(0, prompt_of(backend.model), Greedy(), None)
    codes, tokens, residuals = [], [], []
    for i in range(n):
        logits = stepper.run(1, N_PROMPT + i)
        tokens.append(logits.token[0].clone())
        residuals.append(torch.stack([row[0] for row in logits.residuals]))
        codes.append(stepper.state.said[0, :-1].clone())
    return torch.stack(codes, dim=1), (torch.stack(tokens), torch.stack(residuals))


@pytest.mark.parametrize("backend", BACKENDS)
def test_its_logits_are_those_of_the_reference(backend: str, tiny_checkpoint: Path) -> None:
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    codes, found = stepped(BACKENDS[backend](model), 12)
    torch.testing.assert_close(found, logits_along(model, prompt_of(model), codes), atol=1e-4, rtol=0)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(
    ("dtype", "bits", "largest"),
    [(torch.bfloat16, None, 0.03), (torch.float16, None, 0.01), (torch.bfloat16, 8, 0.03), (torch.bfloat16, 4, 0.03)],
)
def test_in_other_precisions_too(
    dtype: torch.dtype, bits: int | None, largest: float, backend: str, tiny_checkpoint: Path
) -> None:
    """The same weights: only what is rounded in between differs."""
    _, model = load_dual_ar(tiny_checkpoint, CPU, dtype, bits)
    codes, found = stepped(BACKENDS[backend](model), 6)
    for ours, theirs in zip(found, logits_along(model, prompt_of(model), codes), strict=True):
        for one, expected in zip(ours, theirs, strict=True):
            assert (one - expected).norm() <= largest * expected.norm()


@pytest.mark.slow
def test_frames_that_come_late_are_the_same_and_those_after_the_end_are_dropped(tiny_checkpoint: Path) -> None:
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    model.output.weight[model.im_end_id] *= 3  # ends sooner or later
    expected = {seed: frames(model, sampler(seed), 100) for seed in range(6)}
    ended = [seed for seed, found in expected.items() if found.shape[1] < 100]
    assert ended
    capturer = LateCapturer()
    rows = rows_of(graphs(model, capturer))
    for seed, wanted in expected.items():
        capturer.n_begun = 0
        assert torch.equal(made(rows, sampler(seed), 100), wanted)
        assert capturer.n_begun == min(100, wanted.shape[1] + (1 + capturer.lag if seed in ended else 0))


@pytest.mark.slow
def test_it_is_captured_once_for_each_bucket_and_grows(tiny_checkpoint: Path) -> None:
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    capturer = LateCapturer()
    stepper = Stepper(graphs(model, capturer), n_positions=40)

    def buckets() -> list[int]:
        assert isinstance(stepper.step, GraphStep)
        return stepper.step.buckets()

    assert buckets() == [16, 32, 64]
    for bucket in buckets():
        assert isinstance(stepper.step, GraphStep)
        stepper.step.capture(1, bucket)
    rows = Rows(stepper)
    made(rows, sampler(), 30)
    made(rows, sampler(), 30)
    assert capturer.n_captured == 3
    made(rows, sampler(), 90)
    assert buckets() == [16, 32, 64, 128]


def test_a_second_generation_beside_the_first_takes_the_plain_backend(tiny_checkpoint: Path) -> None:
    tokenizer, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    expected = [frames(model, sampler(seed), 8) for seed in (1, 2)]
    captured = Stepper(graphs(model, LateCapturer()))
    decoder = Decoder(tokenizer, model, choose_precision(CPU, "float32"), "graph", captured)

    backends: list[Backend] = []

    def one(seed: int) -> Iterator[Tensor]:
        rows = decoder.rows_for_one()
        backends.append(rows.backend)
        return generate(rows, prompt_of(model), sampler(seed), 8)

    first = one(1)
    found = [[next(first)], []]
    second = one(2)
    for _ in range(7):
        found[1].append(next(second))
        found[0].append(next(first))
    found[1] += list(second)
    assert list(first) == []
    for i in (0, 1):
        assert torch.equal(torch.stack(found[i], dim=1), expected[i])
    assert backends[0] is captured.backend
    assert isinstance(backends[1], PlainBackend)
    assert decoder.rows_for_one().backend is captured.backend


def test_cancelled_or_closed_it_can_be_used_again(tiny_checkpoint: Path) -> None:
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    expected = frames(model, sampler(), 6)
    rows = rows_of(graphs(model, LateCapturer()))
    cancel = CancelToken()
    assert len([cancel.cancel() for _ in generate(rows, prompt_of(model), sampler(1), 6, cancel)]) == 1
    closed = generate(rows, prompt_of(model), sampler(1), 6)
    next(closed)
    assert not rows.is_free
    closed.close()  # type: ignore[attr-defined]
    assert rows.is_free
    assert torch.equal(made(rows, sampler(), 6), expected)


def test_rows_that_cannot_grow_stay_what_they_are(tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    expected = [frames(model, sampler(seed), n) for seed, n in ((1, 30), (2, 6))]
    rows = Rows(Stepper(graphs(model, LateCapturer()), 2))
    first = generate(rows, prompt_of(model), sampler(1), 30)
    found = [next(first)]
    with monkeypatch.context() as patch:
        patch.setattr("engine.s1.decode.stepper.RowState", fails_for_want_of_memory)
        with pytest.raises(torch.OutOfMemoryError):
            next(generate(rows, prompt_of(model), sampler(2), 150))  # more than there is room for
    assert torch.equal(torch.stack([*found, *first], dim=1), expected[0])
    assert torch.equal(made(rows, sampler(2), 6), expected[1])
    assert rows.is_free


def fails_for_want_of_memory(*_: object) -> None:
    raise torch.OutOfMemoryError("CUDA out of memory.")


def test_buckets_grow_twofold_to_the_limit() -> None:
    sizes = [bucket_of(n, 128, 1500) for n in range(1, 1501)]
    assert sorted(set(sizes)) == [128, 256, 512, 1024, 1500]
    assert all(n <= size < 2 * max(n, 128) for n, size in enumerate(sizes, 1))
    assert all(a <= b for a, b in pairwise(sizes))
    assert bucket_of(5, 128, 100) == 100
