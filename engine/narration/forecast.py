"""How long the rest of a narration takes, told from how long the last sentences took for their length."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence

from engine.narration.store import Take

N_RECENT = 60
"""Enough that one hiccup does not show in the median, few enough that another load does soon."""


class Forecast:
    """The clock runs between `note`s, so it counts whatever a sentence costs, and batches as their share."""

    def __init__(
        self, chars: Iterable[float], known: Iterable[Take], clock_s: Callable[[], float] = time.monotonic
    ) -> None:
        """`chars` are the weights of all sentences, `known` the takes that are there already."""
        known = list(known)
        self._total = sum(chars)
        self._done = sum(take.chars for take in known)
        # Until there is something of this run's own, what it took in an earlier one.
        self._rates: deque[float] = deque(
            (take.compute_s / take.chars for take in known[-N_RECENT:] if take.chars), maxlen=N_RECENT
        )
        self._clock_s = clock_s
        self._is_fresh = False
        self._since_s = clock_s()

    @property
    def fraction(self) -> float:
        return self._done / self._total if self._total else 1.0

    @property
    def left_s(self) -> float | None:
        if not self._rates:
            return None
        return max(0.0, self._total - self._done) * statistics.median(self._rates)

    def begin(self) -> None:
        self._since_s = self._clock_s()

    def note(self, takes: Sequence[Take], n_skipped_chars: float = 0.0) -> None:
        """Sentences that came together are done; those that have no sound count as done too."""
        n_chars = sum(take.chars for take in takes)
        now_s = self._clock_s()
        took_s, self._since_s = now_s - self._since_s, now_s
        self._done += n_chars + n_skipped_chars
        if not n_chars:
            return
        if not self._is_fresh:
            self._rates.clear()
            self._is_fresh = True
        self._rates.extend([took_s / n_chars] * min(len(takes), N_RECENT))
