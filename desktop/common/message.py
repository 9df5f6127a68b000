"""Defines what a person is shown of an error or a decision: a sentence, what helps, and the button that does it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

from desktop.common.plain_text import plain


class Mend(StrEnum):
    """Names what a button under a message does about it."""

    FIND_OUT = auto()  # the doctor
    GET_S1 = auto()
    INSTALL_PYTORCH = auto()
    OPEN_LICENCE_PAGE = auto()
    ENTER_TOKEN = auto()
    USE_SAVED_TOKEN = auto()
    TRY_AGAIN = auto()
    CHOOSE_FOLDER = auto()
    SET_HOTKEYS = auto()
    SET_READING = auto()
    SET_S1 = auto()


@dataclass(frozen=True, slots=True)
class Message:
    """Holds a sentence for a person, and what helps. `remedy` is empty where there is nothing to do; `mend` is for
    where there are buttons. Names and what others said may be in it: it is made plain, for terminals and windows
    alike."""

    sentence: str
    remedy: str = ""
    mend: Mend = Mend.FIND_OUT

    def __post_init__(self) -> None:
        object.__setattr__(self, "sentence", plain(self.sentence))
        object.__setattr__(self, "remedy", plain(self.remedy))

    def __str__(self) -> str:
        return f"{self.sentence} {self.remedy}".rstrip()


MEND_WORDS = {
    Mend.FIND_OUT: "Find out why…",
    Mend.GET_S1: "Get S1 Mini…",
    Mend.INSTALL_PYTORCH: "Get S1 Mini…",
    Mend.OPEN_LICENCE_PAGE: "Open licence page",
    Mend.ENTER_TOKEN: "Enter token again",
    Mend.USE_SAVED_TOKEN: "Use the saved one",
    Mend.TRY_AGAIN: "Try again",
    Mend.CHOOSE_FOLDER: "Choose another folder…",
    Mend.SET_HOTKEYS: "Change hotkeys…",
    Mend.SET_READING: "Sound settings…",
    Mend.SET_S1: "S1 Mini settings…",
}
"""What the button is called."""
