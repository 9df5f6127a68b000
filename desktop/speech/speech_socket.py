"""The socket on which programs of this person get sound from the running instance: speech-dispatcher's module. No Qt
here.

One thread listens and writes, and never waits for an engine; each request has a thread that takes its events.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from pathlib import Path

import numpy as np

import engine
import engine.files
from desktop.common.errors import RuntimeFolderError
from desktop.common.messages import explain
from desktop.common.protocol import ProtocolError
from desktop.common.speech_protocol import (
    MAX_FRAME_BYTES,
    MAX_LINE_BYTES,
    Frame,
    SoundRequest,
    decode_request,
    encode_frame,
    speech_address,
)
from desktop.speech.shaped_sound import Shaped, SoundShaper
from engine import CancelToken, SegmentRestarted, SegmentStarted, SpeechEngine, SpeechRequest, TextNotes

MAX_REQUESTS = 16
"""At a time; the daemon has one message spoken at a time, and each of its instances one module."""

REQUEST_LIMIT_S = 10.0
CLOSE_LIMIT_S = 5.0
POLL_S = 0.05

log = logging.getLogger(__name__)


class SpeechSocket:
    """Listens from `start` to `close`. `open_engine` makes an engine for one request, used in its thread;
    `make_request` puts a text, its language and its voice into a request as the person's settings have it."""

    def __init__(
        self,
        open_engine: Callable[[], SpeechEngine],
        make_request: Callable[[SoundRequest], SpeechRequest],
        on_busy: Callable[[int], object] = lambda _: None,
    ) -> None:
        """`on_busy` is told, in some thread, how many requests there are."""
        self._open_engine, self._make_request, self._on_busy = open_engine, make_request, on_busy
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._writers: dict[asyncio.StreamWriter, CancelToken] = {}
        self._serving: set[asyncio.Task[None]] = set()
        self._is_held = False
        self._pool = ThreadPoolExecutor(MAX_REQUESTS, "speech-socket")

    def start(self) -> None:
        """Listen, as soon as the thread is there. What hinders it is logged: screen readers then speak without it."""
        self._thread = threading.Thread(target=self._run, name="speech-socket", daemon=True)
        self._thread.start()

    def hold(self, is_held: bool) -> None:
        """Have what is not heard yet wait, or go on; returns at once."""
        if is_held != self._is_held:
            self._is_held = is_held
            self._in_loop(self._tell_held)

    def close(self) -> None:
        """Hang up on everybody, and end."""
        self._in_loop(self._end)
        if self._thread is not None:
            self._thread.join(CLOSE_LIMIT_S)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _in_loop(self, call: Callable[[], object]) -> None:
        with contextlib.suppress(RuntimeError):  # it has ended
            if self._loop is not None:
                self._loop.call_soon_threadsafe(call)

    # --- in the loop's thread

    def _run(self) -> None:
        try:
            asyncio.run(self._listen())
        except (OSError, RuntimeFolderError) as error:
            log.warning("screen readers cannot reach Lectern: %s", error)

    async def _listen(self) -> None:
        address = speech_address()
        address.unlink(missing_ok=True)  # of one that was killed: there is only one instance
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_unix_server(self._serve, sock=_listening(address), limit=MAX_LINE_BYTES)
        try:
            await self._over.wait()
        finally:
            server.close()
            for writer, cancel in self._writers.items():
                cancel.cancel()
                writer.transport.abort()
            if self._serving:
                await asyncio.wait(self._serving, timeout=CLOSE_LIMIT_S)
            address.unlink(missing_ok=True)

    def _end(self) -> None:
        self._over.set()

    def _tell_held(self) -> None:
        for writer in self._writers:
            writer.write(encode_frame(Frame.HOLD if self._is_held else Frame.GO_ON))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        cancel = CancelToken()
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)
        try:
            line = await asyncio.wait_for(reader.readline(), REQUEST_LIMIT_S)
            if len(self._writers) >= MAX_REQUESTS:
                raise ProtocolError("Too many programs want to speak.")
            request = decode_request(line)
            self._add(writer, cancel)
            making = asyncio.get_running_loop().run_in_executor(self._pool, self._make, request, writer, cancel)
            await _read_to_end(reader)  # when all was heard, not when all was sent: it may be told to hold it meanwhile
            cancel.cancel()
            await making
        except ProtocolError as error:
            writer.write(encode_frame(Frame.FAILED, str(error).encode()))
        except (OSError, TimeoutError, ValueError, asyncio.LimitOverrunError):
            pass  # it went away, said nothing, or sends what is no line
        finally:
            cancel.cancel()
            self._remove(writer)
            writer.close()

    def _add(self, writer: asyncio.StreamWriter, cancel: CancelToken) -> None:
        self._writers[writer] = cancel
        if self._is_held:
            writer.write(encode_frame(Frame.HOLD))
        self._on_busy(len(self._writers))

    def _remove(self, writer: asyncio.StreamWriter) -> None:
        if self._writers.pop(writer, None) is not None:
            self._on_busy(len(self._writers))

    def _begin_sending(self, writer: asyncio.StreamWriter, data: bytes, sent: Future[None]) -> None:
        """Send `data`, and say by `sent` that it is taken. In the loop's thread, where a task that the loop does not
        come to any more is ended with it."""

        def tell(task: asyncio.Task[None]) -> None:
            error = ConnectionAbortedError() if task.cancelled() else task.exception()
            sent.set_result(None) if error is None else sent.set_exception(error)

        if sent.set_running_or_notify_cancel():
            asyncio.ensure_future(self._send(writer, data)).add_done_callback(tell)

    async def _send(self, writer: asyncio.StreamWriter, data: bytes) -> None:
        writer.write(data)
        await writer.drain()

    # --- in the request's thread

    def _make(self, request: SoundRequest, writer: asyncio.StreamWriter, cancel: CancelToken) -> None:
        last = encode_frame(Frame.DONE)
        try:
            with contextlib.closing(self._frames(request, cancel)) as frames:
                for data in frames:
                    if not self._give(writer, data, cancel):
                        return
        except engine.EngineError as error:
            last = encode_frame(Frame.FAILED, str(explain(error)).encode())
        self._give(writer, last, cancel)

    def _frames(self, request: SoundRequest, cancel: CancelToken) -> Generator[bytes]:
        asked = self._make_request(request)
        marks = request.marks
        if asked.notes is not None:  # placed here, since what is heard is not always at the speed that it is made
            marks = tuple((mark.at, mark.name) for mark in asked.notes.bookmarks)
            notes = replace(asked.notes, bookmarks=())
            asked = replace(asked, notes=None if notes == TextNotes() else notes)
        shaper = SoundShaper(request.speed, request.pitch, request.gain, marks)
        speaker = self._open_engine()
        try:
            for event in speaker.speak(asked, cancel):
                yield b"".join(map(_frame, shaper.take(event)))
            yield b"".join(map(_frame, shaper.rest()))
        finally:
            speaker.close()

    def _give(self, writer: asyncio.StreamWriter, data: bytes, cancel: CancelToken) -> bool:
        """Wait until it is taken; whether somebody is still there."""
        assert self._loop is not None
        if not data:
            return True
        sent: Future[None] = Future()
        try:
            self._loop.call_soon_threadsafe(self._begin_sending, writer, data, sent)
            while not cancel.cancelled:
                try:
                    sent.result(POLL_S)
                except FutureTimeoutError:
                    continue
                return True
            sent.cancel()
        except (OSError, RuntimeError):
            pass  # it is gone, or the loop has ended
        return False


def _listening(address: Path) -> socket.socket:
    """Make a socket that stands at `address` only when it takes connections, so that whoever finds it can connect."""
    made = address.with_name(f".{address.name[1:]}")  # no longer than the address, whose length is limited
    made.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(made))
        made.chmod(0o600)
        listener.listen()
        engine.files.move(made, address)
    except OSError:
        listener.close()
        raise
    return listener


async def _read_to_end(reader: asyncio.StreamReader) -> None:
    """The other side says nothing after its request; that it is gone is all that is heard of it."""
    while await reader.read(4096):
        pass


def _frame(shaped: Shaped) -> bytes:
    match shaped:
        case str():
            return encode_frame(Frame.MARK, shaped.encode()[:MAX_FRAME_BYTES])
        case SegmentStarted(segment):
            return encode_frame(Frame.SEGMENT, str(segment.start).encode())
        case SegmentRestarted():
            return encode_frame(Frame.RESTART)
        case _:
            samples = np.ascontiguousarray(shaped)
            step = MAX_FRAME_BYTES // 2
            parts = (samples[at : at + step].tobytes() for at in range(0, len(samples), step))
            return b"".join(encode_frame(Frame.SOUND, part) for part in parts)
