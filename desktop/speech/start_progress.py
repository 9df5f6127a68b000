"""How far an engine's start is, between the times at which its process says so. No Qt here."""

from __future__ import annotations

from dataclasses import dataclass

ALMOST = 0.99
"""Only the process knows when it is ready."""


@dataclass(frozen=True, slots=True)
class StartProgress:
    """`fraction` was done at `at_s` (monotonic seconds); `left_s` was about what was left, None when unknown."""

    fraction: float = 0.0
    left_s: float | None = None
    at_s: float = 0.0

    def fraction_at(self, now_s: float) -> float:
        """In whole per cents, so that a view changes when a person sees it."""
        if not self.left_s:
            return self.fraction
        passed = min(1.0, (now_s - self.at_s) / self.left_s)
        return int(100 * max(self.fraction, min(ALMOST, self.fraction + (1 - self.fraction) * passed))) / 100

    def left_at(self, now_s: float) -> float | None:
        """Rounded as a guess is; None when nobody knows, or it takes longer than the last time."""
        if self.left_s is None:
            return None
        left_s = self.left_s - (now_s - self.at_s)
        if left_s < 1:
            return None
        return float(5 * round(left_s / 5) if left_s >= 10 else round(left_s))
