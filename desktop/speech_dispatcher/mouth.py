"""Says one message after another in a thread of its own, and tells the daemon what is heard."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Generator
from contextlib import closing

import engine
from desktop.speech_dispatcher.voices import Message, Piece, Said, Stop
from desktop.speech_dispatcher.wire import Wire

PIECE_MS = 20
"""Of sound, given at a time: so long at most goes on after a stop."""

PAUSE_MARK = "__spd_"
"""What the names of the daemon's own marks begin with; it goes on from the last of them after a pause."""

STOP = "703 STOP"

STOP_AFTER_S = 0.03
"""So long after a message came, it is told that it was stopped, and not before: the daemon (0.11.4) loses what is told
while its thread that stops things is not back from the message before, and waits for ever."""

LOST_STOP_S = 1.0
"""After its last message was stopped, a daemon that still wants that stopped has lost the event."""

log = logging.getLogger(__name__)

Speaker = Callable[[Message, Stop], Generator[Said]]


class Mouth:
    """Takes a message at a time: the daemon waits for the end of each. `say`, `stop` and `pause` return at once."""

    def __init__(self, wire: Wire, speaker: Speaker) -> None:
        self._wire, self._speaker = wire, speaker
        self._changed = threading.Condition()
        self._next: tuple[Message, Stop] | None = None
        self._stop = Stop()
        self._pauses = False
        self._came_at_s = 0.0
        self._stopped_at_s: float | None = None
        """When "703 STOP" was said, if that ended the last message."""
        self.on_gone: Callable[[], object] = lambda: None
        """Called in the thread where it can say nothing any more."""

    def start(self) -> None:
        threading.Thread(target=self._say_all, name="mouth", daemon=True).start()

    @property
    def is_busy(self) -> bool:
        return self._next is not None

    def say(self, message: Message) -> None:
        with self._changed:
            self._stop, self._pauses = Stop(), False
            self._came_at_s, self._stopped_at_s = time.monotonic(), None
            self._next = (message, self._stop)
            self._changed.notify_all()

    def stop(self) -> None:
        if self.is_busy:
            self._stop.set()
        elif self._stopped_at_s is not None and time.monotonic() > self._stopped_at_s + LOST_STOP_S:
            self._stopped_at_s = time.monotonic()
            self._wire.reply(STOP)

    def pause(self) -> None:
        """Stop at the next mark of the daemon's."""
        self._pauses = self.is_busy

    # --- in its own thread

    def _say_all(self) -> None:
        try:
            while True:
                with self._changed:
                    while self._next is None:
                        self._changed.wait()
                    message, stop = self._next
                self._end(self._say(message, stop))
        except OSError:
            pass  # nobody takes the sound any more
        except Exception:
            log.exception("the module gives up")
        self.on_gone()

    def _end(self, event: str) -> None:
        """The daemon may send the next message before the event has left the pipe."""
        if event == STOP:
            time.sleep(max(0.0, self._came_at_s + STOP_AFTER_S - time.monotonic()))
            self._stopped_at_s = time.monotonic()
        self._next = None
        self._wire.reply(event)

    def _say(self, message: Message, stop: Stop) -> str:
        """The event that ends it."""
        has_begun = False
        try:
            with closing(self._speaker(message, stop)) as said:
                for item in said:
                    if stop():
                        break
                    if not has_begun:
                        has_begun = True
                        self._wire.reply("701 BEGIN")
                    if isinstance(item, Piece):
                        self._give(item, stop)
                    elif self._tell(item):
                        return "704 PAUSE"
        except engine.EngineError:
            log.exception("this was not said to its end")
        if not has_begun and not stop():
            self._wire.reply("701 BEGIN")
        return STOP if stop() else "702 END"

    def _give(self, piece: Piece, stop: Stop) -> None:
        step = 2 * (piece.rate_hz * PIECE_MS // 1000)
        for start in range(0, len(piece.samples), step):
            if stop():
                return
            self._wire.sound(piece.samples[start : start + step], piece.rate_hz)

    def _tell(self, mark: str) -> bool:
        """Whether it pauses here."""
        name = mark.replace("\n", " ")
        self._wire.reply(f"700-{name}", "700 INDEX MARK")
        return self._pauses and mark.startswith(PAUSE_MARK)
