"""Decides whether Lectern starts when the person logs in, by an entry of the desktop's, or of Windows' Run key."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import platformdirs

import engine
import engine.files
from desktop.common.paths import APP_ID
from desktop.platform.desktop_entry import command_line, entry, lectern_command

_RUN_KEY = r"Software\Microsoft\Windows\CurrentVersion\Run"
_RUN_NAME = "Lectern"
_APPROVED_KEY = r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
"""What the person turned off in the task manager or the settings; a value that begins with an odd byte is off."""


def autostart_path() -> Path:
    """Return the path of a Linux desktop's entry."""
    return platformdirs.user_config_path() / "autostart" / f"{APP_ID}.desktop"


def is_autostart_on() -> bool:
    """Say whether an entry of Lectern's is there, and the desktop's own settings have not turned it off."""
    if sys.platform == "win32":
        return _windows_command() is not None and not _is_off_in_windows()
    try:
        lines = autostart_path().read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    off = {"Hidden=true", "X-GNOME-Autostart-enabled=false"}
    return not any(line.replace(" ", "") in off for line in lines)


def turn_autostart_on() -> None:
    """Have Lectern start in the background from the next login on. Raises `engine.OutputError`, OSError (Windows)."""
    if sys.platform == "win32":
        _approve_in_windows()
        _set_windows_command(subprocess.list2cmdline([_windowless_python(), "-P", "-m", "desktop", "--background"]))
        return
    values = [
        ("Type", "Application"),
        ("Name", "Lectern"),
        ("Comment", "Reads the selected text aloud"),
        ("Exec", command_line([*lectern_command(), "--background"])),
        ("Icon", APP_ID),
        ("Terminal", "false"),
        ("NoDisplay", "true"),
        ("X-GNOME-Autostart-enabled", "true"),
    ]
    engine.files.write_whole(autostart_path(), entry(values).encode(), mode=0o644, make_folders=True)


def turn_autostart_off() -> None:
    """Leave nothing of the entry. Raises OSError."""
    if sys.platform == "win32":
        if _windows_command() is not None:
            _set_windows_command(None)
        return
    autostart_path().unlink(missing_ok=True)


def _windowless_python() -> str:
    beside = Path(sys.executable).with_name("pythonw.exe")
    return str(beside) if beside.is_file() else sys.executable


def _windows_command() -> str | None:
    assert sys.platform == "win32"
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _RUN_KEY) as key:
            return str(winreg.QueryValueEx(key, _RUN_NAME)[0])
    except FileNotFoundError:
        return None


def _is_off_in_windows() -> bool:
    assert sys.platform == "win32"
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _APPROVED_KEY) as key:
            value = winreg.QueryValueEx(key, _RUN_NAME)[0]
    except FileNotFoundError:
        return False
    return isinstance(value, bytes) and value[:1] != b"" and value[0] % 2 == 1


def _approve_in_windows() -> None:
    """Whoever turns it on here wants it, whatever was said there before."""
    assert sys.platform == "win32"
    import winreg

    try:
        with winreg.OpenKey(winreg.HKEY_CURRENT_USER, _APPROVED_KEY, 0, winreg.KEY_SET_VALUE) as key:
            winreg.DeleteValue(key, _RUN_NAME)
    except FileNotFoundError:
        pass


def _set_windows_command(command: str | None) -> None:
    assert sys.platform == "win32"
    import winreg

    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, _RUN_KEY) as key:
        if command is None:
            winreg.DeleteValue(key, _RUN_NAME)
        else:
            winreg.SetValueEx(key, _RUN_NAME, 0, winreg.REG_SZ, command)
