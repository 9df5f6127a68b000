"""The desktop turns dark while windows are open: icons drawn in the palette's colour are drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtGui import QColor, QImage, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from desktop.narration.window import NarrationWindow
from desktop.s1.dialog import LoginDialog
from desktop.widgets.notice import Notice


@pytest.fixture
def dark(qapp: QApplication) -> Iterator[QPalette]:
    before = QPalette(qapp.palette())
    palette = QPalette(QColor(30, 30, 30))
    for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText, QPalette.ColorRole.Text):
        palette.setColor(role, QColor("white"))
    yield palette
    qapp.setPalette(before)


def _notice() -> tuple[QWidget, Callable[[], QImage]]:
    notice = Notice("speaking", "Yes", "No")
    return notice, lambda: notice._icon.pixmap().toImage()


def _login() -> tuple[QWidget, Callable[[], QImage]]:
    dialog = LoginDialog()
    return dialog, lambda: dialog._ready_icon.pixmap().toImage()


def _narration() -> tuple[QWidget, Callable[[], QImage]]:
    window = NarrationWindow()
    return window, lambda: window.listen.icon().pixmap(16, 16).toImage()


@pytest.mark.parametrize("make", [_notice, _login, _narration])
def test_icons_follow_the_palette(
    qtbot: QtBot, qapp: QApplication, dark: QPalette, make: Callable[[], tuple[QWidget, Callable[[], QImage]]]
) -> None:
    widget, icon = make()
    qtbot.addWidget(widget)
    widget.show()
    before = icon()
    qapp.setPalette(dark)
    qapp.processEvents()
    assert icon() != before
