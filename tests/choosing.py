"""Files chosen as a person does: in the dialog that a button has opened, or dragged in from another program."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from desktops import require, running
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

LIMIT_MS = 20_000


def press(button: QAbstractButton) -> None:
    """Click what can be clicked."""
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


def open_file_dialog() -> QFileDialog | None:
    """The one that is on the screen."""
    shown = [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, QFileDialog)]
    return next((dialog for dialog in shown if dialog.isVisible()), None)


def choose(qtbot: QtBot, *paths: Path) -> None:
    """Answer the dialog that is open, or about to be, with `paths`, which lie in one folder."""
    qtbot.waitUntil(lambda: open_file_dialog() is not None, timeout=LIMIT_MS)
    dialog = open_file_dialog()
    assert dialog is not None
    name = next(field for field in dialog.findChildren(QLineEdit) if field.objectName() == "fileNameEdit")
    words = str(paths[0]) if len(paths) == 1 else " ".join(f'"{path}"' for path in paths)
    name.setText(words)
    QTest.keyClick(name, Qt.Key.Key_Return)
    if len(paths) == 1 and paths[0].is_dir() and open_file_dialog() is dialog and dialog.isVisible():
        QTest.keyClick(name, Qt.Key.Key_Return)  # the first Enter went into the folder
    qtbot.waitUntil(lambda: open_file_dialog() is not dialog, timeout=LIMIT_MS)


def press_and_choose(qtbot: QtBot, button: QAbstractButton, *paths: Path) -> None:
    press(button)
    choose(qtbot, *paths)


FILES_TO_DRAG = """
import sys
from PySide6.QtCore import QMimeData, QUrl, Qt
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QApplication, QLabel
class Files(QLabel):
    def mousePressEvent(self, event):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(path) for path in sys.argv[1:]])
        drag = QDrag(self)
        drag.setMimeData(data)
        drag.exec(Qt.DropAction.CopyAction)
app = QApplication([])
files = Files("files", None, Qt.WindowType.X11BypassWindowManagerHint)
files.setGeometry(0, 0, 60, 40)
files.show()
app.processEvents()
print("ready", flush=True)
app.exec()
"""


def drag_in(qtbot: QtBot, path: Path, target: QWidget, has_come: Callable[[], bool]) -> None:
    """Drag a file out of another program's window, with the X server's pointer, and drop it on `target`. The other
    program is there until `has_come`: it is asked for what was dropped."""
    command = (sys.executable, "-c", FILES_TO_DRAG, str(path))
    with running(*command, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"ready\n"
        place = target.mapToGlobal(QPoint(target.width() // 2, target.height() // 2))
        moves = [("mousemove", "20", "20"), ("mousedown", "1")]
        moves += [("mousemove", str(x), str(y)) for x, y in ((25, 25), (40, 60), (place.x() - 3, place.y()))]
        for move in (*moves, ("mousemove", str(place.x()), str(place.y()))):
            subprocess.run((require("xdotool", "xdotool"), *move), check=True)
            qtbot.wait(100)  # a drag is told by where the pointer is when it is looked at
        subprocess.run((require("xdotool", "xdotool"), "mouseup", "1"), check=True)
        qtbot.waitUntil(has_come, timeout=LIMIT_MS)
