"""Which hotkeys a desktop gets, and that a desktop without any says why."""

from __future__ import annotations

import sys

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.platform.hotkeys import Action, Binding, Hotkeys, open_hotkeys
from desktop.platform.hotkeys.null import NullHotkeys
from desktop.platform.hotkeys.portal import PortalHotkeys
from desktop.platform.selection import open_selection_reader
from desktop.platform.selection.reader import NoReader

NO_DESKTOP = "There is no desktop here: neither DISPLAY nor WAYLAND_DISPLAY is set."


def bindings_of(hotkeys: Hotkeys) -> dict[Action, Binding]:
    bindings: list[dict[Action, Binding]] = []
    hotkeys.bound.connect(bindings.append)
    hotkeys.bind({Action.STOP: "Meta+S", Action.PAUSE_RESUME: ""})
    hotkeys.close()
    (only,) = bindings
    return only


@pytest.fixture
def parent(qtbot: QtBot) -> QObject:  # noqa: ARG001
    return QObject()


def test_no_desktop(parent: QObject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    hotkeys = open_hotkeys(parent)
    assert isinstance(hotkeys, NullHotkeys)
    assert bindings_of(hotkeys) == {Action.STOP: Binding("Meta+S", NO_DESKTOP), Action.PAUSE_RESUME: Binding("")}


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # python-xlib's, on which it tried
def test_an_x_server_that_cannot_be_reached(parent: QObject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":999")
    problem = bindings_of(open_hotkeys(parent))[Action.STOP].problem
    assert problem.startswith("The X server cannot be reached: ")
    assert problem.endswith("Give the command `lectern read --selection` a key in the desktop's own settings.")


def test_wayland_has_the_portal_even_with_xwayland(parent: QObject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
    hotkeys = open_hotkeys(parent)
    assert isinstance(hotkeys, PortalHotkeys)
    hotkeys.close()


def test_macos_says_what_else_works(parent: QObject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "lectern read --selection" in bindings_of(open_hotkeys(parent))[Action.STOP].problem


def test_no_desktop_has_no_selection(parent: QObject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DISPLAY")
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    reader = open_selection_reader(parent)
    assert isinstance(reader, NoReader)
    reasons: list[str] = []
    reader.nothing_read.connect(reasons.append)
    reader.read_selection()
    reader.read_clipboard()
    assert reasons == [NO_DESKTOP] * 2
