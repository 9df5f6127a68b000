"""Decides whether things may move, and how long."""

from __future__ import annotations

from PySide6.QtWidgets import QStyle, QWidget

FADE_MS = 120


def fade_ms(widget: QWidget) -> int:
    """Return how long a fade lasts; 0 where the desktop asks for no motion, which Qt passes on through the style."""
    return FADE_MS if widget.style().styleHint(QStyle.StyleHint.SH_Widget_Animation_Duration, None, widget) else 0
