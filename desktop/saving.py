"""A reading written to a sound file while it is generated. A thread of its own encodes; no Qt here."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from pathlib import Path

import engine

_End = object()
_Cancel = object()


class SoundFile:
    """Takes a reading's events from any thread without waiting. `done` is called from the encoding thread, once,
    with None or what went wrong; after `cancel` it is not. The file appears when it is whole, or not at all."""

    def __init__(self, path: Path, done: Callable[[engine.EngineError | None], None]) -> None:
        self.path = path
        self._done = done
        self._events: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="sound file", daemon=True)
        self._thread.start()

    def add(self, event: engine.SpeechEvent) -> None:
        self._events.put(event)

    def end(self) -> None:
        """All has come."""
        self._events.put(_End)

    def cancel(self) -> None:
        self._events.put(_Cancel)

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            with contextlib.suppress(_CancelledError):
                self._write()
                self._done(None)
        except engine.EngineError as error:
            self._done(error)

    def _write(self) -> None:
        """Raises `OutputError`. A segment is written when it is done: until then it may begin again."""
        held: list[engine.PcmChunk] = []
        with engine.write_audio(self.path) as writer:
            while (event := self._events.get()) is not _End:
                if event is _Cancel:
                    raise _CancelledError
                if isinstance(event, engine.PcmChunk):
                    held.append(event)
                elif isinstance(event, engine.SegmentRestarted):
                    held.clear()
                elif isinstance(event, engine.SegmentDone):
                    for chunk in held:
                        writer.write(chunk.samples)
                    held.clear()


class _CancelledError(Exception):
    """Leaves the writer's block by the door that throws the file away."""
