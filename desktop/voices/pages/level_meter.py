"""Shows how loud the microphone hears: a bar that grows with loudness, and says so to a screen reader."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QWidget

from desktop.widgets.icons import blend

GOOD, TOO_LOUD = 0.55, 0.96
"""Shares of the meter's width: speech should reach the first, and stay below the second."""
_WORDS = ("quiet", "good", "too loud")


class LevelMeter(QWidget):
    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.share = 0.0
        self.words = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Loudness")
        self.setToolTip("How loud the microphone hears you; the middle is good")

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(320, 12)

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(80, 12)

    def show_level(self, level: float) -> None:
        """Show a peak, 0 to 1, by its loudness, from -48 dB."""
        share = self.share = min(1.0, max(0.0, 1 + 20 * math.log10(max(level, 1e-6)) / 48))
        words = _WORDS[(share >= GOOD) + (share >= TOO_LOUD)]
        if words != self.words:
            self.words = words
            self.setAccessibleDescription(words)
            if QAccessible.isActive():
                QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        palette = self.palette()
        ground = blend(palette.color(QPalette.ColorRole.Window), palette.color(QPalette.ColorRole.WindowText), 0.15)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        whole = QRectF(self.rect())
        radius = whole.height() / 2
        painter.setBrush(ground)
        painter.drawRoundedRect(whole, radius, radius)
        accent = palette.color(QPalette.ColorRole.Highlight)
        painter.setBrush(QColor("#d0382b") if self.share >= TOO_LOUD else accent)
        painter.drawRoundedRect(
            QRectF(0, 0, max(2 * radius, whole.width() * self.share), whole.height()), radius, radius
        )
        painter.setBrush(palette.color(QPalette.ColorRole.WindowText))
        for mark in (GOOD, TOO_LOUD):
            painter.drawRect(QRectF(whole.width() * mark, 0, 1, whole.height()))
        painter.end()
