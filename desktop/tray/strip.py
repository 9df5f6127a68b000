"""Shows the strip: what is heard of a hotkey's text, and three buttons, while the window is hidden.

It never takes the focus.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPropertyAnimation, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from desktop.common.state import AppState, Phase, Span
from desktop.common.status_words import problem, reading_line
from desktop.tray.two_lines import TwoLines
from desktop.widgets.icons import blend, symbolic_icon
from desktop.widgets.motion import fade_ms

WIDTH_PX = 432
MARGIN_PX = 16
BUTTON_PX, ICON_PX = 32, 20
PROBLEM_STAYS_MS = 5000


class Strip(QWidget):
    pause_requested = Signal()
    resume_requested = Signal()
    next_requested = Signal()
    stop_requested = Signal()
    show_window_requested = Signal()
    moved = Signal(int, int)
    """Dragged to here, to be remembered."""

    def __init__(self, position: tuple[int, int] | None = None, parent: QWidget | None = None) -> None:
        window = Qt.WindowType
        flags = window.Tool | window.FramelessWindowHint | window.WindowStaysOnTopHint | window.WindowDoesNotAcceptFocus
        super().__init__(parent, flags)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setWindowTitle("Lectern")
        self.setAccessibleName("Lectern is reading")
        self._state = AppState()
        self._is_allowed = True
        self._position = position
        self._grip: QPoint | None = None
        self.sentence = TwoLines()
        self.pause, self.next, self.stop = _button("Pause"), _button("Next sentence"), _button("Stop")
        self.pause.clicked.connect(self._pause_or_resume)
        self.next.clicked.connect(self.next_requested)
        self.stop.clicked.connect(self.stop_requested)
        self._fade = QPropertyAnimation(self, b"windowOpacity", self)
        self._fade.finished.connect(self._end_fade)
        self._leave = QTimer(self, singleShot=True, interval=PROBLEM_STAYS_MS)
        self._leave.timeout.connect(self._go)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(4)
        row.addWidget(self.sentence, 1)
        for button in (self.pause, self.next, self.stop):
            row.addWidget(button)
        self.setFixedWidth(WIDTH_PX)
        self._draw()

    def set_allowed(self, is_allowed: bool) -> None:
        """Say whether it may be seen: the window is hidden and the settings say so."""
        self._is_allowed = is_allowed
        self.render(self._state)

    def render(self, state: AppState) -> None:  # type: ignore[override]  (every view's name for it)
        was, self._state = self._state, state
        wanted = self._is_allowed and not state.reading.from_window
        if wanted and state.is_active:
            self._leave.stop()
            self.sentence.set_text(*_words(state))
            self._come()
        elif wanted and problem(state) is not None and was.is_active and self.isVisible():
            message = problem(state)
            assert message is not None
            self.sentence.set_text(str(message))
            self._leave.start()
        elif not wanted or not self._leave.isActive():
            self._go()
        for button in (self.pause, self.next, self.stop):
            button.setEnabled(state.is_active)
        if (was.phase is Phase.PAUSED) != (state.phase is Phase.PAUSED):
            self._draw()

    def _pause_or_resume(self) -> None:
        if self._state.phase is Phase.PAUSED:
            self.resume_requested.emit()
        else:
            self.pause_requested.emit()

    # --- coming and going

    def _come(self) -> None:
        self._fade.stop()
        self.setWindowOpacity(1.0)
        if not self.isVisible():
            self.adjustSize()
            self.move(self._place())
            self.show()

    def _go(self) -> None:
        self._leave.stop()
        if not self.isVisible() or self._fade.state() is QPropertyAnimation.State.Running:
            return
        duration = fade_ms(self)
        if not duration:
            self.hide()
            return
        self._fade.setDuration(duration)
        self._fade.setStartValue(1.0)
        self._fade.setEndValue(0.0)
        self._fade.start()

    def _end_fade(self) -> None:
        self.hide()
        self.setWindowOpacity(1.0)

    def _place(self) -> QPoint:
        """Where it was left, if a screen still shows that place; else low at the right, as notifications are high."""
        if self._position is not None:
            place = QPoint(*self._position)
            middle = place + QPoint(self.width() // 2, self.height() // 2)
            if QGuiApplication.screenAt(middle) is not None:
                return place
        room = QGuiApplication.primaryScreen().availableGeometry()
        return QPoint(room.right() - self.width() - MARGIN_PX + 1, room.bottom() - self.height() - MARGIN_PX + 1)

    # --- dragging

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if event.button() is not Qt.MouseButton.LeftButton:
            return
        if QGuiApplication.platformName().startswith("wayland"):  # only the compositor can move a window
            self.windowHandle().startSystemMove()
        else:
            self._grip = event.globalPosition().toPoint() - self.pos()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        if self._grip is not None:
            self.move(event.globalPosition().toPoint() - self._grip)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        grip, self._grip = self._grip, None
        if grip is None:
            return
        place = event.globalPosition().toPoint() - grip
        if self._position != (place.x(), place.y()):
            self._position = (place.x(), place.y())
            self.moved.emit(*self._position)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802, ARG002
        self.show_window_requested.emit()

    # --- looks

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, ARG002
        painter = QPainter(self)
        palette = self.palette()
        window, text = palette.color(QPalette.ColorRole.Window), palette.color(QPalette.ColorRole.WindowText)
        painter.fillRect(self.rect(), window)
        painter.setPen(blend(window, text, 0.35))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw()

    def _draw(self) -> None:
        is_paused = self._state.phase is Phase.PAUSED
        self.pause.setIcon(symbolic_icon("play" if is_paused else "pause"))
        self.pause.setAccessibleName("Resume" if is_paused else "Pause")
        self.pause.setToolTip(self.pause.accessibleName())
        self.next.setIcon(symbolic_icon("next"))
        self.stop.setIcon(symbolic_icon("stop"))


def _words(state: AppState) -> tuple[str, Span | None]:
    """What is heard, and the place in it of the word that is."""
    span, word = state.reading.sentence, state.reading.word
    if not span:
        return reading_line(state), None
    is_inside = word is not None and span[0] <= word[0] and word[1] <= span[1]
    return state.reading.text[span[0] : span[1]], (word[0] - span[0], word[1] - span[0]) if word and is_inside else None


def _button(words: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setFixedSize(BUTTON_PX, BUTTON_PX)
    button.setIconSize(QSize(ICON_PX, ICON_PX))
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.setAccessibleName(words)
    button.setToolTip(words)
    return button
