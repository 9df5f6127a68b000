"""Windows' Run key, and the list of what the person turned off in the task manager."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from desktop.platform.autostart import _APPROVED_KEY, _RUN_KEY, is_autostart_on, turn_autostart_off, turn_autostart_on


class _Key(dict[str, Any]):
    def __enter__(self) -> _Key:
        return self

    def __exit__(self, *_: object) -> None: ...


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> dict[str, _Key]:
    keys: dict[str, _Key] = {}
    winreg = ModuleType("winreg")

    def open_key(_root: object, name: str, *_: object) -> _Key:
        if name not in keys:
            raise FileNotFoundError
        return keys[name]

    def value_of(key: _Key, name: str) -> tuple[Any, int]:
        if name not in key:
            raise FileNotFoundError
        return key[name], 1

    def delete(key: _Key, name: str) -> None:
        value_of(key, name)
        del key[name]

    winreg.HKEY_CURRENT_USER, winreg.KEY_SET_VALUE, winreg.REG_SZ = "HKCU", 2, 1  # type: ignore[attr-defined]
    winreg.OpenKey, winreg.QueryValueEx, winreg.DeleteValue = open_key, value_of, delete  # type: ignore[attr-defined]
    winreg.CreateKey = lambda _root, name: keys.setdefault(name, _Key())  # type: ignore[attr-defined]
    winreg.SetValueEx = lambda key, name, _zero, _kind, value: key.update({name: value})  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "winreg", winreg)
    monkeypatch.setattr(sys, "platform", "win32")
    return keys


def test_it_is_on_unless_the_person_turned_it_off_in_windows(registry: dict[str, _Key]) -> None:
    assert not is_autostart_on()
    turn_autostart_on()
    assert is_autostart_on()
    assert registry[_RUN_KEY]["Lectern"].endswith("-P -m desktop --background")
    approved = registry[_APPROVED_KEY] = _Key(Lectern=bytes([2, *bytes(11)]))
    assert is_autostart_on()
    approved["Lectern"] = bytes([3, *range(11)])
    assert not is_autostart_on()
    turn_autostart_on()
    assert is_autostart_on()
    turn_autostart_off()
    assert not is_autostart_on()
    turn_autostart_off()
