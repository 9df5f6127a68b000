"""Opens pages, files and folders in whichever program the desktop has for them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def open_outside(what: Path | str) -> bool:
    """Have a file, a folder or the page of an address opened, and say whether there is a program that takes it."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(what)) if isinstance(what, Path) else QUrl(what))
