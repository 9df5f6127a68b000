"""The window about Lectern: what it runs on is shown, and copied whole for a report."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from desktop.about.dialog import AboutDialog
from desktop.common.system_report import system_report


def test_what_a_report_needs_is_shown_and_copied(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    assert not dialog.copy.isEnabled()
    dialog.show()
    qtbot.waitUntil(dialog.copy.isEnabled)
    assert dialog.report.text() == system_report()
    dialog.copy.click()
    assert QGuiApplication.clipboard().text() == system_report()
    dialog.end()
