"""Keeping the reader's voice: from the menu beside the voice, by mouse and by keys; and the way to all voices."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from front import bring_to_front
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop.common.state import AppState
from desktop.reader.window import ReaderWindow
from desktop.tray.icon import Tray

KEEPABLE = AppState(can_keep_voice=True)


@pytest.fixture
def window(qtbot: QtBot) -> Iterator[ReaderWindow]:
    window = ReaderWindow()
    qtbot.addWidget(window)
    bring_to_front(qtbot, window)
    yield window
    window.close()


def test_the_voice_is_kept_under_the_name_that_is_typed(window: ReaderWindow, qtbot: QtBot) -> None:
    menu = window.top_bar.voice_menu.menu()
    assert menu is not None
    keep, voices = menu.actions()
    assert not keep.isEnabled()
    window.render(KEEPABLE)
    keep.trigger()
    bar = window.keep_voice
    assert bar.isVisible()
    assert bar.name.hasFocus()
    assert not bar.keep.isEnabled()
    QTest.keyClicks(bar.name, " Mine ")
    with qtbot.waitSignal(window.keep_voice_requested) as kept:
        QTest.keyClick(bar.name, Qt.Key.Key_Return)
    assert kept.args == ["Mine"]
    assert not bar.isVisible()
    with qtbot.waitSignal(window.show_voices_requested):
        voices.trigger()


def test_it_is_not_asked_for_any_more_when_there_is_nothing_to_keep(window: ReaderWindow) -> None:
    window.render(KEEPABLE)
    window.reader_actions.keep_voice.trigger()
    QTest.keyClick(window.keep_voice.name, Qt.Key.Key_Escape)
    assert not window.keep_voice.isVisible()
    window.reader_actions.keep_voice.trigger()
    window.keep_voice.close_button.click()
    assert not window.keep_voice.isVisible()
    window.reader_actions.keep_voice.trigger()
    window.render(AppState())
    assert not window.keep_voice.isVisible()


def test_the_tray_leads_to_the_voices_too(qtbot: QtBot) -> None:
    tray = Tray()
    tray.render(AppState(voices=("built-in", "Anna")))
    entries = [action.text() for action in tray.voices.actions()]
    assert entries == ["Usual voice", "built-in", "Anna", "", "&Voices…"]
    with qtbot.waitSignal(tray.show_voices_requested):
        tray.voices.actions()[-1].trigger()
