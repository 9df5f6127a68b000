"""The check whether what only S1 Mini needs is installed, and whether it loads. Importing this imports none of it."""

from __future__ import annotations

import importlib
import importlib.util
from dataclasses import dataclass

from engine.errors import TorchError
from engine.machine.cpp_runtime import missing_cpp_runtime

PACKAGES = ("torch", "tiktoken")


@dataclass(frozen=True, slots=True)
class GpuReport:
    """Describe one GPU as PyTorch sees it. `capability` is CUDA's, such as "8.9"."""

    name: str
    memory_bytes: int
    free_bytes: int
    capability: str
    has_kernels: bool
    """False when this build of PyTorch holds no code for so old or so new a card."""


@dataclass(frozen=True, slots=True)
class TorchReport:
    """Describe what PyTorch is and sees; `cuda_build` None for a CPU-only build. `warning` is what it said about the
    driver. `why_not_compiled`: why frames are captured on a GPU as PyTorch's own operators, in a word; "" if they are
    compiled first."""

    version: str
    cuda_build: str | None
    gpus: tuple[GpuReport, ...]
    warning: str = ""
    why_not_compiled: str = ""


def is_torch_installed() -> bool:
    """Return whether PyTorch and what goes with it are installed; nothing is imported, so they may be broken."""
    importlib.invalidate_caches()  # they may have come while this process ran
    try:
        return all(importlib.util.find_spec(name) is not None for name in PACKAGES)
    except (ImportError, ValueError):
        return False


def require_torch() -> None:
    """Import PyTorch and what goes with it. Raises `TorchError`."""
    if missing := missing_cpp_runtime():
        raise TorchError("no_runtime", PACKAGES[0], ", ".join(missing))
    for name in PACKAGES:
        try:
            # What a broken removal leaves behind imports as an empty package.
            importlib.import_module(name).__version__  # noqa: B018
        except ModuleNotFoundError as error:
            raise TorchError("missing" if error.name == name else "broken", name, str(error)) from error
        # A library of another version, one that is missing, a file that is cut short, or one for another Python.
        except (ImportError, OSError, AttributeError, RuntimeError, SyntaxError, NameError, TypeError) as error:
            raise TorchError("broken", name, f"{type(error).__name__}: {error}".splitlines()[0]) from error
