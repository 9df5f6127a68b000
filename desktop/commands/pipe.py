"""Standard output as a pipe whose reader may stop reading: who is asked to end does not wait for it."""

from __future__ import annotations

import os
import select
import sys
from typing import IO

from engine import CancelToken

LOOK_S = 0.1


class Pipe:
    """A file to write to, for who needs no more of one. On Windows, where nobody can ask a pipe, it waits."""

    def __init__(self, file: IO[bytes], cancel: CancelToken) -> None:
        self._file, self._cancel = file, cancel

    def write(self, data: bytes) -> int:
        """Write all of `data`. Raises OSError, of which BrokenPipeError also where the token is set while the reader
        reads nothing."""
        if sys.platform == "win32":
            return self._file.write(data)
        left, descriptor = memoryview(data), self._file.fileno()
        while left:
            while not select.select([], [descriptor], [], LOOK_S)[1]:
                if self._cancel.cancelled:
                    raise BrokenPipeError
            left = left[os.write(descriptor, left[: select.PIPE_BUF]) :]  # so many it takes at once
        return len(data)

    def flush(self) -> None:
        self._file.flush()
