"""Which way the transformer is computed here, chosen and said: the fastest that works, PyTorch's eager one always."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.machine.device import Precision, choose_precision
from engine.s1.checkpoint.load import load_dual_ar
from engine.s1.decode.attempts import AttemptMemo, cuda_ways, first_that_works
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.low_bit import use_operators
from engine.s1.model.tokenizer import Tokenizer
from engine.s1.native.build import NoKernelsError
from engine.s1.native.kernels import Kernels

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decoding:
    """A loaded transformer. `how`: "kernels" (compiled for this CPU), "graph, compiled" or "graph" (CUDA), "eager"; and
    after a colon why it is not something faster."""

    tokenizer: Tokenizer
    model: DualAr
    precision: Precision
    how: str


def open_decoding(
    folder: Path,
    device: torch.device,
    precision: str,
    cache_folder: Path | None,
    compiling: Callable[[float], object] = lambda _: None,
    load: Callable[..., tuple[Tokenizer, DualAr]] = load_dual_ar,
) -> Decoding:
    """Load `folder` in one of `PRECISIONS`. What is compiled is kept in `cache_folder`; None is the plain way.

    On CUDA frames are compiled and captured, and proven on that very device: seconds, or a minute the first time, in
    which `compiling` is told the share done. `load` may be another that takes what `load_dual_ar` does. Raises
    `CheckpointError`, `DeviceError` or `OptionError`.
    """
    kernels, how = _open_kernels(cache_folder) if device.type == "cpu" else (None, "")
    chosen = choose_precision(device, precision, has_kernels=kernels is not None)
    tokenizer, model = load(folder, device, chosen.dtype, chosen.bits, kernels)
    if device.type == "cuda":
        how = give_stepper(model, cache_folder, compiling)
    return Decoding(tokenizer, model, chosen, how)


def give_stepper(model: DualAr, cache_folder: Path | None, report: Callable[[float], object]) -> str:
    """Let `model`, on a GPU, make frames in the fastest way that works there; says which."""
    if cache_folder is None:
        how = "eager: switched off"
    else:
        properties = torch.cuda.get_device_properties(model.device)
        key = f"{torch.__version__} {properties.name} {properties.major}.{properties.minor} {model.dtype}"
        memo = AttemptMemo(cache_folder / "decoding-attempt.json", key)
        model.stepper, how = first_that_works(model, cuda_ways(cache_folder), memo, report)
    if model.stepper is None:
        use_operators(model)
    return how


def _open_kernels(cache_folder: Path | None) -> tuple[Kernels | None, str]:
    if cache_folder is None:
        return None, "eager: switched off"
    try:
        return Kernels(cache_folder), "kernels"
    except NoKernelsError as error:
        log.warning("no compiled kernels, and so far slower: %s", error)
        return None, f"eager: {error.reason}"
