"""Programs that change one folder take turns: an engine keeps codes while a dialog renames."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def turn_in(folder: Path) -> Iterator[None]:
        """Waits for the others, ten seconds at most. `folder` exists. Raises OSError."""
        descriptor = os.open(folder / ".turn", os.O_RDWR | os.O_CREAT, 0o600)  # a folder cannot be locked there
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
            yield
        finally:
            os.close(descriptor)
else:
    import fcntl

    @contextmanager
    def turn_in(folder: Path) -> Iterator[None]:
        """Waits for the others, who hold it for as long as a file is written. `folder` exists. Raises OSError."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)  # which ends with its process, however that ends
            yield
        finally:
            os.close(descriptor)
