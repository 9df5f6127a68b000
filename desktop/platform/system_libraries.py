"""Finds what no Python package brings on Linux: the sound library, and Qt's way to an X screen."""

from __future__ import annotations

import ctypes
import shutil
import sys
from collections.abc import Sequence

_WANTED = {"libportaudio.so.2": ("libportaudio2", "libasound2-plugins"), "libxcb-cursor.so.0": ("libxcb-cursor0",)}
"""By their names for the loader, the packages of Debian that bring them."""


def missing_libraries() -> list[str]:
    """List the packages of Debian that bring what is missing; nothing on other systems, whose wheels hold all."""
    return (
        []
        if sys.platform != "linux"
        else [name for library in _WANTED if not _loads(library) for name in _WANTED[library]]
    )


def how_to_install(packages: Sequence[str]) -> str:
    """Write the command that a person runs, or where there is no apt, what to look for."""
    if shutil.which("apt-get"):
        return f"sudo apt-get install --no-install-recommends {' '.join(packages)}"
    return f"your system's packages of PortAudio and xcb-util-cursor (Debian's: {', '.join(packages)})"


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
