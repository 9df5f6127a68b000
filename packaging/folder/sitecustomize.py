"""Finds the libraries that the folder brings before the computer's. Python imports this at its start."""

import ctypes.util
from pathlib import Path

_OWN = Path(__file__).resolve().parents[1]
_of_the_computer = ctypes.util.find_library


def _find_library(name: str) -> str | None:
    own = sorted(_OWN.glob(f"lib{name}.so.*"))
    return str(own[0]) if own else _of_the_computer(name)


ctypes.util.find_library = _find_library
