"""What is remembered of attempts that may take the whole process down."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from engine.files.json_files import keep_object, object_in

MAX_LOST_ATTEMPTS = 2
MEMORY_S = 7 * 24 * 3600.0


class AttemptMemo:
    """Remembers on disk what is being tried: a backend that took the whole process down twice is not tried again.

    Twice, because a process is also ended by people; for a week, and for one machine and version only (`key`). A file
    that cannot be read or written counts as none.
    """

    def __init__(self, path: Path | None = None, key: str = "") -> None:
        self._path, self._key = path, key

    def why_not(self, name: str) -> str:
        return "crashed" if self._n_lost(name) >= MAX_LOST_ATTEMPTS else ""

    @contextlib.contextmanager
    def attempt(self, name: str) -> Iterator[None]:
        """Remember the attempt for as long as it lasts, however it ends."""
        n_lost = self._n_lost(name)
        keep_object(self._path, {"key": self._key, "way": name, "n_lost": n_lost + 1, "at_s": time.time()})
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                if self._path is not None:
                    self._path.unlink(missing_ok=True)

    def _n_lost(self, name: str) -> int:
        match object_in(self._path):
            case {"key": self._key, "way": way, "n_lost": int(n), "at_s": float(at_s)} if way == name:
                return n if abs(time.time() - at_s) < MEMORY_S else 0
        return 0
