"""Shows which Lectern this is, what it is made of, and whose voices it has."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.about.parts import VOICES, Part, installed_parts
from desktop.common.system_report import own_version, system_report
from desktop.widgets.icons import app_icon
from desktop.worker import Worker

ICON_PX = 64
_COLUMNS = ("Part", "Version", "Licence")
_WORDS = (
    "Lectern reads aloud, on your own computer and offline.\n\n"
    "It is free software under the GNU General Public License, version 3 or later: use it, look into it, change it and "
    "pass it on, under the same licence. It comes without any warranty."
)


class AboutDialog(QDialog):
    """Lists the parts when it is shown first; that takes a moment, in a thread."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Lectern")
        self.resize(640, 480)
        self._worker = Worker("about", self)
        icon, name = QLabel(), QLabel(f"Lectern {own_version()}".strip())
        icon.setPixmap(app_icon().pixmap(ICON_PX, ICON_PX))
        font = QFont(name.font())
        font.setPointSizeF(font.pointSizeF() * 1.6)
        font.setBold(True)
        name.setFont(font)
        name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(icon)
        head.addWidget(name, 1)
        self.parts = QTableWidget(0, len(_COLUMNS))
        self.parts.setHorizontalHeaderLabels(_COLUMNS)
        self.parts.setAccessibleName("Parts and their licences")
        self.parts.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.parts.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.parts.setTabKeyNavigation(False)
        self.parts.verticalHeader().hide()
        self.parts.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.parts.horizontalHeader().setStretchLastSection(True)
        self.parts.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter)
        tabs = QTabWidget()
        tabs.addTab(_page(_words(_WORDS)), "&About")
        tabs.addTab(self.parts, "&Parts and licences")
        tabs.addTab(_page(*(_words(f"{note.name}\n{note.words}") for note in VOICES)), "&Voices")
        self.report = _words("Looking …")
        self.copy = QPushButton("C&opy")
        self.copy.setToolTip("What a report of a fault needs, without anything that you had read")
        self.copy.setEnabled(False)
        self.copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.report.text()))
        tabs.addTab(_page(self.report, self.copy), "&This computer")
        self.tabs = tabs
        close = QPushButton("&Close")
        close.clicked.connect(self.close)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addLayout(head)
        column.addWidget(tabs, 1)
        column.addLayout(row)

    def end(self) -> None:
        """Wait for nothing any more."""
        self._worker.close(forgets=True)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if not event.spontaneous() and not self.parts.rowCount():
            self._worker.do(installed_parts, self._show_parts)
            self._worker.do(system_report, self._show_report)

    def _show_report(self, words: str) -> None:
        self.report.setText(words)
        self.copy.setEnabled(True)

    def _show_parts(self, parts: list[Part]) -> None:
        self.parts.setRowCount(len(parts))
        for row, part in enumerate(parts):
            name = part.name if part.version else f"    with {part.name}"
            for column, words in enumerate((name, part.version, part.licence or "see its package")):
                self.parts.setItem(row, column, QTableWidgetItem(words))


def _words(words: str) -> QLabel:
    label = QLabel(words)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _page(*parts: QLabel | QPushButton) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(16, 16, 16, 16)
    column.setSpacing(16)
    for part in parts:
        column.addWidget(
            part, alignment=Qt.AlignmentFlag.AlignLeading if isinstance(part, QPushButton) else Qt.AlignmentFlag(0)
        )
    column.addStretch(1)
    return page
