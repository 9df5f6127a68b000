"""Stands where there is no way to keep the computer awake."""

from __future__ import annotations


class NullInhibitor:
    def __init__(self, problem: str) -> None:
        self.problem = problem

    def hold(self) -> None: ...

    def release(self) -> None: ...
