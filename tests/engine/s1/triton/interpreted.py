"""The Triton kernels computed on the CPU, by Triton's interpreter, against the plain path.

A program of its own, because Triton is told before it is imported. Prints a line of JSON for each check: its name, and
what went wrong.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ["TRITON_INTERPRET"] = "1"

import torch
import torch.nn.functional as F
import triton
import triton.language as tl
from quick_interpreter import make_quick
from shapes import write_small_checkpoint
from stepping import CPU, Uncaptured, prompt_of, sampler
from torch import Tensor, nn

import engine.s1.decode.verify as proof
from engine.s1.checkpoint.load import load_dual_ar
from engine.s1.decode.plain_backend import PlainBackend, choose_ids
from engine.s1.decode.stepper import Stepper
from engine.s1.decode.triton_backend import TritonBackend
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.layers import Attention, KvCache, RmsNorm, rope_tables
from engine.s1.model.low_bit import LowBitLinear, make_low_bit
from engine.s1.model.sampling import Greedy, Sampler
from engine.s1.triton import phases, waiting
from engine.s1.triton.choosing import drawn, penalised
from engine.s1.triton.sizes import StackSizes, up_to_power
from engine.s1.triton.weights import stacked

Check = Callable[[], None]
CHECKS: dict[str, Check] = {}
GOLDEN = Path(__file__).parents[3] / "golden" / "tiny_s1" / "checkpoint"
FORMATS = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, "int8": 8, "int4": 4}
IDLE = torch.zeros(8, dtype=torch.int32)


def check(name: str) -> Callable[[Check], Check]:
    def add(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return add


def random(*shape: int, seed: int = 0) -> Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def weights_in(form: torch.dtype | int, rows: int, columns: int, seed: int = 0) -> tuple[Tensor, Tensor, int, Tensor]:
    """As they are stored, their scales, bits, and as they are computed with."""
    weight = random(rows, columns, seed=seed) / columns**0.5
    if isinstance(form, int):
        small = LowBitLinear(weight, None, form)
        return small.packed, small.scales, form, small.widened()
    weight = weight.to(form)
    return weight, weight, 16, weight.float()


@triton.jit
def wait_for_nobody(arrivals, IS_ONE_LAUNCH: tl.constexpr):  # noqa: N803
    """Here one program runs after the other: one that waits would do so for ever."""


@contextlib.contextmanager
def without_waiting() -> Iterator[None]:
    """For a single phase, in which nobody needs what another program writes."""
    wait, phases.wait_for_all = phases.wait_for_all, wait_for_nobody
    try:
        yield
    finally:
        phases.wait_for_all = wait


@check("a matrix times vectors, in every format, by a program for each tile and by few that take turns")
def products() -> None:
    ragged = ((37, 24, 8), (130, 96, 16), (5, 7, 4), (33, 72, 8), (40, 96, 16))
    for (name, form), (rows, columns, tile) in zip(FORMATS.items(), ragged, strict=True):
        data, scales, bits, wide = weights_in(form, rows, columns)
        x, norm, bias = random(2, columns, seed=1), RmsNorm(columns, 1e-6), random(rows, seed=2)
        norm.weight.data = random(columns, seed=3)
        for is_added, n_programs in ((False, -(-rows // tile)), (True, 2)):
            out = random(2, rows, seed=4)
            expected = F.linear(x, wide) + out if is_added else F.linear(norm(x), wide, bias)
            with without_waiting():
                phases.project[(n_programs,)](
                    x, norm.weight, data, scales, bias, out, IDLE, 2, columns, rows,
                    rows, rows, tile, columns, up_to_power(columns), bits, not is_added, not is_added, is_added, 1e-6,
                    n_programs == 2,
                )  # fmt: skip
            torch.testing.assert_close(out, expected, atol=2e-5, rtol=1e-5, msg=lambda m, n=name: f"{n}: {m}")


@check("the gate of the feed-forward, in every format")
def gates() -> None:
    ragged = ((40, 24, 8), (33, 64, 4), (3, 8, 4), (17, 40, 4), (40, 64, 8))
    for number, ((name, form), (rows, columns, tile)) in enumerate(zip(FORMATS.items(), ragged, strict=True)):
        w1, w3 = weights_in(form, rows, columns), weights_in(form, rows, columns, seed=5)
        data, scales = torch.stack((w1[0], w3[0])), torch.stack((w1[1], w3[1]))
        x, norm = random(2, columns, seed=1), RmsNorm(columns, 1e-6)
        z, out = norm(x), torch.zeros(2, rows)
        at_once = number % 2 == 0
        with without_waiting():
            phases.gate[(2 if at_once else -(-rows // tile),)](
                x, norm.weight, data, scales, out, IDLE, 2,
                rows, tile, columns, up_to_power(columns), w1[2], 1e-6, at_once,
            )  # fmt: skip
        expected = F.silu(F.linear(z, w1[3])) * F.linear(z, w3[3])
        torch.testing.assert_close(out, expected, atol=2e-5, rtol=1e-5, msg=lambda m, n=name: f"{n}: {m}")


@check("attention at every kind of length, rows at positions of their own")
def attention() -> None:
    config = tiny().config.slow
    sizes = StackSizes(config, (16, 16, 16, 16), (False, False))
    layer = Attention(config).requires_grad_(False)
    for norm in (layer.q_norm, layer.k_norm):
        norm.weight.data = 1 + 0.3 * random(config.head_dim)
    max_positions, constants = 700, sizes.looking()
    cos, sin = rope_tables(0, max_positions, config.head_dim, config.rope_base, CPU)
    for at in ([0, 1], [30, 31], [32, 511], [512, 699]):
        memory = random(2, 2, config.n_local_heads, max_positions, config.head_dim, seed=7)  # 2: keys, values
        before, qkv = memory.clone(), random(2, sizes.n_qkv, seed=8)
        out = torch.zeros(2, sizes.n_attended)
        size = constants["GROUP"] * (constants["WIDTH"] + 2)
        partials = torch.zeros(2 * config.n_local_heads * constants["SPLITS"] * size)
        phases.look[(2 * config.n_local_heads * constants["SPLITS"],)](
            qkv, memory, out, partials, IDLE, IDLE, layer.q_norm.weight, layer.k_norm.weight, cos, sin,
            torch.tensor(at), 2, memory.stride(0), max_positions, **constants,
        )  # fmt: skip
        assert not IDLE.any(), "arrivals are 0 again"
        for row, position in enumerate(at):
            layer.wqkv = Given(qkv[row : row + 1, None])
            layer.wo = nn.Identity()
            cache = KvCache.over(before[None, :, row : row + 1])
            cache.length = position
            rope = cos[position : position + 1], sin[position : position + 1]
            expected = layer(torch.zeros(1, 1, config.dim), rope, None, cache, 0)[0, 0]
            torch.testing.assert_close(out[row], expected, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(memory, before)  # the cache has written there what the kernel did


class Given(nn.Module):
    """Answers what it was given."""

    def __init__(self, answer: Tensor) -> None:
        super().__init__()
        self.answer = answer

    def forward(self, _: Tensor) -> Tensor:
        return self.answer


@triton.jit
def draw_one(logits, history, noise, settings, to, n, WIDTH: tl.constexpr):  # noqa: N803
    index = tl.arange(0, WIDTH)
    scores = tl.load(logits + index, mask=index < n, other=float("-inf"))
    scores = penalised(scores, index, history, tl.load(settings + 2), 16)
    tl.store(to, drawn(scores, noise, index, n, tl.load(settings), tl.load(settings + 1)).to(tl.int64))


@check("a code is drawn as the plain path draws it, whatever the settings and the logits")
def drawing() -> None:
    generator = torch.Generator().manual_seed(1)
    settings_of = [(0.8, 0.8, 1.1), (1.0, 0.0, 1.0), (0.1, 0.1, 2.0), (1.0, 1.0, 0.9), (0.3, 0.95, 1.5)]
    cases = [(n, scale, ties) for n in (1, 60, 1024, 4097) for scale in (0.02, 3.0) for ties in (False, True)]
    for i, (n, scale, ties) in enumerate(cases):
        logits = scale * torch.randn(1, n, generator=generator)
        if ties:
            logits = logits.bfloat16().float()
        for values in settings_of[i % 2 :: 2]:
            settings = torch.tensor([[*values, 0.0]])
            history = torch.randint(0, n, (1, 16), generator=generator)
            noise = torch.empty(1, n).exponential_(generator=generator)
            found = torch.zeros(1, dtype=torch.int64)
            draw_one[(1,)](logits, history, noise, settings, found, n, up_to_power(n))
            expected = choose_ids(logits, history, settings, noise, is_fused=False)
            assert torch.equal(found, expected), (n, scale, ties, values, found, expected)


@check("the cut goes through equal logits: the first of them stay")
def equal_logits() -> None:
    settings, noise, history = torch.tensor([[1.0, 0.5, 1.0, 0.0]]), torch.ones(1, 8), torch.zeros(1, 16).long()
    for lucky in range(8):  # all are as probable as each other, and 4 of 8 stay
        noise.fill_(1.0)[0, lucky] = 0.5
        found = torch.zeros(1, dtype=torch.int64)
        draw_one[(1,)](torch.zeros(1, 8), history, noise, settings, found, 8, 8)
        assert int(found) == (lucky if lucky < 4 else 0), (lucky, found)


@triton.jit
def shares(to, n):
    tl.store(to + tl.program_id(0), waiting.share_of(tl.program_id(0), n))


@check("all programs wait for all, in whatever order they run, and none waits for ever")
def waits() -> None:
    """Every interleaving of what `wait_for_all` does: an addition that returns what was before, then looks."""
    n_rounds = 3
    for n in (2, 3, 4):
        added = torch.zeros(n, dtype=torch.int32)
        shares[(n,)](added, n)
        share = added.tolist()
        start = (0, tuple((0, None) for _ in range(n)))  # the counter; of each program its round, and what it saw
        seen, left = {start}, [start]
        while left:
            counter, programs = left.pop()
            n_next = 0
            for i, (turn, before) in enumerate(programs):
                if turn == n_rounds:
                    continue
                if before is None:
                    after, mine = (counter + share[i]) % 2**32, (turn, counter)
                elif (before ^ counter) >> 31:
                    assert all((t, b is not None) >= (turn, True) for t, b in programs), "left before all had come"
                    after, mine = counter, (turn + 1, None)
                else:
                    continue
                n_next += 1
                state = (after, (*programs[:i], mine, *programs[i + 1 :]))
                if state not in seen:
                    seen.add(state)
                    left.append(state)
            assert n_next or all(turn == n_rounds for turn, _ in programs), "all wait"


def tiny(dtype: torch.dtype = torch.float32) -> DualAr:
    return load_dual_ar(GOLDEN, CPU, dtype)[1]


@contextlib.contextmanager
def small(dtype: torch.dtype = torch.float32, bits: int | None = None, **changes: Any) -> Iterator[DualAr]:
    with tempfile.TemporaryDirectory() as folder:
        _, model = load_dual_ar(write_small_checkpoint(Path(folder) / "checkpoint", **changes), CPU, dtype)
    if bits is not None:  # as for a card: without PyTorch's operators for this CPU, which keep weights of their own
        make_low_bit(model.layers, bits)
        make_low_bit(model.fast_layers, bits)
    yield model


def prove(model: DualAr, n_programs: int | None, n_rows: int = 1) -> None:
    """As on a card, but for two frames each."""
    proof.N_FRAMES = 2
    proof.verify(Stepper(TritonBackend(model, Uncaptured(), n_programs), n_rows), n_rows - 1, n_rows)


@torch.inference_mode()
def same_frames(model: DualAr, n_programs: int | None, choosers: list[Callable[[], Greedy | Sampler]]) -> None:
    """All that a step leaves, against the plain backend: the same codes."""
    steppers = [Stepper(PlainBackend(model)), Stepper(TritonBackend(model, Uncaptured(), n_programs))]
    for make in choosers:
        for stepper, choose in ((stepper, make()) for stepper in steppers):
            stepper.reserve(1, 40)
            stepper.begin(0, prompt_of(model), choose, None)
            for i in range(2):
                stepper.state.fill_noise(0, choose)
                stepper.run(1, 29 + i)
        for plain, ours in zip(*(stepper.state.small() for stepper in steppers), strict=True):
            assert torch.equal(plain, ours), (make, plain, ours)


@check("frames of the golden checkpoint, a launch for each phase")
def golden_phases() -> None:
    same_frames(tiny(), None, [Greedy])


@check("frames of the golden checkpoint, whole stacks in one launch")
def golden_at_once() -> None:
    same_frames(tiny(), 1, [sampler])


ONE_LAYER = {"n_layer": 1, "n_fast_layer": 1, "codebook_size": 60, "vocab_size": 384}
"""As many as show it: the interpreter takes a second for a frame."""


@check("frames in bf16, int8 and int4")
def few_bits() -> None:
    wide = ONE_LAYER | {"num_codebooks": 2, "dim": 32, "intermediate_size": 64}
    for bits, n_programs, n_layer in ((None, 1, 1), (8, None, 2), (4, 1, 2)):  # scales, too, are a layer's own
        with small(torch.bfloat16, bits, **wide | {"n_layer": n_layer}) as model:
            prove(model, n_programs)


@check("frames in other shapes: another fast dimension, biases, no qk-norm, all heads, tied and unscaled embeddings")
def shapes() -> None:
    fast = {"fast_dim": 20, "fast_n_head": 3, "fast_n_local_heads": 1, "fast_head_dim": 6, "fast_intermediate_size": 32}
    with small(**ONE_LAYER, **fast, attention_qkv_bias=True, attention_o_bias=True) as model:
        prove(model, None)
    others = {"n_local_heads": -1, "tie_word_embeddings": True, "scale_codebook_embeddings": False}
    with small(**ONE_LAYER, **others, attention_qk_norm=False) as model:
        prove(model, 1)


@check("two rows at once, each at its own position")
def rows() -> None:
    with small(**ONE_LAYER) as model:
        prove(model, None, n_rows=2)


@check("the kernels' weights are the model's, which computes what it did")
def views() -> None:
    for bits in (None, 8, 4):
        model = tiny(torch.bfloat16)
        if bits:
            make_low_bit(model.layers, bits)
        prompt = prompt_of(model)[None]
        with torch.inference_mode():
            before = model.slow(prompt, model.slow_cache(64))
            weights = stacked(model.layers, model.config.slow)
            assert torch.equal(model.slow(prompt, model.slow_cache(64)), before)
        w2: Any = model.layers[1].feed_forward.w2  # type: ignore[union-attr]
        own = w2.weight if bits is None else w2.packed
        assert own.untyped_storage().data_ptr() == weights.w2.data.untyped_storage().data_ptr()


def main() -> None:
    torch.set_num_threads(1)
    make_quick()
    for name, run in CHECKS.items():
        begun = os.times()
        problem = ""
        try:
            run()
        except Exception:  # noqa: BLE001 (whatever it is, it is told)
            problem = traceback.format_exc()
        took = sum(os.times()[:2]) - sum(begun[:2])
        print(json.dumps({"check": name, "problem": problem, "cpu_s": round(took, 1)}), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
