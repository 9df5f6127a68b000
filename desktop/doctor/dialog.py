"""Shows the doctor's findings as they come, each with the one thing to do, and a report to copy."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QCloseEvent, QFont, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

import engine
from desktop.common.system_report import own_version
from desktop.doctor.report import Finding, Health
from desktop.widgets.icons import symbolic_icon
from desktop.worker import Worker

ICON_PX = 16
_LOOKS = {
    Health.OK: ("ok", "works"),
    Health.MISSING: ("missing", "not there; Lectern speaks without it"),
    Health.BROKEN: ("problem", "does not work"),
}
Examine = Callable[[engine.CancelToken], Iterable[Finding]]
"""Yields findings, and ends soon after the token is cancelled."""


class DoctorDialog(QDialog):
    """Shows what `examine` finds, which runs in a thread when this is shown, and again when asked."""

    finished_examining = Signal()

    def __init__(self, examine: Examine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Lectern doctor")
        self.resize(640, 480)
        self._examine = examine
        self._worker = Worker("doctor", self)
        self._checks: engine.CancelToken | None = None  # of those that run
        self.findings: list[Finding] = []
        self._icons: list[tuple[QLabel, Health]] = []
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        font = QFont(self.summary.font())
        font.setBold(True)
        self.summary.setFont(font)
        self.again, self.copy, close = QPushButton("Check &again"), QPushButton("&Copy report"), QPushButton("Close")
        self.copy.setToolTip("The findings as text, without anything that you had read")
        self.again.clicked.connect(self.examine)
        self.copy.clicked.connect(self._copy)
        close.clicked.connect(self.close)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.StyledPanel)
        self._area.setAccessibleName("Findings")
        self._start_list()
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.again)
        row.addWidget(self.copy)
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(self.summary)
        column.addWidget(self._area, 1)
        column.addLayout(row)

    def examine(self) -> None:
        """Check anew. Checks that were cancelled end first."""
        if self._checks is not None:
            return
        self.findings = []
        self._start_list()
        self.summary.setText("Checking…")
        self.again.setEnabled(False)
        self.copy.setEnabled(False)
        self._checks = self._worker.follow(self._examine, self._add, self._finish)

    def report(self) -> str:
        """Give the text to copy: versions and findings; nothing that was ever read is among them."""
        lines = [f"Lectern {own_version()}, shown by Qt's {QGuiApplication.platformName()}"]
        for finding in self.findings:
            lines.append(f"{finding.health.value}  {finding.subject}: {finding.fact}")
            if finding.remedy:
                lines.append(f"      {finding.remedy}")
        return "\n".join(lines) + "\n"

    def _start_list(self) -> None:
        inside = QWidget()
        self._grid = QGridLayout(inside)
        self._grid.setContentsMargins(16, 8, 16, 8)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(8)
        self._grid.setColumnStretch(2, 1)
        self._grid.setRowStretch(1000, 1)
        self._icons = []
        self._area.setWidget(inside)

    def _add(self, finding: Finding) -> None:
        self.findings.append(finding)
        row = len(self.findings)
        icon_name, verdict = _LOOKS[finding.health]
        icon = QLabel()
        icon.setPixmap(symbolic_icon(icon_name).pixmap(ICON_PX, ICON_PX))
        icon.setAccessibleName(verdict)
        icon.setToolTip(verdict.capitalize())
        self._icons.append((icon, finding.health))
        subject = QLabel(finding.subject[:1].upper() + finding.subject[1:])
        words = QLabel(f"{finding.fact}\n{finding.remedy}" if finding.remedy else finding.fact)
        words.setAccessibleName(f"{finding.subject.strip()}: {verdict}. {finding.fact}. {finding.remedy}".strip(" ."))
        for label in (subject, words):
            label.setTextFormat(Qt.TextFormat.PlainText)
        words.setWordWrap(True)
        words.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        for place, label in enumerate((icon, subject, words)):
            self._grid.addWidget(label, row, place, alignment=Qt.AlignmentFlag.AlignTop)

    def _finish(self) -> None:
        self._checks = None
        n_broken = sum(finding.health is Health.BROKEN for finding in self.findings)
        n_missing = sum(finding.health is Health.MISSING for finding in self.findings)
        if n_broken:
            words = "Something does not work. What helps is written under it."
        elif n_missing:
            words = "Lectern can speak. What is marked with a dash is not there."
        else:
            words = "Everything works."
        self.summary.setText(words)
        self.again.setEnabled(True)
        self.copy.setEnabled(True)
        self.finished_examining.emit()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report())
        self.summary.setText("The report is on the clipboard.")

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if not event.spontaneous():
            self.examine()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        self._stop()
        super().closeEvent(event)

    def end(self) -> None:
        """Stop the checks and wait for them, before the program ends."""
        self._stop()
        self._worker.close()

    def _stop(self) -> None:
        if self._checks is not None:
            self._checks.cancel()
            self._checks = None

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            for icon, health in self._icons:
                icon.setPixmap(symbolic_icon(_LOOKS[health][0]).pixmap(ICON_PX, ICON_PX))
