"""Notifications, received by dunst on a session bus and an X display of the tests' own."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from desktops import first_line, require, run_bus, running
from waiting import LIMIT_S

from desktop.platform.notifications import Notifier


@pytest.fixture
def bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with run_bus(tmp_path) as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


@pytest.fixture
def notifier() -> Iterator[Notifier]:
    notifier = Notifier()
    yield notifier
    notifier.close()


@pytest.fixture
def dunst(bus: str, x_display: str, tmp_path: Path) -> Iterator[Path]:  # noqa: ARG001
    """The file in which dunst's script notes each notification, as "title|body" lines."""
    notes = tmp_path / "notes"
    os.mkfifo(notes)
    script = tmp_path / "note"
    script.write_text(f'#!/bin/sh\nprintf "%s|%s\\n" "$2" "$3" > {notes}\n', encoding="utf-8")
    script.chmod(0o755)
    config = tmp_path / "dunstrc"
    config.write_text(f'[global]\nmarkup = full\n[all]\nsummary = "*"\nscript = {script}\n', encoding="utf-8")
    command = (require("dunst", "dunst"), "-conf", str(config))
    with running(*command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        # gdbus itself waits for the name
        wait = [
            require("gdbus", "libglib2.0-bin"),
            "wait",
            "--session",
            "--timeout=20",
            "org.freedesktop.Notifications",
        ]
        subprocess.run(wait, check=True)
        yield notes


def note(notes: Path) -> str:
    fd = os.open(notes, os.O_RDWR | os.O_NONBLOCK)
    try:
        return first_line(fd, "dunst's note")
    finally:
        os.close(fd)


def test_dunst_shows_it(notifier: Notifier, dunst: Path) -> None:
    assert notifier.notify("S1 Mini is ready", "Mends <b> & more").result(20)
    assert note(dunst) == "S1 Mini is ready|Mends &lt;b&gt; &amp; more"


def test_a_new_one_takes_the_place_of_the_one_before(notifier: Notifier, dunst: Path) -> None:
    for title in ("One", "Two", "Three"):
        assert notifier.notify(title, "").result(20)
        assert note(dunst) == f"{title}|"
    dunstctl = [require("dunstctl", "dunst"), "count", "displayed"]
    assert subprocess.run(dunstctl, check=True, timeout=LIMIT_S, capture_output=True).stdout.strip() == b"1"


@pytest.mark.usefixtures("bus")
def test_nobody_to_show_it_is_no_error(notifier: Notifier) -> None:
    assert not notifier.notify("Title", "Body").result(20)


def test_no_session_bus_is_no_error(notifier: Notifier, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    assert not notifier.notify("Title", "Body").result(20)
