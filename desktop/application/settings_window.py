"""Opens the settings' dialog, and binds the hotkeys, which it lets go of while a field takes some."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal

from desktop.common.settings import Settings
from desktop.platform.hotkeys import Action, Binding, Hotkeys
from desktop.settings.dialog import SettingsDialog


class SettingsWindow(QObject):
    """Owns the dialog, while there is one, and what the desktop made of the hotkeys."""

    bindings_changed = Signal()
    problems_arose = Signal(object)
    """The list of what is wrong with hotkeys, while no dialog could show it; empty when all is well."""

    def __init__(
        self, hotkeys: Hotkeys, make_dialog: Callable[[], SettingsDialog], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.dialog: SettingsDialog | None = None
        self.bindings: dict[Action, Binding] = {}
        self._hotkeys, self._make_dialog = hotkeys, make_dialog
        self._keys: dict[Action, str] = {}
        self._has_let_go = False  # of the hotkeys, for a field that records some
        hotkeys.bound.connect(self._take_bindings)

    def open(self, page: str = "") -> SettingsDialog:
        """Return the dialog, on `page` of `desktop.settings.dialog.PAGES`, else where it was left."""
        if self.dialog is None:
            self.dialog = self._make_dialog()
            self.dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.dialog.recording_changed.connect(self._record)
            self.dialog.destroyed.connect(self._forget_dialog)
            self.dialog.show_bindings(self.bindings)
        if page:
            self.dialog.show_page(page)
        return self.dialog

    def bind(self, settings: Settings) -> None:
        """Have the desktop bind the hotkeys of `settings`; `bindings_changed` follows."""
        self._keys = {Action(name): keys for name, keys in settings.hotkeys}
        self._hotkeys.bind(self._keys)

    def keys_of(self, action: Action) -> str:
        """Return the hotkey of `action`, where it works; else ""."""
        binding = self.bindings.get(action)
        return binding.keys if binding is not None and not binding.problem else ""

    def _forget_dialog(self) -> None:
        self.dialog = None
        self._record(False)

    def _record(self, is_recording: bool) -> None:
        """While a field waits for keys, Lectern's own do not keep any from it."""
        if is_recording != self._has_let_go:
            if is_recording:
                self._has_let_go = self._hotkeys.let_go()
            else:
                self._has_let_go = False
                self._hotkeys.bind(self._keys)

    def _take_bindings(self, bindings: dict[Action, Binding]) -> None:
        self.bindings = bindings
        self.bindings_changed.emit()
        if self.dialog is None:
            self.problems_arose.emit(list(dict.fromkeys(one.problem for one in bindings.values() if one.problem)))
            return
        self.dialog.show_bindings(bindings)
        if self.dialog is not None and self.dialog.is_recording:  # what it shows may change settings
            self._has_let_go = self._hotkeys.let_go()  # the next press is for the field again
