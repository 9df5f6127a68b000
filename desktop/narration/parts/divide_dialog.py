"""Shows a chapter's text, to choose the sentence with which a second chapter begins. Not modal: nothing waits for
it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeyEvent, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop.narration.values import ChapterText
from desktop.widgets.icons import symbolic_icon

SIZE_PX = (640, 520)
ICON_PX = 16
BATCH = 200
"""Sentences that are laid out at a time: a chapter may have thousands."""
MAX_HEADING_CHARS = 80
WAITING = "The chapter is being read…"
ENDS = ".!?…:;,。！？"
"""With none of these a heading ends, so far as a name is to be guessed."""
NOTHING = "The text of this chapter cannot be read."


class _FindLine(QLineEdit):
    entered = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Enter finds on, and presses no button of the dialog."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class DivideDialog(QDialog):
    divide_requested = Signal(object, object, str)
    """(`ChapterText`, the `ChapterSentence` that the second chapter begins with, its title)"""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        """`title` is the chapter's; its text comes with `show_text`."""
        super().__init__(parent)
        self.setWindowTitle(f"Divide “{title}”" if title else "Divide a chapter")
        self.resize(*SIZE_PX)
        self._title, self._text = title, ChapterText("", ())
        self.hint = QLabel(WAITING)
        self.hint.setWordWrap(True)
        self.search = _FindLine()
        self.search.setPlaceholderText("Find in the chapter")
        self.search.setAccessibleName("Find in the chapter")
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setAccessibleName("Sentences of the chapter")
        self.list.setWordWrap(True)
        self.list.setSpacing(2)
        self.list.setIconSize(QSize(ICON_PX, ICON_PX))
        self.list.setLayoutMode(QListWidget.LayoutMode.Batched)
        self.list.setBatchSize(BATCH)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.name = QLineEdit()
        self._has_own_name = False
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.divide = self.buttons.addButton("Di&vide here", QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.button(QDialogButtonBox.StandardButton.Cancel).setIcon(QIcon())  # the style's is dark on dark
        self.divide.setEnabled(False)
        self._lay_out()
        self.search.textEdited.connect(lambda _: self._find(0))
        self.search.entered.connect(lambda: self._find(1))
        self.list.currentRowChanged.connect(self._offer)
        self.list.itemActivated.connect(lambda _: self._accept())
        self.name.textEdited.connect(self._note_name)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        label = QLabel("&Name of the second chapter")
        label.setBuddy(self.name)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(label)
        row.addWidget(self.name, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.hint)
        column.addWidget(self.search)
        column.addWidget(self.list, 1)
        column.addLayout(row)
        column.addWidget(self.buttons)

    def show_text(self, text: ChapterText) -> None:
        """Show the chapter's sentences. One that begins a paragraph has a mark; the first of all begins no second
        chapter."""
        self._text = text
        words = "Choose the sentence with which the second chapter begins. ¶ begins a paragraph."
        self.hint.setText(words if len(text.sentences) > 1 else NOTHING)
        self.list.clear()
        for sentence in text.sentences:
            self.list.addItem(QListWidgetItem(sentence.text))
        self._draw()
        if text.sentences:
            first = self.list.item(0)
            first.setFlags(first.flags() & ~(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable))
            self.list.setFocus()
        paragraphs = (i for i, sentence in enumerate(text.sentences) if i and sentence.begins_paragraph)
        self.list.setCurrentRow(next(paragraphs, 1))

    def _draw(self) -> None:
        mark, space = symbolic_icon("paragraph"), QPixmap(ICON_PX, ICON_PX)
        space.fill(Qt.GlobalColor.transparent)
        for i, sentence in enumerate(self._text.sentences):
            self.list.item(i).setIcon(mark if sentence.begins_paragraph else QIcon(space))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw()

    def _find(self, step: int) -> None:
        """The next sentence that holds the words, from the current one on, or `step` behind it; round at the end."""
        words, n = self.search.text().casefold().strip(), self.list.count()
        if not words:
            return
        for i in range(n):
            place = (self.list.currentRow() + step + i) % n
            if place and words in self._text.sentences[place].text.casefold():
                self.list.setCurrentRow(place)
                self.list.scrollToItem(self.list.item(place), QListWidget.ScrollHint.PositionAtCenter)
                return

    def _offer(self, place: int) -> None:
        self.divide.setEnabled(place > 0)
        if place > 0 and not self._has_own_name:
            sentence = self._text.sentences[place]
            is_heading = sentence.is_alone and len(sentence.text) <= MAX_HEADING_CHARS and sentence.text[-1] not in ENDS
            self.name.setText(sentence.text if is_heading else f"{self._title} (2)".strip())

    def _note_name(self, words: str) -> None:
        self._has_own_name = bool(words.strip())

    def _accept(self) -> None:
        place = self.list.currentRow()
        if place > 0:
            self.divide_requested.emit(self._text, self._text.sentences[place], " ".join(self.name.text().split()))
            self.accept()
