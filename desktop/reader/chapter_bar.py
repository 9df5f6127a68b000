"""Shows which chapter of which book is open, with the buttons to others."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from desktop.common.plain_text import plain_line
from desktop.widgets.icons import symbolic_icon

MAX_TITLE_CHARS = 200


class ChapterBar(QWidget):
    """Shows one line over the text. What its buttons do are the actions that it is given. Hidden without a book."""

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        """`actions` by the names of their icons: those before the title, and from "forward" on those behind it."""
        super().__init__(parent)
        self._title = _ElidedLabel()
        self._title.setAccessibleName("Chapter")
        self.buttons: dict[str, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 16, 4)
        row.setSpacing(4)
        for name, action in actions.items():
            if name == "forward":
                row.addWidget(self._title, 1)
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            self.buttons[name] = button
            row.addWidget(button)
        self._actions = actions
        self._icons = {name: name for name in actions}
        self._draw()
        self.hide()

    def render_chapter(self, book: str, chapter: str, number: int, n: int) -> None:
        """Show that the chapter `number`, from 1, of `n` is open."""
        place = f"{number} of {n}" if n > 1 else ""
        same = chapter.strip().casefold() == book.strip().casefold()
        words = " · ".join(filter(None, (plain_line(book, MAX_TITLE_CHARS), "" if same else chapter, place)))
        self._title.setText(plain_line(words, 2 * MAX_TITLE_CHARS))

    def set_icon(self, name: str, icon: str) -> None:
        """Have the button `name` show another icon."""
        if self._icons[name] != icon:
            self._icons[name] = icon
            self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw()

    def _draw(self) -> None:
        for name, icon in self._icons.items():
            self._actions[name].setIcon(symbolic_icon(icon))


class _ElidedLabel(QLabel):
    """A long title takes no more room than there is."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:  # noqa: N802
        self._words = text
        self.setToolTip(text)
        self.setAccessibleDescription(text)
        self._elide()

    def resizeEvent(self, event: object) -> None:  # noqa: N802
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._elide()

    def _elide(self) -> None:
        super().setText(self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideMiddle, self.width()))
