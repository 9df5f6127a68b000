"""What is read aloud for the person at this computer, as browser extensions may ask for it and follow it. Loads nothing
of the server."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from typing import Protocol

Span = tuple[int, int]


class ReadingAction(StrEnum):
    """Names what an extension may do with the reading that it began."""

    PAUSE = auto()
    RESUME = auto()
    STOP = auto()
    NEXT = auto()
    PREVIOUS = auto()
    JUMP = auto()
    SPEED = auto()


@dataclass(frozen=True, slots=True)
class ReadingState:
    """Says what is being heard. `sentence` and `word` are half-open, in code points of the text that was sent.

    `reading` is the number of the last text of an extension, 0 for none, and `owner` that extension's origin; with
    `is_heard` it is that text that `phase` is about, else something of the person's own. `phase`: "idle", "preparing",
    "speaking", "paused". `problem` is a sentence for the person.
    """

    version: int = 0
    reading: int = 0
    owner: str = ""
    is_heard: bool = False
    phase: str = "idle"
    sentence: Span | None = None
    word: Span | None = None
    speaker: str = ""
    speed: float = 1.0
    problem: str = ""


class ReadingFeed:
    """Hold the latest `ReadingState` for those who wait for another. Safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = ReadingState()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()

    @property
    def state(self) -> ReadingState:
        """Return the latest."""
        return self._state

    def publish(self, **changes: object) -> None:
        """Change the state; where it is the same, nobody is told."""
        with self._lock:
            state = replace(self._state, **changes)  # type: ignore[arg-type]
            if state == self._state:
                return
            self._state = replace(state, version=state.version + 1)
        self.wake()

    def wake(self) -> None:
        """Have all who wait return."""
        with self._lock:
            waiting = tuple(self._waiting)
        for loop, event in waiting:
            with contextlib.suppress(RuntimeError):  # its loop has ended
                loop.call_soon_threadsafe(event.set)

    async def newer(self, version: int, limit_s: float) -> ReadingState:
        """Wait until the state is another than `version`, `wake` is called or `limit_s` are over; return the latest."""
        waiter = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            if self._state.version != version:
                return self._state
            self._waiting.add(waiter)
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(waiter[1].wait(), limit_s)
        finally:
            with self._lock:
                self._waiting.discard(waiter)
        return self._state


class PersonReader(Protocol):
    """Reads aloud for the person: through their loudspeaker, at their speed. Called from the server's thread, and
    answers later."""

    feed: ReadingFeed

    def start(self, owner: str, text: str, position: int) -> Future[int | str]:
        """Read `text`, instead of what is read now, from the sentence at code point `position` on. The answer is the
        reading's number, or why it is not read, in a sentence."""
        ...

    def act(self, owner: str, reading: int, action: ReadingAction, value: float) -> Future[bool]:
        """Do `action` with that reading; the answer is False where it is over, or not `owner`'s. `value` is the
        position to jump to, or the speed."""
        ...
