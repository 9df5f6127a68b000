"""Stands where no hotkey can work: says why, for each action that was given a key."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from desktop.platform.hotkeys.protocol import Action, Binding, Hotkeys


class NullHotkeys(Hotkeys):
    def __init__(self, reason: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reason = reason

    def bind(self, keys: Mapping[Action, str]) -> None:
        self.bound.emit({action: Binding(text, self._reason if text else "") for action, text in keys.items()})

    def close(self) -> None:
        """Do nothing: there are no keys to let go of."""
