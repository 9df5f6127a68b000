"""Decides which build of PyTorch suits this computer. The one place that knows; no Qt, no PyTorch."""

from __future__ import annotations

import os
import re
import shutil
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import engine.machine

BUILDS = ("cpu", "cu126", "cu128", "cu130")
"""PyTorch's own indexes, each with the wheels of one build."""
INDEX = "https://download.pytorch.org/whl"
INDEX_VARIABLE = "LECTERN_PYTORCH_INDEX"
"""Names a mirror of `INDEX` in the environment."""
INDEX_LIMIT_S = 5.0
DRIVER_PAGE = "https://www.nvidia.com/drivers"
NVIDIA_SMI_IN_WSL = "/usr/lib/wsl/lib/nvidia-smi"
"""In WSL2 it is often not on PATH."""
NVIDIA_SMI_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True)
class SuitableBuild:
    """Holds one of `BUILDS`, and a sentence that says why."""

    build: str
    reason: str


def choose_build(driver: str, capabilities: Sequence[str] = ()) -> str:
    """Name the one of `BUILDS` for a driver ("580.65.06"; "" where there is none) and its GPUs' compute capabilities.

    A CUDA 13 build needs driver 580, and GPUs from Turing on (7.5); a 12.6 build runs on 525 and later, and is the last
    with kernels for older GPUs. A 12.8 build would run on 525 too, but its new GPUs (Blackwell, 10.0 and later) need
    570. Where old and new GPUs cannot both be served, the new ones are.
    """
    number = re.match(r"\d+", driver)
    if number is None:
        return "cpu"
    major = int(number[0])
    known = [int(found[1]) * 10 + int(found[2]) for text in capabilities if (found := re.match(r"(\d+)\.(\d)$", text))]
    if major < 525:
        return "cpu"
    if known and min(known) < 75 and max(known) < 100:
        return "cu126"
    if major >= 580:
        return "cu130"
    return "cu128" if major >= 570 else "cu126"


def suitable_build() -> SuitableBuild:
    """Ask the NVIDIA driver, and choose. Takes twice `NVIDIA_SMI_LIMIT_S` at most."""
    program = find_nvidia_smi()
    if program is None:
        return SuitableBuild("cpu", "No NVIDIA driver: PyTorch for the CPU. The built-in voice needs no more.")
    # older drivers do not know compute_cap
    answer = ask_driver(program, "driver_version,compute_cap") or ask_driver(program, "driver_version") or []
    driver = answer[0][0] if answer else ""
    build = choose_build(driver, [words[1] for words in answer if len(words) > 1])
    if not driver[:1].isdigit():
        reason = (
            "nvidia-smi does not answer: PyTorch for the CPU. "
            f"Once the driver works ({DRIVER_PAGE}), run this again: lectern install-pytorch"
        )
    elif build == "cpu":
        reason = (
            f"NVIDIA driver {driver} is older than 525: PyTorch for the CPU. "
            f"Install a newer one ({DRIVER_PAGE}), then run this again: lectern install-pytorch"
        )
    else:
        reason = f"NVIDIA driver {driver}: PyTorch for {describe_build(build)}."
    return SuitableBuild(build, reason)


def describe_build(build: str) -> str:
    """Say one of `BUILDS` as a person reads it: "the CPU", "CUDA 12.6"."""
    return "the CPU" if build == "cpu" else f"CUDA {build[2:4]}.{build[4:]}"


def find_nvidia_smi() -> str | None:
    """Find the driver's program; None where there is none."""
    in_wsl = NVIDIA_SMI_IN_WSL if os.access(NVIDIA_SMI_IN_WSL, os.X_OK) else None
    return shutil.which("nvidia-smi") or in_wsl


def ask_driver(program: str, query: str) -> list[list[str]] | None:
    """Ask nvidia-smi; a list of answers for each GPU, None where it gives none."""
    import subprocess  # late, as below: the command line imports this file, and its help comes at once

    command = [program, f"--query-gpu={query}", "--format=csv,noheader"]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            encoding="utf-8",
            timeout=NVIDIA_SMI_LIMIT_S,
            check=True,
            creationflags=engine.machine.NO_CONSOLE,
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return None
    lines = [[word.strip() for word in line.split(",")] for line in done.stdout.splitlines() if line.strip()]
    return lines or None


def registry_build() -> str:
    """Name the build that the usual package registry has for this computer; "" where that is not known."""
    if sys.platform != "linux":
        return "cpu"
    return "cu130" if os.uname().machine == "x86_64" else ""


def index_url(build: str) -> str:
    """Return the address of the index that holds `build`."""
    return f"{os.environ.get(INDEX_VARIABLE, INDEX).rstrip('/')}/{build}"


def index_answers(build: str, limit_s: float = INDEX_LIMIT_S) -> bool:
    """Ask whether the index that holds `build` answers within `limit_s`, the time to look up its name included."""
    import urllib.request  # late: with TLS and HTTP it takes 50 ms, and the command line imports this file

    answers = threading.Event()
    request = urllib.request.Request(f"{index_url(build)}/torch/", method="HEAD")

    def ask() -> None:
        try:
            with urllib.request.urlopen(request, timeout=limit_s):
                answers.set()
        except (OSError, ValueError):
            pass
        finally:
            done.set()

    done = threading.Event()
    # A thread: the time that a name takes to be looked up has no limit of its own.
    threading.Thread(target=ask, name="pytorch-index", daemon=True).start()
    return done.wait(limit_s) and answers.is_set()
