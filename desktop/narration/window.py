"""Shows a queue of books, and what is known and asked of the one that is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

import engine
import engine.narration
from desktop.common.messages import Message
from desktop.common.plain_text import plain
from desktop.narration.parts.book_form import BookForm
from desktop.narration.parts.chapter_table import ChapterTable
from desktop.narration.parts.divide_dialog import DivideDialog
from desktop.narration.parts.queue_list import QueueList
from desktop.narration.parts.warning_panel import WarningPanel
from desktop.narration.values import WORKING, ChapterRow, ChapterText, JobPhase, JobView, Playing
from desktop.narration.words import note_words
from desktop.widgets.file_dialogs import ask_for_files
from desktop.widgets.file_drops import dropped_paths, take_files_itself
from desktop.widgets.icons import symbolic_icon
from desktop.widgets.notice import Notice

SIZE_PX = (960, 640)
EMPTY = (
    "Drop a book here, or add one: text, Markdown, HTML, EPUB, PDF, Word or subtitles.\n\n"
    "It becomes an audiobook, sentence by sentence. Whatever comes in between, it goes on where it was."
)


class NarrationWindow(QWidget):
    """Renders `JobView`s and what is played; every request bears the name of the job."""

    add_requested = Signal(object)
    """list of `Path`"""
    remove_requested = Signal(str)
    move_requested = Signal(str, int)
    narrate_requested = Signal(str)
    pause_requested = Signal(str)
    preview_requested = Signal(str)
    listen_requested = Signal(str, object)
    """(job, place of the sentence to begin with; None: from the beginning)"""
    stop_listening_requested = Signal()
    set_chapters_requested = Signal(str, object)
    restore_chapters_requested = Signal(str)
    read_chapter_requested = Signal(str, object)
    """(job, pieces of the chapter): answered by `render_chapter_text`"""
    set_settings_requested = Signal(str, object, object)
    hear_requested = Signal(str, int, int)
    redo_requested = Signal(str, int, int)
    edit_requested = Signal(str, int, int, str)
    play_file_requested = Signal(str, object)
    """(job, the `Path` of its audiobook)"""
    show_folder_requested = Signal(object)
    """The `Path` of what is to be shown where it lies."""
    show_login_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Narrate – Lectern")
        self.resize(*SIZE_PX)
        self.setAcceptDrops(True)
        self._jobs: tuple[JobView, ...] = ()
        self._playing = Playing()
        self._dividing: tuple[str, ChapterRow, DivideDialog] | None = None
        self.queue = QueueList()
        self.chapters, self.form, self.warnings = ChapterTable(), BookForm(), WarningPanel()
        self._make_head()
        self.tabs = QTabWidget()
        self.tabs.addTab(self.chapters, "&Chapters")
        self.tabs.addTab(self.form, "&Voice and file")
        self.tabs.addTab(self.warnings, "&Doubtful")
        self.pages = QStackedWidget()
        self.pages.addWidget(self._empty_page())
        self.pages.addWidget(self._book_page())
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.queue)
        splitter.addWidget(self.pages)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.addWidget(splitter)
        take_files_itself(self)
        self._connect()
        self._draw()
        self.render_jobs(())

    # --- parts

    def _make_head(self) -> None:
        self.title, self.author, self.notes = QLabel(), QLabel(), QLabel()
        font = QFont(self.title.font())
        font.setPointSizeF(font.pointSizeF() * 1.35)
        font.setBold(True)
        self.title.setFont(font)
        for label in (self.title, self.author, self.notes):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.notice = Notice("problem", "Tr&y again")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setRange(0, 1000)
        self.bar.setMaximumHeight(8)
        self.bar.setAccessibleName("How much is narrated")
        self.progress = QLabel()
        self.progress.setWordWrap(True)
        self.start = QPushButton("&Start")
        self.preview = QPushButton("Hear a &minute")
        self.preview.setToolTip("Speaks the beginning as the book would be. What is spoken is kept.")
        self.listen = QPushButton("L&isten")
        self.listen.setToolTip("Plays what is narrated so far, and goes on while there is more.")
        self.file = QLabel()
        self.file.setWordWrap(True)
        self.file.setTextFormat(Qt.TextFormat.PlainText)
        self.file.setAccessibleName("Where the audiobook is")
        self.file.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.play, self.folder = QPushButton("&Play"), QPushButton("Show in folder")
        self.play.setToolTip("Opens the audiobook in the program that plays such files")
        self.message = Notice("problem")

    def _empty_page(self) -> QWidget:
        page = QWidget()
        words = QLabel(EMPTY)
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.add_first = QPushButton("Add a &book…")
        column = QVBoxLayout(page)
        column.setContentsMargins(48, 16, 48, 16)
        column.setSpacing(16)
        column.addStretch(1)
        column.addWidget(words)
        column.addWidget(self.add_first, alignment=Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        return page

    def _book_page(self) -> QWidget:
        page = QWidget()
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.progress, 1)
        for button in (self.listen, self.preview, self.start):
            buttons.addWidget(button)
        column = QVBoxLayout(page)
        column.setContentsMargins(16, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.author)
        column.addWidget(self.notes)
        column.addWidget(self.notice)
        column.addWidget(self.message)
        column.addLayout(buttons)
        column.addWidget(self.bar)
        self.result = QWidget()
        result = QHBoxLayout(self.result)
        result.setContentsMargins(0, 0, 0, 0)
        result.setSpacing(8)
        result.addWidget(self.file, 1)
        result.addWidget(self.play)
        result.addWidget(self.folder)
        column.addWidget(self.result)
        column.addWidget(self.tabs, 1)
        return page

    def _connect(self) -> None:
        self.queue.chosen.connect(lambda _: self._render_book())
        for button in (self.queue.add, self.add_first):
            button.clicked.connect(self.choose_books)
        self.queue.remove_requested.connect(self.remove_requested)
        self.queue.move_requested.connect(self.move_requested)
        self.start.clicked.connect(self._start_or_pause)
        self.notice.accepted.connect(lambda: self.narrate_requested.emit(self._name))
        self.notice.declined.connect(lambda: self.notice.show_words(""))
        self.preview.clicked.connect(lambda: self.preview_requested.emit(self._name))
        self.listen.clicked.connect(self._listen_or_stop)
        self.play.clicked.connect(lambda: self.play_file_requested.emit(self._name, self._written))
        self.folder.clicked.connect(lambda: self.show_folder_requested.emit(self._written))
        self.message.declined.connect(lambda: self.message.show_words(""))
        self.form.show_login_requested.connect(self.show_login_requested)
        self.chapters.set_chapters_requested.connect(lambda rows: self.set_chapters_requested.emit(self._name, rows))
        self.chapters.restore_chapters_requested.connect(lambda: self.restore_chapters_requested.emit(self._name))
        self.chapters.divide_requested.connect(self._ask_to_divide)
        self.chapters.listen_requested.connect(lambda begins: self.listen_requested.emit(self._name, begins))
        self.form.set_settings_requested.connect(
            lambda s, target: self.set_settings_requested.emit(self._name, s, target)
        )
        self.warnings.hear_requested.connect(lambda c, i: self.hear_requested.emit(self._name, c, i))
        self.warnings.redo_requested.connect(lambda c, i: self.redo_requested.emit(self._name, c, i))
        self.warnings.edit_requested.connect(lambda c, i, text: self.edit_requested.emit(self._name, c, i, text))
        for keys in (QKeySequence.StandardKey.Close, Qt.Key.Key_Escape):
            QShortcut(QKeySequence(keys), self).activated.connect(self.close)

    # --- what is shown

    @property
    def job(self) -> JobView | None:
        """Return the job that is looked at."""
        name = self.queue.chosen_name
        return next((job for job in self._jobs if job.name == name), None)

    @property
    def _name(self) -> str:
        return self.queue.chosen_name

    @property
    def _written(self) -> Path | None:
        return self.job.written if self.job is not None else None

    def set_voices(self, own: Sequence[str], kept: Sequence[str] = (), *, can_clone: bool = False) -> None:
        """Offer the voices that there are, the engines' own and the person's, which not each engine can speak with."""
        self.form.set_voices(own, kept, can_clone=can_clone)

    def show_notice(self, message: Message) -> None:
        """Say what went wrong with something that was asked for here."""
        self.message.show_words(message.sentence, message.remedy)

    def render_jobs(self, jobs: tuple[JobView, ...]) -> None:
        self._jobs = jobs
        self.queue.render_jobs(jobs)
        self._render_book()

    def render_playing(self, playing: Playing) -> None:
        self._playing = playing
        self._render_book()

    def _render_book(self) -> None:
        job = self.job
        self.queue.setVisible(bool(self._jobs))
        self.pages.setCurrentIndex(0 if job is None else 1)
        self._check_dividing(job)
        if job is None:
            return
        self.title.setText(plain(job.title))
        self.author.setText(plain(job.author))
        self.author.setVisible(bool(job.author))
        self.notes.setText(plain(note_words(job.notes)))
        self.notes.setVisible(bool(job.notes))
        problem = job.problem or self._playing.problem
        can_try = job.problem is not None
        self.notice.show_words(problem.sentence if problem else "", problem.remedy if problem else "", can_try)
        self.bar.setValue(round(1000 * job.fraction))
        self.progress.setText(job.progress or "Nothing is narrated yet")
        is_lost = job.phase is JobPhase.DONE and job.written is None
        self.file.setText(f"{job.target}{' is not there any more. Start writes it again.' if is_lost else ''}")
        self.result.setVisible(job.phase is JobPhase.DONE)
        for button in (self.play, self.folder):
            button.setEnabled(job.written is not None)
        self._render_buttons(job)
        self.chapters.render_rows(job.chapters, job.name)
        self.form.render_settings(job.settings, job.target)
        self.warnings.render_rows(job.warnings)
        self.tabs.setTabText(2, f"&Doubtful ({len(job.warnings)})" if job.warnings else "&Doubtful")

    def _render_buttons(self, job: JobView) -> None:
        words = "&Pause" if job.phase in WORKING else "&Go on" if job.phase is JobPhase.PAUSED else "&Start"
        if self.start.text() != words:
            self.start.setText(words)
            self._draw()
        has_chapters = any(row.is_included for row in job.chapters)
        self.start.setEnabled(job.is_changeable and has_chapters)
        is_playing = self._playing.job == job.name
        self.listen.setText("Stop liste&ning" if is_playing else "L&isten")
        self.listen.setEnabled(is_playing or any(row.n_spoken for row in job.chapters) or job.fraction > 0)
        self.preview.setEnabled(job.is_changeable and has_chapters)
        for part in (self.chapters, self.form, self.warnings):
            part.setEnabled(job.is_changeable)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw()

    def _draw(self) -> None:
        self.start.setIcon(symbolic_icon("pause" if "Pause" in self.start.text() else "play"))
        self.listen.setIcon(symbolic_icon("volume"))

    # --- requests

    def choose_books(self) -> None:
        """Ask for books to add. Not modal: nothing waits for it."""
        endings = " ".join(f"*{ending}" for ending in engine.narration.document_endings())
        filters = f"Books and texts ({endings});;All files (*)"
        ask_for_files(self, "Books to narrate", filters, self.add_requested.emit)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        if paths := dropped_paths(event.mimeData()):
            event.acceptProposedAction()
            self.add_requested.emit(paths)

    def _ask_to_divide(self, row: ChapterRow) -> None:
        """Not modal either. One at a time."""
        self._stop_dividing()
        dialog = DivideDialog(row.title, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.divide_requested.connect(self.chapters.divide)
        dialog.finished.connect(lambda _: self._forget_dividing(dialog))
        self._dividing = self._name, row, dialog
        dialog.show()
        self.read_chapter_requested.emit(self._name, row.pieces)

    def render_chapter_text(self, text: ChapterText) -> None:
        """Show the chapter's text that was asked for, unless something else is by now."""
        if self._dividing is not None and (self._dividing[0], self._dividing[1].pieces) == (text.job, text.pieces):
            self._dividing[2].show_text(text)

    def _check_dividing(self, job: JobView | None) -> None:
        """Another book is looked at, or the chapter is there no more."""
        if self._dividing is not None:
            name, row, _ = self._dividing
            if job is None or name != job.name or all(row.pieces != other.pieces for other in job.chapters):
                self._stop_dividing()

    def _stop_dividing(self) -> None:
        if self._dividing is not None:
            self._dividing[2].close()

    def _forget_dividing(self, dialog: DivideDialog) -> None:
        if self._dividing is not None and self._dividing[2] is dialog:
            self._dividing = None

    def _start_or_pause(self) -> None:
        job = self.job
        if job is not None:
            (self.pause_requested if job.phase in WORKING else self.narrate_requested).emit(job.name)

    def _listen_or_stop(self) -> None:
        if self._playing.job and self._playing.job == self._name:
            self.stop_listening_requested.emit()
        else:
            self.listen_requested.emit(self._name, None)
