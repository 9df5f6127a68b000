"""No window cuts its own words: in every state that tests/screenshots.py shows, each label has the height it needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import screenshots
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from desktop.common.messages import Message
from desktop.common.state import AppState
from desktop.doctor.dialog import DoctorDialog
from desktop.s1.dialog import LoginDialog

VIEWS = dict(screenshots.views())


def is_cut(label: QLabel) -> bool:
    """Whether its words need more lines than it has room for."""
    if label.wordWrap() and label.text():
        return label.height() < label.heightForWidth(label.width())
    return bool(label.text()) and label.height() < label.minimumSizeHint().height()


def wait_for_room(qtbot: QtBot, widget: QWidget) -> None:
    labels = widget.findChildren(QLabel)
    qtbot.waitUntil(lambda: not [label.text() for label in labels if label.isVisible() and is_cut(label)])
    for button in widget.findChildren(QAbstractButton):
        if button.isVisible() and button.text():
            assert button.height() >= button.sizeHint().height() - 2, button.text()


@pytest.mark.parametrize("name", [name for name in VIEWS if name not in ("tray-menu", "narration-arrange", "strip")])
def test_words_have_room(qtbot: QtBot, name: str) -> None:
    make: Callable[[], QWidget] = VIEWS[name]
    widget = make()
    qtbot.addWidget(widget)
    if isinstance(widget, DoctorDialog):
        qtbot.waitUntil(widget.again.isEnabled)  # its checks run in a thread
    wait_for_room(qtbot, widget)


@pytest.mark.parametrize("name", screenshots.DOWNLOADS)
def test_a_notice_in_the_open_login_window_takes_nothings_room(qtbot: QtBot, name: str) -> None:
    dialog = LoginDialog()
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    download = screenshots.DOWNLOADS[name]
    dialog.render(AppState(computer=screenshots.COMPUTER, download=download))
    wait_for_room(qtbot, dialog)
    wordy = Message("A long sentence of what went wrong, word by word. " * 3, "And a long remedy for all of that. " * 4)
    dialog.render(AppState(computer=screenshots.COMPUTER, download=replace(download, problem=wordy)))
    wait_for_room(qtbot, dialog)
