"""What a command tells the person who started it, on standard error."""

from __future__ import annotations

import sys
from typing import TextIO

import engine

_CLEAR_LINE = "\r\x1b[K"


class Terminal:
    """Lines that stay, and on a terminal one line of progress that does not.

    Nothing is written where standard error is closed.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._is_live = stream is not None and stream.isatty()
        self._has_progress = False

    @property
    def is_live(self) -> bool:
        """Whether a line of progress is seen."""
        return self._is_live

    def say(self, line: object) -> None:
        self._write(f"{engine.readable_name(str(line))}\n")

    def progress(self, line: str) -> None:
        if self._is_live:
            self._write(engine.readable_name(line))
            self._has_progress = True

    def clear(self) -> None:
        if self._has_progress:
            self._write("")

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        self._stream.write(f"{_CLEAR_LINE}{text}" if self._has_progress else text)
        self._has_progress = False
        self._stream.flush()


def standard_error() -> Terminal:
    return Terminal(sys.stderr)
