"""Reads selected and copied text on Windows: asked from the focused control by UI Automation; where that knows no text,
by pressing its copy key and putting the clipboard back whole.

Written from Microsoft's documentation and not yet run on Windows. Importable anywhere: the libraries are loaded when
`WindowsSelection` is made.
"""

from __future__ import annotations

import ctypes
import time
from ctypes import wintypes

from PySide6.QtCore import QObject

from desktop.platform.selection.reader import LIMIT_S, NothingReadError, ThreadReader
from desktop.platform.selection.windows_automation import focused_selection
from desktop.platform.selection.windows_clipboard import Clipboard

COPY_LIMIT_S = 0.4  # for each of two copy keys, so that both fit in LIMIT_S
POLL_S = 0.01  # Windows signals a change of the clipboard only to windows, and this thread has none

INPUT_KEYBOARD = 1
KEYEVENTF_EXTENDEDKEY, KEYEVENTF_KEYUP = 0x1, 0x2
VK_SHIFT, VK_CONTROL, VK_MENU, VK_LWIN, VK_RWIN, VK_INSERT, VK_C = 0x10, 0x11, 0x12, 0x5B, 0x5C, 0x2D, 0x43
COPY_KEYS = (VK_INSERT, VK_C)  # Ctrl+Insert first: in a terminal Ctrl+C ends the program
HELD_MODIFIERS = (VK_SHIFT, VK_MENU, VK_LWIN, VK_RWIN)  # of the hotkey itself, still down
EXTENDED_KEYS = {VK_INSERT, VK_LWIN, VK_RWIN}

assert 2 * COPY_LIMIT_S < LIMIT_S


class _KeyInput(ctypes.Structure):
    """KEYBDINPUT."""

    _fields_ = (
        ("virtual_key", wintypes.WORD),
        ("scan_code", wintypes.WORD),
        ("flags", wintypes.DWORD),
        ("time", wintypes.DWORD),
        ("extra", ctypes.c_size_t),
    )


class _MouseInput(ctypes.Structure):
    """MOUSEINPUT: never sent, but the longest member of INPUT, whose size must be right."""

    _fields_ = (
        ("dx", wintypes.LONG),
        ("dy", wintypes.LONG),
        ("data", wintypes.DWORD),
        ("flags", wintypes.DWORD),
        ("time", wintypes.DWORD),
        ("extra", ctypes.c_size_t),
    )


class _InputUnion(ctypes.Union):
    _fields_ = (("key", _KeyInput), ("mouse", _MouseInput))


class _Input(ctypes.Structure):
    """INPUT."""

    _fields_ = (("type", wintypes.DWORD), ("value", _InputUnion))


class WindowsSelection(ThreadReader):
    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._user32 = ctypes.WinDLL("user32", use_last_error=True)  # type: ignore[attr-defined]
        self._clipboard = Clipboard()

    def _copied(self) -> str:
        return self._clipboard.text()

    def _selected(self) -> str:
        text = focused_selection()
        return text if text.strip() else self._selected_by_copy()

    def _selected_by_copy(self) -> str:
        """The selection by way of the clipboard, which holds afterwards what it held before."""
        kept = self._clipboard.save()
        if kept is None:
            raise NothingReadError("The clipboard holds something that could not be put back. Copy the text instead.")
        for key in COPY_KEYS:
            before = self._clipboard.number()
            self._press_copy(key)
            if self._wait_for_change(before):
                ours = self._clipboard.number()
                try:
                    return self._clipboard.text()
                finally:
                    self._clipboard.restore(kept, only_if=ours)
        return ""

    def _wait_for_change(self, before: int) -> bool:
        limit_s = time.monotonic() + COPY_LIMIT_S
        while time.monotonic() < limit_s:
            if self._clipboard.number() != before:
                return True
            time.sleep(POLL_S)
        return False

    def _press_copy(self, key: int) -> None:
        """Let go of the hotkey's modifiers, and press Ctrl with `key`."""
        held = [code for code in HELD_MODIFIERS if self._user32.GetAsyncKeyState(code) & 0x8000]
        is_ctrl_held = bool(self._user32.GetAsyncKeyState(VK_CONTROL) & 0x8000)
        # Ctrl goes down before the Windows key or Alt goes up: their release alone would open a menu
        inputs = [_key(VK_CONTROL), *(_key(code, is_up=True) for code in held), _key(key), _key(key, is_up=True)]
        if not is_ctrl_held:
            inputs.append(_key(VK_CONTROL, is_up=True))
        array = (_Input * len(inputs))(*inputs)
        self._user32.SendInput(len(inputs), array, ctypes.sizeof(_Input))


def _key(code: int, *, is_up: bool = False) -> _Input:
    flags = (KEYEVENTF_KEYUP if is_up else 0) | (KEYEVENTF_EXTENDEDKEY if code in EXTENDED_KEYS else 0)
    return _Input(INPUT_KEYBOARD, _InputUnion(key=_KeyInput(code, 0, flags, 0, 0)))
