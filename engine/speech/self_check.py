"""What S1 Mini needs of this computer, really loaded and used a little: PyTorch, a layer of the codec, the C++ kernels.

`check_s1_parts` does it in a process of its own, so that a library that crashes or hangs ends no more than that.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from engine.errors import TorchError
from engine.machine.console import NO_CONSOLE
from engine.machine.torch_check import GpuReport, TorchReport, require_torch

LIMIT_S = 150.0
"""Importing PyTorch takes up to 20 s from a slow disk, and compiling the kernels as long, once."""
PARTS = ("torch", "codec", "kernels")


@dataclass(frozen=True, slots=True)
class PartCheck:
    """Of one of `PARTS`. `problem` is "" where it works; else "missing", "broken", "late" (not done in time),
    "crashed", "wrong" (it computes something else than it should), or the reason of a `NoKernelsError`."""

    part: str
    problem: str = ""
    detail: str = ""


def check_s1_parts(cache_folder: Path, limit_s: float = LIMIT_S) -> Iterator[PartCheck | TorchReport]:
    """Check each of `PARTS`, until one without which the next cannot be; PyTorch's report comes after its check.

    Kernels that are compiled for it stay in `cache_folder`. Takes `limit_s` at most.
    """
    command = [sys.executable, "-P", "-m", "engine.speech.self_check", str(cache_folder)]
    left: list[str] = [*PARTS]
    is_late = threading.Event()
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, stdin=pipe, stdout=pipe, stderr=pipe, encoding="utf-8", errors="replace", creationflags=NO_CONSOLE
    ) as process:

        def end() -> None:
            is_late.set()
            process.kill()

        timer = threading.Timer(limit_s, end)
        timer.start()
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                found = _read(line)
                if isinstance(found, PartCheck):
                    left.remove(found.part)
                    if found.problem and found.part != "kernels":
                        left.clear()
                yield found
            last_words = (process.stderr.read().strip().splitlines() or [""])[-1]
        finally:
            timer.cancel()
            process.kill()
    if left:
        yield PartCheck(left[0], "late" if is_late.is_set() else "crashed", last_words)


def _read(line: str) -> PartCheck | TorchReport:
    values = json.loads(line)
    if "part" in values:
        return PartCheck(**values)
    return TorchReport(**{**values, "gpus": tuple(GpuReport(**gpu) for gpu in values["gpus"])})


def _check(cache_folder: Path) -> Iterator[PartCheck | TorchReport]:
    """In the process of its own."""
    try:
        require_torch()
    except TorchError as error:
        yield PartCheck("torch", error.problem, error.detail)
        return
    yield PartCheck("torch")
    from engine.machine.device import report_torch
    from engine.s1.decode import why_not_compiled

    report = report_torch()
    yield replace(report, why_not_compiled=why_not_compiled()) if report.gpus else report
    problem = _check_codec_layer()
    yield PartCheck("codec", problem)
    if not problem:
        yield _check_kernels(cache_folder)


def _check_codec_layer() -> str:
    """A convolution of the codec, whole and in chunks: both must be the same."""
    import torch

    from engine.s1.model import CausalConv, Stream

    with torch.inference_mode():
        generator = torch.Generator().manual_seed(0)
        layer, x = CausalConv(8, 8, 7), torch.randn(1, 8, 64, generator=generator)
        for weights in layer.parameters():
            weights.copy_(torch.randn(weights.shape, generator=generator))
        stream = Stream()
        whole = layer(x, Stream())
        chunked = torch.cat([layer(x[..., :40], stream), layer(x[..., 40:], stream)], dim=-1)
        return "" if torch.allclose(whole, chunked, atol=1e-4) else "wrong"


def _check_kernels(cache_folder: Path) -> PartCheck:
    """Both libraries loaded, and a product of the one compared with PyTorch's."""
    import torch

    from engine.s1.native import CodecKernels, Kernels, NativeLinear, NoKernelsError

    try:
        Kernels(cache_folder)
        kernels = CodecKernels(cache_folder)
    except NoKernelsError as error:
        return PartCheck("kernels", error.reason, (error.detail.splitlines() or [""])[0][:300])
    with torch.inference_mode():
        plain = torch.nn.Linear(64, 32)
        x = torch.randn(3, 64, generator=torch.Generator().manual_seed(0))
        is_right = torch.allclose(plain(x), NativeLinear(plain, kernels)(x), atol=1e-4)
    return PartCheck("kernels", "" if is_right else "wrong")


def _end_with_owner() -> None:
    """Whoever asked is gone, killed perhaps: so is the other end of standard input."""
    sys.stdin.read()
    os._exit(1)


def main() -> None:
    threading.Thread(target=_end_with_owner, daemon=True).start()
    for found in _check(Path(sys.argv[1])):
        sys.stdout.write(f"{json.dumps(asdict(found))}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
