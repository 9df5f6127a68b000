"""Reads the selected text of whichever program has it, and the clipboard's; neither is ever changed."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QObject

from desktop.platform.selection.reader import NoReader, SelectionReader

__all__ = ["SelectionReader", "open_selection_reader"]


def open_selection_reader(parent: QObject | None = None) -> SelectionReader:
    """Open the reader for the desktop that this process runs on."""
    if sys.platform == "win32":
        from desktop.platform.selection.windows import WindowsSelection

        return WindowsSelection(parent)
    if os.environ.get("WAYLAND_DISPLAY"):
        from desktop.platform.selection.wayland import WaylandSelection

        return WaylandSelection(parent)
    if os.environ.get("DISPLAY"):
        from desktop.platform.selection.x11 import X11Selection

        return X11Selection(parent)
    return NoReader("There is no desktop here: neither DISPLAY nor WAYLAND_DISPLAY is set.", parent)
