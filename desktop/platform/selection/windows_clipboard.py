"""Reads Windows' clipboard, and saves and puts back all that it holds. Not yet run on Windows."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import wintypes
from typing import Any

from desktop.platform.selection.reader import NothingReadError

CF_UNICODETEXT = 13
GMEM_MOVEABLE = 0x2
OPEN_LIMIT_S = 0.5  # one program has the clipboard open at a time, for moments
OPEN_POLL_S = 0.01

# Handles of pictures and not of memory. Windows makes CF_BITMAP and CF_PALETTE anew from the CF_DIB beside them.
MADE_FROM_DIB = {2, 9}
NOT_MEMORY = {3, 14, 0x82, 0x83, 0x8E}  # metafiles, owner-drawn and display formats

Contents = dict[int, bytes]
"""By format, in the order of its owner."""


class Clipboard:
    """Reads and restores the clipboard. Used from one thread."""

    def __init__(self) -> None:
        self._user32: Any = ctypes.WinDLL("user32", use_last_error=True)  # type: ignore[attr-defined]
        self._kernel32: Any = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]
        self._user32.GetClipboardData.restype = wintypes.HANDLE
        self._user32.SetClipboardData.argtypes = (wintypes.UINT, wintypes.HANDLE)
        self._user32.SetClipboardData.restype = wintypes.HANDLE
        for name in ("GlobalLock", "GlobalUnlock", "GlobalSize", "GlobalFree"):
            getattr(self._kernel32, name).argtypes = (wintypes.HGLOBAL,)
        self._kernel32.GlobalLock.restype = ctypes.c_void_p
        self._kernel32.GlobalSize.restype = ctypes.c_size_t
        self._kernel32.GlobalFree.restype = wintypes.HGLOBAL
        self._kernel32.GlobalAlloc.argtypes = (wintypes.UINT, ctypes.c_size_t)
        self._kernel32.GlobalAlloc.restype = wintypes.HGLOBAL

    def number(self) -> int:
        """Return its number, which changes with the clipboard."""
        return self._user32.GetClipboardSequenceNumber()

    def text(self) -> str:
        """Read its text; "" without one. Raises `NothingReadError` where another program holds it open."""
        with self._opened():
            data = self._bytes(CF_UNICODETEXT) or b""
        return data[: len(data) // 2 * 2].decode("utf-16-le", errors="replace").partition("\0")[0]

    def save(self) -> Contents | None:
        """Copy all that it holds; None where some of it could not be put back."""
        with self._opened():
            formats = list(self._formats())
            if any(number in NOT_MEMORY or 0x300 <= number <= 0x3FF for number in formats):
                return None
            contents: Contents = {}
            for number in formats:
                if number in MADE_FROM_DIB:
                    continue
                data = self._bytes(number)
                if data is None:
                    return None
                contents[number] = data
            return contents

    def restore(self, contents: Contents, only_if: int) -> None:
        """Put `contents` back, if the clipboard's number still is `only_if`: else somebody has copied since."""
        with self._opened():
            if self.number() != only_if:
                return
            self._user32.EmptyClipboard()
            for number, data in contents.items():
                self._put(number, data)

    @contextmanager
    def _opened(self) -> Iterator[None]:
        limit_s = time.monotonic() + OPEN_LIMIT_S
        while not self._user32.OpenClipboard(None):
            if time.monotonic() > limit_s:
                raise NothingReadError("Another program holds the clipboard open. Try again.")
            time.sleep(OPEN_POLL_S)
        try:
            yield
        finally:
            self._user32.CloseClipboard()

    def _formats(self) -> Iterator[int]:
        number = 0
        while number := self._user32.EnumClipboardFormats(number):
            yield number

    def _bytes(self, number: int) -> bytes | None:
        handle = self._user32.GetClipboardData(number)
        address = self._kernel32.GlobalLock(handle) if handle else None
        if not address:
            return None
        try:
            return ctypes.string_at(address, self._kernel32.GlobalSize(handle))
        finally:
            self._kernel32.GlobalUnlock(handle)

    def _put(self, number: int, data: bytes) -> None:
        handle = self._kernel32.GlobalAlloc(GMEM_MOVEABLE, max(len(data), 1))
        address = self._kernel32.GlobalLock(handle) if handle else None
        if not address:
            return
        ctypes.memmove(address, data, len(data))
        self._kernel32.GlobalUnlock(handle)
        if not self._user32.SetClipboardData(number, handle):  # else it is Windows' own from now on
            self._kernel32.GlobalFree(handle)
