"""Shows the three steps to S1 Mini: its licence, an account, the download."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont, QGuiApplication
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop.common.download_state import DownloadPhase, DownloadState
from desktop.common.status_words import account_words, left_words
from desktop.s1.login.parts import plain_label, row_of, title_label

SIZE_WORDS = "3.6 GB"


class AccountPage(QWidget):
    """Shows `OFFERED`, `CHECKING`, `BROWSER` and `KNOWN`."""

    open_licence_page_requested = Signal()
    open_token_page_requested = Signal()
    log_in_requested = Signal(str)
    log_in_with_browser_requested = Signal()
    open_page_requested = Signal(str)
    cancel_requested = Signal()
    forget_account_requested = Signal()
    start_requested = Signal()
    discard_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._login_url = ""
        self.licence = QPushButton("Open &licence page")
        self.licence.clicked.connect(self.open_licence_page_requested)
        self.download = QPushButton(f"&Download {SIZE_WORDS}")
        self.download.clicked.connect(self.start_requested)
        self.delete = QPushButton("D&elete")
        self.delete.clicked.connect(self.discard_requested)
        self._about_download = plain_label("")
        self._ask, self._checking = self._make_ask(), self._make_checking()
        self._browser, self._known = self._make_browser(), self._make_known()
        self._login_parts = (self._ask, self._checking, self._browser, self._known)
        steps = QGridLayout(self)
        steps.setContentsMargins(0, 0, 0, 0)
        steps.setHorizontalSpacing(16)
        steps.setVerticalSpacing(16)
        steps.setColumnStretch(1, 1)
        about_licence = plain_label("Accept its licence, once, on the model's page.")
        for row, (words, content) in enumerate(
            (
                ("1", row_of(about_licence, self.licence, stretch=0)),
                ("2", _column(*self._login_parts)),
                ("3", row_of(self._about_download, self.delete, self.download, stretch=0)),
            )
        ):
            steps.addWidget(title_label(words), row, 0, Qt.AlignmentFlag.AlignTop)
            steps.addWidget(content, row, 1)
        steps.setRowStretch(3, 1)
        self.render_state(DownloadState())

    def _make_ask(self) -> QWidget:
        self.token = QLineEdit()
        self.token.setEchoMode(QLineEdit.EchoMode.Password)
        self.token.setPlaceholderText("hf_…")
        self.token.setAccessibleName("Token")
        self.token.setAccessibleDescription("The token of a Hugging Face account that may read")
        self.token.textChanged.connect(lambda text: self.check.setEnabled(bool(text.strip())))
        self.token.returnPressed.connect(self._give_token)
        self.paste, self.check = QPushButton("&Paste"), QPushButton("&Check")
        self.check.setEnabled(False)
        self.paste.clicked.connect(self._paste)
        self.check.clicked.connect(self._give_token)
        self.browser, self.make_token = QPushButton("Log in through the &browser"), QPushButton("&Make a token")
        self.browser.clicked.connect(self.log_in_with_browser_requested)
        self.make_token.clicked.connect(self.open_token_page_requested)
        label = plain_label("Log in to a free Hugging Face account with a &token, or through the browser.")
        label.setBuddy(self.token)
        return _column(
            label,
            row_of(self.token, self.paste, self.check, stretch=0),
            row_of(self.browser, self.make_token, None),
        )

    def _make_checking(self) -> QWidget:
        self.stop_checking = QPushButton("Ca&ncel")
        self.stop_checking.clicked.connect(self.cancel_requested)
        return _column(row_of(plain_label("Asking whose token it is…"), self.stop_checking, stretch=0))

    def _make_browser(self) -> QWidget:
        self.code = QLabel()
        self.code.setTextFormat(Qt.TextFormat.PlainText)
        self.code.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        font = QFont(self.code.font())
        font.setPointSizeF(font.pointSizeF() * 1.8)
        font.setBold(True)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 110)
        self.code.setFont(font)
        self.copy, self.page = QPushButton("C&opy code"), QPushButton("Open page a&gain")
        self.stop_browser = QPushButton("Ca&ncel")
        self.copy.clicked.connect(self._copy_code)
        self.page.clicked.connect(lambda: self.open_page_requested.emit(self._login_url))
        self.stop_browser.clicked.connect(self.cancel_requested)
        self._browser_words = plain_label("")
        return _column(
            self._browser_words,
            row_of(self.code, self.copy, None),
            row_of(self.page, self.stop_browser, None),
        )

    def _make_known(self) -> QWidget:
        self.account = plain_label("")
        self.other = QPushButton("Anot&her account")
        self.other.clicked.connect(self.forget_account_requested)
        return _column(row_of(self.account, self.other, stretch=0))

    def render_state(self, state: DownloadState) -> None:
        shown = {
            DownloadPhase.CHECKING: self._checking,
            DownloadPhase.BROWSER: self._browser,
            DownloadPhase.KNOWN: self._known,
        }.get(state.phase, self._ask)
        for part in self._login_parts:  # not a stack, which is as high as its highest part
            part.setVisible(part is shown)
        login = state.login
        self._login_url = login.url if login is not None else ""
        self.code.setText(login.code if login is not None else "")
        self.code.setAccessibleName(f"Code: {' '.join(login.code)}" if login is not None else "")
        words = f"Type this code on the page {login.url}:" if login is not None else "Asking for a code…"
        self._browser_words.setText(words)
        for button in (self.copy, self.page):
            button.setEnabled(login is not None)
        self.account.setText(account_words(state))
        self.download.setEnabled(state.phase is DownloadPhase.KNOWN)
        self._about_download.setText(left_words(state) or "Download it. It can be paused, and survives a restart.")
        self.download.setText("&Download the rest" if state.left is not None else f"&Download {SIZE_WORDS}")
        self.delete.setVisible(state.left is not None)
        self.delete.setEnabled(state.phase in (DownloadPhase.OFFERED, DownloadPhase.KNOWN))

    def first_field(self, phase: DownloadPhase) -> QWidget:
        """Return what one would use first in `phase`."""
        return {
            DownloadPhase.CHECKING: self.stop_checking,
            DownloadPhase.BROWSER: self.copy if self.copy.isEnabled() else self.stop_browser,
            DownloadPhase.KNOWN: self.download,
        }.get(phase, self.token)

    def forget_token(self) -> None:
        """Empty the token's field: it is not kept there longer than needed."""
        self.token.clear()

    def _give_token(self) -> None:
        if token := self.token.text().strip():
            self.forget_token()
            self.log_in_requested.emit(token)

    def _paste(self) -> None:
        self.token.setText(QGuiApplication.clipboard().text().strip())
        self.check.setFocus()

    def _copy_code(self) -> None:
        QGuiApplication.clipboard().setText(self.code.text())


def _column(*parts: QWidget) -> QWidget:
    widget = QWidget()
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(8)
    for part in parts:
        column.addWidget(part)
    column.addStretch(1)
    return widget
