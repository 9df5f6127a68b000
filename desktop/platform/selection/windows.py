"""Reads selected and copied text on Windows: asked from the focused control by UI Automation; where that does not say,
by pressing its copy key and putting the clipboard back whole.

Tried under Wine, where no control has text for UI Automation. Importable anywhere: the libraries are loaded when
`WindowsSelection` is made.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject

from desktop.platform.selection.reader import LIMIT_S, NOTHING_SELECTED, NothingReadError, ThreadReader
from desktop.platform.selection.windows_automation import focused_selection
from desktop.platform.selection.windows_clipboard import Clipboard, Contents, Copied
from desktop.platform.selection.windows_keyboard import Keyboard

AUTOMATION_LIMIT_S = LIMIT_S
COPY_LIMIT_S = 0.4  # for each of two copy keys, so that both fit in LIMIT_S
POLL_S = 0.01  # Windows signals a change of the clipboard only to windows, and this thread has none

NO_ANSWER = "The program that has the text does not answer. Copy the text, or try again."
OUT_OF_REACH = (
    "The program in front runs as administrator, so Windows lets Lectern read nothing there. Copy the text, and have "
    "the clipboard read."
)

_log = logging.getLogger(__name__)

assert 2 * COPY_LIMIT_S < LIMIT_S


class WindowsSelection(ThreadReader):
    def __init__(
        self,
        parent: QObject | None = None,
        clipboard: Clipboard | None = None,
        keyboard: Keyboard | None = None,
        ask: Callable[[], str | None] = focused_selection,
    ) -> None:
        super().__init__(parent)
        self._clipboard, self._keyboard, self._ask = clipboard or Clipboard(), keyboard or Keyboard(), ask

    def _copied(self) -> str:
        return self._clipboard.text()

    def _selected(self) -> str:
        text = _in_time(self._ask, AUTOMATION_LIMIT_S)
        return self._selected_by_copy() if text is None else text

    def _selected_by_copy(self) -> str:
        """The selection by way of the clipboard, which holds afterwards what it held before."""
        kept, before = self._clipboard.save(), self._clipboard.number()
        for key in self._keyboard.copy_keys():
            self._keyboard.press_with_ctrl(key)
            if self._has_changed(before):
                copied = self._take_back(kept)
                return "" if copied.is_whole_line else copied.text
        raise NothingReadError(OUT_OF_REACH if self._keyboard.is_out_of_reach() else NOTHING_SELECTED)

    def _take_back(self, kept: Contents) -> Copied:
        """What was copied; the clipboard holds `kept` again."""
        copied: Copied | None = None
        limit_s = time.monotonic() + COPY_LIMIT_S
        try:
            while True:
                copied = self._clipboard.copied()
                if not copied.is_empty or time.monotonic() > limit_s:
                    return copied
                time.sleep(POLL_S)  # some empty it first, let go, and come back
        finally:
            try:
                self._clipboard.restore(kept, copied)
            except NothingReadError:  # the text is there all the same
                _log.warning("what the clipboard held could not be put back: another program holds it open")

    def _has_changed(self, before: int) -> bool:
        limit_s = time.monotonic() + COPY_LIMIT_S
        while time.monotonic() < limit_s:
            if self._clipboard.number() != before:
                return True
            time.sleep(POLL_S)
        return False


def _in_time(ask: Callable[[], str | None], limit_s: float) -> str | None:
    """What `ask` returns. A program that hangs holds it up for 20 s and more, in a thread that is left behind then.

    Raises `NothingReadError`.
    """
    answers: list[str | None] = []
    thread = threading.Thread(target=lambda: answers.append(ask()), name="ui-automation", daemon=True)
    thread.start()
    thread.join(limit_s)
    if thread.is_alive():
        raise NothingReadError(NO_ANSWER)
    return answers[0] if answers else None
