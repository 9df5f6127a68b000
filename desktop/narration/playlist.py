"""Knows which sentences of a book have sound, and where: filled by who narrates, read by who plays. No Qt here."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """Describes one sentence; `path` None has no sound yet, and `is_silent` never will."""

    chapter: int
    index: int
    pause_ms: int
    path: Path | None = None
    is_silent: bool = False


class Playlist:
    """Holds the sentences of a book, in order. For any thread."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._lock = threading.Lock()
        self._entries: list[Entry] = []
        self._places: dict[tuple[int, int], int] = {}
        self.set_all(entries)

    def set_all(self, entries: Iterable[Entry]) -> None:
        with self._lock:
            self._entries = list(entries)
            self._places = {(entry.chapter, entry.index): i for i, entry in enumerate(self._entries)}

    def set_path(self, chapter: int, index: int, path: Path | None) -> None:
        """Say where a sentence has its sound; with None it never will."""
        with self._lock:
            place = self._places.get((chapter, index))
            if place is not None:
                self._entries[place] = replace(self._entries[place], path=path, is_silent=path is None)

    def place(self, chapter: int, index: int = 0) -> int | None:
        with self._lock:
            return self._places.get((chapter, index))

    def entry(self, place: int) -> Entry | None:
        """Look up a sentence; None behind the end."""
        with self._lock:
            return self._entries[place] if place < len(self._entries) else None
