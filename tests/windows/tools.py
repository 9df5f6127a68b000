"""What these checks share: Lectern as a program, windows, keys, Notepad, and waiting for what is meant."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from ctypes import wintypes
from pathlib import Path
from typing import NamedTuple

assert sys.platform == "win32"

from desktop.common.errors import RemoteError
from desktop.common.protocol import Command, CommandName
from desktop.platform import remote
from desktop.platform.selection.windows_keyboard import VK_CONTROL, Input, Keyboard, _key

LIMIT_S = 150
VK_LWIN, VK_SHIFT, VK_MENU = 0x5B, 0x10, 0x12
KEYS = {"Win": VK_LWIN, "Ctrl": VK_CONTROL, "Shift": VK_SHIFT, "Alt": VK_MENU}

user32 = Keyboard()._user32
user32.FindWindowW.restype = wintypes.HWND
user32.SetForegroundWindow.argtypes = (wintypes.HWND,)
user32.PostMessageW.argtypes = (wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)
_each = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.HWND, wintypes.LPARAM)


def wait_for(what: Callable[[], object], limit_s: float = LIMIT_S, message: Callable[[], object] = lambda: ""):
    """Return `what()` once it is true; end the check after `limit_s` seconds."""
    end_s = time.monotonic() + limit_s
    while not (found := what()):
        if time.monotonic() > end_s:
            raise AssertionError(f"not within {limit_s} s. {message()!a}")
        time.sleep(0.1)
    return found


# --- Lectern as a program


def lectern(*words: str, program: str = sys.executable, **more) -> subprocess.CompletedProcess[bytes]:
    """Run a command of it. Its output is bytes: how they are written is among what is checked."""
    more.setdefault("stdin", subprocess.DEVNULL)
    command = [program, "-X", "faulthandler", "-m", "desktop", *words]
    return subprocess.run(command, capture_output=True, timeout=LIMIT_S, check=False, **more)


def status() -> dict:
    """What the running one says of itself; {} where none runs, or it does not answer yet."""
    try:
        reply = remote.send(Command(CommandName.STATUS), LIMIT_S)
    except RemoteError:  # it is being ended
        return {}
    return dict(reply.status) if reply else {}


def start_lectern(*words: str) -> subprocess.Popen[bytes]:
    """Start the application as a process of its own, and wait until it answers. The caller ends it."""
    quiet = subprocess.DEVNULL
    program = subprocess.Popen([sys.executable, "-m", "desktop", *words], stdin=quiet, stdout=quiet, stderr=quiet)
    wait_for(lambda: status() or program.poll() is not None)
    assert program.poll() is None, program.poll()
    return program


@contextlib.contextmanager
def running_lectern(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """The application. It is quit at the end, and must end well."""
    program = start_lectern(*words)
    try:
        yield program
        quitting = lectern("quit")
        assert quitting.returncode == 0, quitting
        assert program.wait(60) == 0
    finally:
        program.kill()


def settings(**values: object) -> None:
    """Write settings that differ from the usual ones. No question at the first start is asked then."""
    path = Path(os.environ["WIN_PD_OVERRIDE_LOCAL_APPDATA"], "lectern", "settings.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"offered_s1": True, **values}), encoding="utf-8")


# --- windows


class Window(NamedTuple):
    handle: int
    class_name: str
    title: str
    process: int
    is_visible: bool
    corners: tuple[int, int, int, int]


def windows(below: int | None = None) -> list[Window]:
    """All top-level windows, or those in the window `below`."""
    found: list[Window] = []

    def note(handle: int, _: int) -> bool:
        title, name = ctypes.create_unicode_buffer(300), ctypes.create_unicode_buffer(300)
        process, corners = wintypes.DWORD(), wintypes.RECT()
        user32.GetWindowTextW(wintypes.HWND(handle), title, 300)
        user32.GetClassNameW(wintypes.HWND(handle), name, 300)
        user32.GetWindowThreadProcessId(wintypes.HWND(handle), ctypes.byref(process))
        user32.GetWindowRect(wintypes.HWND(handle), ctypes.byref(corners))
        box = (corners.left, corners.top, corners.right, corners.bottom)
        is_visible = bool(user32.IsWindowVisible(wintypes.HWND(handle)))
        found.append(Window(handle, name.value, title.value, process.value, is_visible, box))
        return True

    if below is None:
        user32.EnumWindows(_each(note), 0)
    else:
        user32.EnumChildWindows(wintypes.HWND(below), _each(note), 0)
    return found


def window_of(process: int, title: str = "Lectern") -> Window | None:
    """The visible window with that title; None while there is none."""
    mine = (window for window in windows() if window.process == process and window.title == title)
    return next((window for window in mine if window.is_visible), None)


# --- keys


def press(keys: str) -> None:
    """Press and release keys such as "Win+Ctrl+R", as the keyboard does."""
    codes = [KEYS.get(name) or ord(name) for name in keys.split("+")]
    inputs = [_key(code) for code in codes] + [_key(code, is_up=True) for code in reversed(codes)]
    user32.SendInput(len(inputs), (Input * len(inputs))(*inputs), ctypes.sizeof(Input))


# --- Notepad


@contextlib.contextmanager
def notepad(text: str, folder: Path) -> Iterator[int]:
    """Wine's or Windows' Notepad with `text`; its window."""
    path = folder / "text.txt"
    path.write_text(text, encoding="utf-16")
    program = subprocess.Popen([r"C:\windows\system32\notepad.exe", str(path)], stdin=subprocess.DEVNULL)
    try:
        wait_for(lambda: any("text" in w.title for w in windows() if w.class_name == "Notepad"))
        yield user32.FindWindowW("Notepad", None)
    finally:
        program.kill()


def select_all(window: int) -> None:
    user32.SetForegroundWindow(window)
    press("Ctrl+A")
