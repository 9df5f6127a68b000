"""Time spent making sound, without the time in which the listener holds the generator up."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator


class ComputeClock:
    """Runs from its making on, and stands still while `paused`."""

    def __init__(self) -> None:
        self._since = time.perf_counter()
        self._before_s = 0.0
        self.ttfa_ms = 0.0

    @property
    def compute_s(self) -> float:
        return self._before_s + time.perf_counter() - self._since

    def note_audio(self) -> None:
        """Note that samples are ready; the first call counts."""
        self.ttfa_ms = self.ttfa_ms or self.compute_s * 1000

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stand still: around each yield."""
        self._before_s = self.compute_s
        try:
            yield
        finally:
            self._since = time.perf_counter()
