"""A Windows desktop for tests: its clipboard, its keys and the program in front, as user32, kernel32 and gdi32 have
them. What it does follows Microsoft's documentation; memory is real, so that what is read and put back are bytes."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

CF_DIB, CF_UNICODETEXT, CF_METAFILEPICT, CF_ENHMETAFILE, CF_OWNERDISPLAY = 8, 13, 3, 14, 0x80
VK_CONTROL, VK_INSERT, VK_C = 0x11, 0x2D, 0x43
ACCESS_DENIED = 5


class _Function:
    """Has the attributes that ctypes' functions have, and does what the desktop does."""

    argtypes: Any = None
    restype: Any = None

    def __init__(self, do: Callable[..., Any]) -> None:
        self._do = do

    def __call__(self, *arguments: Any) -> Any:
        return self._do(*arguments)


class _Library:
    def __init__(self, desktop: WindowsDesktop) -> None:
        self._desktop, self._functions = desktop, {}

    def __getattr__(self, name: str) -> _Function:
        return self._functions.setdefault(name, _Function(getattr(self._desktop, name)))


class WindowsDesktop:
    """`contents` are the clipboard's bytes by format, `names` those of formats that programs registered.

    `on_key` is what the program in front does at Ctrl with a key. `n_closed` programs come first at the clipboard: so
    many attempts to open it fail, and `when_closed` is called at the last of them.
    """

    def __init__(self) -> None:
        self.contents: dict[int, bytes] = {}
        self.names: dict[int, str] = {}
        self.number, self.owner = 1, 0
        self.window_class = "Notepad"
        self.held: set[int] = set()
        self.sent: list[tuple[int, bool, bool]] = []  # virtual key, is_up, is_extended
        self.is_elevated = False
        self.on_key: Callable[[int], None] = lambda _: None
        self.n_closed, self.when_closed = 0, lambda: None
        self.is_open, self._window, self._handles = False, None, {}
        self.user32 = self.kernel32 = self.gdi32 = _Library(self)

    def copy(self, contents: dict[int, bytes], owner: int = 77) -> None:
        """As a program does: empties, and puts one format after the other."""
        self.contents, self.owner = dict(contents), owner
        self.number += 1 + len(contents)

    # --- the clipboard

    def OpenClipboard(self, window: int | None) -> int:  # noqa: N802
        if self.n_closed:
            self.n_closed -= 1
            if not self.n_closed:
                self.when_closed()
            return 0
        assert not self.is_open
        self.is_open, self._window = True, window
        return 1

    def CloseClipboard(self) -> int:  # noqa: N802
        assert self.is_open
        self.is_open = False
        return 1

    def EmptyClipboard(self) -> int:  # noqa: N802
        assert self.is_open
        self.contents, self.owner = {}, self._window or 0
        self.number += 1
        return 1

    def EnumClipboardFormats(self, number: int) -> int:  # noqa: N802
        assert self.is_open
        order = [0, *self.contents, 0]
        return order[order.index(number) + 1]

    def GetClipboardFormatNameW(self, number: int, name: Any, _n: int) -> int:  # noqa: N802
        name.value = self.names.get(number, "")
        return len(name.value)

    def GetClipboardData(self, number: int) -> int:  # noqa: N802
        assert self.is_open
        if number == CF_OWNERDISPLAY:
            return 0
        return self._handle(self.contents[number]) if number in self.contents else 0

    def SetClipboardData(self, number: int, handle: int) -> int:  # noqa: N802
        assert self.is_open
        if not self.owner:
            return 0  # "If an application calls OpenClipboard with hwnd set to NULL, […] SetClipboardData [fails]"
        self.contents[number] = self._handles.pop(handle).raw
        self.number += 1
        return handle

    def GetClipboardSequenceNumber(self) -> int:  # noqa: N802
        return self.number

    def GetClipboardOwner(self) -> int:  # noqa: N802
        return self.owner

    def CreateWindowExW(self, *_: Any) -> int:  # noqa: N802
        return 4711

    def DestroyWindow(self, window: int) -> int:  # noqa: N802
        assert window == 4711
        return 1

    # --- memory

    def GlobalAlloc(self, _flags: int, n_bytes: int) -> int:  # noqa: N802
        return self._handle(bytes(n_bytes))

    def GlobalLock(self, handle: int) -> int:  # noqa: N802
        return ctypes.addressof(self._handles[handle])

    def GlobalUnlock(self, _handle: int) -> int:  # noqa: N802
        return 1

    def GlobalSize(self, handle: int) -> int:  # noqa: N802
        return len(self._handles[handle].raw)

    def GlobalFree(self, handle: int) -> int:  # noqa: N802
        del self._handles[handle]
        return 0

    def GetEnhMetaFileBits(self, handle: int, n_bytes: int, buffer: Any) -> int:  # noqa: N802
        data = self._handles[handle].raw
        if buffer is not None:
            ctypes.memmove(buffer, data, n_bytes)
        return len(data)

    def SetEnhMetaFileBits(self, n_bytes: int, data: bytes) -> int:  # noqa: N802
        return self._handle(data[:n_bytes])

    def DeleteEnhMetaFile(self, handle: int) -> int:  # noqa: N802
        del self._handles[handle]
        return 1

    def _handle(self, data: bytes) -> int:
        handle = 1000 + len(self._handles)
        self._handles[handle] = ctypes.create_string_buffer(data, len(data))
        return handle

    # --- keys and the program in front

    def GetAsyncKeyState(self, code: int) -> int:  # noqa: N802
        return 0x8000 if code in self.held else 0

    def SendInput(self, n: int, inputs: Any, _size: int) -> int:  # noqa: N802
        assert not self.is_open, "nobody could copy"
        for one in inputs[:n]:
            key, flags = one.value.key.virtual_key, one.value.key.flags
            self.sent.append((key, bool(flags & 2), bool(flags & 1)))
            if not flags & 2 and key != VK_CONTROL and not self.is_elevated:
                self.on_key(key)
        return n

    def GetForegroundWindow(self) -> int:  # noqa: N802
        return 1

    def GetClassNameW(self, _window: int, name: Any, _n: int) -> int:  # noqa: N802
        name.value = self.window_class
        return len(name.value)

    def GetWindowThreadProcessId(self, _window: int, number: Any) -> int:  # noqa: N802
        number._obj.value = 42
        return 1

    def OpenProcess(self, _access: int, _inherits: bool, _number: int) -> int:  # noqa: N802
        return 0 if self.is_elevated else 9

    def CloseHandle(self, _handle: int) -> int:  # noqa: N802
        return 1
