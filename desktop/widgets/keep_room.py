"""Lets windows grow with what they say: a notice that comes takes its room from the screen, not from other words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget


def keep_room(window: QWidget) -> None:
    """Have `window` never lower than its layout needs at its width. Called when the layout is there."""
    window.installEventFilter(_Keeper(window))


class _Keeper(QObject):
    """Qt asks a layout for its least height at its least width, where wrapped words are highest or not counted."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show):
            assert isinstance(watched, QWidget)
            layout = watched.layout()
            if layout is not None and layout.hasHeightForWidth():
                height = layout.totalHeightForWidth(watched.width())
                if height != watched.minimumHeight():
                    watched.setMinimumHeight(height)
        return super().eventFilter(watched, event)
