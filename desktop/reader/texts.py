"""The three texts that share the reader's middle: which of them is shown, asked for and read."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QStackedWidget

from desktop.common.state import AppState, Phase, Span
from desktop.reader.book_reader import BookReader
from desktop.reader.text_view import TextView
from desktop.widgets.notice import Notice


class ReaderTexts(QObject):
    """Shows the person's own text; a book, while one is open; and, while such a one is read, a text from elsewhere,
    with a notice that the window lays out."""

    speak_requested = Signal(str, int)
    """A text, and where in it to begin."""
    asked = Signal()
    """One is about to be read, by request."""
    shown = Signal()
    """One was put in front; `view` has it."""

    def __init__(self, draft: TextView, books: BookReader, is_greeting: Callable[[str], bool], parent: QObject) -> None:
        """`draft` is the view of the person's text. `is_greeting` tells a text that is read and belongs in no view."""
        super().__init__(parent)
        self._books, self._is_greeting = books, is_greeting
        self._state = AppState()
        self._read_text: str | None = None
        self._read_view: TextView | None = None
        self._part: tuple[TextView, str, int] | None = None  # the selection that was asked for: its text and place
        self.draft, self.foreign = draft, TextView()
        self.foreign.setAccessibleName("Text from another program")
        self.elsewhere = Notice("speaking", "Edit this text", "Back")
        self.views = (self.draft, self.foreign, books.view)
        self.stack = QStackedWidget()
        for view in self.views:
            self.stack.addWidget(view)
            view.outside_clicked.connect(self.speak_from)
            view.speak_from_requested.connect(self.speak_from)
            view.speak_selection_requested.connect(self.speak)
        self.elsewhere.accepted.connect(self._edit_foreign)
        self.elsewhere.declined.connect(self.show_own)
        books.closed.connect(self.show_own)

    # --- which is shown

    @property
    def view(self) -> TextView:
        """The one in front."""
        view = self.stack.currentWidget()
        assert isinstance(view, TextView)
        return view

    def show_draft(self) -> None:
        """Show the person's text."""
        self._show(self.draft)

    def show_own(self) -> None:
        """Show the book that is open, or the person's text."""
        self._show(self.draft if self._books.book is None else self._books.view)

    def _show(self, view: TextView) -> None:
        self.elsewhere.show_words("")
        self.stack.setCurrentWidget(view)
        self.shown.emit()

    # --- which is to be read

    def speak(self) -> None:
        """Ask for what is selected; else from the cursor, or from the beginning when there is nothing after it."""
        selected, place = self.view.selected_part()
        if not selected.strip():
            self.speak_from(place)
            return
        self.asked.emit()
        self._part = self.view, selected, place
        self.speak_requested.emit(selected, 0)

    def speak_from(self, place: int) -> None:
        """Ask for the text that is shown, from `place` on."""
        text = self.view.text()
        if not text.strip():
            return
        self.asked.emit()
        self._part = None
        if self.view is self._books.view:
            self._books.read(place)
        else:
            self.speak_requested.emit(text, place if text[place:].strip() else 0)

    # --- which is read

    def is_heard(self, text: str) -> bool:
        """Say whether `text` is being read."""
        return self._state.is_active and self._read_text == text

    @property
    def is_draft_heard(self) -> bool:
        """Whether the person's text is being read, or a part of it."""
        return self._state.is_active and self._read_view is self.draft

    @property
    def is_book_read(self) -> bool:
        """Whether what is read, or was last, is the chapter of the book that is open."""
        return self._read_view is self._books.view and self._books.takes(self._read_text or "")

    def render(self, state: AppState) -> None:
        """Show what is heard of `state` in the view that has it."""
        was, self._state = self._state, state
        self._follow(state)
        for view in self.views:
            if view is self._read_view:
                view.show_heard(state.phase, *_heard(state))
            else:
                view.show_heard(Phase.IDLE, None, None)
        if was.is_active and not state.is_active and self._read_view in (self.draft, self._books.view):
            self._keep_place(was, self._read_view)
        self._books.follow(state, is_ours=self.is_book_read)

    def _follow(self, state: AppState) -> None:
        """Find the view that shows the text being read; one from elsewhere gets the second view to itself."""
        text = state.reading.text
        if not state.is_active or text is self._read_text:
            return
        self._read_text = text
        if self._is_greeting(text):
            self._read_view = None
            self.show_draft()
            return
        part, self._part = self._part, None
        if part is not None and text == part[1] and part[0].text().startswith(text, part[2]):
            self._read_view = part[0]
            part[0].begin_reading(text, part[2])
            return
        if self._books.takes(text):
            self._read_view = self._books.view
            self._books.view.begin_reading(text)
            self.show_own()
            return
        if text == self.draft.text():
            self._read_view = self.draft
            self.draft.begin_reading(text)
            self.show_draft()
            return
        self._read_view = self.foreign
        self.foreign.show_reading_of(text)
        self.stack.setCurrentWidget(self.foreign)
        self.elsewhere.show_words("A text from another program")

    def _keep_place(self, was: AppState, view: TextView) -> None:
        """The cursor stays where the voice stopped, so that playing goes on there."""
        heard = was.reading.sentence
        if heard is not None:
            view.set_cursor_to_reading(heard[0] if was.reading.text[heard[1] :].strip() else heard[1])

    def _edit_foreign(self) -> None:
        """It becomes the person's text; undo brings the old one back."""
        text, reading = self.foreign.text(), self._read_text
        self.draft.replace_text(text)
        self.show_draft()
        if self._read_view is self.foreign and reading is not None:
            self._read_view = self.draft
            self.draft.begin_reading(reading)
            self.render(self._state)
        self.draft.setFocus()


def _heard(state: AppState) -> tuple[Span | None, Span | None]:
    return (state.reading.sentence, state.reading.word) if state.is_active else (None, None)
