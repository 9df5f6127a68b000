"""Presses a copy key for the person on Windows, and tells what program would get it."""

from __future__ import annotations

import ctypes
from ctypes import wintypes
from typing import Any

INPUT_KEYBOARD = 1
KEYEVENTF_EXTENDEDKEY, KEYEVENTF_KEYUP = 0x1, 0x2
VK_CONTROL, VK_INSERT, VK_C, VK_LWIN, VK_RWIN = 0x11, 0x2D, 0x43, 0x5B, 0x5C
VK_LSHIFT, VK_RSHIFT, VK_LMENU, VK_RMENU = 0xA0, 0xA1, 0xA4, 0xA5
HELD_MODIFIERS = (VK_LSHIFT, VK_RSHIFT, VK_LMENU, VK_RMENU, VK_LWIN, VK_RWIN)
"""Of the hotkey itself, still down. Left and right apart: what is let go of as "Alt" is the left one."""
EXTENDED_KEYS = {VK_INSERT, VK_LWIN, VK_RWIN, VK_RMENU}

ERROR_ACCESS_DENIED = 5
PROCESS_VM_READ = 0x10

CTRL_C_ENDS_PROGRAMS = (
    "ConsoleWindowClass",
    "CASCADIA_HOSTING_WINDOW_CLASS",  # Windows Terminal
    "PseudoConsoleWindow",
    "VirtualConsoleClass",  # ConEmu
    "mintty",
    "PuTTY",
    "KiTTY",
    "Window Class",  # Alacritty
    "org.wezfurlong.wezterm",
    "Chrome_WidgetWin_",  # editors with a terminal inside; all programs of this kind know Ctrl+Insert
    "SunAwt",  # the same
)
"""How the classes of windows begin in which Ctrl+C, without a selection, may reach a program in a terminal."""


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


class Input(ctypes.Structure):
    """INPUT."""

    _fields_ = (("type", wintypes.DWORD), ("value", _InputUnion))


class Keyboard:
    """Presses keys in the window in front, and knows it. Used from one thread."""

    def __init__(self, user32: Any = None, kernel32: Any = None) -> None:
        self._user32: Any = user32 or ctypes.WinDLL("user32", use_last_error=True)  # type: ignore[attr-defined]
        self._kernel32: Any = kernel32 or ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined]
        self._user32.GetForegroundWindow.restype = wintypes.HWND
        self._user32.GetClassNameW.argtypes = (wintypes.HWND, wintypes.LPWSTR, ctypes.c_int)
        self._user32.GetWindowThreadProcessId.argtypes = (wintypes.HWND, ctypes.POINTER(wintypes.DWORD))
        self._kernel32.OpenProcess.restype = wintypes.HANDLE
        self._kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)

    def copy_keys(self) -> tuple[int, ...]:
        """Return the keys that, with Ctrl, copy in the window in front, and harm nothing where nothing is selected."""
        name = ctypes.create_unicode_buffer(256)
        self._user32.GetClassNameW(self._user32.GetForegroundWindow(), name, len(name))
        return (VK_INSERT,) if name.value.startswith(CTRL_C_ENDS_PROGRAMS) else (VK_INSERT, VK_C)

    def press_with_ctrl(self, key: int) -> None:
        """Let go of the hotkey's modifiers, and press Ctrl with `key`."""
        held = [code for code in HELD_MODIFIERS if self._user32.GetAsyncKeyState(code) & 0x8000]
        is_ctrl_held = bool(self._user32.GetAsyncKeyState(VK_CONTROL) & 0x8000)
        # Ctrl goes down before the Windows key or Alt goes up: their release alone would open a menu
        inputs = [_key(VK_CONTROL), *(_key(code, is_up=True) for code in held), _key(key), _key(key, is_up=True)]
        if not is_ctrl_held:
            inputs.append(_key(VK_CONTROL, is_up=True))
        array = (Input * len(inputs))(*inputs)
        self._user32.SendInput(len(inputs), array, ctypes.sizeof(Input))

    def is_out_of_reach(self) -> bool:
        """Say whether the program in front has more rights than this one: Windows then drops the keys, silently."""
        number = wintypes.DWORD()
        self._user32.GetWindowThreadProcessId(self._user32.GetForegroundWindow(), ctypes.byref(number))
        if not number.value:
            return False
        process = self._kernel32.OpenProcess(PROCESS_VM_READ, False, number.value)
        if process:
            self._kernel32.CloseHandle(process)
            return False
        return _last_error() == ERROR_ACCESS_DENIED


def _last_error() -> int:
    return ctypes.get_last_error()  # type: ignore[attr-defined]


def _key(code: int, *, is_up: bool = False) -> Input:
    flags = (KEYEVENTF_KEYUP if is_up else 0) | (KEYEVENTF_EXTENDEDKEY if code in EXTENDED_KEYS else 0)
    return Input(INPUT_KEYBOARD, _InputUnion(key=_KeyInput(code, 0, flags, 0, 0)))
