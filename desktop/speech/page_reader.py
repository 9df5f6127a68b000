"""Reads to the person what browser extensions send, and tells them what is heard: a reading like any other of the
person's."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal

import engine.server
from desktop.common.state import AppState
from desktop.speech.controller import Controller
from engine.server import ReadingAction


class PageReader(QObject):
    """Is the `engine.server.PersonReader` of the running application. Its requests come from the server's thread, and
    are done in the GUI thread, where all else of it lives."""

    _asked = Signal(object)

    def __init__(self, controller: Controller, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.feed = engine.server.ReadingFeed()
        self._controller = controller
        self._number, self._owner = 0, ""
        self._text: str | None = None  # of that reading
        self._asked.connect(self._do, Qt.ConnectionType.QueuedConnection)
        controller.state_changed.connect(self._publish)

    def start(self, owner: str, text: str, position: int) -> Future[int | str]:
        """Read `text` for `owner`; see `PersonReader`."""
        future: Future[int | str] = Future()
        self._asked.emit(partial(self._start, future, owner, text, position))
        return future

    def act(self, owner: str, reading: int, action: ReadingAction, value: float) -> Future[bool]:
        """Do `action` with a reading of `owner`'s; see `PersonReader`."""
        future: Future[bool] = Future()
        self._asked.emit(partial(self._act, future, owner, reading, action, value))
        return future

    def keep_only(self, owners: frozenset[str]) -> None:
        """Stop what is read for anybody else, and tell them no more of it."""
        if self._owner and self._owner not in owners:
            if self._is_heard(self._controller.state):
                self._controller.stop()
            self._owner, self._text = "", None
            self._publish(self._controller.state)

    # --- in the GUI thread

    def _do(self, work: Callable[[], None]) -> None:
        work()

    def _start(self, future: Future[int | str], owner: str, text: str, position: int) -> None:
        if not future.set_running_or_notify_cancel():
            return  # whoever asked has gone
        self._number += 1
        self._owner, self._text = owner, text
        self._controller.speak(text, position, from_window=False)
        state = self._controller.state
        future.set_result(self._number if state.is_active else str(state.problem or "Nothing in it can be read."))

    def _act(self, future: Future[bool], owner: str, reading: int, action: ReadingAction, value: float) -> None:
        if not future.set_running_or_notify_cancel():
            return
        state, c = self._controller.state, self._controller
        is_theirs = owner == self._owner and reading == self._number and state.is_active and self._is_heard(state)
        if is_theirs:
            {
                ReadingAction.PAUSE: c.pause,
                ReadingAction.RESUME: c.resume,
                ReadingAction.STOP: c.stop,
                ReadingAction.NEXT: c.next,
                ReadingAction.PREVIOUS: c.previous,
                ReadingAction.JUMP: lambda: c.jump(min(int(value), len(self._text or ""))),
                ReadingAction.SPEED: lambda: c.set_speed(value),
            }[action]()
        future.set_result(is_theirs)

    def _is_heard(self, state: AppState) -> bool:
        """It is the very text that was sent, not one that says the same: another program may read that."""
        return self._text is not None and state.reading.text is self._text

    def _publish(self, state: AppState) -> None:
        is_heard, reading = self._is_heard(state), state.reading
        self.feed.publish(
            reading=self._number if self._owner else 0,
            owner=self._owner,
            is_heard=is_heard,
            phase=state.phase.value,
            sentence=reading.sentence if is_heard else None,
            word=reading.word if is_heard else None,
            speaker=reading.speaker if is_heard else "",
            speed=state.speed,
            problem=str(state.problem or "") if is_heard else "",
        )
