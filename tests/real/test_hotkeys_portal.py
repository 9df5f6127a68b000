"""Hotkeys through the real xdg-desktop-portal with a desktop's side of our own, and through a fake portal for what
newer or poorer portals do."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from desktops import first_line, run_bus, running
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from desktop.common.paths import APP_ID
from desktop.platform.hotkeys import Action, Binding
from desktop.platform.hotkeys.portal import REMEDY, PortalHotkeys

REAL_PORTAL = Path("/usr/libexec/xdg-desktop-portal")
SERVICES = Path(__file__).with_name("portal_services.py")
KEYS = {Action.READ_SELECTION: "Meta+Shift+R", Action.STOP: "Ctrl+Alt+F9", Action.READ_CLIPBOARD: ""}


class Service:
    """portal_services.py, running."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self.process = process
        self._input, self._output = process.stdin, process.stdout

    def call(self) -> list[Any]:
        """[member, arguments] of the next call it got, or ["ready", []]."""
        return json.loads(first_line(self._output.fileno(), "portal_services.py"))

    def signal(self, *what: object) -> None:
        self._input.write(json.dumps(what).encode() + b"\n")
        self._input.flush()


@contextmanager
def run_service(*arguments: str) -> Iterator[Service]:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with running(sys.executable, str(SERVICES), *arguments, **pipes) as process:
        service = Service(process)
        assert service.call() == ["ready", []]
        yield service


@contextmanager
def run_real_portal(folder: Path, interface: str = "GlobalShortcuts") -> Iterator[None]:
    """The real daemon over a desktop that has `interface`, ready: it says so when it owns its name."""
    if not REAL_PORTAL.exists():
        pytest.fail("this test needs the Debian package xdg-desktop-portal", pytrace=False)
    folder.mkdir(exist_ok=True)
    (folder / "mock.portal").write_text(
        "[portal]\nDBusName=org.freedesktop.impl.portal.desktop.mock\n"
        f"Interfaces=org.freedesktop.impl.portal.{interface}\nUseIn=mock\n",
        encoding="utf-8",
    )
    installed = folder / "applications" / f"{APP_ID}.desktop"  # newer portals register nobody without one
    installed.parent.mkdir(exist_ok=True)
    installed.write_text("[Desktop Entry]\nType=Application\nName=Lectern\nExec=true\n", encoding="utf-8")
    environment = os.environ | {
        "XDG_DESKTOP_PORTAL_DIR": str(folder),
        "XDG_CURRENT_DESKTOP": "mock",
        "XDG_DATA_HOME": str(folder),
    }
    with running(str(REAL_PORTAL), "-v", env=environment, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if b"org.freedesktop.portal.Desktop acquired" in line:
                break
        else:
            pytest.fail("xdg-desktop-portal ended before it was ready", pytrace=False)
        yield


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A session bus for one test, so that no test sees another's portal."""
    with run_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield


@pytest.fixture
def hotkeys(qtbot: QtBot, bus: None) -> Iterator[PortalHotkeys]:  # noqa: ARG001
    hotkeys = PortalHotkeys()
    yield hotkeys
    hotkeys.close()


Bind = Callable[[dict[Action, str]], dict[Action, Binding]]


@pytest.fixture
def bind(qtbot: QtBot, hotkeys: PortalHotkeys) -> Bind:
    """`bind(keys)` -> what the desktop answered."""

    def wait_for_bindings(keys: dict[Action, str]) -> dict[Action, Binding]:
        with qtbot.waitSignal(hotkeys.bound) as caught:
            hotkeys.bind(keys)
        assert caught.args is not None
        return caught.args[0]

    return wait_for_bindings


def problems(bindings: dict[Action, Binding]) -> set[str]:
    return {binding.problem for action, binding in bindings.items() if KEYS[action]}


def test_the_real_portal_binds_and_presses(qtbot: QtBot, hotkeys: PortalHotkeys, bind: Bind, tmp_path: Path) -> None:
    with run_service("backend") as backend, run_real_portal(tmp_path / "portals"):
        bindings = bind(KEYS)
        assert bindings == {
            Action.READ_SELECTION: Binding("press SHIFT+LOGO+r"),
            Action.STOP: Binding("press CTRL+ALT+F9"),
            Action.READ_CLIPBOARD: Binding(""),
        }
        assert [backend.call()[0] for _ in range(3)] == ["CreateSession", "ListShortcuts", "BindShortcuts"]
        for action in (Action.READ_SELECTION, Action.STOP, Action.READ_SELECTION):
            with qtbot.waitSignal(hotkeys.pressed) as pressed:
                backend.signal("Activated", action)
            assert pressed.args == [action]
        with qtbot.waitSignal(hotkeys.bound) as bound:
            backend.signal("ShortcutsChanged", {Action.STOP: "Pause"})
        assert bound.args is not None
        assert bound.args[0][Action.STOP] == Binding("Pause")


def test_binding_again_opens_a_new_session(qtbot: QtBot, hotkeys: PortalHotkeys, bind: Bind, tmp_path: Path) -> None:
    """BindShortcuts may be called once in a session."""
    with run_service("backend") as backend, run_real_portal(tmp_path / "portals"):
        bind(KEYS)
        bindings = bind({Action.PAUSE_RESUME: "Meta+P"})
        assert bindings == {Action.PAUSE_RESUME: Binding("press LOGO+p")}
        calls = [backend.call() for _ in range(7)]
        assert [member for member, _ in calls] == [
            *("CreateSession", "ListShortcuts", "BindShortcuts"),
            "Close",
            *("CreateSession", "ListShortcuts", "BindShortcuts"),
        ]
        with qtbot.waitSignal(hotkeys.pressed) as pressed:
            backend.signal("Activated", Action.STOP)  # no longer bound
            backend.signal("Activated", Action.PAUSE_RESUME)
        assert pressed.args == [Action.PAUSE_RESUME]


def test_a_restarted_portal_gets_the_keys_again(
    qtbot: QtBot, hotkeys: PortalHotkeys, bind: Bind, tmp_path: Path
) -> None:
    with run_service("backend") as backend:
        with run_real_portal(tmp_path / "portals"):
            bind(KEYS)
        with qtbot.waitSignal(hotkeys.bound) as bound, ExitStack() as stack:
            stack.enter_context(run_real_portal(tmp_path / "portals"))
            kept = stack.pop_all()
        with kept:
            assert bound.args is not None
            assert problems(bound.args[0]) == {""}
            with qtbot.waitSignal(hotkeys.pressed) as pressed:
                backend.signal("Activated", Action.STOP)
            assert pressed.args == [Action.STOP]


def test_no_portal_says_what_else_works(bind: Bind) -> None:
    (problem,) = problems(bind(KEYS))
    assert problem == f"This desktop has no portal, which other programs' hotkeys come through on Wayland. {REMEDY}"


def test_no_session_bus_says_so(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    hotkeys = PortalHotkeys()
    with qtbot.waitSignal(hotkeys.bound) as bound:
        hotkeys.bind(KEYS)
    hotkeys.close()
    assert bound.args is not None
    (problem,) = problems(bound.args[0])
    assert problem.startswith("The session bus cannot be reached (")


def test_a_desktop_without_shortcuts_says_so(bind: Bind, tmp_path: Path) -> None:
    with run_service("backend"), run_real_portal(tmp_path / "portals", "Wallpaper"):
        (problem,) = problems(bind(KEYS))
    assert problem == f"This desktop's portal has no global shortcuts. {REMEDY}"


def test_a_user_who_declines_is_heard(bind: Bind, tmp_path: Path) -> None:
    with run_service("backend", "decline"), run_real_portal(tmp_path / "portals"):
        (problem,) = problems(bind(KEYS))
    assert problem == f"The desktop did not allow hotkeys (it was declined). {REMEDY}"


def test_the_application_registers_first(bind: Bind) -> None:
    """Only the fake can show this: the registry came with xdg-desktop-portal 1.20, and Debian 12 has 1.16."""
    with run_service("portal") as portal:
        assert problems(bind(KEYS)) == {""}
        assert portal.call() == ["Register", [APP_ID, {}]]
        assert [portal.call()[0] for _ in range(3)] == ["CreateSession", "ListShortcuts", "BindShortcuts"]


def test_remembered_shortcuts_are_not_asked_for_again(bind: Bind) -> None:
    with run_service("portal", "listed") as portal:
        bindings = bind(KEYS)
        portal.process.stdin.close()  # type: ignore[union-attr]
        assert portal.process.stdout is not None
        members = [json.loads(line)[0] for line in portal.process.stdout]
    assert members == ["Register", "CreateSession", "ListShortcuts"]
    assert bindings[Action.STOP] == Binding("as remembered")
    assert bindings[Action.READ_CLIPBOARD] == Binding("")


def test_a_session_that_the_desktop_ends_is_reported(qtbot: QtBot, hotkeys: PortalHotkeys, bind: Bind) -> None:
    with run_service("portal") as portal:
        bind(KEYS)
        with qtbot.waitSignal(hotkeys.bound) as bound:
            portal.signal("Closed")
    assert bound.args is not None
    assert problems(bound.args[0]) == {f"The desktop ended Lectern's hotkeys. {REMEDY}"}


def test_of_many_bindings_only_the_last_is_answered(hotkeys: PortalHotkeys, bind: Bind) -> None:
    with run_service("portal"):
        for _ in range(20):
            hotkeys.bind(KEYS)
        bindings = bind({Action.PAUSE_RESUME: "Meta+P"})
        assert bindings == {Action.PAUSE_RESUME: Binding("press LOGO+p")}


def test_nothing_comes_after_close(qtbot: QtBot, bus: None) -> None:  # noqa: ARG001
    hotkeys = PortalHotkeys()
    with run_service("portal"), qtbot.assertNotEmitted(hotkeys.bound):
        hotkeys.bind(KEYS)
        hotkeys.close()
        hotkeys.close()
        QCoreApplication.processEvents()
