"""Shows the reader: paste or open a text, hear it, see where it is."""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, Qt, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QMainWindow, QWidget

from desktop.common.messages import Message
from desktop.common.state import AppState, Phase
from desktop.reader.actions import ReaderActions
from desktop.reader.arrangement import DEFAULT_SIZE, Arrangement
from desktop.reader.book import Book
from desktop.reader.book_reader import BookReader
from desktop.reader.empty_reader import EmptyReader
from desktop.reader.keep_voice import KeepVoiceBar
from desktop.reader.notices import ReaderNotices
from desktop.reader.opening import Opening
from desktop.reader.reading_aids import ReadingAids
from desktop.reader.saving import ask_where_to_save_sound
from desktop.reader.shelf import Shelf
from desktop.reader.text_view import TextView
from desktop.reader.texts import ReaderTexts
from desktop.reader.top_bar import TopBar
from desktop.reader.transport import Transport
from desktop.widgets.browser_question import BrowserQuestion
from desktop.widgets.file_drops import dropped_paths
from desktop.widgets.icons import app_icon
from desktop.widgets.notice import S1Card

_STAYS = Message(
    "The text stays as it is while it is read.",
    "Press Space to pause it, then change it; Ctrl+L pastes another and reads that.",
)


class ReaderWindow(QMainWindow):
    """Shows what is read, and has it read. `ReaderTexts` has its middle, `ReaderActions` its menu and keys."""

    speak_requested = Signal(str, int)
    read_requested = Signal(object)
    """The `Passage` of a book."""
    read_selection_requested = Signal()
    read_clipboard_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()
    next_requested = Signal()
    previous_requested = Signal()
    jump_requested = Signal(int)
    go_to_part_requested = Signal(float)
    set_speed_requested = Signal(float)
    set_volume_requested = Signal(float)
    set_voice_requested = Signal(str)
    show_voices_requested = Signal()
    keep_voice_requested = Signal(str)
    """The name under which the improvised voice is to be kept."""
    save_requested = Signal(str, str)
    show_settings_requested = Signal()
    show_settings_page_requested = Signal(str)
    """The settings, on this one of their pages."""
    show_doctor_requested = Signal()
    show_narration_requested = Signal()
    narrate_requested = Signal(object)
    """The `Path` of a book."""
    show_dictionary_requested = Signal()
    show_login_requested = Signal()
    dismiss_offer_requested = Signal()
    show_keys_requested = Signal()
    show_about_requested = Signal()
    quit_requested = Signal()
    shelf_changed = Signal()
    """What is to be remembered of books is another; `shelf()` has it."""
    text_changed = Signal()
    """The person's text is another; `text()` has it."""
    visibility_changed = Signal(bool)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = AppState()
        self._file_name = ""
        self.setWindowTitle("Lectern")
        self.setWindowIcon(app_icon())
        self.resize(*DEFAULT_SIZE)
        self.setAcceptDrops(True)
        self.books = BookReader(self)
        self.opening = Opening(self)
        self.reader_actions = ReaderActions(self, self.books.actions, self.shelf, lambda: self._state.speed)
        self.top_bar, self.keep_voice = TopBar(self.reader_actions.menu, self.reader_actions.voice_menu), KeepVoiceBar()
        self.card, self.notices = S1Card(), ReaderNotices(self)
        self.browser_question = BrowserQuestion()
        self.draft = TextView()
        self.empty = EmptyReader(self.draft)
        self.texts = ReaderTexts(self.draft, self.books, self.empty.is_greeting, self)
        self.aids = ReadingAids(self, self.texts.stack, self.texts.views, self.books)
        self.top_bar.add_tools(self.aids.buttons, self.aids.menu, self.reader_actions.settings)
        self.transport = Transport()
        self._lay_out()
        self._connect()
        self.set_hotkey("")
        self.draft.setFocus()
        self.render(self._state)

    def _lay_out(self) -> None:
        above = (
            *(self.top_bar, self.notices.voice, self.keep_voice, self.card, self.browser_question),
            *(self.texts.elsewhere, self.opening.busy, self.opening.gone, self.notices.problem, self.notices.request),
        )
        under = self.aids.find_bar, self.empty.recent, self.transport
        self.setCentralWidget(Arrangement(above, self.books.bar, self.books.contents, self.texts.stack, under))
        order = [
            *self.texts.views,
            *(self.transport.previous, self.transport.play, self.transport.next, self.transport.stop),
            *(self.transport.progress, self.transport.volume),
            *(self.top_bar.voice, self.top_bar.voice_menu, self.top_bar.speed, *self.aids.buttons),
            *(self.top_bar.markers, self.top_bar.more),
        ]
        for first, second in itertools.pairwise(order):
            QWidget.setTabOrder(first, second)

    def _connect(self) -> None:
        self._connect_actions()
        for view in self.texts.views:
            view.space_pressed.connect(self.toggle)
            view.place_clicked.connect(self.jump_requested)
            view.files_dropped.connect(self.opening.open)
        self.texts.asked.connect(self.notices.clear)
        self.texts.speak_requested.connect(self.speak_requested)
        self.texts.shown.connect(self._render_transport)
        self.aids.sleep.pause_requested.connect(self.pause_requested)
        self.aids.sleep.jump_requested.connect(self.jump_requested)
        self.draft.change_refused.connect(lambda: self.show_notice(_STAYS))
        self.draft.text_edited.connect(self._note_edit)
        self.draft.page_pasted.connect(lambda html, text: self.opening.read_page(html, text, self.draft.insert_text))
        self.top_bar.set_voice_requested.connect(self.set_voice_requested)
        self.keep_voice.keep_requested.connect(self.keep_voice_requested)
        self.top_bar.set_speed_requested.connect(self.set_speed_requested)
        self.top_bar.marker_chosen.connect(self._insert_marker)
        self.transport.play_pause_requested.connect(self.toggle)
        self.transport.stop_requested.connect(self.stop_requested)
        self.transport.previous_requested.connect(self._previous)
        self.transport.next_requested.connect(self._next)
        self.transport.go_to_part_requested.connect(self.go_to_part_requested)
        self.transport.set_volume_requested.connect(self.set_volume_requested)
        self.card.accepted.connect(self.show_login_requested)
        self.card.declined.connect(self.dismiss_offer_requested)
        self.notices.show_settings_page_requested.connect(self.show_settings_page_requested)
        self.notices.show_login_requested.connect(self.show_login_requested)
        self.notices.show_doctor_requested.connect(self.show_doctor_requested)
        self.books.read_requested.connect(self.read_requested)
        self.books.stop_requested.connect(self.stop_requested)
        self.books.opened.connect(self._show_book)
        self.books.shelf_changed.connect(self._render_shelf)
        self.books.shelf_changed.connect(self.shelf_changed)
        self.opening.text_opened.connect(self._take_text)
        self.opening.book_opened.connect(self.open_book)
        self.opening.noted.connect(self.show_notice)
        self.opening.remove_requested.connect(self.books.forget)
        for recent in (self.empty.recent, self.reader_actions.recent_menu):
            recent.book_chosen.connect(self.opening.open_again)
        self.empty.recent.remove_requested.connect(self.books.forget)

    def _connect_actions(self) -> None:
        actions = self.reader_actions
        for action, request in (
            (actions.speak, self.texts.speak),
            (actions.stop, self.stop_requested),
            (actions.previous, self._previous),
            (actions.next, self._next),
            (actions.paste, self._paste_and_speak),
            (actions.open, self.opening.ask),
            (actions.save, self._ask_save),
            (actions.settings, self.show_settings_requested),
            (actions.doctor, self.show_doctor_requested),
            (actions.narrate, self.show_narration_requested),
            (actions.voices, self.show_voices_requested),
            (actions.more_voices, self.show_voices_requested),
            (actions.dictionary, self.show_dictionary_requested),
            (actions.login, self.show_login_requested),
            (actions.keys, self.show_keys_requested),
            (actions.about, self.show_about_requested),
            (actions.leave, self.quit_requested),
            (actions.keep_voice, self.keep_voice.ask),
        ):
            action.triggered.connect(request)
        actions.book_menu.edit_requested.connect(self._edit_chapter)
        actions.book_menu.narrate_requested.connect(self._narrate_book)

    # --- what the application knows and sets

    def text(self) -> str:
        """Return the person's own text, whatever is read meanwhile."""
        return self.draft.text()

    def position(self) -> int:
        """Return where to go on in it."""
        return self.draft.cursor_place()

    def set_text(self, text: str, position: int = 0) -> None:
        self.draft.set_text(text, position)

    def set_hotkey(self, keys: str) -> None:
        """Set what the empty view says to press; empty when there is no hotkey."""
        self.empty.set_hotkey(keys)

    def welcome(self, hello: str, spoken: str) -> None:
        """Say `hello` where no text is yet, while `spoken` is read: no text of the person's, who may put one there
        meanwhile."""
        self.empty.welcome(hello, spoken)

    def show_notice(self, message: Message) -> None:
        """Say quietly what went wrong with something that was asked for here."""
        self.notices.show(message)

    def geometry_text(self) -> str:
        return bytes(self.saveGeometry().toBase64().data()).decode("ascii")

    def restore_geometry_text(self, text: str) -> None:
        if text:
            self.restoreGeometry(QByteArray.fromBase64(text.encode("ascii", "replace")))

    # --- the state

    def render(self, state: AppState) -> None:  # type: ignore[override]  (every view's name for it)
        self._state = state
        self.texts.render(state)
        self.aids.render(state)
        self.top_bar.render_state(state)
        self.reader_actions.keep_voice.setEnabled(state.can_keep_voice)
        if not state.can_keep_voice:
            self.keep_voice.hide()
        self.card.offer(state.offers_s1, state.computer)
        self.notices.render_state(state)
        self._render_transport()

    def go_on(self) -> None:
        """What was read is over: in a book the next chapter follows."""
        if self.texts.is_book_read:
            self.books.go_on()

    def _render_transport(self) -> None:
        has_text = not self.texts.view.is_empty
        self.transport.render_state(self._state, has_text)
        self.reader_actions.render(
            has_text=has_text, has_book=self.books.book is not None, has_books=bool(self.books.shelf.books)
        )
        self.top_bar.markers.setEnabled(self.texts.view is not self.books.view)
        self._render_shelf()

    # --- requests

    def toggle(self) -> None:
        """Play or pause, whichever it is now."""
        match self._state.phase:
            case Phase.PREPARING | Phase.SPEAKING:
                self.pause_requested.emit()
            case Phase.PAUSED:
                self.resume_requested.emit()
            case Phase.IDLE:
                self.texts.speak()

    def read_on(self) -> None:
        """Read on where the text, or the book that is open, was left."""
        if self._state.phase is Phase.IDLE:
            self.texts.speak_from(self.texts.view.cursor_place())

    def _paste_and_speak(self) -> None:
        copied = QGuiApplication.clipboard().mimeData()
        if copied.hasHtml():
            self.opening.read_page(copied.html(), copied.text(), self._replace_and_speak)
        else:
            self._replace_and_speak(copied.text())

    def _replace_and_speak(self, text: str) -> None:
        if not text.strip():
            self.show_notice(Message("There is no text on the clipboard.", "Copy some, then press Ctrl+L again."))
            return
        self.books.close()
        self.texts.show_draft()
        self._file_name = ""
        self.draft.replace_text(text)
        self.texts.speak()

    def _previous(self) -> None:
        self.texts.view.follow_again()
        self.previous_requested.emit()

    def _next(self) -> None:
        self.texts.view.follow_again()
        self.next_requested.emit()

    def _insert_marker(self, marker: str) -> None:
        self.texts.show_draft()
        self.draft.insert_marker(marker)
        self.draft.setFocus()

    def _note_edit(self) -> None:
        if self.empty.spoken and not self.draft.is_empty:
            if self.texts.is_heard(self.empty.spoken):
                self.stop_requested.emit()  # whoever has a text needs no more welcome
            self.welcome("", "")
        self._render_transport()
        self.text_changed.emit()

    # --- files

    def _ask_save(self) -> None:
        text = self.texts.view.text()
        request = lambda path: self.save_requested.emit(text, str(path))  # noqa: E731
        ask_where_to_save_sound(self, text, self._file_name, request)

    def open_files(self, paths: list[Path]) -> None:
        """Open the first of `paths`, a text or a book."""
        self.opening.open(paths)

    def open_book(self, book: Book, place: int | None = None) -> None:
        """Open a book that was read, where it was left or at `place`."""
        self.notices.clear()  # what went wrong with another file is over
        self.books.open(book, place)

    def _show_book(self) -> None:
        self.texts.show_own()
        self.books.view.setFocus()

    def _take_text(self, text: str, name: str) -> None:
        self.books.close()
        self.texts.show_draft()
        if self.texts.is_draft_heard:
            self.stop_requested.emit()
        self._file_name = name
        self.notices.clear()  # what went wrong with another file is over
        self.draft.replace_text(text)
        self.draft.setFocus()

    # --- books that were open

    def set_shelf(self, shelf: Shelf) -> None:
        """Show the books that were open before."""
        self.books.set_shelf(shelf)
        self._render_shelf()

    def shelf(self) -> Shelf:
        """Return what is to be remembered of books."""
        return self.books.shelf

    def _render_shelf(self) -> None:
        is_draft_shown = self.texts.view is self.draft
        self.empty.render_shelf(self.books.shelf, self._state.speed, is_draft_shown=is_draft_shown)

    def _edit_chapter(self) -> None:
        """It becomes the person's text; undo brings the old one back."""
        if self.books.book is None:
            return
        text = self.books.part.text
        self.books.close()
        self.draft.replace_text(text)
        self.draft.setFocus()

    def _narrate_book(self) -> None:
        if self.books.book is not None:
            self.narrate_requested.emit(self.books.book.path)

    # --- the window

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.toggle()
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        event.acceptProposedAction()
        self.opening.open(dropped_paths(event.mimeData()))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            for view in self.findChildren(TextView):
                view.follow_palette()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.books.fit(event.size().width())

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if not event.spontaneous():
            self.visibility_changed.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        if not event.spontaneous():
            if not self._state.is_active:
                self.texts.show_own()
            self.visibility_changed.emit(False)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        super().closeEvent(event)
        if event.isAccepted():
            self.closed.emit()
