"""Moves a view to where the voice is: at once, or in so short a while that the eye can follow."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, QVariantAnimation
from PySide6.QtWidgets import QApplication, QPushButton, QScrollBar, QWidget

from desktop.widgets.motion import fade_ms

FAR_PAGES = 2.0  # farther is no way that anybody could follow


class Scrolling(QVariantAnimation):
    """Moves a scroll bar. A person who takes it ends that."""

    def __init__(self, bar: QScrollBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.valueChanged.connect(self._move)

    @property
    def target(self) -> int:
        """Where the bar will be."""
        return int(self.endValue()) if self.state() is self.State.Running else self._bar.value()

    def go(self, value: int, *, at_once: bool = False) -> None:
        """Move to `value`, smoothly where it is near and the desktop has nothing against it."""
        bar = self._bar
        value = min(max(value, bar.minimum()), bar.maximum())
        if self.state() is self.State.Running and value == self.target:
            return
        self.stop()
        lasts_ms = 0 if at_once else fade_ms(bar)
        if not lasts_ms or not bar.isVisible() or abs(value - bar.value()) > FAR_PAGES * max(bar.pageStep(), 1):
            bar.setValue(value)
            return
        self.setDuration(lasts_ms)
        self.setStartValue(bar.value())
        self.setEndValue(value)
        self.start()

    def _move(self, value: object) -> None:
        assert isinstance(value, int)
        self._bar.setValue(value)


class BackButton(QPushButton):
    """Leads back to what is heard, from wherever the person has scrolled. It lies over the lower end of a view."""

    def __init__(self, keys: str, view: QWidget) -> None:
        super().__init__("Back to what is heard", view)
        self.setToolTip(f"Back to what is heard ({keys})")
        self.setAutoDefault(False)
        self.hide()

    def place(self) -> None:
        """Take the place in the middle of the view's lower end."""
        view = self.parentWidget()
        assert view is not None
        font, usual = self.font(), QApplication.font()  # not the page's, however large that is
        font.setFamilies(usual.families())
        font.setPointSizeF(usual.pointSizeF())
        self.setFont(font)
        self.adjustSize()
        self.move((view.width() - self.width()) // 2, view.height() - self.height() - 16)
