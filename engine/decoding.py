"""Which way the transformer is computed here, chosen and said: the fastest that works, PyTorch's eager one always."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.device import Precision, choose_precision
from engine.s1.dual_ar import DualAr
from engine.s1.load import load_dual_ar
from engine.s1.native.build import NoKernelsError
from engine.s1.native.kernels import Kernels
from engine.s1.tokenizer import Tokenizer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decoding:
    """A loaded transformer. `how`: "kernels" (compiled for this CPU), or "eager" and after a colon why."""

    tokenizer: Tokenizer
    model: DualAr
    precision: Precision
    how: str


def open_decoding(
    folder: Path,
    device: torch.device,
    precision: str,
    cache_folder: Path | None,
    load: Callable[..., tuple[Tokenizer, DualAr]] = load_dual_ar,
) -> Decoding:
    """Load `folder` in one of `PRECISIONS`. What is compiled is kept in `cache_folder`; None is the plain way.

    `load` may be another that takes what `load_dual_ar` does. Raises `CheckpointError`, `DeviceError` or `OptionError`.
    """
    kernels, how = None, "eager"
    if device.type == "cpu":
        kernels, how = _open_kernels(cache_folder)
    chosen = choose_precision(device, precision, has_kernels=kernels is not None)
    tokenizer, model = load(folder, device, chosen.dtype, chosen.bits, kernels)
    return Decoding(tokenizer, model, chosen, how)


def _open_kernels(cache_folder: Path | None) -> tuple[Kernels | None, str]:
    if cache_folder is None:
        return None, "eager: switched off"
    try:
        return Kernels(cache_folder), "kernels"
    except NoKernelsError as error:
        log.warning("no compiled kernels, and so far slower: %s", error)
        return None, f"eager: {error.reason}"
