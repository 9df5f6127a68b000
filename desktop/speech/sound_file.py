"""A reading written to a sound file while it is generated. A thread of its own encodes; no Qt here."""

from __future__ import annotations

import queue
import re
import threading
from collections.abc import Callable
from enum import Enum
from pathlib import Path

import engine
import engine.audio

MAX_NAME_CHARS = 48
_NO_NAME = re.compile(r'[\x00-\x1f<>:"/\\|?*]+')  # what Windows takes in no file's name


def name_for(text: str) -> str:
    """Make a name for the sound file of `text`: its first words, without what file names may not hold."""
    words = _NO_NAME.sub(" ", text[: 8 * MAX_NAME_CHARS]).split()
    name = ""
    for word in words:
        longer = f"{name} {word}".lstrip()
        if len(longer) > MAX_NAME_CHARS:
            break
        name = longer
    return (name or "".join(words)[:MAX_NAME_CHARS]).strip(" .") or "Reading"


class _Mark(Enum):
    END = "end"
    CANCEL = "cancel"


class SoundFile:
    """Takes a reading's events from any thread without waiting. `done` is called from the encoding thread, once,
    with None or what went wrong; after `cancel` it is not. The file appears when it is whole, or not at all. `speed` is
    the sound's: 2.0 makes it half as long, at the same pitch."""

    def __init__(
        self, path: Path, done: Callable[[SoundFile, engine.EngineError | None], None], speed: float = 1.0
    ) -> None:
        self.path = path
        self._speed = speed
        self.is_cancelled = False
        self._done = done
        self._events: queue.SimpleQueue[engine.SpeechEvent | _Mark] = queue.SimpleQueue()
        self._n_given = self._n_taken = 0  # samples; each is counted by one thread
        # No daemon: a program that ends leaves a whole file or none, and nothing half written beside it.
        self._thread = threading.Thread(target=self._run, name="sound file")
        self._thread.start()

    @property
    def given_s(self) -> float:
        """Seconds of the text at 1× that were given so far."""
        return self._n_given / engine.SAMPLE_RATE_HZ

    @property
    def length_s(self) -> float:
        """Seconds of the file, as far as its sound has come."""
        return self.given_s / self._speed

    @property
    def backlog_s(self) -> float:
        """Seconds given, and not encoded yet."""
        return (self._n_given - self._n_taken) / engine.SAMPLE_RATE_HZ

    def add(self, event: engine.SpeechEvent) -> None:
        if isinstance(event, engine.PcmChunk):
            self._n_given += len(event.samples)
        self._events.put(event)

    def end(self) -> None:
        """Finish the file: all has come."""
        self._events.put(_Mark.END)

    def cancel(self) -> None:
        """Leave no file. Too late after `end`."""
        self.is_cancelled = True
        self._events.put(_Mark.CANCEL)

    def join(self, timeout_s: float) -> None:
        self._thread.join(timeout_s)

    def _run(self) -> None:
        problem: engine.EngineError | None = None
        try:
            self._write()
        except _CancelledError:
            return
        except engine.EngineError as error:
            problem = error
        except Exception as error:  # noqa: BLE001  the top of this thread: nobody may wait for it in vain
            problem = engine.OutputError("failed", self.path, str(error))
        if not self.is_cancelled:
            self._done(self, problem)

    def _write(self) -> None:
        """Raises `OutputError`. A segment is written when it is done: until then it may begin again."""
        segments = engine.WholeSegments()
        tempo = None if self._speed == 1 else engine.audio.TempoChanger(self._speed, engine.SAMPLE_RATE_HZ)
        with engine.audio.AudioWriter(self.path) as writer:
            while (event := self._events.get()) is not _Mark.END:
                if event is _Mark.CANCEL:
                    raise _CancelledError
                if isinstance(event, engine.PcmChunk):
                    self._n_taken += len(event.samples)
                for samples in segments.take(event):
                    writer.write(samples if tempo is None else tempo.push(samples))
            if tempo is not None:
                writer.write(tempo.flush())


class _CancelledError(Exception):
    """Leaves the writer's block by the door that throws the file away."""
