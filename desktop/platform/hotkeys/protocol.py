"""Defines what a platform's hotkeys offer the rest of Lectern."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QObject, Signal


class Action(StrEnum):
    """Names what a hotkey asks for. The values are stored in the settings."""

    READ_SELECTION = "read_selection"
    READ_CLIPBOARD = "read_clipboard"
    PAUSE_RESUME = "pause_resume"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Binding:
    """Describes an action's keys. `keys` as a person reads them, as the desktop bound them; `problem`: why they do
    nothing, and what helps."""

    keys: str
    problem: str = ""


class Hotkeys(QObject):
    """Binds keys that work whichever program has the focus. Used from the GUI thread; no method blocks."""

    pressed = Signal(object)
    """An `Action`, once per press, however long the key is held."""
    bound = Signal(object)
    """A dict of `Binding` by `Action`: after each `bind`, and whenever the desktop changes something."""

    def bind(self, keys: Mapping[Action, str]) -> None:
        """Put these in the place of all before, in Qt's portable form ("Meta+Shift+R"); "" for no key."""
        raise NotImplementedError

    def let_go(self) -> bool:
        """Free the keys until the next `bind`, and report no press; nothing is `bound` by it. False where that would
        have to be asked of the desktop: then nothing happens."""
        return False

    def close(self) -> None:
        """Let go of the keys; no signal comes after it."""
        raise NotImplementedError
