"""Decoding at S1 Mini's full sizes on a CPU, each setting against the plain one: `python tests/bench/decode.py`.

Random weights in bf16, as published. The settings take turns, a frame each, so that whatever else the machine does
falls on all of them; figures are medians. Prints a table, and last one JSON document.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.s1.checkpoint.config_files import read_model_config
from engine.s1.checkpoint.load import blank
from engine.s1.checkpoint.random_weights import S1_MINI_CONFIG, random_tensor
from engine.s1.decode.decoder import backend_of
from engine.s1.decode.reference import logits_along, reference_frames
from engine.s1.decode.rows import Rows, generate
from engine.s1.model.config import ModelConfig
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.low_bit import make_low_bit
from engine.s1.model.sampling import Greedy, Sampler
from engine.s1.native.dual_ar import NativeDualAr
from engine.s1.native.kernels import Kernels

SEMANTIC_BEGIN, N_SEMANTIC, IM_END = 151_658, 4096, 151_647


@dataclass(frozen=True)
class Setting:
    dtype: torch.dtype
    bits: int | None = None
    kernels: bool = False


SETTINGS = {
    "plain float32": Setting(torch.float32),
    "operators bfloat16": Setting(torch.bfloat16),
    "operators int8": Setting(torch.bfloat16, 8),
    "operators int4": Setting(torch.bfloat16, 4),
    "kernels float32": Setting(torch.float32, kernels=True),
    "kernels bfloat16": Setting(torch.bfloat16, kernels=True),
    "kernels float16": Setting(torch.float16, kernels=True),
    "kernels int8": Setting(torch.bfloat16, 8, kernels=True),
    "kernels int4": Setting(torch.bfloat16, 4, kernels=True),
}


def full_size_weights() -> tuple[ModelConfig, dict[str, Tensor]]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(S1_MINI_CONFIG))
        config = read_model_config(Path(folder))
    generator = torch.Generator().manual_seed(0)
    with blank():
        names = {name: tuple(p.shape) for name, p in DualAr(config, 0, 0, 0).named_parameters()}
    return config, {name: random_tensor(name, shape, generator).bfloat16() for name, shape in names.items()}


def build(config: ModelConfig, weights: dict[str, Tensor], setting: Setting, kernels: Kernels) -> DualAr:
    with blank():
        model = DualAr(config, SEMANTIC_BEGIN, N_SEMANTIC, IM_END)
    model.load_state_dict({name: tensor.to(setting.dtype) for name, tensor in weights.items()}, assign=True)
    model.requires_grad_(False).eval()
    if setting.bits is not None:
        for stack in (model.layers, model.fast_layers):
            make_low_bit(stack, setting.bits, with_operators=not setting.kernels)
    if setting.kernels:
        return NativeDualAr(model, kernels, torch.float32 if setting.bits is None else torch.bfloat16)
    return model


def prompt_of(config: ModelConfig, n: int) -> Tensor:
    prompt = torch.zeros(1 + config.n_codebooks, n, dtype=torch.int64)
    prompt[0] = torch.arange(n) % 1000
    return prompt


def quality(models: dict[str, DualAr], prompt: Tensor, n_frames: int) -> dict[str, dict[str, float]]:
    """Each setting against the plain one, led along its greedy frames."""
    plain = models["plain float32"]
    frames = torch.stack(list(reference_frames(plain, prompt, Greedy(), n_frames)), dim=1)
    expected = logits_along(plain, prompt, frames)
    found = {}
    for name, model in models.items():
        pairs = list(zip(logits_along(model, prompt, frames), expected, strict=True))
        found[name] = {
            "max_logit_change": max(float((a - b).abs().max()) for a, b in pairs),
            "largest_logit": max(float(b.abs().max()) for _, b in pairs),
            "relative_change": max(float((a - b).norm() / b.norm()) for a, b in pairs),
            "semantic_agreement": float((pairs[0][0].argmax(-1) == pairs[0][1].argmax(-1)).float().mean()),
            "residual_agreement": float((pairs[1][0].argmax(-1) == pairs[1][1].argmax(-1)).float().mean()),
        }
    return found


def never_ending(model: DualAr, prompt: Tensor, choose: Sampler | Greedy, n: int) -> Iterator[Tensor]:
    """Greedy never ends; a sampler may, and begins again."""
    backend = backend_of(model)
    while True:
        yield from generate(Rows.of(backend), prompt, choose, n)


def measure(models: dict[str, DualAr], prompt: Tensor, n_frames: int) -> dict[str, list[float]]:
    """Seconds of each frame, by setting."""
    running = {}
    for name, model in models.items():
        sampler = Sampler(0.8, 0.8, 1.1, torch.Generator().manual_seed(1))
        running[name] = never_ending(model, prompt, sampler, 4 * n_frames)
        for _ in range(2):
            next(running[name])
    seconds: dict[str, list[float]] = {name: [] for name in models}
    for _ in range(n_frames):
        for name, frames in running.items():
            began = time.perf_counter()
            next(frames)
            seconds[name].append(time.perf_counter() - began)
    return seconds


@torch.inference_mode()
def measure_batches(model: DualAr, prompt: Tensor, sizes: list[int], n_frames: int) -> dict[int, float]:
    """Median seconds of a step that makes a frame for each of so many rows; 0 rows: of one that is alone."""
    seconds: dict[int, list[float]] = {0: []}
    alone = never_ending(model, prompt, Greedy(), 4 * n_frames)
    steps = {}
    for n_rows in sizes:
        rows = Rows.of(backend_of(model), n_rows)
        for _ in range(n_rows):
            rows.join(prompt, Greedy(), 4 * n_frames, None)
        steps[n_rows], seconds[n_rows] = rows.step, []
    for step in (lambda: next(alone), *steps.values()):
        step()
    for _ in range(n_frames):
        for n_rows, step in {0: lambda: next(alone), **steps}.items():
            began = time.perf_counter()
            step()
            seconds[n_rows].append(time.perf_counter() - began)
    return {n_rows: statistics.median(values) for n_rows, values in seconds.items()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--frames", type=int, default=15, help="frames each setting makes (15)")
    parser.add_argument("--prompt", type=int, default=60, help="positions before the first frame (60)")
    parser.add_argument(
        "--settings", nargs="*", default=list(SETTINGS), choices=SETTINGS, metavar="SETTING", help=", ".join(SETTINGS)
    )
    parser.add_argument("--quality", type=int, default=0, metavar="N", help="compare logits along N frames too")
    parser.add_argument("--batch", type=int, nargs="*", default=[], metavar="N", help="rows side by side, instead")
    arguments = parser.parse_args()
    config, weights = full_size_weights()
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        kernels = Kernels(Path(folder))
        compile_s = time.perf_counter() - began
    if arguments.batch:
        return main_batches(config, weights, kernels, arguments)
    names = ["plain float32", *(name for name in arguments.settings if name != "plain float32")]
    models = {name: build(config, weights, SETTINGS[name], kernels) for name in names}
    prompt = prompt_of(config, arguments.prompt)
    seconds = measure(models, prompt, arguments.frames)
    base = statistics.median(seconds["plain float32"])
    rows = {}
    for name in names:
        median, best = statistics.median(seconds[name]), min(seconds[name])
        rows[name] = {"ms_per_frame": 1e3 * median, "best_ms": 1e3 * best, "against_plain": base / median}
        figures = f"{1e3 * median:8.1f} ms {1 / median:7.2f} frames/s {base / median:6.2f} x"
        print(f"{name:20} {figures}   best {1e3 * best:.1f} ms", flush=True)  # noqa: T201
    document = {"threads": torch.get_num_threads(), "torch": torch.__version__, "compile_s": compile_s, "speed": rows}
    if arguments.quality:
        document["quality"] = quality(models, prompt, arguments.quality)
        for name, values in document["quality"].items():
            print(name, " ".join(f"{key} {value:.3g}" for key, value in values.items()))  # noqa: T201
    print(json.dumps(document))  # noqa: T201
    return 0


def main_batches(
    config: ModelConfig, weights: dict[str, Tensor], kernels: Kernels, arguments: argparse.Namespace
) -> int:
    """One setting after the other: rows take memory."""
    document: dict[str, dict[int, float]] = {}
    for name in arguments.settings:
        model = build(config, weights, SETTINGS[name], kernels)
        found = measure_batches(model, prompt_of(config, arguments.prompt), arguments.batch, arguments.frames)
        document[name] = found
        for n_rows, median in found.items():
            n = max(1, n_rows)
            label = f"{n_rows} rows" if n_rows else "alone"
            against = found[0] * n / median
            print(f"{name:20} {label:8} {1e3 * median:8.1f} ms {n / median:7.2f} frames/s {against:5.2f} x")  # noqa: T201
    print(json.dumps({"threads": torch.get_num_threads(), "torch": torch.__version__, "seconds": document}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
