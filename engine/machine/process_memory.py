"""The computer's memory that this process has."""

from __future__ import annotations

import sys
from pathlib import Path


def resident_bytes() -> int | None:
    """Return the memory that this process has now, in bytes; None where the system does not say."""
    return _status_bytes("VmRSS:")


def peak_resident_bytes() -> int | None:
    """Return the most memory that this process has had, in bytes; None where the system does not say.

    Not by `getrusage`: its peak begins with that of whoever started this process.
    """
    return _status_bytes("VmHWM:")


def _status_bytes(name: str) -> int | None:
    if sys.platform != "linux":
        return None
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(name):
            return int(line.split()[1]) * 1024
    return None
