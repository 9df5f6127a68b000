"""Shows the way to S1 Mini in one window: licence, account, download, or the files that a person has. Never modal."""

from __future__ import annotations

import itertools
from pathlib import Path

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QFont, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.common.download_state import DownloadPhase, DownloadState
from desktop.common.message import MEND_WORDS, Mend, Message
from desktop.common.state import AppState, EnginePhase, EngineView
from desktop.common.status_words import engine_line
from desktop.s1.login.account_page import AccountPage
from desktop.s1.login.parts import plain_label, row_of, title_label
from desktop.s1.login.progress_page import ProgressPage
from desktop.s1.login.pytorch_panel import PyTorchPanel
from desktop.widgets.file_dialogs import ask_for_folder
from desktop.widgets.icons import symbolic_icon
from desktop.widgets.keep_room import keep_room
from desktop.widgets.notice import Notice

ABOUT = (
    "S1 Mini speaks 13 languages, sounds like a person and runs on your own GPU, offline. It is a download of 3.6 GB "
    "and needs a free account. Its licence, CC-BY-NC-SA-4.0, is not for commercial use."
)
_MEND_WORDS = MEND_WORDS | {Mend.GET_S1: "Get it again…"}  # one is here, and no good
ICON_PX = 32
WIDTH_PX, HEIGHT_PX = 600, 384
_PROGRESS = (DownloadPhase.DOWNLOADING, DownloadPhase.PAUSED, DownloadPhase.FAILED, DownloadPhase.INSPECTING)


class LoginDialog(QDialog):
    """Renders `AppState.download`; closing it changes nothing of that."""

    opened = Signal()
    open_licence_page_requested = Signal()
    open_token_page_requested = Signal()
    open_page_requested = Signal(str)
    log_in_requested = Signal(str)
    log_in_with_browser_requested = Signal()
    use_saved_token_requested = Signal()
    forget_account_requested = Signal()
    discard_requested = Signal()
    start_requested = Signal()
    pause_requested = Signal()
    cancel_requested = Signal()
    try_again_requested = Signal()
    begin_again_requested = Signal()
    use_folder_requested = Signal(str)
    dismiss_offer_requested = Signal()
    hear_requested = Signal()
    show_doctor_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Get S1 Mini")
        self.resize(WIDTH_PX, HEIGHT_PX)
        self._shown: tuple[DownloadState, EngineView, str] | None = None
        self._phase: DownloadPhase | None = None
        self._problem: Message | None = None
        self._dismissed: Message | None = None
        self.notice = Notice("problem", _MEND_WORDS[Mend.TRY_AGAIN])
        self.account, self.progress, self.ready = AccountPage(), ProgressPage(), self._make_ready()
        self.pytorch = PyTorchPanel()
        self.pages = QStackedWidget()
        for page in (self.account, self.progress, self.ready):
            self.pages.addWidget(page)
        self.files, self.later, self.close_button = (
            QPushButton("I have the &files…"),
            QPushButton("L&ater: use the built-in voice"),
            QPushButton("Cl&ose"),
        )
        self._lay_out()
        self._connect()

    def _make_ready(self) -> QWidget:
        self._ready_icon, self._ready_icon_name = QLabel(), "waiting"
        self.ready_words = title_label("")
        self.ready_line = plain_label("")
        self.hear = QPushButton("&Hear it")
        self.hear.clicked.connect(self.hear_requested)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (row_of(self._ready_icon, self.ready_words, None), self.ready_line, row_of(self.hear, None)):
            column.addWidget(part)
        column.addStretch(1)
        return page

    def _lay_out(self) -> None:
        title = title_label("S1 Mini")
        font = QFont(title.font())
        font.setPointSizeF(font.pointSizeF() * 1.4)
        title.setFont(font)
        self.about = plain_label(ABOUT)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.files)
        buttons.addStretch(1)
        buttons.addWidget(self.later)
        buttons.addWidget(self.close_button)
        inner = QVBoxLayout()
        inner.setContentsMargins(24, 16, 24, 16)
        inner.setSpacing(16)
        for part in (title, self.about):
            inner.addWidget(part)
        inner.addWidget(self.pytorch)
        inner.addSpacing(8)
        inner.addWidget(self.pages, 1)
        inner.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notice)
        column.addLayout(inner, 1)
        keep_room(self)
        a, p = self.account, self.progress
        order = [
            *(self.pytorch.install, self.pytorch.cancel),
            *(a.licence, a.token, a.paste, a.check, a.browser, a.make_token, a.stop_checking),
            *(a.copy, a.page, a.stop_browser, a.other, a.download, a.delete, p.pause, p.resume, p.cancel, self.hear),
            *(self.files, self.later, self.close_button),
        ]
        for first, second in itertools.pairwise(order):
            QWidget.setTabOrder(first, second)
        a.check.setDefault(True)  # what Enter means in the token's field; elsewhere it presses what has the focus

    def _connect(self) -> None:
        a, p = self.account, self.progress
        a.open_licence_page_requested.connect(self.open_licence_page_requested)
        a.open_token_page_requested.connect(self.open_token_page_requested)
        a.log_in_requested.connect(self.log_in_requested)
        a.log_in_with_browser_requested.connect(self.log_in_with_browser_requested)
        a.open_page_requested.connect(self.open_page_requested)
        a.forget_account_requested.connect(self.forget_account_requested)
        a.discard_requested.connect(self.discard_requested)
        for page in (a, p):
            page.cancel_requested.connect(self.cancel_requested)
        for signal in (a.start_requested, p.resume_requested):
            signal.connect(self.start_requested)
        p.pause_requested.connect(self.pause_requested)
        self.notice.accepted.connect(self._mend)
        self.notice.declined.connect(self._dismiss)
        self.files.clicked.connect(self.choose_folder)
        self.later.clicked.connect(self.dismiss_offer_requested)
        self.later.clicked.connect(self.close)
        self.close_button.clicked.connect(self.close)

    # --- the state

    def render(self, state: AppState) -> None:  # type: ignore[override]  (every view's name for it)
        download = state.download
        if (download, state.engine, state.computer) == self._shown:
            return  # while something is read, states come many times a second
        self._shown = download, state.engine, state.computer
        self.about.setText(f"{ABOUT} {state.computer}".rstrip())
        is_progress, is_ready = download.phase in _PROGRESS, download.phase is DownloadPhase.READY
        self.account.render_state(download)
        if is_progress:
            self.progress.render_state(download)
        if is_ready:
            self._render_ready(state)
        self.pages.setCurrentWidget(self.progress if is_progress else self.ready if is_ready else self.account)
        self.files.setText("Use another &folder…" if is_ready else "I have the &files…")
        self.files.setVisible(not is_progress)
        self.later.setVisible(not is_progress and not is_ready)
        self.close_button.setVisible(is_progress or is_ready)
        is_failed = is_ready and state.engine.phase is EnginePhase.FAILED
        problem = state.engine.problem if is_failed else download.problem
        if problem is not None and problem.mend is Mend.INSTALL_PYTORCH:  # it has its own part of the window
            problem = None
        self._show_problem(problem)
        if download.phase is not self._phase:
            self._phase = download.phase
            self._first_field().setFocus()

    def _render_ready(self, state: AppState) -> None:
        is_ready = state.engine.phase is EnginePhase.READY
        self._ready_icon_name = "ok" if is_ready else "waiting"
        self._draw_icon()
        self.ready_words.setText("S1 Mini is ready." if is_ready else "S1 Mini is on this computer.")
        self.ready_line.setText(engine_line(state.engine))
        self.hear.setEnabled(is_ready)

    def _show_problem(self, problem: Message | None) -> None:
        self._problem = problem
        if problem is None:
            self._dismissed = None
        if problem is None or problem == self._dismissed:
            self.notice.show_words("")
            return
        self.notice.set_accept(_MEND_WORDS[problem.mend])
        self.notice.show_words(problem.sentence, problem.remedy)

    def _first_field(self) -> QWidget:
        assert self._phase is not None
        if self._phase is DownloadPhase.READY:
            return self.close_button
        return (self.progress if self._phase in _PROGRESS else self.account).first_field(self._phase)

    def show_message(self, message: Message) -> None:
        """Say what became of something that was asked for here."""
        self.notice.show_words(message.sentence, message.remedy, has_accept=False)

    # --- requests

    def _mend(self) -> None:
        assert self._problem is not None
        match self._problem.mend:
            case Mend.OPEN_LICENCE_PAGE:
                self.open_licence_page_requested.emit()
            case Mend.ENTER_TOKEN:
                self.forget_account_requested.emit()
                self.account.token.setFocus()
            case Mend.USE_SAVED_TOKEN:
                self.use_saved_token_requested.emit()
            case Mend.TRY_AGAIN:
                self.try_again_requested.emit()
            case Mend.CHOOSE_FOLDER:
                self.choose_folder()
            case Mend.GET_S1:
                self.begin_again_requested.emit()
            case Mend.FIND_OUT:
                self.show_doctor_requested.emit()

    def _dismiss(self) -> None:
        self._dismissed = self._problem
        self.notice.show_words("")

    def choose_folder(self) -> None:
        words, start = "The folder with S1 Mini's files", str(Path.home())
        ask_for_folder(self, words, lambda folder: self.use_folder_requested.emit(str(folder)), start=start)

    # --- the window

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if not event.spontaneous():
            self.opened.emit()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        if not event.spontaneous():
            self.account.forget_token()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._draw_icon()

    def _draw_icon(self) -> None:
        self._ready_icon.setPixmap(symbolic_icon(self._ready_icon_name).pixmap(ICON_PX, ICON_PX))
