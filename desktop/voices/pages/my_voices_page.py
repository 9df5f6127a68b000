"""Shows the voices there are: heard, used, described, given away, removed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QKeySequence, QPixmap, QShortcut
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.common.plain_text import plain
from desktop.common.state import EnginePhase
from desktop.s1.login.parts import plain_label, row_of
from desktop.voices.pages.fields import (
    VOICE_ENDING,
    VOICES_FILTER,
    check_words,
    choose_language,
    language_field,
    quiet_label,
)
from desktop.voices.state import LibraryState
from desktop.voices.words import voice_line
from desktop.widgets.file_dialogs import ask_for_files, ask_for_folder, ask_where_to_save
from desktop.widgets.icons import symbolic_icon
from engine.registry import always_there, cloning_engine
from engine.voice_library import VoiceInfo

LIST_WIDTH_PX, NOTES_HEIGHT_PX = 304, 64
EMPTY = (
    "There are no voices yet.\n\nMake one of a recording under New voice, drop a voice's file or a folder of the "
    "original server here, or pick one of those that S1 Mini improvises in the gallery."
)


class MyVoicesPage(QWidget):
    listen_requested = Signal(object)
    """`VoiceInfo`, as in all of these."""
    stop_listening_requested = Signal()
    try_voice_requested = Signal(object)
    set_voice_requested = Signal(object)
    save_requested = Signal(object, str, str, str)
    """(voice, name, language, notes)"""
    check_requested = Signal(object)
    export_requested = Signal(object, object)
    """(voice, the file's `Path`)"""
    remove_requested = Signal(object)
    show_login_requested = Signal()
    import_requested = Signal(object)
    """list of `Path`"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = LibraryState()
        self._voices: tuple[VoiceInfo, ...] = ()
        self._playing = self._in_use = ""
        self._has_s1 = True
        self._shown: VoiceInfo | None = None
        self.list = QListWidget()
        self.list.setAccessibleName("Voices")
        self.list.setMinimumWidth(LIST_WIDTH_PX)
        self.list.setSpacing(2)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setIconSize(QSize(16, 16))
        self.list.currentItemChanged.connect(lambda *_: self._show_current())
        self.list.itemActivated.connect(lambda _: self._listen())
        self.imports = QPushButton("&Import…")
        self.imports.setToolTip("A voice's file, from another computer")
        self.import_folder = QPushButton("Import &folder…")
        self.import_folder.setToolTip("A folder with recordings and their transcripts, or a folder of such folders")
        self.details, self.side = self._make_details(), QStackedWidget()
        empty = plain_label(EMPTY)
        empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty = empty
        self.side.addWidget(empty)
        self.side.addWidget(self.details)
        left = QVBoxLayout()
        left.setSpacing(8)
        left.addWidget(self.list, 1)
        left.addWidget(row_of(self.imports, self.import_folder, None))
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 16)
        row.setSpacing(16)
        row.addLayout(left)
        row.addWidget(self.side, 1)
        self._connect()
        self.render_state(self._state)

    def _make_details(self) -> QWidget:
        self.name, self.notes = QLineEdit(), QPlainTextEdit()
        self.language = language_field("Not said")
        self.notes.setFixedHeight(NOTES_HEIGHT_PX)
        self.notes.setTabChangesFocus(True)
        self.about = quiet_label()
        self.listen, self.read = QPushButton("&Listen"), QPushButton("&Read with it")
        self.use = QPushButton("&Use this voice")
        self.listen.setToolTip("Hear its recording")
        self.read.setToolTip("Hear it read a few lines; S1 Mini must be ready")
        self.no_s1, self.get_s1 = plain_label(""), QPushButton("&Get S1 Mini…")
        self.save, self.revert = QPushButton("&Save changes"), QPushButton("Rever&t")
        self.check, self.export, self.remove = QPushButton("&Check"), QPushButton("E&xport…"), QPushButton("Re&move")
        self.check.setToolTip("What its recordings are like")
        self.verdict = plain_label("")
        self.verdict.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        for words, field in (("&Name", self.name), ("Langua&ge", self.language), ("N&otes", self.notes)):
            form.addRow(words, field)
            field.setAccessibleName(words.replace("&", ""))
        panel = QWidget()
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.about)
        column.addWidget(row_of(self.listen, self.read, self.use, None))
        self._no_s1_row = row_of(self.no_s1, self.get_s1, stretch=0)
        column.addWidget(self._no_s1_row)
        column.addSpacing(8)
        column.addLayout(form)
        column.addWidget(row_of(None, self.revert, self.save))
        column.addWidget(self.verdict)
        column.addStretch(1)
        column.addWidget(row_of(self.check, self.export, None, self.remove))
        return panel

    def _connect(self) -> None:
        self.listen.clicked.connect(self._listen)
        for button, signal in (
            (self.read, self.try_voice_requested),
            (self.use, self.set_voice_requested),
            (self.check, self.check_requested),
            (self.remove, self.remove_requested),
        ):
            button.clicked.connect(lambda _=False, signal=signal: self._shown and signal.emit(self._shown))
        self.get_s1.clicked.connect(self.show_login_requested)
        self.save.clicked.connect(self._save)
        self.name.returnPressed.connect(self._save)
        self.revert.clicked.connect(lambda: self._fill(self._shown))
        self.export.clicked.connect(self._ask_export)
        self.imports.clicked.connect(self._ask_import)
        self.import_folder.clicked.connect(self._ask_import_folder)
        self.name.textEdited.connect(self._note_change)
        self.language.activated.connect(self._note_change)
        self.notes.textChanged.connect(self._note_change)
        for keys, act in ((QKeySequence.StandardKey.Delete, self.remove.click), ("F2", self._rename)):
            shortcut = QShortcut(QKeySequence(keys), self.list)
            shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
            shortcut.activated.connect(act)

    # --- the state

    def render_state(self, state: LibraryState) -> None:
        self._state = state
        if state.voices != self._voices:
            self._voices = state.voices
            self._list()
        is_checked = self._shown is not None and state.checked_id == self._shown.id
        words = [
            check_words(check) if check is not None else "Only its codes are kept, so there is nothing to check."
            for check in (state.checks if is_checked else ())
        ]
        if len(words) > 1:
            words = [f"Recording {number}: {text}" for number, text in enumerate(words, 1)]
        self.verdict.setText("\n".join(words))
        self.verdict.setVisible(bool(words))
        self.empty.setText(EMPTY if state.is_read else "")

    def show_playing(self, key: str) -> None:
        self._playing = key
        is_it = self._shown is not None and key == self._shown.id
        self.listen.setText("Si&lence" if is_it else "&Listen")

    def show_in_use(self, name: str) -> None:
        """Show which voice reads."""
        if name != self._in_use:
            self._in_use = name
            self._list()

    def show_engine(self, phase: EnginePhase) -> None:
        """Say, where a voice is chosen, that without S1 Mini none of these can be heard reading."""
        self._has_s1 = phase not in (EnginePhase.ABSENT, EnginePhase.FAILED)
        is_absent = phase is EnginePhase.ABSENT
        what = "is not here" if is_absent else "is not working"
        bridge, needed = always_there().spoken_name, cloning_engine().display_name
        self.no_s1.setText(f"{bridge[:1].upper()}{bridge[1:]} speaks for now: this voice needs {needed}, which {what}.")
        self._no_s1_row.setVisible(not self._has_s1)
        self.read.setEnabled(self._has_s1 and self._shown is not None and not self._shown.problem)

    def select(self, name: str) -> None:
        """Select the voice of that name, once it is in the list."""
        for row, voice in enumerate(self._voices):
            if voice.name == name:
                self.list.setCurrentRow(row)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self._list()

    # --- inside

    def _list(self) -> None:
        chosen = self._shown.id if self._shown is not None else ""
        is_edited = self.save.isEnabled()
        row = self.list.currentRow()
        empty = QPixmap(self.list.iconSize())
        empty.fill(Qt.GlobalColor.transparent)
        no_icon = QIcon(empty)  # so that all names begin at the same place
        self.list.blockSignals(True)
        self.list.clear()
        for voice in self._voices:
            is_used = voice.name == self._in_use
            line = voice_line(replace(voice, notes="in use" if is_used else ""))
            item = QListWidgetItem(plain(f"{voice.name}\n{line}"))
            item.setSizeHint(QSize(0, 2 * self.list.fontMetrics().lineSpacing() + 8))  # as wide as the list, not wider
            item.setToolTip(voice.notes)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, plain(f"{voice.name}, {line}"))
            item.setIcon(symbolic_icon("problem" if voice.problem else "ok") if voice.problem or is_used else no_icon)
            self.list.addItem(item)
        ids = [voice.id for voice in self._voices]
        if ids:
            self.list.setCurrentRow(ids.index(chosen) if chosen in ids else min(max(row, 0), len(ids) - 1))
        self.list.blockSignals(False)
        self._show_current(keeps_edits=is_edited)

    def _show_current(self, keeps_edits: bool = False) -> None:
        row = self.list.currentRow()
        before, self._shown = self._shown, self._voices[row] if 0 <= row < len(self._voices) else None
        self.side.setCurrentWidget(self.details if self._shown is not None else self.empty)
        is_same = before is not None and self._shown is not None and before.id == self._shown.id
        if not (is_same and (keeps_edits or before == self._shown)):
            self._fill(self._shown)
        self.show_playing(self._playing)
        if not is_same:
            self.render_state(self._state)

    def _fill(self, voice: VoiceInfo | None) -> None:
        if voice is None:
            return
        self.name.setText(voice.name)
        self.name.setCursorPosition(0)
        choose_language(self.language, voice.language)
        self.notes.setPlainText(voice.notes)
        about = f"Its file is damaged: {voice.problem}." if voice.problem else _about(voice)
        self.about.setText(about)
        self.about.setVisible(bool(about))
        is_fine = not voice.problem
        self.listen.setEnabled(is_fine and voice.has_sound)
        for part in (self.read, self.use, self.check, self.export, self.name, self.language, self.notes):
            part.setEnabled(is_fine)
        self.read.setEnabled(is_fine and self._has_s1)
        self._note_change()

    def _note_change(self, *_: object) -> None:
        voice = self._shown
        now = (self.name.text().strip(), self.language.currentData(), self.notes.toPlainText())
        is_other = voice is not None and not voice.problem and now != (voice.name, voice.language, voice.notes)
        self.save.setEnabled(is_other and bool(now[0]))
        self.revert.setEnabled(is_other)

    def _save(self) -> None:
        if self._shown is not None and self.save.isEnabled():
            name, notes = self.name.text().strip(), self.notes.toPlainText()
            voice, self._shown = self._shown, None  # what comes back is taken over, not kept back by these fields
            self.save.setEnabled(False)
            self.save_requested.emit(voice, name, self.language.currentData(), notes)
            self._shown = voice

    def _rename(self) -> None:
        self.name.setFocus()
        self.name.selectAll()

    def _listen(self) -> None:
        if self._shown is None or not self.listen.isEnabled():
            return
        if self._playing == self._shown.id:
            self.stop_listening_requested.emit()
        else:
            self.listen_requested.emit(self._shown)

    def _ask_export(self) -> None:
        if (voice := self._shown) is None:
            return
        ask_where_to_save(
            self,
            "Export the voice",
            Path.home() / f"{voice.id}{VOICE_ENDING}",
            lambda path: self.export_requested.emit(voice, path),
            endings={VOICES_FILTER: VOICE_ENDING},
        )

    def _ask_import(self) -> None:
        ask_for_files(self, "Import voices", VOICES_FILTER, self.import_requested.emit)

    def _ask_import_folder(self) -> None:
        ask_for_folder(self, "Import a folder of voices", lambda folder: self.import_requested.emit([folder]))


def _about(voice: VoiceInfo) -> str:
    if voice.is_folder:
        return f"A folder in the original server's layout: {voice.path.name}"
    if not voice.is_encoded:
        return "S1 Mini prepares it when it first speaks with it."
    return "" if voice.has_sound else "Kept as codes alone; Read with it makes it heard."
