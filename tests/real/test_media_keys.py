"""Lectern as a media player on a real session bus, driven by gdbus from another process."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from desktops import first_line, require, running
from PySide6.QtCore import QProcess
from PySide6.QtDBus import QDBusConnection
from pytestqt.qtbot import QtBot
from waiting import LIMIT_S

from desktop.common.state import AppState, Phase, ReadingView
from desktop.platform.media_keys import PATH, PLAYER, SERVICE, MediaKeys

SPEAKING = AppState(
    phase=Phase.SPEAKING, reading=ReadingView(text="One. Two\nlines. Three.", sentence=(5, 15), speaker="S1 Mini")
)

# Prints each PropertiesChanged as a JSON line: [signature, interface, changed].
WATCHER = """
import asyncio, json
from dbus_fast import Message, unpack_variants
from dbus_fast.aio import MessageBus
async def main():
    bus = await MessageBus().connect()
    def tell(message):
        if message.member == "PropertiesChanged":
            print(json.dumps([message.signature, *unpack_variants(message.body)]), flush=True)
    bus.add_message_handler(tell)
    rule = "type='signal',member='PropertiesChanged',path='/org/mpris/MediaPlayer2'"
    await bus.call(Message(destination="org.freedesktop.DBus", path="/org/freedesktop/DBus",
        interface="org.freedesktop.DBus", member="AddMatch", signature="s", body=[rule]))
    print("watching", flush=True)
    await asyncio.get_running_loop().create_future()
asyncio.run(main())
"""


@pytest.fixture
def keys(qtbot: QtBot, x_display: str) -> Iterator[MediaKeys]:  # noqa: ARG001
    keys = MediaKeys()
    yield keys
    keys.close()


def gdbus(qtbot: QtBot, method: str, *arguments: str) -> str:
    """What the call printed; our own event loop answers it meanwhile."""
    process = QProcess()
    process.setProgram(require("gdbus", "libglib2.0-bin"))
    process.setArguments(
        ["call", "--session", "--dest", SERVICE, "--object-path", PATH, "--method", method, *arguments]
    )
    with qtbot.waitSignal(process.finished):
        process.start()
    assert process.exitCode() == 0, bytes(process.readAllStandardError().data()).decode()
    return bytes(process.readAllStandardOutput().data()).decode().strip()


def player_property(qtbot: QtBot, name: str) -> str:
    return gdbus(qtbot, "org.freedesktop.DBus.Properties.Get", PLAYER, name)


@pytest.mark.parametrize(
    ("method", "signal"),
    [
        ("Player.PlayPause", "play_pause_requested"),
        ("Player.Play", "resume_requested"),
        ("Player.Pause", "pause_requested"),
        ("Player.Stop", "stop_requested"),
        ("Player.Next", "next_requested"),
        ("Player.Previous", "previous_requested"),
        ("Raise", "show_window_requested"),
        ("Quit", "quit_requested"),
    ],
)
def test_each_method_is_a_request(qtbot: QtBot, keys: MediaKeys, method: str, signal: str) -> None:
    with qtbot.waitSignal(getattr(keys, signal)):
        gdbus(qtbot, f"org.mpris.MediaPlayer2.{method}")


def test_the_sentence_being_heard_is_the_track(qtbot: QtBot, keys: MediaKeys) -> None:
    keys.show(SPEAKING)
    assert player_property(qtbot, "PlaybackStatus") == "(<'Playing'>,)"
    metadata = player_property(qtbot, "Metadata")
    assert "'xesam:title': <'Two lines.'>" in metadata
    assert "'xesam:artist': <['S1 Mini']>" in metadata
    assert "'mpris:trackid': <objectpath '/io/github/lectern/sentence/5'>" in metadata
    assert player_property(qtbot, "CanGoNext") == "(<true>,)"
    keys.show(AppState())
    assert player_property(qtbot, "PlaybackStatus") == "(<'Stopped'>,)"
    assert player_property(qtbot, "CanGoNext") == "(<false>,)"
    assert "NoTrack" in player_property(qtbot, "Metadata")


def test_the_whole_interface_is_there(qtbot: QtBot, keys: MediaKeys) -> None:  # noqa: ARG001
    application = gdbus(qtbot, "org.freedesktop.DBus.Properties.GetAll", "org.mpris.MediaPlayer2")
    for part in ("'Identity': <'Lectern'>", "'CanQuit': <true>", "'SupportedUriSchemes': <@as []>", "'DesktopEntry'"):
        assert part in application
    player = gdbus(qtbot, "org.freedesktop.DBus.Properties.GetAll", PLAYER)
    for part in ("'Position': <int64 0>", "'MinimumRate': <0.5>", "'CanControl': <true>", "'CanSeek': <false>"):
        assert part in player
    gdbus(qtbot, f"{PLAYER}.Seek", "1000")
    gdbus(qtbot, f"{PLAYER}.SetPosition", "/a/b", "1000")


def test_changes_are_told_once(keys: MediaKeys) -> None:
    with running(sys.executable, "-c", WATCHER, stdout=subprocess.PIPE) as watcher:
        assert watcher.stdout is not None
        told = watcher.stdout.fileno()
        assert first_line(told, "the watcher") == "watching"
        keys.show(SPEAKING)
        keys.show(SPEAKING)
        keys.show(AppState())
        signature, interface, changed, invalidated = json.loads(first_line(told, "the watcher"))
        assert (signature, interface, invalidated) == ("sa{sv}as", PLAYER, ["Position"])
        assert changed["PlaybackStatus"] == "Playing"
        assert changed["Metadata"]["xesam:title"] == "Two lines."
        assert "Rate" not in changed
        _, _, changed, _ = json.loads(first_line(told, "the watcher"))
        assert changed["PlaybackStatus"] == "Stopped"


@pytest.mark.parametrize(
    ("name", "value", "signal", "requested"),
    [
        ("Rate", 1.5, "set_speed_requested", [1.5]),
        ("Rate", 0.0, "pause_requested", []),
        ("Volume", 0.25, "set_volume_requested", [0.25]),
        ("Volume", 1.5, "set_volume_requested", [1.0]),
    ],
)
def test_speed_and_volume_can_be_set(
    qtbot: QtBot, keys: MediaKeys, name: str, value: float, signal: str, requested: list[float]
) -> None:
    with qtbot.waitSignal(getattr(keys, signal)) as caught:
        gdbus(qtbot, "org.freedesktop.DBus.Properties.Set", PLAYER, name, f"<{value}>")
    assert caught.args == requested


def test_a_second_instance_takes_another_name(keys: MediaKeys, session_bus: str) -> None:  # noqa: ARG001
    second = """
from PySide6.QtCore import QCoreApplication
from PySide6.QtDBus import QDBusConnection
application = QCoreApplication([])
from desktop.platform.media_keys import MediaKeys
keys = MediaKeys()
print(QDBusConnection.sessionBus().interface().registeredServiceNames().value())
"""
    command = [sys.executable, "-c", second]
    names = subprocess.run(command, capture_output=True, check=True, timeout=LIMIT_S, encoding="utf-8").stdout
    assert f"'{SERVICE}'" in names
    assert f"'{SERVICE}.instance" in names


def test_the_name_is_free_after_close(qtbot: QtBot, x_display: str) -> None:  # noqa: ARG001
    keys = MediaKeys()
    bus = QDBusConnection.sessionBus().interface()
    assert bus.isServiceRegistered(SERVICE).value()
    keys.close()
    assert not bus.isServiceRegistered(SERVICE).value()
    keys.show(SPEAKING)  # and nothing fails


def test_without_a_session_bus_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    alone = """
from PySide6.QtCore import QCoreApplication
application = QCoreApplication([])
from desktop.platform.media_keys import MediaKeys
from desktop.common.state import AppState
keys = MediaKeys()
keys.show(AppState(speed=2.0))
keys.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", alone], capture_output=True, check=True, timeout=LIMIT_S, encoding="utf-8"
    )
    assert done.stderr == ""


@pytest.mark.usefixtures("qapp")
def test_closed_and_collected_in_another_thread_it_says_nothing() -> None:
    """Python collects circles in any thread; QtDBus warns when what it relays ends in a thread that is not its own."""
    keys = MediaKeys()
    keys.close()
    keys.close()  # twice does no harm
    keys.show(AppState())
    del keys
    collector = threading.Thread(target=gc.collect)
    collector.start()
    collector.join()
