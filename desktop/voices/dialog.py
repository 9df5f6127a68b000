"""Shows the voices in one window: those there are, a new one, and a gallery of improvised ones. Never modal."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QTabWidget, QVBoxLayout, QWidget

from desktop.common.messages import Message
from desktop.common.state import AppState
from desktop.voices.pages.fields import VOICE_ENDING
from desktop.voices.pages.gallery_page import GalleryPage
from desktop.voices.pages.my_voices_page import MyVoicesPage
from desktop.voices.pages.new_voice_page import NewVoicePage
from desktop.voices.state import GalleryState, LibraryState, NewVoiceState
from desktop.widgets.file_drops import dropped_paths, take_files_itself
from desktop.widgets.notice import Notice

WIDTH_PX, HEIGHT_PX = 800, 560


class VoicesDialog(QDialog):
    """Shows the voices. Its pages' signals are its requests; each `render…` method shows one part's state whole."""

    opened = Signal()
    closed = Signal()
    undo_requested = Signal()
    dismiss_requested = Signal()
    """The notice was read, and may go."""
    import_requested = Signal(object)
    """list of `Path`"""
    add_files_requested = Signal(object)
    """list of `Path`: for the new voice, besides what it has"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Voices")
        self.resize(WIDTH_PX, HEIGHT_PX)
        self.setAcceptDrops(True)
        self._problems: dict[str, Message | None] = {}
        self.problem, self.note = Notice("problem"), Notice("ok", "&Undo")
        self.mine, self.new, self.gallery = MyVoicesPage(), NewVoicePage(), GalleryPage()
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for page, words in ((self.mine, "My &voices"), (self.new, "N&ew voice"), (self.gallery, "G&allery")):
            self.tabs.addTab(page, words)
        close = QPushButton("Close")
        close.clicked.connect(self.close)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(16, 0, 16, 16)
        buttons.addStretch(1)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for part in (self.problem, self.note):
            column.addWidget(part)
        column.addWidget(self.tabs, 1)
        column.addLayout(buttons)
        for button in self.findChildren(QPushButton):
            button.setAutoDefault(False)  # Enter in a field is the field's
        take_files_itself(self)
        self.problem.declined.connect(self.dismiss_requested)
        self.note.declined.connect(self.dismiss_requested)
        self.note.accepted.connect(self.undo_requested)
        self.mine.import_requested.connect(self.import_requested)

    # --- the state

    def render(self, state: AppState) -> None:  # type: ignore[override]  (every view's name for it)
        self.gallery.show_engine(state.engine.phase)
        self.mine.show_in_use(state.voice)
        self.mine.show_engine(state.engine.phase)

    def render_library(self, state: LibraryState) -> None:
        self.mine.render_state(state)
        self.note.show_words(state.note, has_accept=state.can_undo)
        self._show_problem("library", state.problem)

    def render_recording(self, state: NewVoiceState) -> None:
        self.new.render_state(state)
        self._show_problem("recording", state.problem)

    def render_gallery(self, state: GalleryState) -> None:
        self.gallery.render_state(state)
        self._show_problem("gallery", state.problem)

    def show_playing(self, key: str) -> None:
        for page in (self.mine, self.new, self.gallery):
            page.show_playing(key)

    def show_new(self) -> None:
        self.tabs.setCurrentWidget(self.new)

    def show_mine(self, name: str = "") -> None:
        """Show the voices there are, and the one of that name."""
        self.tabs.setCurrentWidget(self.mine)
        self.mine.select(name)

    def _show_problem(self, part: str, problem: Message | None) -> None:
        self._problems[part] = problem
        shown = next((message for message in self._problems.values() if message is not None), Message(""))
        self.problem.show_words(shown.sentence, shown.remedy)

    # --- the window

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Take what is dropped: recordings become a new voice, voices' files and folders are imported."""
        event.acceptProposedAction()
        paths = dropped_paths(event.mimeData())
        recordings = [path for path in paths if not _is_voice(path)]
        if voices := [path for path in paths if _is_voice(path)]:
            self.tabs.setCurrentWidget(self.mine)
            self.import_requested.emit(voices)
        if recordings:
            self.show_new()
            self.add_files_requested.emit(recordings)

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        if not event.spontaneous():
            self.opened.emit()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        if not event.spontaneous():
            self.closed.emit()


def _is_voice(path: Path) -> bool:
    return path.suffix == VOICE_ENDING or path.is_dir()
