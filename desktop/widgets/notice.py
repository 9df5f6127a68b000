"""Shows a quiet line or card above the text: a sentence, what helps, and at most two buttons. Never modal."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from desktop.widgets.icons import blend, symbolic_icon

ICON_PX = 20


class Notice(QFrame):
    """Shows a notice. Hidden until it has something to say."""

    accepted = Signal()
    declined = Signal()
    """The second button, or the cross."""

    def __init__(self, icon_name: str, accept: str = "", decline: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self.setAutoFillBackground(True)
        self._ground = _ground()
        self._icon = QLabel()
        self._title, self._text = QLabel(), QLabel()
        font = QFont(self._title.font())
        font.setBold(True)
        self._title.setFont(font)
        for label in (self._title, self._text):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._title)
        words.addWidget(self._text)
        # with a parent from the first: without one, what is set visible is a window of its own for that moment
        self._accept, self._decline = QPushButton(accept, self), QPushButton(decline, self)
        self._close = QToolButton(self)
        self._accept.setVisible(bool(accept))
        self._decline.setVisible(bool(decline))
        self._close.setVisible(not decline)
        self._close.setAutoRaise(True)
        self._close.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._close.setAccessibleName("Close this notice")
        self._close.setToolTip("Close")
        self._accept.clicked.connect(self.accepted)
        self._decline.clicked.connect(self.declined)
        self._close.clicked.connect(self.declined)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(16)
        row.addWidget(self._icon, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        for button in (self._accept, self._decline, self._close):
            row.addWidget(button, alignment=Qt.AlignmentFlag.AlignVCenter)
        self._draw()
        self.hide()

    def show_words(self, title: str, text: str = "", has_accept: bool = True) -> None:
        """Say `title` and what helps; `title` empty says nothing any more."""
        self.setVisible(bool(title))
        if (title, text) != (self._title.text(), self._text.text()):
            self._title.setText(title)
            self._text.setText(text)
            self.setAccessibleName(title)
            self.setAccessibleDescription(text)
        self._text.setVisible(bool(text))
        self._accept.setVisible(has_accept and bool(self._accept.text()))

    def set_accept(self, text: str) -> None:
        self._accept.setText(text)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        is_palette = event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange)
        if is_palette and _ground() != self._ground:  # drawing changes the palette, too
            self._draw()

    def _draw(self) -> None:
        self._ground = window, accent = _ground()
        own = QPalette()
        own.setColor(QPalette.ColorRole.Window, blend(window, accent, 0.12))
        self.setPalette(own)
        self._icon.setPixmap(symbolic_icon(self._icon_name).pixmap(ICON_PX, ICON_PX))
        self._close.setIcon(symbolic_icon("close"))


def _ground() -> tuple[QColor, QColor]:
    """The application's window and accent, not a frame's own of last time."""
    palette = QPalette()
    return palette.color(QPalette.ColorRole.Window), palette.color(QPalette.ColorRole.Highlight)


class S1Card(Notice):
    """Offers S1 Mini, once."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("speaking", "Get S1 Mini…", "Not now", parent)

    def offer(self, is_wanted: bool, computer: str) -> None:
        """Offer S1 Mini, or offer it no more. `computer` is what this one can do with it, in one sentence."""
        text = (
            "It sounds like a person and runs on your own GPU, offline. It is a download of 3.6 GB, needs a free "
            "account, and its licence is non-commercial."
        )
        self.show_words("There is a better voice: S1 Mini" if is_wanted else "", f"{text} {computer}".rstrip())
