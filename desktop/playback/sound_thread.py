"""The one thread that speaks to PortAudio, which knows no second: it starts, lists, opens, closes and ends there."""

from __future__ import annotations

import atexit
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from queue import SimpleQueue
from types import ModuleType
from typing import Any, TypeVar

from desktop.common.errors import PlaybackError

END_LIMIT_S = 2.0
"""So long a sound system may take to be left when the process ends."""

_Result = TypeVar("_Result")


class Stream:
    """An open stream of PortAudio's, used from any thread."""

    def __init__(self, stream: Any, thread: _SoundThread) -> None:
        self._stream, self._thread = stream, thread

    @property
    def latency(self) -> float:
        return self._stream.latency

    def stop(self) -> None:
        """Once what is on its way has been played, or recorded."""
        self._thread.call(self._stream.stop)

    def abort(self) -> None:
        self._thread.call(self._stream.abort)

    def close(self) -> None:
        self._thread.close(self._stream)


class _SoundThread:
    """Does one thing after the other, for whichever thread asks; a daemon, because a sound system can hang."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None
        self._open: set[Any] = set()
        self._was_searched = False

    def call(self, work: Callable[[], _Result]) -> _Result:
        """What `work` returns or raises, done there."""
        if threading.current_thread() is self._thread:
            return work()
        return self._ask(work).result()

    def end(self, work: Callable[[], object]) -> None:
        """Have `work` done as the last thing; a sound system that hangs is left behind."""
        wait([self._ask(work)], END_LIMIT_S)

    def _ask(self, work: Callable[[], _Result]) -> Future[_Result]:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="PortAudio", daemon=True)
                self._thread.start()
        done: Future[_Result] = Future()

        def attempt() -> None:
            try:
                done.set_result(work())
            except BaseException as error:  # noqa: BLE001  the caller's to handle, whatever it is
                done.set_exception(error)

        self._work.put(attempt)
        return done

    def open(self, make: Callable[[], Any]) -> Stream:
        """`make` returns a running stream."""

        def note() -> Stream:
            stream = make()
            self._open.add(stream)
            return Stream(stream, self)

        return self.call(note)

    def close(self, stream: Any) -> None:
        def forget() -> None:
            self._open.discard(stream)
            stream.close()

        self.call(forget)

    def begin_anew(self, sd: ModuleType) -> None:
        """Have PortAudio forget what devices there were, unless that would end a stream of this process."""

        def begin() -> None:
            if not self._open:
                # WORKAROUND: sounddevice has no public name for it.
                sd._terminate()
                sd._initialize()
                self._was_searched = False

        self.call(begin)

    def begin_search(self, sd: ModuleType) -> None:
        """Have PortAudio begin anew where its devices were searched before: what was there then says nothing about
        what is there now, and it would not notice."""

        def begin() -> None:
            if self._was_searched:
                self.begin_anew(sd)
            self._was_searched = True

        self.call(begin)

    def _run(self) -> None:
        while True:
            self._work.get()()


SOUND_THREAD = _SoundThread()  # the process has one PortAudio, whose state this is


def import_sounddevice() -> ModuleType:
    """The module `sounddevice`, whose import starts PortAudio. Raises `PlaybackError`."""

    def load() -> ModuleType:
        is_first = "sounddevice" not in sys.modules
        try:
            import sounddevice
        except OSError as error:  # the wheel for Linux has no PortAudio inside
            raise PlaybackError("no_library", detail=str(error)) from error
        if is_first:
            # WORKAROUND: it would have the main thread end PortAudio, and wait for ever for a sound system that hangs.
            atexit.unregister(sounddevice._exit_handler)
            atexit.register(SOUND_THREAD.end, sounddevice._exit_handler)
        return sounddevice

    return SOUND_THREAD.call(load)
