"""Writes what a command says to the person who started it, on standard error; and standard output, where it is a
terminal.

Nothing that others wrote reaches a terminal as an order to it: not in a file's name, not in what the Hub says.
"""

from __future__ import annotations

import io
import sys
import unicodedata
from typing import TextIO

from desktop.common.plain_text import plain

_CLEAR_LINE = "\r\x1b[K"
_ENABLE_VIRTUAL_TERMINAL_PROCESSING = 0x4
_STD_ERROR_HANDLE = -12


class Terminal:
    """Writes lines that stay, and on a terminal one line of progress that does not.

    Nothing is written where standard error is closed.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._is_live = stream is not None and stream.isatty()
        self._takes_orders = self._is_live and understands_orders()
        self._progress = ""

    @property
    def is_live(self) -> bool:
        """Say whether a line of progress is seen."""
        return self._is_live

    def say(self, line: object) -> None:
        self._write(f"{plain(str(line))}\n")

    def progress(self, line: str) -> None:
        if self._is_live:
            shown = plain(line)
            self._write(shown)
            self._progress = shown

    def clear(self) -> None:
        if self._progress:
            self._write("")

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        self._stream.write(f"{self._clearance()}{text}" if self._progress else text)
        self._progress = ""
        self._stream.flush()

    def _clearance(self) -> str:
        if self._takes_orders:
            return _CLEAR_LINE
        blank = " " * sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in self._progress)
        return f"\r{blank}\r"


def understands_orders() -> bool:
    """Say whether the terminal at standard error takes its orders as escape sequences; a console of Windows' is made
    to, and the oldest cannot."""
    if sys.platform != "win32":
        return True
    import ctypes
    from ctypes import wintypes

    kernel32 = ctypes.windll.kernel32
    kernel32.GetStdHandle.restype = wintypes.HANDLE
    kernel32.GetConsoleMode.argtypes = (wintypes.HANDLE, ctypes.POINTER(wintypes.DWORD))
    kernel32.SetConsoleMode.argtypes = (wintypes.HANDLE, wintypes.DWORD)
    console, mode = kernel32.GetStdHandle(_STD_ERROR_HANDLE), wintypes.DWORD()
    if not kernel32.GetConsoleMode(console, ctypes.byref(mode)):
        return False
    return bool(kernel32.SetConsoleMode(console, mode.value | _ENABLE_VIRTUAL_TERMINAL_PROCESSING))


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
