"""Reads Windows' clipboard, and saves and puts back all that it holds."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import wintypes
from dataclasses import dataclass
from typing import Any

from desktop.platform.selection.reader import NothingReadError

CF_METAFILEPICT, CF_UNICODETEXT, CF_ENHMETAFILE, CF_DSPENHMETAFILE = 3, 13, 14, 0x8E
GMEM_MOVEABLE = 0x2
HWND_MESSAGE = -3
OPEN_LIMIT_S = 0.5  # one program has the clipboard open at a time, for moments
RESTORE_LIMIT_S = 2.0  # what is not put back is lost
OPEN_POLL_S = 0.01

MADE_BY_WINDOWS = {2, CF_METAFILEPICT, 9}
"""Of CF_DIB and CF_ENHMETAFILE, which stand beside them: bitmap, old metafile, palette."""
METAFILES = {CF_ENHMETAFILE, CF_DSPENHMETAFILE}

# How editors mark a line that was copied because nothing was selected: Visual Studio, Scintilla (Notepad++), VS Code.
LINE_FORMATS = {"MSDEVLineSelect", "VisualStudioEditorOperationsLineCutCopyClipboardTag"}
CHROMIUM_FORMAT, CHROMIUM_MARK = "Chromium Web Custom MIME Data Format", '"isFromEmptySelection":true'

Contents = dict[int, bytes]
"""By format, in the order of its owner."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Holds what a program has just put there. `is_whole_line`: nothing was selected, so it took the caret's line."""

    text: str
    number: int
    owner: int
    is_empty: bool
    is_whole_line: bool


class Clipboard:
    """Reads and restores the clipboard. Used from one thread."""

    def __init__(self, user32: Any = None, kernel32: Any = None, gdi32: Any = None) -> None:
        self._user32, self._kernel32 = user32 or _library("user32"), kernel32 or _library("kernel32")
        self._gdi32 = gdi32 or _library("gdi32")
        _declare(self._user32, self._kernel32, self._gdi32)

    def number(self) -> int:
        """Return its number, which changes with the clipboard."""
        return self._user32.GetClipboardSequenceNumber()

    def text(self) -> str:
        """Read its text; "" without one. Raises `NothingReadError` where another program holds it open."""
        with self._opened(OPEN_LIMIT_S):
            return self._text()

    def copied(self) -> Copied:
        """Read what was put there, once whoever does so has let go of it. Raises `NothingReadError`."""
        with self._opened(OPEN_LIMIT_S):
            text, formats = self._text(), list(self._formats())
            is_whole_line = any(self._marks_a_line(number) for number in formats)
            # Last, and before anybody else can open it: it grows with each format that is put there, also on demand.
            return Copied(text, self.number(), self._owner(), not formats, is_whole_line)

    def save(self) -> Contents:
        """Copy all that can be put back, which is all that programs exchange. Raises `NothingReadError`."""
        with self._opened(OPEN_LIMIT_S):
            found = {number: self._bytes(number) for number in self._formats() if _can_be_kept(number)}
            return {number: data for number, data in found.items() if data is not None}

    def restore(self, contents: Contents, instead_of: Copied | None) -> None:
        """Put `contents` back, unless somebody has copied since `instead_of`; where that is None, in any case. Raises
        `NothingReadError` where another program holds it open."""
        # Windows takes data from a window's owner only; one of this thread's that nobody sees will do.
        window = self._user32.CreateWindowExW(0, "STATIC", None, 0, 0, 0, 0, 0, HWND_MESSAGE, None, None, None)
        try:
            with self._opened(RESTORE_LIMIT_S, window):
                if instead_of is not None and not self._still_holds(instead_of):
                    return
                self._user32.EmptyClipboard()
                for number, data in contents.items():
                    self._put(number, data)
        finally:
            if window:
                self._user32.DestroyWindow(window)

    def _still_holds(self, copied: Copied) -> bool:
        """The number grows also when its owner gives another format on demand, to Windows' clipboard history say."""
        return self.number() == copied.number or (copied.owner != 0 and self._owner() == copied.owner)

    def _owner(self) -> int:
        return self._user32.GetClipboardOwner() or 0

    @contextmanager
    def _opened(self, limit_s: float, window: int | None = None) -> Iterator[None]:
        end_s = time.monotonic() + limit_s
        while not self._user32.OpenClipboard(window):
            if time.monotonic() > end_s:
                raise NothingReadError("Another program holds the clipboard open. Try again.")
            time.sleep(OPEN_POLL_S)
        try:
            yield
        finally:
            self._user32.CloseClipboard()

    def _text(self) -> str:
        data = self._bytes(CF_UNICODETEXT) or b""
        return data[: len(data) // 2 * 2].decode("utf-16-le", errors="replace").partition("\0")[0]

    def _formats(self) -> Iterator[int]:
        number = 0
        while number := self._user32.EnumClipboardFormats(number):
            yield number

    def _marks_a_line(self, number: int) -> bool:
        name = ctypes.create_unicode_buffer(128)
        if not self._user32.GetClipboardFormatNameW(number, name, len(name)):
            return False
        if name.value == CHROMIUM_FORMAT:
            return CHROMIUM_MARK.encode("utf-16-le") in (self._bytes(number) or b"")
        return name.value in LINE_FORMATS

    def _bytes(self, number: int) -> bytes | None:
        """None where its owner does not give it."""
        handle = self._user32.GetClipboardData(number)
        if not handle:
            return None
        if number in METAFILES:
            n_bytes = self._gdi32.GetEnhMetaFileBits(handle, 0, None)
            buffer = ctypes.create_string_buffer(n_bytes)
            return buffer.raw if n_bytes and self._gdi32.GetEnhMetaFileBits(handle, n_bytes, buffer) else None
        address = self._kernel32.GlobalLock(handle)
        if not address:
            return None
        try:
            return ctypes.string_at(address, self._kernel32.GlobalSize(handle))
        finally:
            self._kernel32.GlobalUnlock(handle)

    def _put(self, number: int, data: bytes) -> None:
        if number in METAFILES:
            picture = self._gdi32.SetEnhMetaFileBits(len(data), data)
            if picture and not self._user32.SetClipboardData(number, picture):
                self._gdi32.DeleteEnhMetaFile(picture)
            return
        handle = self._kernel32.GlobalAlloc(GMEM_MOVEABLE, max(len(data), 1))
        address = self._kernel32.GlobalLock(handle) if handle else None
        if not address:
            return
        ctypes.memmove(address, data, len(data))
        self._kernel32.GlobalUnlock(handle)
        if not self._user32.SetClipboardData(number, handle):  # else it is Windows' own from now on
            self._kernel32.GlobalFree(handle)


def _can_be_kept(number: int) -> bool:
    """Not what only its owner understands: owner-drawn and display formats, private ones, and handles of pictures."""
    return number in METAFILES or not (number in MADE_BY_WINDOWS or 0x80 <= number <= 0x8F or 0x200 <= number <= 0x3FF)


def _library(name: str) -> Any:
    return ctypes.WinDLL(name, use_last_error=True)  # type: ignore[attr-defined]


def _declare(user32: Any, kernel32: Any, gdi32: Any) -> None:
    """Handles are as wide as pointers, and ctypes takes everything for an int."""
    user32.OpenClipboard.argtypes = (wintypes.HWND,)
    user32.GetClipboardData.restype = wintypes.HANDLE
    user32.SetClipboardData.argtypes = (wintypes.UINT, wintypes.HANDLE)
    user32.SetClipboardData.restype = wintypes.HANDLE
    user32.GetClipboardOwner.restype = wintypes.HWND
    user32.GetClipboardSequenceNumber.restype = wintypes.DWORD
    user32.CreateWindowExW.argtypes = (
        *(wintypes.DWORD, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD),
        *(ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_int),
        *(wintypes.HWND, wintypes.HMENU, wintypes.HINSTANCE, wintypes.LPVOID),
    )
    user32.CreateWindowExW.restype = wintypes.HWND
    user32.DestroyWindow.argtypes = (wintypes.HWND,)
    for name in ("GlobalLock", "GlobalUnlock", "GlobalSize", "GlobalFree"):
        getattr(kernel32, name).argtypes = (wintypes.HGLOBAL,)
    kernel32.GlobalLock.restype = ctypes.c_void_p
    kernel32.GlobalSize.restype = ctypes.c_size_t
    kernel32.GlobalFree.restype = wintypes.HGLOBAL
    kernel32.GlobalAlloc.argtypes = (wintypes.UINT, ctypes.c_size_t)
    kernel32.GlobalAlloc.restype = wintypes.HGLOBAL
    gdi32.GetEnhMetaFileBits.argtypes = (wintypes.HANDLE, wintypes.UINT, ctypes.c_void_p)
    gdi32.GetEnhMetaFileBits.restype = wintypes.UINT
    gdi32.SetEnhMetaFileBits.argtypes = (wintypes.UINT, ctypes.c_char_p)
    gdi32.SetEnhMetaFileBits.restype = wintypes.HANDLE
    gdi32.DeleteEnhMetaFile.argtypes = (wintypes.HANDLE,)
