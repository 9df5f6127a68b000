"""The doctor's dialog: findings from another thread, the real checks from another process, and the report."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

import engine
from desktop.doctor.dialog import DoctorDialog
from desktop.doctor.process import examine_apart
from desktop.doctor.report import Finding, Health
from tests.waiting import wait_until


def test_findings_are_shown_as_they_come_and_copied(qtbot: QtBot) -> None:
    go_on = threading.Event()
    threads: list[threading.Thread] = []

    def examine(cancel: engine.CancelToken) -> Iterator[Finding]:  # noqa: ARG001
        threads.append(threading.current_thread())
        yield Finding("tray", Health.OK, "shown")
        assert go_on.wait(10)
        yield Finding("sound output", Health.BROKEN, "no device", "Connect one")

    dialog = DoctorDialog(examine)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: len(dialog.findings) == 1)
    assert not dialog.copy.isEnabled()
    with qtbot.waitSignal(dialog.finished_examining):
        go_on.set()
    assert threads[0] is not threading.main_thread()
    labels = {label.accessibleName(): label.text() for label in dialog.findChildren(QLabel)}
    assert labels["sound output: does not work. no device. Connect one"] == "no device\nConnect one"
    assert "does not work" in dialog.summary.text()
    dialog.copy.click()
    copied = QGuiApplication.clipboard().text()
    assert "ok  tray: shown" in copied
    assert "      Connect one" in copied
    assert copied.startswith("Lectern ")


def test_closing_ends_the_checks_and_showing_begins_anew(qtbot: QtBot) -> None:
    tokens: list[engine.CancelToken] = []

    def examine(cancel: engine.CancelToken) -> Iterator[Finding]:
        tokens.append(cancel)
        yield Finding("tray", Health.OK, "shown")
        if len(tokens) == 1:
            wait_until(lambda: cancel.cancelled, "closing cancels the checks")

    dialog = DoctorDialog(examine)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: len(dialog.findings) == 1)
    dialog.close()
    with qtbot.waitSignal(dialog.finished_examining):
        dialog.show()
    assert len(tokens) == 2
    assert [finding.subject for finding in dialog.findings] == ["tray"]
    assert dialog.summary.text() == "Everything works."


def test_the_checks_run_in_a_process_of_their_own() -> None:
    had_torch = "torch" in sys.modules
    cancel = engine.CancelToken()
    subjects = []
    for finding in examine_apart(None, cancel):
        subjects.append(finding.subject)
        if len(subjects) == 2:
            cancel.cancel()
    assert subjects == ["Lectern", "origin"]
    assert ("torch" in sys.modules) == had_torch
