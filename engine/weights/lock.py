"""One download a folder: a lock of the system's, which ends with its process however that ends."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.errors import HubError
from engine.files.disk import as_output_error, try_lock
from engine.weights.records import LOCK_NAME


class FolderLock:
    """Hold `folder` for one download. A context manager: the folder is made if need be, and removed at the end if it is
    empty.

    Entering raises `HubError` ("busy") where another download holds it, and `OutputError`.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / LOCK_NAME

    def __enter__(self) -> Self:
        while True:
            with as_output_error(self._folder):
                self._folder.mkdir(parents=True, exist_ok=True)
                try:
                    self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
                except FileNotFoundError:
                    continue  # whoever held it removed the folder between our making and our opening
            if not try_lock(self._descriptor):
                os.close(self._descriptor)
                raise HubError("busy", str(self._folder))
            if self._is_still_there():
                return self
            os.close(self._descriptor)  # whoever held it removed it between our opening and our locking

    def _is_still_there(self) -> bool:
        try:
            return os.path.samestat(os.fstat(self._descriptor), os.stat(self._path))  # noqa: PTH116  with samestat
        except OSError:
            return False

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if sys.platform == "win32":  # an open file cannot be removed there
            os.close(self._descriptor)
            self._path.unlink(missing_ok=True)
        else:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
        with contextlib.suppress(OSError):  # it is not empty
            self._folder.rmdir()
