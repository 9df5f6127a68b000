"""Offers PyTorch in the window of S1 Mini: that it is not here, a button that brings it, how far that is. Else not
seen."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop.s1.login.parts import plain_label, row_of, title_label
from desktop.s1.pytorch_install import InstallPhase, InstallView

NEEDED = "S1 Mini needs PyTorch, which is not here yet"
WORDS = (
    "Up to 3 GB to download with an NVIDIA GPU, a tenth of that without. The built-in voice speaks meanwhile. "
    "On the command line: lectern install-pytorch"
)


class PyTorchPanel(QWidget):
    """Renders an `InstallView`."""

    install_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.line = title_label(""), plain_label("")
        self.bar = QProgressBar()
        self.bar.setAccessibleName("PyTorch")
        self.bar.setFormat("%p %")
        self.install, self.cancel = QPushButton("&Install PyTorch"), QPushButton("&Stop installing")
        self.install.clicked.connect(self.install_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.title, self.bar, self.line, row_of(self.install, self.cancel, None)):
            column.addWidget(part)
        self.show_install(InstallView())

    def show_install(self, view: InstallView) -> None:
        """Render `view`; nothing is seen where PyTorch is there."""
        is_running = view.phase in (InstallPhase.RUNNING, InstallPhase.STOPPING)
        had_focus = self.install.hasFocus() or self.cancel.hasFocus()
        self.setVisible(view.phase is not InstallPhase.THERE)
        has_failed = view.phase is InstallPhase.FAILED
        needed = NEEDED if view.problem is None or has_failed else view.problem.sentence
        self.title.setText("Installing PyTorch" if is_running else needed)
        self.line.setText(view.line if is_running else str(view.problem) if has_failed else WORDS)
        self.bar.setVisible(is_running)
        self.bar.setRange(0, 0 if view.percent is None else 100)
        self.bar.setValue(view.percent or 0)
        self.bar.setAccessibleDescription(view.line)
        self.install.setText("&Install PyTorch again" if has_failed else "&Install PyTorch")
        self.install.setVisible(not is_running)
        self.cancel.setVisible(is_running)
        self.cancel.setEnabled(view.phase is InstallPhase.RUNNING)
        if had_focus:  # keys go on where they were
            (self.cancel if is_running else self.install).setFocus()
        self._make_room()

    def _make_room(self) -> None:
        """Let the window grow by what came: with lines that wrap, Qt would squash the rest of it instead."""
        window = self.window()
        layout = window.layout()
        if window is self or layout is None or self.isHidden():
            return
        layout.activate()
        needed_px = layout.totalHeightForWidth(window.width())
        if window.height() < needed_px:
            window.resize(window.width(), needed_px)
