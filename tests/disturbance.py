"""Whether this computer was too busy for what has to happen in time, and trying again when it was.

Sound is played in real time here. A machine that gives these processes no time for a tenth of a second makes a gap
in the sound that is no fault of the player's; a fault of the player's own is there at each attempt.
"""

from __future__ import annotations

import functools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec

import pytest

MAX_ATTEMPTS = 8  # four did not outlast a noisy neighbour
MIN_ATTEMPTS = 3
OVERLOAD = 3  # processes for each core, on an average of the last minute; the tests themselves make one and a half
OVERLOADED = "this computer is too busy for what has to happen in time"
STALL_S = 0.03
QUIET_S = 0.5
MAX_WAIT_S = 20.0  # for a quiet half second, before the next attempt
_PRESSURE = Path("/proc/pressure")  # Linux: how long some task waited for CPU, memory or disk
_BEAT_S = 0.01  # quick enough for a stall to stand out; a fifth of it took two hundredths of a processor
_Arguments = ParamSpec("_Arguments")


@contextmanager
def watched() -> Iterator[Callable[[], bool]]:
    """The yielded function says whether something was kept from running since."""
    over, longest_s, pressure_s = threading.Event(), [0.0], _pressure_s()

    def watch() -> None:
        before = time.monotonic()
        while not over.wait(_BEAT_S):
            now = time.monotonic()
            longest_s[0], before = max(longest_s[0], now - before), now

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield lambda: longest_s[0] > STALL_S or _pressure_s() - pressure_s > STALL_S
    finally:
        over.set()
        watcher.join()


def wait_for_quiet() -> None:
    """Return after half a second in which nothing had to wait, or after `MAX_WAIT_S`."""
    deadline = time.monotonic() + MAX_WAIT_S
    while time.monotonic() < deadline:
        with watched() as was_disturbed:
            time.sleep(QUIET_S)
            if not was_disturbed():
                return


def skip_when_overloaded() -> None:
    """Skip, loudly, what has to happen in time on a computer that is asked for three times what it can do: there it
    does not, and attempts that take minutes would tell nothing else."""
    n_busy, n_cores = os.getloadavg()[0], os.cpu_count() or 1
    if n_busy > OVERLOAD * n_cores:
        pytest.skip(f"{OVERLOADED}: {n_busy:.0f} processes want its {n_cores} cores. It failed {MIN_ATTEMPTS} times.")


def undisturbed(test: Callable[_Arguments, None]) -> Callable[_Arguments, None]:
    """`test`, again when it failed and something was kept from running meanwhile."""

    @functools.wraps(test)
    def run(*arguments: _Arguments.args, **named: _Arguments.kwargs) -> None:
        for n_left in reversed(range(MAX_ATTEMPTS)):
            with watched() as was_disturbed:
                try:
                    test(*arguments, **named)
                except AssertionError:
                    if not was_disturbed():
                        raise
                    if n_left <= MAX_ATTEMPTS - MIN_ATTEMPTS:
                        skip_when_overloaded()
                    if not n_left:
                        raise
                else:
                    return
            wait_for_quiet()

    return run


def _pressure_s() -> float:
    """Seconds in which some task waited, since the start; 0 where the system does not tell."""
    waited_us = 0
    for resource in ("cpu", "memory", "io"):
        try:
            some = (_PRESSURE / resource).read_text().splitlines()[0]
        except (OSError, IndexError):
            continue
        waited_us += int(some.rpartition("total=")[2])
    return waited_us / 1e6
