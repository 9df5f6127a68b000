"""Shows how far the reading is, with a handle to take it elsewhere."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider, QWidget

STEPS = 1000


class SeekBar(QSlider):
    """Takes its handle where it is clicked; the jump is requested when the mouse lets go."""

    go_to_part_requested = Signal(float)
    """0 to 1 of the way through the text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setRange(0, STEPS)
        self.setSingleStep(STEPS // 50)
        self.setPageStep(STEPS // 10)
        self.setAccessibleName("Heard so far")
        self.sliderReleased.connect(self._request)
        self.actionTriggered.connect(self._take_key)

    def show_part(self, part: float) -> None:
        """Show how far the reading is, unless somebody holds the handle."""
        if not self.isSliderDown():
            self.setValue(round(STEPS * part))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._follow(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self.isSliderDown():
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is Qt.MouseButton.LeftButton and self.isSliderDown():
            self.setSliderDown(False)  # requests the jump

    def _follow(self, event: QMouseEvent) -> None:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        room = self.width() - handle.width()
        at = round(event.position().x() - handle.width() / 2)
        self.setSliderPosition(
            QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, room, option.upsideDown)  # type: ignore[attr-defined]
        )

    def _take_key(self, action: int) -> None:
        if action != QSlider.SliderAction.SliderMove.value:
            self._request()

    def _request(self) -> None:
        self.go_to_part_requested.emit(self.sliderPosition() / STEPS)
