"""How long this computer has slept, to notice that it did: a GPU may not work after a suspend."""

from __future__ import annotations

import sys
import time


def slept_s() -> float:
    """Seconds asleep since the computer was started; only differences matter.

    Exact on Linux and Windows. Elsewhere a wall clock that is put forward looks the same.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC)
    if sys.platform == "win32":
        import ctypes

        awake = ctypes.c_ulonglong()  # in 100 ns
        ctypes.windll.kernel32.QueryUnbiasedInterruptTime(ctypes.byref(awake))
        return ctypes.windll.kernel32.GetTickCount64() / 1e3 - awake.value / 1e7
    return time.time() - time.monotonic()
