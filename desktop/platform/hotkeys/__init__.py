"""Binds hotkeys that work whichever program has the focus: one protocol, one module for each platform."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QObject

from desktop.platform.hotkeys.null import NullHotkeys
from desktop.platform.hotkeys.protocol import Action, Binding, Hotkeys

__all__ = ["Action", "Binding", "Hotkeys", "open_hotkeys"]

_REMEDY = "Give the command `lectern read --selection` a key in the desktop's own settings."


def open_hotkeys(parent: QObject | None = None) -> Hotkeys:
    """Open the hotkeys of the desktop that this process runs on."""
    if sys.platform == "win32":
        from desktop.platform.hotkeys.windows import WindowsHotkeys

        return WindowsHotkeys(parent)
    if sys.platform == "darwin":
        return NullHotkeys(f"Lectern has no hotkeys on macOS yet. {_REMEDY}", parent)
    if os.environ.get("WAYLAND_DISPLAY"):  # X11's keys reach us there only from windows under XWayland
        from desktop.platform.hotkeys.portal import PortalHotkeys

        return PortalHotkeys(parent)
    if not os.environ.get("DISPLAY"):
        return NullHotkeys("There is no desktop here: neither DISPLAY nor WAYLAND_DISPLAY is set.", parent)
    from Xlib.error import DisplayError

    from desktop.platform.hotkeys.x11 import X11Hotkeys

    try:
        return X11Hotkeys(parent)
    except (DisplayError, OSError) as error:
        return NullHotkeys(f"The X server cannot be reached: {error}. {_REMEDY}", parent)
