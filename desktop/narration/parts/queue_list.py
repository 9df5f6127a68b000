"""Shows the queue of books: what is in it, how far each is, and where files are dropped."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from desktop.common.plain_text import plain
from desktop.narration.values import JobPhase, JobView

NAME_ROLE = Qt.ItemDataRole.UserRole
MIN_WIDTH_PX = 232

_PHASES = {
    JobPhase.READING: "Reading the book",
    JobPhase.READY: "Not begun",
    JobPhase.WAITING: "Waiting for its turn",
    JobPhase.NARRATING: "Narrating",
    JobPhase.WRITING: "Writing the audiobook",
    JobPhase.PAUSED: "Paused",
    JobPhase.DONE: "Done",
    JobPhase.FAILED: "Stopped",
}


def phase_words(view: JobView) -> str:
    """Write the second line of an entry."""
    words = _PHASES[view.phase]
    if view.phase in (JobPhase.NARRATING, JobPhase.WRITING, JobPhase.PAUSED):
        words += f" · {100 * view.fraction:.0f} %"
    return words


class QueueList(QWidget):
    chosen = Signal(str)
    """The name of the job that is looked at; "" for none."""
    remove_requested = Signal(str)
    move_requested = Signal(str, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.list = QListWidget()
        self.list.setAccessibleName("Books")
        self.list.setMinimumWidth(MIN_WIDTH_PX)
        self.list.setAlternatingRowColors(False)
        self.list.setSpacing(2)
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentItemChanged.connect(lambda item: self.chosen.emit(item.data(NAME_ROLE) if item else ""))
        self.add = QPushButton("&Add…")
        self.add.setAccessibleName("Add books")
        self.remove = QPushButton("&Remove")
        self.remove.setToolTip("Take it out of this list. What is spoken stays on the disk.")
        self.remove.clicked.connect(lambda: self._emit_chosen(self.remove_requested.emit))
        for keys, places in (("Alt+Shift+Up", -1), ("Alt+Shift+Down", 1)):
            shortcut = QShortcut(QKeySequence(keys), self.list)
            shortcut.activated.connect(lambda places=places: self._move_chosen(places))
        self.list.setToolTip("Alt+Shift with the arrows moves a book in the queue")
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.list)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(lambda: self._emit_chosen(self.remove_requested.emit))
        buttons = QHBoxLayout()
        buttons.addWidget(self.add)
        buttons.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.list, 1)
        column.addLayout(buttons)

    @property
    def chosen_name(self) -> str:
        item = self.list.currentItem()
        return item.data(NAME_ROLE) if item is not None else ""

    def choose(self, name: str) -> None:
        """Look at the job `name`, where there is one."""
        rows = (row for row in range(self.list.count()) if self.list.item(row).data(NAME_ROLE) == name)
        if (row := next(rows, None)) is not None:
            self.list.setCurrentRow(row)

    def render_jobs(self, jobs: tuple[JobView, ...]) -> None:
        names = [self.list.item(i).data(NAME_ROLE) for i in range(self.list.count())]
        if names != [job.name for job in jobs]:
            self._refill(jobs, names)
        for i, job in enumerate(jobs):
            item = self.list.item(i)
            words = f"{plain(job.title)}\n{phase_words(job)}"
            if item.text() != words:
                item.setText(words)
                item.setData(Qt.ItemDataRole.AccessibleTextRole, words.replace("\n", ", "))
        self.remove.setEnabled(bool(jobs))

    def _refill(self, jobs: tuple[JobView, ...], before: list[str]) -> None:
        """The book that is looked at stays so; one that has just come is."""
        chosen = self.chosen_name
        come = [job.name for job in jobs if job.name not in before]
        self.list.blockSignals(True)
        self.list.clear()
        for job in jobs:
            item = QListWidgetItem()
            item.setData(NAME_ROLE, job.name)
            self.list.addItem(item)
        self.list.blockSignals(False)
        names = [job.name for job in jobs]
        wanted = come[0] if come else chosen
        if names:
            self.list.setCurrentRow(names.index(wanted) if wanted in names else 0)
        else:
            self.chosen.emit("")

    def _move_chosen(self, places: int) -> None:
        if self.chosen_name:
            self.move_requested.emit(self.chosen_name, places)

    def _emit_chosen(self, emit: object) -> None:
        if self.chosen_name:
            emit(self.chosen_name)  # type: ignore[operator]
