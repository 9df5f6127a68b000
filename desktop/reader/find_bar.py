"""Shows the line in which a person looks for words in what the reader shows, and what was found."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

import engine
from desktop.reader.finding import MAX_FOUND, Searcher, Span
from desktop.widgets.icons import symbolic_icon
from desktop.worker import Worker

TYPED_MS = 120
"""So long nothing must be typed before it is looked for."""
FIELD_PX = 280


class Searched(Protocol):
    """What is looked through. Places count through all its texts."""

    def texts(self) -> Sequence[str]:
        """Return the texts, in their order."""
        ...

    def place(self) -> int:
        """Return where the person is."""
        ...

    def show_found(self, spans: Sequence[Span]) -> None:
        """Mark what was found; nothing any more where it is empty."""
        ...

    def go_to_found(self, span: Span) -> None:
        """Show one of them, selected."""
        ...

    def take_focus(self) -> None:
        """Have the keyboard again."""
        ...


class FindBar(QWidget):
    """Looks for words while they are typed. Hidden until it is asked for."""

    closed = Signal()

    def __init__(self, searched: Callable[[], Searched], parent: QWidget | None = None) -> None:
        """`searched` returns what is shown now."""
        super().__init__(parent)
        self._searched = searched
        self._shown: Searched | None = None  # where what was found is marked
        self._found: Sequence[Span] = ()
        self._current = -1
        self._start = 0  # where the search began, and shorter words are looked for again
        self._goes = False  # to the first that is found
        self._worker, self._searcher = Worker("find", self), Searcher()
        self._search: engine.CancelToken | None = None
        self._typed = QTimer(self, singleShot=True, interval=TYPED_MS)
        self._typed.timeout.connect(lambda: self._look(goes=True))
        self._changed = QTimer(self, singleShot=True, interval=2 * TYPED_MS)
        self._changed.timeout.connect(lambda: self._look(goes=False))
        label = QLabel("&Find")
        self.field = QLineEdit()
        self.field.setAccessibleName("Find in the text")
        self.field.setClearButtonEnabled(True)
        for clear in self.field.findChildren(QToolButton):  # Qt gives it no name
            clear.setAccessibleName("Clear")
        self.field.setMaximumWidth(FIELD_PX)
        self.field.textEdited.connect(lambda _: self._typed.start())
        label.setBuddy(self.field)
        self.count = QLabel()
        self.count.setAccessibleName("Found")
        self.before, self.after = _button("Find the one before", "Shift+F3"), _button("Find the next", "F3")
        self._close = _button("Close", "Esc")
        self.before.clicked.connect(lambda: self.go(-1))
        self.after.clicked.connect(lambda: self.go(1))
        self._close.clicked.connect(self.leave)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 16, 8)
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.field, 1)
        for part in (self.before, self.after, self.count):
            row.addWidget(part)
        row.addStretch(1)
        row.addWidget(self._close)
        self._draw()
        self._render()
        self.hide()

    def open(self, words: str = "") -> None:
        """Come, with `words` to look for, or those that were looked for last."""
        if not self.isVisible():
            self._start = self._searched().place()
        if words:
            self.field.setText(words)
        self.show()
        self.field.setFocus()
        self.field.selectAll()
        self._look(goes=False)

    def leave(self) -> None:
        """Go away; the keyboard is the text's again, and what was found last stays selected."""
        self._typed.stop()
        self._changed.stop()
        self._give_up()
        self._take([])
        self.hide()
        self._searched().take_focus()
        self.closed.emit()

    def go(self, step: int) -> None:
        """Go to the next that was found, or to the one before: round the end."""
        if self._typed.isActive() or not self._found:
            self._typed.stop()
            self._look(goes=True)
            return
        if self._current >= 0:
            self._go_to((self._current + step) % len(self._found))
        else:
            at = bisect_left(self._found, (self._searched().place(), 0))
            self._go_to((at if step > 0 else at - 1) % len(self._found))

    def end(self) -> None:
        """Look for nothing any more."""
        self._give_up()
        self._worker.close(forgets=True)

    def look_again(self) -> None:
        """The text is another, or was changed."""
        if self.isVisible():
            self._changed.start()

    # --- inside

    def _give_up(self) -> None:
        if self._search is not None:
            self._search.cancel()
            self._search = None

    def _look(self, *, goes: bool) -> None:
        self._give_up()
        words = self.field.text()
        if not words:
            self._take([])
            return
        texts = self._searched().texts()
        self._goes = goes
        searcher = self._searcher
        self._search = self._worker.follow(
            lambda cancel: [searcher.search(texts, words, cancel)], self._take, lambda: None
        )

    def _take(self, found: list[Span]) -> None:
        self._search = None
        self._found, self._current = found, -1
        searched = self._searched()
        if self._shown is not None and self._shown is not searched:
            self._shown.show_found(())
        self._shown = searched
        searched.show_found(found)
        if self._goes and found:
            self._goes = False
            self._go_to(bisect_left(found, (self._start, 0)) % len(found))
        self._render()

    def _go_to(self, index: int) -> None:
        self._current = index
        self._searched().go_to_found(self._found[index])
        self._start = self._found[index][0]
        self._render()

    def _render(self) -> None:
        n = len(self._found)
        if not self.field.text():
            words = ""
        elif not n:
            words = "Nothing found"
        else:
            many = f"{n}+" if n >= MAX_FOUND else str(n)
            words = f"{self._current + 1} of {many}" if self._current >= 0 else f"{many} found"
        self.count.setText(words)
        self.count.setAccessibleDescription(words)
        for button in (self.before, self.after):
            button.setEnabled(n > 0)

    def event(self, event: QEvent) -> bool:
        """Keep Esc, which would stop the reading elsewhere in the window."""
        is_key = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape
        if is_key and event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        match event.key():
            case Qt.Key.Key_Escape:
                self.leave()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if self.field.hasFocus():
                self.go(-1 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            case Qt.Key.Key_Space:
                event.accept()  # it is no word to the reading
            case _:
                super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw()

    def _draw(self) -> None:
        for button, name in ((self.before, "up"), (self.after, "down"), (self._close, "close")):
            button.setIcon(symbolic_icon(name))


def _button(words: str, keys: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setAccessibleName(words)
    button.setToolTip(f"{words} ({keys})")
    return button
