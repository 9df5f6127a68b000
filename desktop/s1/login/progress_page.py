"""Shows how far the download is, or the check of a chosen folder."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QProgressBar, QPushButton, QVBoxLayout, QWidget

from desktop.common.download_state import DownloadPhase, DownloadState
from desktop.common.status_words import download_line, download_title, progress_note
from desktop.s1.login.parts import plain_label, row_of, title_label

STEPS = 1000


class ProgressPage(QWidget):
    """Shows `DOWNLOADING`, `PAUSED`, `FAILED` and `INSPECTING`."""

    pause_requested = Signal()
    resume_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title, self.line = title_label(""), plain_label("")
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress")
        self.bar.setFormat("%p %")
        self.pause, self.resume, self.cancel = QPushButton("&Pause"), QPushButton("&Resume"), QPushButton("Ca&ncel")
        self.pause.clicked.connect(self.pause_requested)
        self.resume.clicked.connect(self.resume_requested)
        self.cancel.clicked.connect(self.cancel_requested)
        self.note = plain_label("")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.title, self.bar, self.line, row_of(self.pause, self.resume, self.cancel, None)):
            column.addWidget(part)
        column.addSpacing(8)
        column.addWidget(self.note)
        column.addStretch(1)

    def render_state(self, state: DownloadState) -> None:
        self.title.setText(download_title(state))
        self.line.setText(download_line(state))
        self.bar.setAccessibleDescription(self.line.text())
        fraction = state.fraction
        is_running = state.phase in (DownloadPhase.DOWNLOADING, DownloadPhase.INSPECTING)
        if fraction is None and is_running:
            self.bar.setRange(0, 0)  # Qt's way to say that it is not known
        else:
            self.bar.setRange(0, STEPS)
            self.bar.setValue(int(STEPS * (fraction or 0.0)))
        self.pause.setVisible(state.phase is DownloadPhase.DOWNLOADING)
        self.resume.setVisible(state.phase in (DownloadPhase.PAUSED, DownloadPhase.FAILED))
        self.note.setText(progress_note(state))

    def first_field(self, phase: DownloadPhase) -> QWidget:
        """Return what one would use first in `phase`."""
        if phase is DownloadPhase.DOWNLOADING:
            return self.pause
        return self.cancel if phase is DownloadPhase.INSPECTING else self.resume
