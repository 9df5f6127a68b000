"""Brings a window to the front."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget


def bring_forward(window: QWidget) -> None:
    """Show `window` over all others, and have it take what is typed."""
    window.show()
    window.raise_()
    window.activateWindow()
