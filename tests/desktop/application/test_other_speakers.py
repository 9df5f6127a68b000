"""Screen readers beside the person: a real engine thread and socket, and a controller that says what is heard."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import cast

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot
from waiting import LIMIT_MS, wait_until

from desktop.application.other_speakers import OtherSpeakers
from desktop.common.settings import Settings
from desktop.common.speech_protocol import SoundRequest, speech_address
from desktop.common.state import AppState, Phase
from desktop.speech.controller import Controller
from desktop.speech.engine_thread import EngineThread
from desktop.speech_dispatcher.lectern_sound import Item, LecternSound


class FakeController(QObject):
    state_changed = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.shown = [""]

    def show_waiting(self, who: str) -> None:
        if who != self.shown[-1]:
            self.shown.append(who)


@pytest.fixture
def controller(qtbot: QtBot) -> Iterator[FakeController]:  # noqa: ARG001
    controller, thread = FakeController(), EngineThread()
    settings = Settings(voice="built-in/espeak")
    others = OtherSpeakers(thread, cast(Controller, controller), lambda: settings, tuple)
    thread.start()
    others.start()
    wait_until(speech_address().exists, "the socket is there")
    yield controller
    others.close()
    thread.shut_down()
    assert thread.wait(LIMIT_MS)


def test_a_screen_reader_waits_while_the_person_is_read_to_and_that_is_shown(
    controller: FakeController, qtbot: QtBot
) -> None:
    ssml = '<speak>Ein <mark name="a"/>Satz. <s xml:lang="en">And <mark name="b"/>another.</s></speak>'
    controller.state_changed.emit(AppState(Phase.SPEAKING))
    sound = LecternSound(SoundRequest(ssml, "de", is_ssml=True), patience_s=60)
    heard: list[Item] = []
    listener = threading.Thread(target=lambda: heard.extend(sound.items()))
    listener.start()
    qtbot.waitUntil(lambda: controller.shown[-1] == "the screen reader")
    assert heard == []
    controller.state_changed.emit(AppState(Phase.PAUSED))
    qtbot.waitUntil(lambda: not listener.is_alive())
    assert sound.is_whole
    assert [item for item in heard if isinstance(item, str)] == ["a", "b"]
    assert sum(len(item) for item in heard if isinstance(item, bytes)) / 2 / sound.RATE_HZ > 1
    qtbot.waitUntil(lambda: controller.shown[-1] == "")
