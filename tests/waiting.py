"""Waiting for what sends no signal: another process, or a thread that tells nobody."""

from __future__ import annotations

import time
from collections.abc import Callable

LIMIT_S = 120.0
"""For whatever is to happen in a test. Only what never happens takes so long, however busy the computer is."""
LIMIT_MS = round(1000 * LIMIT_S)


def wait_until(condition: Callable[[], bool], what: str, limit_s: float = LIMIT_S) -> None:
    """Return when `condition` holds."""
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.005)
