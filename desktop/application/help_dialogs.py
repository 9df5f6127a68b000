"""Shows on request what helps with Lectern itself: the doctor, the keys, what it is made of."""

from __future__ import annotations

from queue import SimpleQueue

from PySide6.QtCore import QObject, Signal

from desktop.about.dialog import AboutDialog
from desktop.about.keys_dialog import KeysDialog, keys_of
from desktop.application.settings_window import SettingsWindow
from desktop.doctor.desktop_checks import examine_desktop
from desktop.doctor.dialog import DoctorDialog
from desktop.platform.hotkeys import Action
from desktop.platform.selection import open_selection_reader
from desktop.reader.actions import KEYS_BESIDES
from desktop.reader.window import ReaderWindow
from desktop.settings.dialog import ACTION_WORDS
from desktop.tray.icon import Tray
from desktop.widgets.forward import bring_forward


class HelpDialogs(QObject):
    """Owns the three dialogs. The doctor asks it how this desktop does."""

    _selection_asked = Signal(object)
    """From the doctor's thread: a queue for the answer."""

    def __init__(
        self, window: ReaderWindow, tray: Tray, settings_window: SettingsWindow, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._window, self._settings_window = window, settings_window
        self._selection_asked.connect(self._probe_selection)
        self.doctor = DoctorDialog(
            lambda cancel: examine_desktop(
                cancel,
                tray.is_available(),
                settings_window.bindings,
                lambda answers: self._selection_asked.emit(answers),
            )
        )
        self.keys, self.about = KeysDialog(self._keys, window), AboutDialog(window)

    def show_doctor(self) -> None:
        bring_forward(self.doctor)

    def show_keys(self) -> None:
        bring_forward(self.keys)

    def show_about(self) -> None:
        bring_forward(self.about)

    def end(self) -> None:
        """Stop what they do, before the program ends."""
        self.doctor.end()
        self.about.end()

    def _probe_selection(self, answers: SimpleQueue[str]) -> None:
        """A reader of the doctor's own: what the person asked to be read is answered elsewhere."""
        probe = open_selection_reader(self)
        probe.text_read.connect(lambda _: answers.put(""))
        probe.nothing_read.connect(answers.put)
        for answered in (probe.text_read, probe.nothing_read):
            answered.connect(probe.close)
            answered.connect(probe.deleteLater)
        probe.read_selection()

    def _keys(self) -> list[tuple[str, list[tuple[str, str]]]]:
        hotkeys = [(words, keys) for name, words in ACTION_WORDS.items() if (keys := self._hotkey(name))]
        in_reader = [*keys_of(self._window.actions()), *KEYS_BESIDES]
        return [("In the reader", in_reader), ("In any program", hotkeys)]

    def _hotkey(self, name: str) -> str:
        return self._settings_window.keys_of(Action(name))
