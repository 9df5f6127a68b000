"""Asks NVIDIA's driver, by the program that comes with it: what is there, without loading PyTorch."""

from __future__ import annotations

import os
import shutil

import engine.machine

NVIDIA_SMI_IN_WSL = "/usr/lib/wsl/lib/nvidia-smi"
"""In WSL2 it is often not on PATH."""
NVIDIA_SMI_LIMIT_S = 20.0


def find_nvidia_smi() -> str | None:
    """Find the driver's program; None where there is none."""
    in_wsl = NVIDIA_SMI_IN_WSL if os.access(NVIDIA_SMI_IN_WSL, os.X_OK) else None
    return shutil.which("nvidia-smi") or in_wsl


def ask_driver(program: str, query: str) -> list[list[str]] | None:
    """Ask nvidia-smi; a list of answers for each GPU, None where it gives none within `NVIDIA_SMI_LIMIT_S`."""
    import subprocess  # late: the command line imports this file, and its help comes at once

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
