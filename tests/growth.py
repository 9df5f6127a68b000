"""How much longer work takes for more of the same: a check that it is linear, whatever the machine does beside it."""

from __future__ import annotations

import time
from collections.abc import Callable

FACTOR = 4
MOST = 2.2 * FACTOR
"""Quadratic work would take 16 times as long for four times as much, linear work 4 times and a little more."""
TRIES = 4
_TOO_SHORT_S = 0.02


def assert_linear(work: Callable[[int], Callable[[], object]], n: int) -> None:
    """`work(n)` makes what is to be done for so much; in processor time, the best of some tries."""
    small, large = work(n), work(FACTOR * n)
    small()  # imports, caches
    best = float("inf")
    for _ in range(TRIES):
        before_s = _seconds(small)
        after_s = _seconds(large)
        best = min(best, after_s / max(before_s, _TOO_SHORT_S / FACTOR))
        if best <= MOST or after_s < _TOO_SHORT_S:
            return
    raise AssertionError(f"{FACTOR} times as much takes {best:.1f} times as long")


def _seconds(work: Callable[[], object]) -> float:
    before_s = time.process_time()
    work()
    return time.process_time() - before_s
