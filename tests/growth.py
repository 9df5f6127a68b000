"""How much longer work takes for more of the same: a check that it is linear, whatever the machine does beside it."""

from __future__ import annotations

import time
from collections.abc import Callable

FACTOR = 8
MOST = 2.2 * FACTOR
"""Quadratic work would take 64 times as long for eight times as much, linear work 8 times and a little more."""
TRIES = 4
_TOO_SHORT_S = 0.02


def assert_linear(work: Callable[[int], Callable[[], object]], n: int, least_s: float = _TOO_SHORT_S / FACTOR) -> None:
    """`work(n)` makes what is to be done for so much; in processor time, the best of some tries. What takes less than
    `least_s` for `n` is taken for that: a text may be so short that some of the work is not done at all."""
    small, large = work(n), work(FACTOR * n)
    work(n // 10 + 1)()  # imports, caches
    best = float("inf")
    for _ in range(TRIES):
        before_s = _seconds(small)
        after_s = _seconds(large)
        best = min(best, after_s / max(before_s, least_s))
        if best <= MOST or after_s < _TOO_SHORT_S:
            return
    raise AssertionError(f"{FACTOR} times as much takes {best:.1f} times as long")


def _seconds(work: Callable[[], object]) -> float:
    before_s = time.process_time()
    work()
    return time.process_time() - before_s
