"""Writes what a command says to the person who started it, on standard error; and standard output, where it is a
terminal.

Nothing that others wrote reaches a terminal as an order to it: not in a file's name, not in what the Hub says.
"""

from __future__ import annotations

import io
import sys
from typing import TextIO

from desktop.common.plain_text import plain

_CLEAR_LINE = "\r\x1b[K"


class Terminal:
    """Writes lines that stay, and on a terminal one line of progress that does not.

    Nothing is written where standard error is closed.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._is_live = stream is not None and stream.isatty()
        self._has_progress = False

    @property
    def is_live(self) -> bool:
        """Say whether a line of progress is seen."""
        return self._is_live

    def say(self, line: object) -> None:
        self._write(f"{plain(str(line))}\n")

    def progress(self, line: str) -> None:
        if self._is_live:
            self._write(plain(line))
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


class _PlainOutput(io.TextIOWrapper):
    """Standard output on a terminal."""

    def write(self, text: str, /) -> int:
        super().write(plain(text))
        return len(text)


def make_stdout_plain() -> None:
    """Have standard output take names that are no text, and on a terminal show nothing but text."""
    if not isinstance(sys.stdout, io.TextIOWrapper):  # there is none, or somebody has put another there
        return
    if not sys.stdout.isatty():  # a program reads it, which must get what is there
        sys.stdout.reconfigure(errors="backslashreplace")
        return
    encoding = sys.stdout.encoding
    sys.stdout = _PlainOutput(sys.stdout.detach(), encoding, "backslashreplace", line_buffering=True)
