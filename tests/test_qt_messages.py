"""What tests/qt_messages.py promises: a warning in a child, of Qt's or of Python's, is noticed."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import pytest

QT = """
from PySide6.QtCore import QThread, QTimer
thread, timer = QThread(), QTimer()
thread.start()
timer.moveToThread(thread)
timer.start(1)
thread.quit()
thread.wait()
"""
SAID = "from PySide6.QtCore import qWarning\nqWarning('it cannot be placed')\n"
PYTHON = "open('/dev/null')\n"


@pytest.mark.parametrize(
    ("program", "words"), [(QT, "Timers cannot"), (SAID, "it cannot be placed"), (PYTHON, "ResourceWarning")]
)
def test_a_child_that_is_warned_is_noticed(messages_log: Path, program: str, words: str) -> None:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    noted = messages_log.read_text(encoding="utf-8")
    messages_log.unlink()  # or this test would fail, as any other would
    assert words in noted
    assert words in done.stderr  # it is told where it would be without us, too


def test_what_is_no_warning_is_not_noticed(messages_log: Path) -> None:
    program = "from PySide6.QtCore import qDebug, QTimer\nqDebug('by the way')\n"
    subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert not messages_log.exists()


def test_no_thread_ends_what_another_test_left() -> None:
    assert not gc.isenabled(), (
        "a QObject in a circle would end beside its thread, and Qt would warn in a test of others"
    )
