"""Tells Windows what program this is, which by itself takes it for Python: in the taskbar and in messages."""

from __future__ import annotations

import sys

from desktop.common.paths import APP_ID


def claim_taskbar() -> None:
    """Have this process's windows and messages be Lectern's. Before the first of them; nothing elsewhere."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.shell32.SetCurrentProcessExplicitAppUserModelID(APP_ID)
