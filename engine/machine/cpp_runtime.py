"""Microsoft's C++ runtime on Windows, without which espeak-ng, onnxruntime and PyTorch do not load. Windows does not
bring it, and most computers have it from some other program's installer."""

from __future__ import annotations

import ctypes
import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path

IS_NEEDED = os.name == "nt"
LIBRARIES = ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll")
CARRIERS = ("shiboken6", "PySide6")
"""Packages whose wheels hold the libraries. They are found without being imported."""


def missing_cpp_runtime(load: Callable[[str], object] = ctypes.CDLL) -> tuple[str, ...]:
    """Load Microsoft's C++ runtime into this process, the system's or a package's, and return the names of the
    libraries that are nowhere: () where all is well, and on other systems.

    Windows takes what is loaded under a name already for whoever wants that name later.
    """
    if not IS_NEEDED:
        return ()
    return tuple(name for name in LIBRARIES if not _loads(name, load))


def _loads(name: str, load: Callable[[str], object]) -> bool:
    for place in (name, *(str(folder / name) for folder in _carriers())):
        try:
            load(place)
        except OSError:
            continue
        return True
    return False


def _carriers() -> Iterator[Path]:
    for package in CARRIERS:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            yield Path(folder)
