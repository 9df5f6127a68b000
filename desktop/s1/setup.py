"""Wires the login dialog to the download behind it: one part of what `app.py` puts together."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication

from desktop.common.download_state import DownloadPhase, DownloadState
from desktop.common.messages import MODEL_PAGE, TOKENS_PAGE, Mend, Message
from desktop.platform.open_outside import open_outside
from desktop.s1.checkpoint_download import CheckpointDownload
from desktop.s1.dialog import LoginDialog
from desktop.s1.pytorch_install import InstallPhase, InstallView, PyTorchInstall


class S1Setup(QObject):
    """Owns the dialog, which is rendered like any view, and the download, which takes its requests."""

    state_changed = Signal(object)
    """`DownloadState`"""
    problem_arose = Signal(object)
    """A `Message`, while the dialog that would show it is closed."""
    pytorch_came = Signal()
    """S1 Mini can be loaded now."""

    def __init__(self, folder: Path, prefers_saved_token: bool, parent: QObject | None = None) -> None:
        """`folder` is where Lectern's own checkpoint goes."""
        super().__init__(parent)
        self.download, self.dialog = CheckpointDownload(folder, prefers_saved_token, self), LoginDialog()
        self.pytorch = PyTorchInstall(self)
        self._before = self.download.state
        self._engine_problem: Message | None = None
        download, dialog = self.download, self.dialog
        for signal, method in (
            (dialog.opened, download.look),
            (dialog.opened, self._look_for_pytorch),
            (dialog.pytorch.install_requested, self.pytorch.install),
            (dialog.pytorch.cancel_requested, self.pytorch.cancel),
            (self.pytorch.changed, self._show_install),
            (self.pytorch.installed, self.pytorch_came),
            (dialog.log_in_requested, download.log_in),
            (dialog.log_in_with_browser_requested, download.log_in_with_browser),
            (dialog.use_saved_token_requested, download.use_saved_token),
            (dialog.discard_requested, download.discard),
            (dialog.forget_account_requested, download.forget_account),
            (dialog.start_requested, download.start),
            (dialog.pause_requested, download.pause),
            (dialog.cancel_requested, download.cancel),
            (dialog.try_again_requested, download.try_again),
            (dialog.begin_again_requested, self._begin_again),
            (dialog.use_folder_requested, lambda path: download.use_folder(Path(path))),
            (dialog.open_licence_page_requested, lambda: self._open_page(MODEL_PAGE)),
            (dialog.open_token_page_requested, lambda: self._open_page(TOKENS_PAGE)),
            (dialog.open_page_requested, self._open_page),
            (download.open_page_requested, self._open_page),
            (download.state_changed, self._take),
        ):
            signal.connect(method)

    def close(self) -> None:
        """Stop a download that runs, which leaves what it has for the next start."""
        self.pytorch.close()
        self.download.close()
        self.dialog.close()

    def show_engine_problem(self, problem: Message | None) -> None:
        """Take what is wrong with S1 Mini's engine: where it found no PyTorch that loads, that can be mended here."""
        if problem != self._engine_problem:
            self._engine_problem = problem
            is_of_pytorch = problem is not None and problem.mend is Mend.INSTALL_PYTORCH
            self.pytorch.look(problem if is_of_pytorch else None)

    def _look_for_pytorch(self) -> None:
        self.pytorch.look(self.pytorch.view.problem)

    def _show_install(self, view: InstallView) -> None:
        self.dialog.pytorch.show_install(view)
        if view.phase is InstallPhase.FAILED and not self.dialog.isVisible():
            self.problem_arose.emit(view.problem)

    def _begin_again(self) -> None:
        self.download.suspect_checkpoint()
        self.download.look()

    def _take(self, state: DownloadState) -> None:
        before, self._before = self._before, state
        self.state_changed.emit(state)
        is_over = state.phase is not DownloadPhase.DOWNLOADING  # a download that waits tries again by itself
        if state.problem not in (None, before.problem) and is_over and not self.dialog.isVisible():
            self.problem_arose.emit(state.problem)

    def _open_page(self, url: str) -> None:
        """Where no browser takes it, the address is where it can be pasted from."""
        if not open_outside(url):
            QGuiApplication.clipboard().setText(url)
            self.dialog.show_message(Message("No browser opened the page.", f"Its address is on the clipboard: {url}"))
