"""Shows the reader: paste or open a text, hear it, see where it is."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QStandardPaths, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QFrame, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from desktop.common.messages import Message
from desktop.common.state import AppState, Phase, Span
from desktop.reader.book import Book
from desktop.reader.book_menus import BookMenu, RecentMenu
from desktop.reader.book_reader import BookReader
from desktop.reader.contents_panel import WIDTH_PX
from desktop.reader.keep_voice import KeepVoiceBar
from desktop.reader.notices import ReaderNotices
from desktop.reader.opening import Opening
from desktop.reader.reading_aids import ReadingAids
from desktop.reader.recent_books import RecentBooks
from desktop.reader.shelf import Shelf
from desktop.reader.text_view import TextView
from desktop.reader.top_bar import TopBar
from desktop.reader.transport import Transport
from desktop.speech.sound_file import name_for
from desktop.widgets.browser_question import BrowserQuestion
from desktop.widgets.file_dialogs import ask_where_to_save
from desktop.widgets.file_drops import dropped_paths
from desktop.widgets.icons import app_icon
from desktop.widgets.notice import Notice, S1Card

FORMATS = {"MP3 (*.mp3)": ".mp3", "Opus (*.opus)": ".opus", "FLAC (*.flac)": ".flac", "WAV (*.wav)": ".wav"}
DEFAULT_SIZE = (880, 640)
_STAYS = Message(
    "The text stays as it is while it is read.",
    "Press Space to pause it, then change it; Ctrl+L pastes another and reads that.",
)
KEYS_BESIDES = (
    ("Play or pause, while the text is not written in", "Space"),
    ("Larger or smaller text", "Ctrl+mouse wheel"),
    ("Jump to a sentence while it is read", "Click"),
    ("What can be done at the cursor", "Menu, Shift+F10"),
)
"""What no action has the keys for."""
Keys = str | Qt.Key | QKeySequence.StandardKey


class ReaderWindow(QMainWindow):
    """Shows what is read, and has it read. Three views share its middle: the person's own text; a book, while one is
    open; and, while such a one is read, a text from elsewhere."""

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
        self._reading_text: str | None = None
        self._reading_view: TextView | None = None
        self._part: tuple[TextView, str, int] | None = None  # the selection that was asked for: its text and place
        self._hotkey = self._hello = self._welcome = ""
        self._file_name = ""
        self.setWindowTitle("Lectern")
        self.setWindowIcon(app_icon())
        self.resize(*DEFAULT_SIZE)
        self.setAcceptDrops(True)
        self.books = BookReader(self)
        self.opening, self.recent = Opening(self), RecentBooks()
        self.top_bar, self.keep_voice = TopBar(self._make_actions(), self._make_voice_actions()), KeepVoiceBar()
        self.card, self.notices = S1Card(), ReaderNotices(self)
        self.browser_question = BrowserQuestion()
        self.elsewhere = Notice("speaking", "Edit this text", "Back")
        self.draft, self.foreign = TextView(), TextView()
        self.foreign.setAccessibleName("Text from another program")
        self.stack = QStackedWidget()
        self._views = (self.draft, self.foreign, self.books.view)
        for view in self._views:
            self.stack.addWidget(view)
        self.aids = ReadingAids(self, self.stack, self._views, self.books)
        self.top_bar.add_tools(self.aids.buttons, self.aids.menu, self._settings_action)
        self.transport = Transport()
        self._lay_out()
        self._connect()
        self.set_hotkey("")
        self.draft.setFocus()
        self.render(self._state)

    def _make_actions(self) -> list[QAction | None]:
        """All that the keyboard can do here; those with a place in the menu are returned."""
        enter = [QKeySequence("Ctrl+Return"), QKeySequence("Ctrl+Enter")]
        self.speak_action = self._action("&Speak from the cursor", enter, self._speak)
        self.stop_action = self._action("S&top", "Esc", self.stop_requested.emit)
        self.previous_action = self._action("&Previous sentence", "Alt+Left", self._previous)
        self.next_action = self._action("&Next sentence", "Alt+Right", self._next)
        self.paste_action = self._action("&Paste and speak", "Ctrl+L", self._paste_and_speak)
        self.open_action = self._action("&Open file…", QKeySequence.StandardKey.Open, self.opening.ask)
        self.save_action = self._action("Save as &audio…", QKeySequence.StandardKey.Save, self._ask_save)
        settings = self._settings_action = self._action("S&ettings…", "", self.show_settings_requested.emit)
        doctor = self._action("&Doctor…", "", self.show_doctor_requested.emit)
        narrate = self._action("&Narrate a book…", "", self.show_narration_requested.emit)
        voices = self._action("&Voices…", "", self.show_voices_requested.emit)
        dictionary = self._action("Pron&unciations…", "", self.show_dictionary_requested.emit)
        login = self._action("S1 M&ini…", "", self.show_login_requested.emit)
        self.book_menu = BookMenu(self.books.actions, self)
        self.recent_menu = RecentMenu(self.shelf, lambda: self._state.speed, self)
        book, recent = self.book_menu.menuAction(), self.recent_menu.menuAction()
        keys = self._action("&Keys…", QKeySequence.StandardKey.HelpContents, self.show_keys_requested.emit)
        about = self._action("A&bout Lectern…", "", self.show_about_requested.emit)
        leave = self._action("&Quit", QKeySequence.StandardKey.Quit, self.quit_requested.emit)
        return [
            *(self.speak_action, self.paste_action, None),
            *(self.open_action, recent, book, self.save_action, None),
            *(narrate, voices, dictionary, login, None, settings, doctor, None, keys, about, None, leave),
        ]

    def _make_voice_actions(self) -> list[QAction]:
        self.keep_voice_action = self._action("&Keep this voice…", "", lambda: self.keep_voice.ask())
        self.keep_voice_action.setEnabled(False)
        return [self.keep_voice_action, self._action("&Voices…", "", self.show_voices_requested.emit)]

    def _action(self, words: str, keys: Keys | list[QKeySequence], request: Callable[[], object]) -> QAction:
        action = QAction(words, self)
        action.setShortcuts(keys if isinstance(keys, list) else [QKeySequence(keys)])
        action.triggered.connect(lambda: request())
        self.addAction(action)
        return action

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (
            self.top_bar,
            self.notices.voice,
            self.keep_voice,
            self.card,
            self.browser_question,
            self.elsewhere,
            self.opening.busy,
            self.opening.gone,
            self.notices.problem,
            self.notices.request,
        ):
            column.addWidget(part)
        column.addWidget(_line())
        column.addWidget(self.books.bar)
        sides = QSplitter(Qt.Orientation.Horizontal)
        sides.addWidget(self.books.contents)
        sides.addWidget(self.stack)
        sides.setStretchFactor(1, 1)
        sides.setSizes([WIDTH_PX, DEFAULT_SIZE[0] - WIDTH_PX])
        sides.setCollapsible(1, False)
        column.addWidget(sides, 1)
        column.addWidget(self.aids.find_bar)
        column.addWidget(self.recent)
        column.addWidget(_line())
        column.addWidget(self.transport)
        self.setCentralWidget(middle)
        order = [
            *self._views,
            *(self.transport.previous, self.transport.play, self.transport.next, self.transport.stop),
            *(self.transport.progress, self.transport.volume),
            *(self.top_bar.voice, self.top_bar.voice_menu, self.top_bar.speed, *self.aids.buttons),
            *(self.top_bar.markers, self.top_bar.more),
        ]
        for first, second in itertools.pairwise(order):
            QWidget.setTabOrder(first, second)

    def _connect(self) -> None:
        for view in self._views:
            view.space_pressed.connect(self.toggle)
            view.place_clicked.connect(self.jump_requested)
            view.outside_clicked.connect(self._speak_whole)
            view.files_dropped.connect(self.opening.open)
            view.speak_from_requested.connect(self._speak_whole)
            view.speak_selection_requested.connect(self._speak)
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
        self.elsewhere.accepted.connect(self._edit_foreign)
        self.elsewhere.declined.connect(self._show_own)
        self.books.read_requested.connect(self.read_requested)
        self.books.stop_requested.connect(self.stop_requested)
        self.books.closed.connect(self._show_own)
        self.books.opened.connect(self._show_book)
        self.books.shelf_changed.connect(self._render_shelf)
        self.books.shelf_changed.connect(self.shelf_changed)
        self.opening.text_opened.connect(self._take_text)
        self.opening.book_opened.connect(self._take_book)
        self.opening.noted.connect(self.show_notice)
        self.opening.remove_requested.connect(self.books.forget)
        for recent in (self.recent, self.recent_menu):
            recent.book_chosen.connect(self.opening.open_again)
        self.book_menu.edit_requested.connect(self._edit_chapter)
        self.book_menu.narrate_requested.connect(self._narrate_book)
        self.recent.remove_requested.connect(self.books.forget)

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
        self._hotkey = keys
        hotkey = f", or select some in any program\nand press {keys}" if keys else ""
        hello = f"{self._hello}\n" if self._hello else ""
        self.draft.set_empty_words(f"{hello}Paste or drop a text here{hotkey}.")

    def welcome(self, hello: str, spoken: str) -> None:
        """Say `hello` where no text is yet, while `spoken` is read: no text of the person's, who may put one there
        meanwhile."""
        self._hello, self._welcome = hello, spoken
        self.set_hotkey(self._hotkey)

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
        was, self._state = self._state, state
        self._follow_reading(state)
        for view in self._views:
            if view is self._reading_view:
                view.show_heard(state.phase, *_heard(state))
            else:
                view.show_heard(Phase.IDLE, None, None)
        if was.is_active and not state.is_active and self._reading_view in (self.draft, self.books.view):
            self._keep_place(was, self._reading_view)
        self.books.follow(state, is_ours=self._is_book_read)
        self.aids.render(state)
        self.top_bar.render_state(state)
        self.keep_voice_action.setEnabled(state.can_keep_voice)
        if not state.can_keep_voice:
            self.keep_voice.hide()
        self.card.offer(state.offers_s1, state.computer)
        self.notices.render_state(state)
        self._render_transport()

    def _follow_reading(self, state: AppState) -> None:
        """Find the view that shows the text being read; one from elsewhere gets the second view to itself."""
        text = state.reading.text
        if not state.is_active or text is self._reading_text:
            return
        self._reading_text = text
        if self._welcome and text == self._welcome:
            self._reading_view = None
            self._show_draft()
            return
        part, self._part = self._part, None
        if part is not None and text == part[1] and part[0].text().startswith(text, part[2]):
            self._reading_view = part[0]
            part[0].begin_reading(text, part[2])
            return
        if self.books.takes(text):
            self._reading_view = self.books.view
            self.books.view.begin_reading(text)
            self._show_own()
            return
        if text == self.draft.text():
            self._reading_view = self.draft
            self.draft.begin_reading(text)
            self._show_draft()
            return
        self._reading_view = self.foreign
        self.foreign.show_reading_of(text)
        self.stack.setCurrentWidget(self.foreign)
        self.elsewhere.show_words("A text from another program")

    @property
    def _is_book_read(self) -> bool:
        return self._reading_view is self.books.view and self.books.takes(self._reading_text or "")

    def go_on(self) -> None:
        """What was read is over: in a book the next chapter follows."""
        if self._is_book_read:
            self.books.go_on()

    def _keep_place(self, was: AppState, view: TextView) -> None:
        """The cursor stays where the voice stopped, so that playing goes on there."""
        heard = was.reading.sentence
        if heard is not None:
            view.set_cursor_to_reading(heard[0] if was.reading.text[heard[1] :].strip() else heard[1])

    def _render_transport(self) -> None:
        has_text = not self._view.is_empty
        self.transport.render_state(self._state, has_text)
        self.speak_action.setEnabled(has_text)
        self.save_action.setEnabled(has_text)
        self.book_menu.menuAction().setEnabled(self.books.book is not None)
        self.recent_menu.menuAction().setEnabled(bool(self.books.shelf.books))
        self.top_bar.markers.setEnabled(self._view is not self.books.view)
        self._render_shelf()

    @property
    def _view(self) -> TextView:
        view = self.stack.currentWidget()
        assert isinstance(view, TextView)
        return view

    # --- requests

    def toggle(self) -> None:
        """Play or pause, whichever it is now."""
        match self._state.phase:
            case Phase.PREPARING | Phase.SPEAKING:
                self.pause_requested.emit()
            case Phase.PAUSED:
                self.resume_requested.emit()
            case Phase.IDLE:
                self._speak()

    def read_on(self) -> None:
        """Read on where the text, or the book that is open, was left."""
        if self._state.phase is Phase.IDLE:
            self._speak_whole(self._view.cursor_place())

    def _speak(self) -> None:
        """What is selected; else from the cursor, or from the beginning when there is nothing after it."""
        selected, place = self._view.selected_part()
        if not selected.strip():
            self._speak_whole(place)
            return
        self.notices.clear()
        self._part = self._view, selected, place
        self.speak_requested.emit(selected, 0)

    def _speak_whole(self, place: int) -> None:
        """The text, from `place` on."""
        text = self._view.text()
        if not text.strip():
            return
        self.notices.clear()
        self._part = None
        if self._view is self.books.view:
            self.books.read(place)
        else:
            self.speak_requested.emit(text, place if text[place:].strip() else 0)

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
        self._show_draft()
        self._file_name = ""
        self.draft.replace_text(text)
        self._speak()

    def _previous(self) -> None:
        self._view.follow_again()
        self.previous_requested.emit()

    def _next(self) -> None:
        self._view.follow_again()
        self.next_requested.emit()

    def _insert_marker(self, marker: str) -> None:
        self._show_draft()
        self.draft.insert_marker(marker)
        self.draft.setFocus()

    def _note_edit(self) -> None:
        if self._welcome and not self.draft.is_empty:
            if self._state.is_active and self._reading_text == self._welcome:
                self.stop_requested.emit()  # whoever has a text needs no more welcome
            self.welcome("", "")
        self._render_transport()
        self.text_changed.emit()

    # --- files

    def _ask_save(self) -> None:
        text = self._view.text()
        proposed = _music_folder() / f"{self._file_name or name_for(text)}.mp3"
        request = lambda path: self.save_requested.emit(text, str(path))  # noqa: E731
        ask_where_to_save(self, "Save as audio", proposed, request, endings=FORMATS)

    def open_files(self, paths: list[Path]) -> None:
        """Open the first of `paths`, a text or a book."""
        self.opening.open(paths)

    def open_book(self, book: Book, place: int | None = None) -> None:
        """Open a book that was read, where it was left or at `place`."""
        self.notices.clear()  # what went wrong with another file is over
        self.books.open(book, place)

    def _take_book(self, book: Book) -> None:
        self.open_book(book)

    def _show_book(self) -> None:
        self._show_own()
        self.books.view.setFocus()

    def _take_text(self, text: str, name: str) -> None:
        self.books.close()
        self._show_draft()
        if self._state.is_active and self._reading_view is self.draft:
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
        """In an empty reader alone."""
        is_wanted = self._view is self.draft and self.draft.is_empty and bool(self.books.shelf.books)
        if is_wanted:
            self.recent.render_shelf(self.books.shelf, self._state.speed)
            if self.recent.isHidden():
                self.recent.look()
        self.recent.setVisible(is_wanted)

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

    # --- the text from elsewhere

    def _show_draft(self) -> None:
        self._show(self.draft)

    def _show_own(self) -> None:
        """The book that is open, or the person's text."""
        self._show(self.draft if self.books.book is None else self.books.view)

    def _show(self, view: TextView) -> None:
        self.elsewhere.show_words("")
        self.stack.setCurrentWidget(view)
        self._render_transport()

    def _edit_foreign(self) -> None:
        """It becomes the person's text; undo brings the old one back."""
        text, reading = self.foreign.text(), self._reading_text
        self.draft.replace_text(text)
        self._show_draft()
        if self._reading_view is self.foreign and reading is not None:
            self._reading_view = self.draft
            self.draft.begin_reading(reading)
            self.render(self._state)
        self.draft.setFocus()

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
                self._show_own()
            self.visibility_changed.emit(False)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        super().closeEvent(event)
        if event.isAccepted():
            self.closed.emit()


def _heard(state: AppState) -> tuple[Span | None, Span | None]:
    return (state.reading.sentence, state.reading.word) if state.is_active else (None, None)


def _music_folder() -> Path:
    """Where sound files go when nobody has said anything."""
    named = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.MusicLocation)
    return Path(named) if named and Path(named).is_dir() else Path.home()


def _line() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.HLine)
    line.setFrameShadow(QFrame.Shadow.Sunken)
    return line
