"""Offers the emotion and tone markers in a menu, grouped as S1 Mini knows them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

import engine
import engine.text


class MarkerPalette(QMenu):
    marker_chosen = Signal(str)
    """With its parentheses."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Marker", parent)
        for group, names in engine.text.MARKERS.items():
            menu = self.addMenu(group.capitalize())
            for name in names:
                action = menu.addAction(name)
                action.triggered.connect(lambda _=False, name=name: self.marker_chosen.emit(f"({name})"))
