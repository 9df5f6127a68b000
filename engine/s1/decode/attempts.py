"""What is remembered of attempts that may take the whole process down."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path

from engine.files.disk import move
from engine.files.json_files import parse_json

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
        self._write({"key": self._key, "way": name, "n_lost": n_lost + 1, "at_s": time.time()})
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                if self._path is not None:
                    self._path.unlink(missing_ok=True)

    def _n_lost(self, name: str) -> int:
        match self._read():
            case {"key": self._key, "way": way, "n_lost": int(n), "at_s": float(at_s)} if way == name:
                return n if abs(time.time() - at_s) < MEMORY_S else 0
        return 0

    def _read(self) -> object:
        try:
            return parse_json(self._path.read_bytes()) if self._path else None
        except (OSError, ValueError):
            return None

    def _write(self, values: dict[str, object]) -> None:
        if self._path is None:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside = self._path.with_suffix(".new")
            beside.write_text(json.dumps(values), encoding="utf-8")
            move(beside, self._path)
