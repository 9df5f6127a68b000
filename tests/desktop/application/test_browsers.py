"""Browser extensions in the application: the person is asked once, and what one reads is a reading of the person's."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from front import focus
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

import engine
from desktop.application.browsers import Browsers
from desktop.common.messages import Message
from desktop.common.settings import Settings
from desktop.common.state import AppState, Phase, ReadingView
from desktop.settings.browser_list import BrowserList
from desktop.settings.dialog import SettingsDialog
from desktop.worker import Worker
from engine.server import PairedBrowser, PairingRequest, PairingView, ReadingAction

MINE = "chrome-extension://mine"
TEXT = "One. Two."


class FakeController(QObject):
    """Reads whatever it is told to, and notes what else it is told."""

    state_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.state = AppState()
        self.told: list[Any] = []

    def __getattr__(self, name: str) -> Any:
        return lambda *values: self.told.append((name, *values))

    def speak(self, text: str, position: int, from_window: bool) -> None:
        assert (position, from_window) == (0, False)
        self.become(phase=Phase.IDLE if text == "…" else Phase.PREPARING, reading=ReadingView(text=text))
        if text == "…":
            self.become(problem=Message("There is nothing to speak."))

    def stop(self) -> None:
        self.told.append("stop")
        self.become(phase=Phase.IDLE)

    def become(self, **changes: Any) -> None:
        self.state = replace(self.state, **changes)
        self.state_changed.emit(self.state)


@pytest.fixture
def controller(qtbot: QtBot) -> FakeController:  # noqa: ARG001
    return FakeController()


@pytest.fixture
def browsers(controller: FakeController, tmp_path: Path) -> Iterator[Browsers]:
    disk = Worker("disk")
    yield Browsers(tmp_path / "browsers.json", controller, disk)  # type: ignore[arg-type]
    disk.close()


def ask(qtbot: QtBot, browsers: Browsers, origin: str = MINE) -> PairingRequest:
    with qtbot.waitSignal(browsers.asked) as asked, ThreadPoolExecutor(1) as server:
        server.submit(browsers.pairings.ask, origin, "Mine").result()
    assert asked.args is not None
    return asked.args[0]


def answer(qtbot: QtBot, future: Any) -> Any:
    qtbot.waitUntil(future.done)
    return future.result()


def test_allowed_removed_and_asked_once(qtbot: QtBot, browsers: Browsers) -> None:
    request = ask(qtbot, browsers)
    with qtbot.assertNotEmitted(browsers.asked, wait=50):
        for _ in range(100):
            browsers.pairings.ask(MINE, "Mine")
    with qtbot.waitSignal(browsers.view_changed):
        browsers.allow(request)
        browsers.allow(request)
    assert [one.origin for one in browsers.view.paired] == [MINE]
    with qtbot.waitSignal(browsers.view_changed):
        browsers.remove(MINE)
    assert browsers.view == PairingView()


def test_a_full_disk_is_told_and_the_question_stands(
    qtbot: QtBot, browsers: Browsers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise engine.OutputError("disk_full", tmp_path / "browsers.json")

    monkeypatch.setattr("engine.server.pairing.write_whole", full)
    request = ask(qtbot, browsers)
    with qtbot.waitSignals([browsers.failed, browsers.view_changed]):
        browsers.allow(request)
    assert browsers.view == PairingView(request)


def test_a_damaged_list_is_told(qtbot: QtBot, controller: FakeController, tmp_path: Path) -> None:
    (tmp_path / "browsers.json").write_text("{")
    disk = Worker("disk")
    browsers = Browsers(tmp_path / "browsers.json", controller, disk)  # type: ignore[arg-type]
    with qtbot.waitSignal(browsers.failed) as failed:
        pass
    assert failed.args is not None
    assert "damaged" in str(failed.args[0])
    disk.close()


def test_its_own_reading_is_told_and_steered_and_no_other(
    qtbot: QtBot, browsers: Browsers, controller: FakeController
) -> None:
    browsers.allow(ask(qtbot, browsers))
    qtbot.waitUntil(lambda: bool(browsers.view.paired))
    reader, feed = browsers.reader, browsers.reader.feed
    reading = answer(qtbot, reader.start(MINE, TEXT, 0))
    controller.become(phase=Phase.SPEAKING, reading=replace(controller.state.reading, sentence=(0, 4), heard_s=0.5))
    assert (feed.state.reading, feed.state.sentence, feed.state.is_heard) == (reading, (0, 4), True)
    version = feed.state.version
    controller.become(reading=replace(controller.state.reading, heard_s=0.6))
    assert feed.state.version == version, "who waits is not woken for that"

    assert answer(qtbot, reader.act(MINE, reading, ReadingAction.JUMP, 99))
    assert answer(qtbot, reader.act(MINE, reading, ReadingAction.SPEED, 2.0))
    assert controller.told == [("jump", len(TEXT)), ("set_speed", 2.0)]
    for owner, number in (("chrome-extension://other", reading), (MINE, reading + 1)):
        assert not answer(qtbot, reader.act(owner, number, ReadingAction.STOP, 0))

    equal = "".join(["One.", " Two."])  # read by a hotkey
    controller.become(reading=ReadingView(text=equal, sentence=(0, 4)))
    assert (feed.state.is_heard, feed.state.sentence) == (False, None)
    assert not answer(qtbot, reader.act(MINE, reading, ReadingAction.STOP, 0))
    browsers.remove(MINE)
    qtbot.waitUntil(lambda: not browsers.view.paired)
    assert "stop" not in controller.told, "the person's own reading goes on"
    assert feed.state.reading == 0


def test_taken_back_while_it_reads_it_is_silent(qtbot: QtBot, browsers: Browsers, controller: FakeController) -> None:
    browsers.allow(ask(qtbot, browsers))
    qtbot.waitUntil(lambda: bool(browsers.view.paired))
    answer(qtbot, browsers.reader.start(MINE, TEXT, 0))
    browsers.remove(MINE)
    qtbot.waitUntil(lambda: controller.told == ["stop"])
    assert answer(qtbot, browsers.reader.start(MINE, "…", 0)) == "There is nothing to speak."


def test_enter_in_a_field_of_the_settings_allows_nobody(qtbot: QtBot) -> None:
    dialog = SettingsDialog(Settings())
    qtbot.addWidget(dialog)
    dialog.show_page("programs")
    dialog.browsers.render_view(PairingView(PairingRequest(MINE, "Mine", "1234")))
    field = dialog.fields["serve_address"]
    focus(qtbot, field)
    with qtbot.assertNotEmitted(dialog.browsers.question.allow_requested, wait=20):
        qtbot.keyClick(field, Qt.Key.Key_Return)


def test_the_list_in_the_settings(qtbot: QtBot) -> None:
    shown = BrowserList()
    qtbot.addWidget(shown)
    paired = tuple(PairedBrowser(f"moz-extension://{n}", f"Browser {n}", "", "2026-11-30") for n in range(3))
    shown.render_view(PairingView(PairingRequest(MINE, "Mine", "1234"), paired))
    shown.show()
    allow = next(one for one in shown.question.findChildren(QPushButton) if one.text() == "Allow")
    with qtbot.waitSignal(shown.question.allow_requested) as allowed:
        qtbot.mouseClick(allow, Qt.MouseButton.LeftButton)
    assert allowed.args is not None
    assert allowed.args[0].number == "1234"
    with qtbot.assertNotEmitted(shown.question.allow_requested, wait=20):
        qtbot.mouseClick(allow, Qt.MouseButton.LeftButton)
    shown.render_view(PairingView(None, paired[1:]))
    assert not shown.question.isVisible()
    assert list(shown.rows) == [one.origin for one in paired[1:]]
    with qtbot.waitSignal(shown.remove_requested) as removed:
        qtbot.mouseClick(shown.rows["moz-extension://2"], Qt.MouseButton.LeftButton)
    assert removed.args == ["moz-extension://2"]
