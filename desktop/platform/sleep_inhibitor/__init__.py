"""Keeps the computer awake while a book is narrated: one protocol, one file per platform, and a null one that says why
there is none."""

from __future__ import annotations

import sys

from desktop.platform.sleep_inhibitor.null import NullInhibitor
from desktop.platform.sleep_inhibitor.protocol import SleepInhibitor

__all__ = ["NullInhibitor", "SleepInhibitor", "open_inhibitor"]


def open_inhibitor() -> SleepInhibitor:
    """Open what keeps this computer awake, which it does once it is held."""
    if sys.platform == "win32":
        from desktop.platform.sleep_inhibitor.windows import WindowsInhibitor

        return WindowsInhibitor()
    if sys.platform == "linux":
        from desktop.platform.sleep_inhibitor.logind import LogindInhibitor

        return LogindInhibitor()
    return NullInhibitor(f"Lectern cannot keep a computer with {sys.platform} awake.")
