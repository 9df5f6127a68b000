"""What the doctor says of PyTorch and the GPU."""

from __future__ import annotations

import pytest

from desktop.doctor import speech_checks
from desktop.doctor.report import Health
from engine.machine.torch_check import GpuReport, TorchReport


@pytest.mark.parametrize("why_not", ["", "windows", "no_triton", "no_compiler"])
def test_it_says_how_frames_are_made_on_a_gpu_and_why(why_not: str) -> None:
    gpu = GpuReport("NVIDIA GeForce RTX 3060", 12 * 2**30, 11 * 2**30, "8.6", has_kernels=True)
    report = TorchReport("2.11", "13.0", (gpu,), why_not_compiled=why_not)
    found = {finding.subject: finding for finding in speech_checks._explain_torch(report, "580.1")}
    assert found["GPU"].health is found["frames on the GPU"].health is Health.OK
    assert ("own operators" in found["frames on the GPU"].fact) == bool(why_not)
