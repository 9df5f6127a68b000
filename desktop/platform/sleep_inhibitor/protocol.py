"""Defines what keeps a computer awake."""

from __future__ import annotations

from typing import Protocol


class SleepInhibitor(Protocol):
    """Keeps a computer awake. Held and released from one thread, each any number of times. However the program ends,
    the system releases it."""

    problem: str
    """Why the computer may fall asleep all the same, a sentence; "" when nothing is known against it."""

    def hold(self) -> None:
        """Keep the computer awake from now on. Never raises."""
        ...

    def release(self) -> None:
        """Let it sleep again."""
        ...
