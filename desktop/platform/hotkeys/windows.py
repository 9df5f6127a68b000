"""Binds hotkeys on Windows by RegisterHotKey on a thread of its own, which is the one that gets the presses.

Tried under Wine, where a key that is held repeats (MOD_NOREPEAT is not known). Importable anywhere: the libraries are
loaded when `WindowsHotkeys` is made.
"""

from __future__ import annotations

import ctypes
import queue
import threading
from collections.abc import Mapping
from ctypes import wintypes
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from desktop.platform.hotkeys.harm import parse_hotkey
from desktop.platform.hotkeys.keys import Keys, KeysError, Modifier
from desktop.platform.hotkeys.protocol import Action, Binding, Hotkeys

MOD_ALT, MOD_CONTROL, MOD_SHIFT, MOD_WIN, MOD_NOREPEAT = 0x1, 0x2, 0x4, 0x8, 0x4000
WM_QUIT, WM_HOTKEY, WM_APP = 0x0012, 0x0312, 0x8000
PM_NOREMOVE = 0
ERROR_HOTKEY_ALREADY_REGISTERED = 1409
DEVICE_NOTIFY_CALLBACK = 2
PBT_APMRESUMEAUTOMATIC = 0x12
START_LIMIT_S = 5

_MOD_FLAGS = {
    Modifier.ALT: MOD_ALT,
    Modifier.CTRL: MOD_CONTROL,
    Modifier.SHIFT: MOD_SHIFT,
    Modifier.META: MOD_WIN,
}


def hotkey_arguments(keys: Keys, sign_key: int = -1) -> tuple[int, int] | None:
    """Return (fsModifiers, vk) for RegisterHotKey; None where the keyboard has no such key.

    `sign_key` is VkKeyScanW's answer for a key that depends on the layout: the virtual key below, Shift (1), Ctrl (2)
    and Alt (4) above; -1 for none.
    """
    modifiers = MOD_NOREPEAT
    for modifier in keys.modifiers:
        modifiers |= _MOD_FLAGS[modifier]
    if keys.virtual_key:
        return modifiers, keys.virtual_key
    if sign_key == -1:
        return None
    above = sign_key >> 8
    for flag, mod in ((1, MOD_SHIFT), (2, MOD_CONTROL), (4, MOD_ALT)):
        modifiers |= mod if above & flag else 0
    return modifiers, sign_key & 0xFF


class WindowsHotkeys(Hotkeys):
    _bound_in_thread = Signal(object)
    _pressed_in_thread = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bound_in_thread.connect(self.bound, Qt.ConnectionType.QueuedConnection)
        self._pressed_in_thread.connect(self.pressed, Qt.ConnectionType.QueuedConnection)
        self._wanted: queue.SimpleQueue[dict[Action, str]] = queue.SimpleQueue()
        self._user32: Any = ctypes.WinDLL("user32", use_last_error=True)  # type: ignore[attr-defined]
        self._thread_id = 0
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hotkeys", daemon=True)
        self._thread.start()
        self._is_ready.wait(START_LIMIT_S)  # its message queue, some microseconds

    def bind(self, keys: Mapping[Action, str]) -> None:
        self._wanted.put(dict(keys))
        self._user32.PostThreadMessageW(self._thread_id, WM_APP, 0, 0)

    def let_go(self) -> bool:
        self.bind({})
        return True

    def close(self) -> None:
        self.blockSignals(True)
        self._user32.PostThreadMessageW(self._thread_id, WM_QUIT, 0, 0)
        self._thread.join(START_LIMIT_S)

    def _run(self) -> None:
        """The thread: registers, and waits for presses. Windows lets go of its keys when it ends."""
        user32 = self._user32
        message = wintypes.MSG()
        user32.PeekMessageW(ctypes.byref(message), None, 0, 0, PM_NOREMOVE)  # makes the queue
        self._thread_id = threading.get_native_id()
        self._is_ready.set()
        wanted: dict[Action, str] = {}
        registered: dict[int, Action] = {}
        with _ResumeWatch(self._thread_id, user32):
            while user32.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
                if message.message == WM_APP:  # bind, or awake after sleep
                    while not self._wanted.empty():
                        wanted = self._wanted.get()
                    registered = self._register(wanted, registered)
                elif message.message == WM_HOTKEY and message.wParam in registered:
                    self._pressed_in_thread.emit(registered[message.wParam])

    def _register(self, wanted: dict[Action, str], before: dict[int, Action]) -> dict[int, Action]:
        """Put `wanted` in the place of `before`; the actions by their Windows ids."""
        for number in before:
            self._user32.UnregisterHotKey(None, number)
        registered: dict[int, Action] = {}
        bindings: dict[Action, Binding] = {}
        for number, (action, text) in enumerate(wanted.items(), start=1):
            problem = self._problem_of(number, text) if text else ""
            bindings[action] = Binding(text, problem)
            if text and not problem:
                registered[number] = action
        if wanted:
            self._bound_in_thread.emit(bindings)
        return registered

    def _problem_of(self, number: int, text: str) -> str:
        """Register the key; why that failed, or ""."""
        try:
            keys = parse_hotkey(text)
        except KeysError as error:
            return str(error)
        sign_key = -1
        if not keys.virtual_key and ord(keys.name) < 0x10000:
            sign_key = ctypes.c_short(self._user32.VkKeyScanW(ctypes.c_wchar(keys.name.lower()))).value
        arguments = hotkey_arguments(keys, sign_key)
        if arguments is None:
            return f"This keyboard has no key {keys.name}. Choose another in Settings."
        if self._user32.RegisterHotKey(None, number, *arguments):
            return ""
        code = ctypes.get_last_error()  # type: ignore[attr-defined]
        if code == ERROR_HOTKEY_ALREADY_REGISTERED:
            return f"{keys} is taken by another program. Choose another in Settings."
        return f"Windows refused {keys} (error {code}). Choose another in Settings."


class _ResumeParameters(ctypes.Structure):
    """DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS."""

    _fields_ = (("callback", ctypes.c_void_p), ("context", ctypes.c_void_p))


class _ResumeWatch:
    """Makes the hotkeys' thread register anew when the computer wakes, as Windows may have forgotten them by then."""

    def __init__(self, thread_id: int, user32: Any) -> None:
        kind = ctypes.WINFUNCTYPE(wintypes.ULONG, ctypes.c_void_p, wintypes.ULONG, ctypes.c_void_p)  # type: ignore[attr-defined]

        def awake(_context: object, event: int, _setting: object) -> int:
            if event == PBT_APMRESUMEAUTOMATIC:
                user32.PostThreadMessageW(thread_id, WM_APP, 0, 0)
            return 0

        self._callback = kind(awake)  # kept: Windows has only its address
        self._parameters = _ResumeParameters(ctypes.cast(self._callback, ctypes.c_void_p), None)
        self._user32 = user32
        user32.RegisterSuspendResumeNotification.restype = wintypes.HANDLE
        user32.UnregisterSuspendResumeNotification.argtypes = (wintypes.HANDLE,)
        self._handle: int | None = None

    def __enter__(self) -> None:
        parameters = ctypes.byref(self._parameters)
        self._handle = self._user32.RegisterSuspendResumeNotification(parameters, DEVICE_NOTIFY_CALLBACK)

    def __exit__(self, *_: object) -> None:
        if self._handle:
            self._user32.UnregisterSuspendResumeNotification(self._handle)
