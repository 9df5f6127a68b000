"""Keeps a Windows computer awake by SetThreadExecutionState, which ends with the thread that called it."""

from __future__ import annotations

import sys

_CONTINUOUS = 0x8000_0000
_SYSTEM_REQUIRED = 0x0000_0001


class WindowsInhibitor:
    def __init__(self) -> None:
        self.problem = ""

    def hold(self) -> None:
        if not _set_state(_CONTINUOUS | _SYSTEM_REQUIRED):
            self.problem = "The computer may fall asleep meanwhile, because Windows refused to stay awake."

    def release(self) -> None:
        _set_state(_CONTINUOUS)


def _set_state(flags: int) -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    return ctypes.windll.kernel32.SetThreadExecutionState(flags) != 0
