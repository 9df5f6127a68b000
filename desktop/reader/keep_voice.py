"""Asks for a name for the voice that was just improvised, in one quiet line."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from desktop.widgets.icons import symbolic_icon


class KeepVoiceBar(QWidget):
    """Asks for a voice's name. Hidden until it is needed."""

    keep_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.keep, self.close_button = _NameField(), QPushButton("&Keep"), QToolButton()
        self.name.setPlaceholderText("A name for it")
        self.name.setAccessibleName("Name for the voice")
        self.name.setMaximumWidth(280)
        label = QLabel("Keep the &voice that is heard as")
        label.setBuddy(self.name)
        self.close_button.setAutoRaise(True)
        self.close_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.close_button.setAccessibleName("Do not keep it")
        self.close_button.setToolTip("Do not keep it")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 8)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.name, 1)
        row.addWidget(self.keep)
        row.addStretch(1)
        row.addWidget(self.close_button)
        self.keep.setEnabled(False)
        self.name.textChanged.connect(lambda text: self.keep.setEnabled(bool(text.strip())))
        self.name.returnPressed.connect(self._keep)
        self.keep.clicked.connect(self._keep)
        self.close_button.clicked.connect(self.hide)
        self._draw()
        self.hide()

    def ask(self) -> None:
        """Appear, empty and ready for a name."""
        self.name.clear()
        self.show()
        self.name.setFocus()

    def _keep(self) -> None:
        if name := self.name.text().strip():
            self.hide()
            self.keep_requested.emit(name)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw()

    def _draw(self) -> None:
        self.close_button.setIcon(symbolic_icon("close"))


class _NameField(QLineEdit):
    """Escape is its own here: in the rest of the window it stops the reading."""

    def event(self, event: QEvent) -> bool:
        is_wanted_elsewhere = event.type() == QEvent.Type.ShortcutOverride
        if is_wanted_elsewhere and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)
