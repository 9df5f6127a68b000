"""What it costs and saves to store the fast stack in fewer bits than the slow one: `python tests/bench/mixtures.py`.

Each mixture's logits beside those of the exact weights, along frames that these make greedily; its bytes a frame; and
frames by all mixtures in turn, by the clock and in processor time. Without `--checkpoint` on random weights of S1
Mini's sizes, which are the worst case: their logits lie close together.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch
from decode import SEMANTIC_BEGIN, full_size_weights, prompt_of
from torch import Tensor

from engine.s1.checkpoint.load import FastForm, blank, filled_dual_ar, load_dual_ar
from engine.s1.checkpoint.random_weights import write_sizes
from engine.s1.checkpoint.tokenizer_files import read_tokenizer
from engine.s1.decode.decoder import backend_of
from engine.s1.decode.reference import logits_along, reference_frames
from engine.s1.decode.rounding import FastRounding
from engine.s1.decode.rows import Rows, generate
from engine.s1.model.compensation import matrices_to_round
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.low_bit import LowBitLinear
from engine.s1.model.sampling import Greedy, Sampler
from engine.s1.native.kernels import Kernels
from engine.speech.bench import bytes_per_frame

Build = Callable[[torch.dtype, int | None, FastForm], DualAr]
MIXTURES = ("bf16", "int8", "int8, fast int4 plain", "int8, fast int4", "int8, fast int4 but attention", "int4")


def mixtures(build: Build, rounding: FastRounding) -> Iterator[tuple[str, DualAr]]:
    half = torch.bfloat16
    yield "bf16", build(half, None, FastForm())
    yield "int8", build(half, 8, FastForm())
    yield "int8, fast int4 plain", build(half, 8, FastForm(4))
    yield "int8, fast int4", build(half, 8, FastForm(4, rounding))

    def feed_forward_alone(model: DualAr) -> None:
        attention = [name for name in matrices_to_round(model.fast_layers) if "attention" in name]
        kept = {name: model.fast_layers.get_submodule(name) for name in attention}
        rounding(model)
        for name, linear in kept.items():
            parent, _, own = name.rpartition(".")
            setattr(model.fast_layers.get_submodule(parent), own, LowBitLinear(linear.weight, linear.bias, 8))  # type: ignore[arg-type]

    yield "int8, fast int4 but attention", build(half, 8, FastForm(4, feed_forward_alone))
    yield "int4", build(half, 4, FastForm())


def change(found: Tensor, expected: Tensor) -> dict[str, float]:
    same = (found.argmax(-1) == expected.argmax(-1)).float().mean()
    return {"change": float((found - expected).norm() / expected.norm()), "same_best": float(same)}


def never_ending(model: DualAr, prompt: Tensor) -> Iterator[Tensor]:
    while True:
        sampler = Sampler(0.8, 0.8, 1.1, torch.Generator().manual_seed(1))
        yield from generate(Rows.of(backend_of(model)), prompt, sampler, 60)


def measure(models: dict[str, DualAr], prompt: Tensor, n_frames: int) -> dict[str, dict[str, float]]:
    running = {name: never_ending(model, prompt) for name, model in models.items()}
    for frames in running.values():
        next(frames)
    clock: dict[str, list[float]] = {name: [] for name in models}
    cpu: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(n_frames):
        for name, frames in running.items():
            began, began_cpu = time.perf_counter(), time.process_time()
            next(frames)
            clock[name].append(1000 * (time.perf_counter() - began))
            cpu[name].append(1000 * (time.process_time() - began_cpu))
    return {
        name: {
            "ms": statistics.median(clock[name]),
            "best_ms": min(clock[name]),
            "cpu_ms": statistics.median(cpu[name]),
        }
        for name in models
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint's folder, instead of random weights")
    parser.add_argument("--frames", type=int, default=24, help="that logits are compared along (24)")
    parser.add_argument("--speed", type=int, default=20, help="frames that each mixture makes in turn (20)")
    parser.add_argument("--threads", type=int, help="as many as PyTorch uses")
    arguments = parser.parse_args()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    with tempfile.TemporaryDirectory() as temporary:
        kernels = Kernels(Path(temporary), arguments.threads)
        folder = arguments.checkpoint or Path(temporary)
        config, weights = None, dict[str, Tensor]()
        if arguments.checkpoint is None:
            write_sizes(folder)
            config, weights = full_size_weights()

        def build(dtype: torch.dtype, bits: int | None, fast: FastForm) -> DualAr:
            if config is None:
                return load_dual_ar(folder, torch.device("cpu"), dtype, bits, kernels, fast)[1]
            with blank():
                model = DualAr(config, SEMANTIC_BEGIN, 4096, SEMANTIC_BEGIN - 11)
            return filled_dual_ar(model, lambda n: weights[n].to(dtype), torch.device("cpu"), bits, kernels, fast)

        exact = build(torch.float32, None, FastForm())
        prompt = prompt_of(exact.config, 40) % exact.config.vocab_size
        frames = torch.stack(list(reference_frames(exact, prompt, Greedy(), arguments.frames)), dim=1)
        expected = logits_along(exact, prompt, frames)
        del exact
        rounding = FastRounding(lambda: read_tokenizer(folder), kernels)
        document: dict[str, dict[str, object]] = {}
        models = {}
        for name, model in mixtures(build, rounding):
            slow, fast = (change(f, e) for f, e in zip(logits_along(model, prompt, frames), expected, strict=True))
            document[name] = {"mb": bytes_per_frame(model, 100) / 1e6, "slow": slow, "fast": fast}
            print(name, json.dumps(document[name]), flush=True)  # noqa: T201
            if arguments.speed:
                models[name] = model
        for name, speed in measure(models, prompt, arguments.speed).items():
            document[name]["speed"] = speed
            print(name, json.dumps(speed), flush=True)  # noqa: T201
    print(json.dumps(document))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
