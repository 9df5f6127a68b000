"""Hotkeys as a person sets them: real presses, in the assembled application's settings, under a real X server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from desktops import require, running
from PySide6.QtCore import Qt
from pytestqt.exceptions import TimeoutError as WaitedInVainError
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.common.paths import settings_path
from desktop.common.settings import DEFAULT_HOTKEYS, Settings, load_settings, save_settings
from desktop.common.state import Phase
from desktop.platform.single_instance import SingleInstance
from desktop.settings.hotkey_field import NOT_ARRIVED, HotkeyField
from tests.real.test_hotkeys_x11 import KEY_TAKER

DEFAULTS = dict(DEFAULT_HOTKEYS)
PATIENCE_MS = 5_000
HARMFUL = (
    ("ctrl+c", "Ctrl+C is what people copy with"),
    ("ctrl+v", "Ctrl+V is what people paste with"),
    ("r", "R is needed for writing"),
    ("shift+r", "Shift+R is needed for writing"),
    ("space", "Space is needed for writing"),
    ("Return", "Return is needed for writing"),
    ("ctrl+Tab", "Ctrl+Tab is used within programs"),
)


def xdotool(*arguments: str) -> None:
    subprocess.run([require("xdotool", "xdotool"), *arguments], check=True, timeout=20)


class Person:
    """Presses keys in Lectern's settings."""

    def __init__(self, app: App, qtbot: QtBot) -> None:
        self.app, self._qtbot = app, qtbot

    def until(self, is_so: Any) -> None:
        self._qtbot.waitUntil(is_so)

    def press_until(self, keys: str, is_so: Callable[[], Any]) -> None:
        """Press again what got lost: on a busy computer the server may give a first key to the window before."""
        for _ in range(3):
            xdotool("key", keys)
            with suppress(WaitedInVainError):
                self._qtbot.waitUntil(is_so, timeout=PATIENCE_MS)
                return
        self.until(is_so)

    def open_field(self, action: str) -> HotkeyField:
        """Click into it, in the settings' window."""
        self.app.show_settings("hotkeys")
        dialog = self.app.settings_window.dialog
        assert dialog is not None
        field = dialog.key_fields[action]
        self.until(dialog.isActiveWindow)
        self._qtbot.mouseClick(field, Qt.MouseButton.LeftButton)
        self.until(field.hasFocus)
        return field

    def words(self, field: HotkeyField) -> str:
        """Beside the field."""
        return field.accessibleDescription()

    def kept(self) -> dict[str, str]:
        return dict(self.app.controller.settings.hotkeys)


@contextmanager
def started(qtbot: QtBot) -> Iterator[Person]:
    instance = SingleInstance()
    assert instance.claim()
    app = App(instance, is_background=False)
    try:
        yield Person(app, qtbot)
    finally:
        app.shut_down()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    save_settings(settings_path(), Settings(offered_s1=True))


@pytest.fixture
def person(home: None, x_display: str, qtbot: QtBot) -> Iterator[Person]:  # noqa: ARG001
    with started(qtbot) as person:
        yield person


@contextmanager
def another_program_has(key: str, mask: int) -> Iterator[None]:
    taker = (sys.executable, "-c", KEY_TAKER, key, str(mask))
    with running(*taker, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"taken\n"
        yield


def test_keys_that_are_pressed_are_taken_and_work(person: Person) -> None:
    field = person.open_field("stop")
    xdotool("key", "super+shift+F7")
    person.until(lambda: person.kept()["stop"] == "Meta+Shift+F7")
    assert (field.keys, person.words(field)) == ("Meta+Shift+F7", "")
    assert person.app.settings_window.dialog is not None
    person.app.settings_window.dialog.close()
    person.until(lambda: person.app.settings_window.dialog is None)
    person.app.controller.speak("This goes on for a while, until it is stopped. " * 9)
    xdotool("key", "super+shift+F7")
    person.until(lambda: person.app.controller.state.phase is Phase.IDLE)


def test_what_would_harm_is_refused_beside_the_field(person: Person) -> None:
    field = person.open_field("stop")
    for pressed, reason in HARMFUL:
        xdotool("key", pressed)
        person.until(lambda reason=reason: person.words(field).startswith(reason))
        assert person.words(field).endswith(f"{DEFAULTS['stop']} stays.")
        assert field.keys == person.kept()["stop"] == DEFAULTS["stop"]
        assert field.text()
        assert field.hasFocus()


def test_a_modifier_alone_changes_nothing(person: Person) -> None:
    field = person.open_field("stop")
    for key in ("super", "ctrl", "shift", "alt"):
        person.press_until(key, lambda: person.words(field).startswith(NOT_ARRIVED))
        assert field.keys == person.kept()["stop"] == DEFAULTS["stop"]
    xdotool("key", "super+shift+F6")  # what came before has been seen by then
    person.until(lambda: field.keys == "Meta+Shift+F6")
    assert person.words(field) == ""


def test_lecterns_own_keys_reach_the_field_and_read_nothing(person: Person) -> None:
    field = person.open_field("stop")
    xdotool("key", "super+ctrl+r")
    person.until(lambda: "Read the selection" in person.words(field))
    xdotool("key", "super+ctrl+x")  # its own: nothing changes
    person.until(lambda: person.words(field) == "")
    assert person.kept() == DEFAULTS
    assert person.app.controller.state.problem is None  # of a selection that was not there


def test_keys_of_another_program_are_given_up_or_leave_the_field_as_it_was(person: Person) -> None:
    field = person.open_field("stop")
    with another_program_has("F9", 64 | 16):  # with NumLock on, which is not on now: they arrive, and cannot be bound
        xdotool("key", "super+F9")
        person.until(lambda: "taken by another program" in person.words(field))
        assert person.words(field).endswith(f"{DEFAULTS['stop']} stays.")
        assert field.keys == person.kept()["stop"] == DEFAULTS["stop"]
        assert field.hasFocus()
    with another_program_has("F9", 64):  # Meta
        xdotool("keydown", "super", "key", "F9", "keyup", "super")
        person.until(lambda: person.words(field).startswith(NOT_ARRIVED))
        assert field.keys == person.kept()["stop"] == DEFAULTS["stop"]
        person.until(field.hasFocus)
        xdotool("key", "super+shift+F6")
        person.until(lambda: field.keys == "Meta+Shift+F6")


@pytest.mark.usefixtures("home", "x_display")
def test_a_key_that_is_taken_at_the_start_is_told_once_with_a_button(qtbot: QtBot) -> None:
    with another_program_has("r", 64 | 4):
        with started(qtbot) as person:
            notice = person.app.window.notices.request
            person.until(notice.isVisible)
            assert "Meta+Ctrl+R is taken by another program" in notice.accessibleName()
            qtbot.mouseClick(notice._accept, Qt.MouseButton.LeftButton)
            person.until(lambda: person.app.settings_window.dialog is not None)
            assert person.app.settings_window.dialog is not None
            assert person.app.settings_window.dialog.key_fields["stop"].isVisible()
        assert load_settings(settings_path())[0].told_of_hotkeys
        with started(qtbot) as person:
            person.until(lambda: bool(person.app.settings_window.bindings))
            qtbot.wait(50)  # for what is told when the window is there
            assert not person.app.window.notices.request.isVisible()
