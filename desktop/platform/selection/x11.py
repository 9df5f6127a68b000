"""Reads selected and copied text on X11: asked from the program that owns it (ICCCM section 2), in a thread.

QClipboard does the same on the GUI's thread, and freezes the window for as long as the owner is silent.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable
from contextlib import closing
from typing import Any

from Xlib import X
from Xlib.display import Display
from Xlib.error import ConnectionClosedError, DisplayError

from desktop.platform.selection.reader import LIMIT_S, NOTHING_COPIED, NOTHING_SELECTED, NothingReadError, ThreadReader

TOTAL_LIMIT_S = 10.0
"""For a text that arrives in pieces; each piece has `LIMIT_S`."""

ENCODINGS = {"UTF8_STRING": "utf-8", "text/plain;charset=utf-8": "utf-8", "STRING": "latin-1"}
"""What is asked for, in this order, until the owner can give it."""


class X11Selection(ThreadReader):
    def _selected(self) -> str:
        return _read_x11("PRIMARY", NOTHING_SELECTED)

    def _copied(self) -> str:
        return _read_x11("CLIPBOARD", NOTHING_COPIED)


def _read_x11(selection: str, nothing: str) -> str:
    """The text of `selection`. Raises `NothingReadError`."""
    try:
        with closing(Display()) as display:
            return _Transfer(display, selection).read(nothing)
    except (DisplayError, ConnectionClosedError, OSError) as error:
        raise NothingReadError(f"The X server cannot be reached: {error}.") from error


class _Transfer:
    """One reading, on a connection of its own."""

    def __init__(self, display: Display, selection: str) -> None:
        self._display = display
        self._selection = display.intern_atom(selection)
        self._incr = display.intern_atom("INCR")
        self._property = display.intern_atom("LECTERN_TEXT")
        self._window = display.screen().root.create_window(
            -1, -1, 1, 1, 0, X.CopyFromParent, event_mask=X.PropertyChangeMask
        )
        self._last_s = time.monotonic() + TOTAL_LIMIT_S

    def read(self, nothing: str) -> str:
        if self._display.get_selection_owner(self._selection) == X.NONE:
            raise NothingReadError(nothing)
        for target, encoding in ENCODINGS.items():
            data = self._convert(self._display.intern_atom(target))
            if data is not None:  # what the owner calls UTF-8 may not be it, and a wrong sign is better than no text
                return data.decode(encoding, errors="replace").rstrip("\0")
        raise NothingReadError(nothing)  # a picture, or files

    def _convert(self, target: int) -> bytes | None:
        """The selection as `target`; None where its owner cannot."""
        self._window.convert_selection(self._selection, target, self._property, X.CurrentTime)
        answer = self._wait(lambda event: event.type == X.SelectionNotify and event.target == target)
        if answer.property == X.NONE:
            return None
        found = self._take_property()
        if found is None or found.property_type != self._incr:
            return _bytes(found)
        pieces = bytearray()
        while True:  # deleting a piece asks for the next; an empty one is the end
            self._wait(
                lambda event: (
                    event.type == X.PropertyNotify
                    and event.atom == self._property
                    and event.state == X.PropertyNewValue
                )
            )
            piece = _bytes(self._take_property())
            if not piece:
                return bytes(pieces)
            pieces += piece

    def _take_property(self) -> Any:
        found = self._window.get_full_property(self._property, X.AnyPropertyType)
        self._window.delete_property(self._property)
        self._display.flush()
        return found

    def _wait(self, is_awaited: Callable[[Any], bool]) -> Any:
        """The next event that is awaited; others are dropped. Raises `NothingReadError` after the limit."""
        limit_s = min(time.monotonic() + LIMIT_S, self._last_s)
        while True:
            while self._display.pending_events():
                event = self._display.next_event()
                if is_awaited(event):
                    return event
            left_s = limit_s - time.monotonic()
            if left_s <= 0 or not select.select([self._display.fileno()], [], [], left_s)[0]:
                raise NothingReadError("The program that has the text does not answer. Copy the text, or try again.")


def _bytes(found: Any) -> bytes:
    """A property's value, which Xlib gives as bytes or as numbers by its format."""
    if found is None or found.format != 8:
        return b""
    return found.value if isinstance(found.value, bytes) else bytes(found.value)
