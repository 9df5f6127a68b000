"""Follows what was typed into a text since a reading of it began: a place in one is a place in the other."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class _Edit:
    at: int
    n_removed: int
    n_added: int


class Edits:
    """Maps places over edits. Places count in whatever unit the edits were given in. O(edits) a place; typing on makes
    one edit grow."""

    def __init__(self) -> None:
        self._edits: list[_Edit] = []

    def __bool__(self) -> bool:
        return bool(self._edits)

    def add(self, at: int, n_removed: int, n_added: int) -> None:
        if self._edits and n_removed == 0:
            last = self._edits[-1]
            if at == last.at + last.n_added:
                self._edits[-1] = _Edit(last.at, last.n_removed, last.n_added + n_added)
                return
        self._edits.append(_Edit(at, n_removed, n_added))

    def forward(self, place: int) -> int:
        """Return where a place of the read text is now; one that was removed is where the removal was."""
        for edit in self._edits:
            if place >= edit.at + edit.n_removed:
                place += edit.n_added - edit.n_removed
            elif place > edit.at:
                place = edit.at + edit.n_added
        return place

    def backward(self, place: int) -> int:
        """Return which place of the read text this is; one that was added is where the addition was."""
        for edit in reversed(self._edits):
            if place >= edit.at + edit.n_added:
                place += edit.n_removed - edit.n_added
            elif place > edit.at:
                place = edit.at
        return place
