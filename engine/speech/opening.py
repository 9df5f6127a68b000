"""Open what needs PyTorch. Importing this loads none of it, and where it is missing or broken that is a typed error."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.machine.torch_check import require_torch
from engine.types import AudioCodec, CloningEngine


def open_s1(
    checkpoint: Path,
    device: str = "auto",
    precision: str = "auto",
    cache_folder: Path | None = None,
    voices_folder: Path | None = None,
) -> CloningEngine:
    """Open S1 Mini on "cuda" or "cpu" ("auto": CUDA where there is one), in one of `PRECISIONS`.

    What is compiled is kept in `cache_folder`; None compiles nothing. Voices that a request only names are looked for
    in `voices_folder`. Raises `CheckpointError`, `DeviceError`,
    `TorchError`.
    """
    require_torch()
    from engine.speech.s1_engine import S1Engine

    return S1Engine.load(checkpoint, device, precision, voices_folder, cache_folder=cache_folder)


def open_codec(checkpoint: Path, device: str = "auto", cache_folder: Path | None = None) -> AudioCodec:
    """Open S1 Mini's codec alone. On a CPU its decoder is compiled (once, some seconds) into `cache_folder`; None
    compiles nothing, and who only encodes gains nothing by it.

    Raises `CheckpointError`, `DeviceError`, `TorchError`.
    """
    require_torch()
    from engine.speech.codec import Codec

    return Codec.load(checkpoint, device, cache_folder=cache_folder)


def measure_speed(
    checkpoint: Path | None,
    cache_folder: Path | None = None,
    *,
    device: str = "auto",
    precision: str = "auto",
    n_frames: int = 215,
    n_batch: int = 1,
    report: Callable[[str], object] = lambda _: None,
) -> dict[str, Any]:
    """Measure what S1 Mini does on this computer, as a document ready for JSON. Up to 3 minutes on a CPU.

    `checkpoint` None: random weights in S1 Mini's sizes. `report` is told what is being done. Raises `CheckpointError`,
    `DeviceError`, `OptionError`, `TorchError`.
    """
    require_torch()
    from engine.speech.bench import BenchOptions, run_bench

    return run_bench(BenchOptions(checkpoint, device, precision, cache_folder, n_frames, n_batch), report)


def has_cuda() -> bool:
    """Tell whether PyTorch can use an NVIDIA GPU here; imports PyTorch. Raises `TorchError`."""
    require_torch()
    from engine.machine.device import report_torch

    return bool(report_torch().gpus)
