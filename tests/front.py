"""Windows that have the keyboard.

To be shown is not enough: a shortcut does nothing, and no widget has the focus, until the window manager has made the
window the active one. On a busy computer that comes later; also to a window above which a dialog was closed.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot


def bring_to_front(qtbot: QtBot, window: QWidget) -> None:
    """As by a click into it: `window` is shown, and its shortcuts are those that are pressed."""
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def focus(qtbot: QtBot, widget: QWidget) -> None:
    """As by a click on it: keys go to `widget`."""
    bring_to_front(qtbot, widget.window())
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
