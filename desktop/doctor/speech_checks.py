"""Checks whether speech can be made on this computer: each part is really loaded and used a little."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

import engine
import engine.audio
import engine.machine
import engine.registry
import engine.speech
from desktop.common.messages import explain
from desktop.common.nvidia import ask_driver, find_nvidia_smi
from desktop.s1.pytorch_build import DRIVER_PAGE

GIB = 2**30
INSTALL_AGAIN = "Install Lectern again"
INSTALL_PYTORCH = "Install PyTorch: lectern install-pytorch"
FRAMES_ON_A_GPU = {
    "": "compiled, and captured as one graph",
    "windows": "captured as one graph of PyTorch's own operators, as always on Windows",
    "no_triton": "captured as one graph of PyTorch's own operators: there is no Triton to compile them",
    "no_compiler": "captured as one graph of PyTorch's own operators: Triton needs a C compiler (sudo apt install gcc)",
}
"""By why they are not compiled, which would make them faster."""


class Health(StrEnum):
    OK = "ok"
    MISSING = "--"  # Lectern speaks without it
    BROKEN = "no"  # Lectern does not


@dataclass(frozen=True, slots=True)
class Finding:
    subject: str
    health: Health
    fact: str
    remedy: str = ""


def examine_speech(cache_folder: Path) -> Iterator[Finding]:
    """Check the engines that need nothing, resampling, and what S1 Mini needs; compiled kernels stay in
    `cache_folder`."""
    with ExitStack() as opened:  # two of them speak with the same model, which is loaded as long as one is open
        for entry in engine.registry.engines():
            if entry.is_always_there:
                yield _examine_engine(entry, opened)
    yield _examine_resampling()
    driver = _driver_version()
    for found in engine.speech.check_s1_parts(cache_folder):
        if isinstance(found, engine.machine.TorchReport):
            yield from _explain_torch(found, driver)
        elif found.part != "torch":
            yield _explain_part(found.part, found.problem, found.detail)
        elif found.problem:
            yield _explain_no_torch(found.problem, found.detail)


def _examine_engine(entry: engine.registry.EngineEntry, opened: ExitStack) -> Finding:
    """It speaks a word, and is closed with `opened`. Lectern needs one that can."""
    subject = entry.display_name
    broken = Health.BROKEN if entry == engine.registry.always_there() else Health.MISSING
    try:
        voice = engine.open_engine(entry.name)
        opened.callback(voice.close)
        chunks = [
            event.samples
            for event in voice.speak(engine.SpeechRequest("Yes."), engine.CancelToken())
            if isinstance(event, engine.PcmChunk)
        ]
        status = voice.status()
    except engine.EngineError as error:
        return Finding(subject, broken, explain(error).sentence, INSTALL_AGAIN)
    except (ImportError, OSError) as error:
        return Finding(subject, broken, f"cannot be loaded: {error}", INSTALL_AGAIN)
    if not chunks or not np.abs(np.concatenate(chunks)).max() > 0.01:
        return Finding(subject, broken, "says nothing", INSTALL_AGAIN)
    return Finding(subject, Health.OK, ", ".join(filter(None, (status.precision, status.how))))


def _examine_resampling() -> Finding:
    """Recordings and most sound devices need it: a tone at another rate."""
    tone = np.sin(2 * np.pi * 440 * np.arange(4800) / 48_000).astype(np.float32)
    try:
        made = engine.audio.resample(tone, 48_000, engine.SAMPLE_RATE_HZ)
    except (ImportError, OSError) as error:
        return Finding("resampling", Health.BROKEN, f"PyAV cannot be loaded: {error}", INSTALL_AGAIN)
    expected = np.sin(2 * np.pi * 440 * np.arange(made.size) / engine.SAMPLE_RATE_HZ)
    if np.abs(made - expected)[500:-500].max() > 0.001:
        return Finding("resampling", Health.BROKEN, "another sound comes out", INSTALL_AGAIN)
    return Finding("resampling", Health.OK, "48 to 44.1 kHz")


def _explain_no_torch(problem: str, detail: str) -> Finding:
    facts = {
        "missing": "not installed; only S1 Mini needs it",
        "late": "does not load in time",
        "crashed": f"crashes when it is loaded{_because(detail)}",
    }
    return Finding("PyTorch", Health.MISSING, facts.get(problem, f"does not load{_because(detail)}"), INSTALL_PYTORCH)


def _explain_part(part: str, problem: str, detail: str) -> Finding:
    subject = {"codec": "codec", "kernels": "CPU kernels"}[part]
    if part == "codec":
        if not problem:
            return Finding(subject, Health.OK, "a layer of it computes what it should")
        fact = {"wrong": "computes something else than it should", "late": "not done in time"}
        return Finding(subject, Health.MISSING, fact.get(problem, f"does not work{_because(detail)}"), INSTALL_PYTORCH)
    remedy = "S1 Mini works without them, on a CPU many times slower"
    match problem:
        case "":
            return Finding(subject, Health.OK, "compiled, and compute what they should")
        case "no_compiler":
            return Finding(subject, Health.MISSING, "no C++ compiler", f"{remedy}: {_get_compiler()}")
        case "not_here":
            return Finding(subject, Health.MISSING, f"there are none for this computer{_because(detail)}", remedy)
        case "not_writable":
            return Finding(subject, Health.MISSING, f"cannot be kept{_because(detail)}", f"{remedy}; check that folder")
        case "late":
            return Finding(subject, Health.MISSING, "not compiled in time", f"{remedy}; check again")
        case _:
            fact = f"do not work here ({problem.replace('_', ' ')}{': ' if detail else ''}{detail})"
            return Finding(subject, Health.MISSING, fact, f"{remedy}; another compiler may do: set CXX")


def _get_compiler() -> str:
    match sys.platform:
        case "darwin":
            return "xcode-select --install"
        case "win32":
            return "install LLVM (clang++)"
        case _:
            return "sudo apt install g++"


def _explain_torch(report: engine.machine.TorchReport, driver: str | None) -> Iterator[Finding]:
    """PyTorch, driver and GPU: S1 Mini needs them, the built-in voice does not."""
    build = f"for CUDA {report.cuda_build}" if report.cuda_build else "for the CPU only"
    yield Finding("PyTorch", Health.OK, f"{report.version}, {build}")
    if driver is None:
        remedy = f"Without an NVIDIA GPU there is nothing to do; with one, install its driver: {DRIVER_PAGE}"
        yield Finding("NVIDIA driver", Health.MISSING, "no nvidia-smi, so no driver", remedy)
    else:
        yield Finding("NVIDIA driver", Health.OK, driver)
    for gpu in report.gpus:
        memory = f"{gpu.memory_bytes / GIB:.1f} GiB, {gpu.free_bytes / GIB:.1f} free"
        fact = f"{gpu.name}, {memory}, compute capability {gpu.capability}"
        if gpu.has_kernels:
            yield Finding("GPU", Health.OK, fact)
        else:
            yield Finding("GPU", Health.MISSING, f"{fact}: not supported by this PyTorch", INSTALL_PYTORCH)
    if report.gpus:
        yield Finding("frames on the GPU", Health.OK, FRAMES_ON_A_GPU[report.why_not_compiled])
    else:
        yield _explain_no_gpu(driver, report)


def _explain_no_gpu(driver: str | None, report: engine.machine.TorchReport) -> Finding:
    if driver is None:
        return Finding("GPU", Health.MISSING, "none: the built-in voice speaks, or S1 Mini slowly with --device cpu")
    if report.cuda_build is None:
        return Finding("GPU", Health.MISSING, "not used: this PyTorch is for the CPU only", INSTALL_PYTORCH)
    fact = report.warning or f"PyTorch for CUDA {report.cuda_build} finds none"
    remedy = f"Install a newer driver: {DRIVER_PAGE}, or the PyTorch that suits it: lectern install-pytorch"
    return Finding("GPU", Health.MISSING, fact, remedy)


def _driver_version() -> str | None:
    """What nvidia-smi says of the driver; None where there is none that works."""
    program = find_nvidia_smi()
    answer = ask_driver(program, "driver_version") if program is not None else None
    return answer[0][0] if answer else None


def _because(detail: str) -> str:
    return f" ({detail.rstrip('.')})" if detail else ""
