"""`/v1/tts/live`: text that arrives word by word, spoken sentence by sentence."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import ormsgpack
from starlette.websockets import WebSocket, WebSocketDisconnect

from engine.errors import EngineError, TextError
from engine.server.fields import Fields
from engine.server.forms import (
    SpeechForm,
    checked_characters,
    read_tts_settings,
    with_hosted_defaults,
    with_pronunciations,
)
from engine.server.metrics import Metrics
from engine.server.replies import RequestError, decode_values
from engine.server.settings import ServerSettings
from engine.server.speaking import SoundChain, Speaking
from engine.server.spoken import Explain, as_request_error
from engine.server.timed_replies import told_of
from engine.server.timing import TimedPiece, Timing
from engine.server.voice_book import VoiceBook
from engine.server.worker import Channel, EngineWorker, ReaderGone
from engine.text import iter_segments

MAX_MESSAGE_BYTES = 32 * 1024  # the hosted service's clients take no more than 64 kB at once
Event = dict[str, Any]
_MAY_END = re.compile(r"[.!?…。！？；।؟\n:;]")
LAST_WORD_S = 5.0  # to say to a client that this is the end
START_GRACE_S = 1.0  # for a client that has connected to say what it wants, before its place is given away
LONG_CHARS = 200  # beyond, a text is looked at even where no sign ends a sentence


class Sentences:
    """Cut a growing text: a sentence is whole when the next has begun."""

    def __init__(self, *, clean: bool) -> None:
        self._clean = clean
        self._text = ""

    def push(self, text: str) -> str:
        """Add `text`, and return the text of the sentences that are whole now, maybe none."""
        self._text += text
        if len(self._text) < LONG_CHARS and not _MAY_END.search(self._text):
            return ""
        try:
            last = 0
            for segment in iter_segments(self._text, clean=self._clean):
                last = segment.start
        except TextError:  # nothing in it can be spoken yet
            return ""
        whole, self._text = self._text[:last], self._text[last:]
        return whole

    def flush(self) -> str:
        """Return all that is left."""
        rest, self._text = self._text, ""
        return rest


@dataclass(frozen=True, slots=True)
class LiveParts:
    """Hold what a conversation needs of the server."""

    worker: EngineWorker
    voices: VoiceBook
    metrics: Metrics
    settings: ServerSettings
    explain: Explain


class LiveSession:
    """Serve one socket, and the turns that are taken on it one after the other: "start", texts, "stop", and "finish"
    back."""

    def __init__(self, socket: WebSocket, parts: LiveParts, *, tells_words: bool = False) -> None:
        self._socket, self._parts, self._limits = socket, parts, parts.settings.limits
        self._tells_words = tells_words
        self._leaving = asyncio.Event()
        self._ahead: Event | None = None  # what came while the last words of a turn were still spoken
        self._active_s = time.monotonic()
        self._n_turns = 0
        self.idle_since_s: float | None = self._active_s + START_GRACE_S
        """From when on nothing is done here, by `time.monotonic`; None while there is something to do."""

    def leave(self) -> None:
        """Hang up instead of waiting for another turn: somebody else needs the place."""
        self._leaving.set()

    async def run(self) -> None:
        """Serve until the client hangs up, makes a mistake or has nothing more to say."""
        try:
            while (start := await self._next_start()) is not None:
                self._n_turns += 1
                turn = Turn(self, self._parts, tells_words=self._tells_words)
                await turn.run(start)
                await self.send({"event": "finish", "reason": "stop", **turn.clock()})
                self.idle_since_s = time.monotonic()
            await self._hang_up()
        except RequestError as error:
            await self._fail(error.message)
        except EngineError as error:
            await self._fail(as_request_error(error, self._parts.explain).message)
        except ReaderGone:
            await self._fail("The sound was not taken in time.")
        except WebSocketDisconnect:
            pass

    async def receive(self) -> Event:
        """Return the next message of a turn. Raises `WebSocketDisconnect`, `RequestError`."""
        return await self._receive(self._limits.live_idle_s)

    async def receive_ahead(self) -> None:
        """Notice who hangs up while there is nothing to be said; what else comes is kept for later."""
        self._ahead = await self._receive(None)

    async def send(self, event: Event) -> None:
        """Send `event`. Raises `WebSocketDisconnect`, and `ReaderGone` where the client does not take it."""
        self._active_s = time.monotonic()
        try:
            async with asyncio.timeout(self._limits.stall_s):
                await self._socket.send_bytes(ormsgpack.packb(event))
        except TimeoutError:
            raise ReaderGone from None

    async def _next_start(self) -> Event | None:
        """The first message of a turn. None where it is not waited for any more: that is no mistake after a turn."""
        ahead, self._ahead = self._ahead, None
        if ahead is not None:
            return ahead
        limit_s = self._limits.live_idle_s if self._n_turns else self._limits.live_start_s
        receiving = asyncio.create_task(self._receive(limit_s))
        leaving = asyncio.create_task(self._leaving.wait())
        try:
            await asyncio.wait((receiving, leaving), return_when=asyncio.FIRST_COMPLETED)
            return (await receiving) if receiving.done() else None
        except _TooQuietError:
            if self._n_turns:
                return None
            raise
        finally:
            self.idle_since_s = None
            await _end(receiving, leaving)

    async def _receive(self, limit_s: float | None) -> Event:
        """Raises `WebSocketDisconnect`, and `RequestError` for what is no message, or where none comes for `limit_s`
        in which nothing was sent either."""
        self._active_s = time.monotonic()
        message: Any = None
        while message is None:
            try:
                async with asyncio.timeout(None if limit_s is None else self._active_s + limit_s - time.monotonic()):
                    message = await self._socket.receive()
            except TimeoutError:
                if limit_s is not None and time.monotonic() - self._active_s >= limit_s:
                    raise _TooQuietError from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        data = message.get("bytes")
        if data is None:
            raise RequestError(400, "Messages are binary MessagePack.")
        return decode_values(data, is_json=False)

    async def _fail(self, message: str) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError, TimeoutError):
            async with asyncio.timeout(LAST_WORD_S):
                await self.send({"event": "finish", "reason": "error", "message": message})
        await self._hang_up()

    async def _hang_up(self) -> None:
        with contextlib.suppress(
            WebSocketDisconnect, RuntimeError, TimeoutError
        ):  # it hung up itself, or hears nothing
            async with asyncio.timeout(LAST_WORD_S):
                await self._socket.close()


class _TooQuietError(RequestError):
    def __init__(self) -> None:
        super().__init__(408, "Nothing was said for too long.")


class Turn:
    """Speak one thread of sound: with one voice, one seed and one encoder."""

    def __init__(self, session: LiveSession, parts: LiveParts, *, tells_words: bool) -> None:
        self._session, self._parts, self._limits = session, parts, parts.settings.limits
        self._tells_words, self._begun_s = tells_words, time.monotonic()
        self._texts: asyncio.Queue[str | None] = asyncio.Queue()  # None: that was all
        self._n_pending_chars = 0

    async def run(self, start: Event) -> None:
        """Speak until all has been sent. Raises `WebSocketDisconnect`, `RequestError`, `EngineError`, `ReaderGone`."""
        form, sentences = self._begin(start)
        listening, speaking = asyncio.create_task(self._listen(sentences)), asyncio.create_task(self._speak(form))
        try:
            await asyncio.wait((listening, speaking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            results = await _end(listening, speaking)
        for result in results:
            if isinstance(result, Exception):
                raise result

    def _begin(self, event: Event) -> tuple[SpeechForm, Sentences]:
        request = event.get("request")
        if event.get("event") != "start" or not isinstance(request, dict):
            raise RequestError(400, "The first message is: start, with a request.")
        values = with_hosted_defaults(request) if self._tells_words else request
        form = read_tts_settings(values, self._parts.settings, streams=True)
        form = with_pronunciations(form, self._parts.settings.dictionary())
        sentences = Sentences(clean=form.options.clean)
        self._take(Fields(request).text("text", ""), sentences)
        return form, sentences

    async def _listen(self, sentences: Sentences) -> None:
        """Ends with an exception only: after "stop" it waits for the client to hang up."""
        is_all = False
        while not is_all:
            event = await self._session.receive()
            match event.get("event"):
                case "text":
                    self._take(Fields(event).text("text"), sentences)
                case "flush":
                    self._queue(sentences.flush())
                case "stop":
                    self._queue(sentences.flush())
                    self._texts.put_nowait(None)
                    is_all = True
                case other:
                    raise RequestError(400, f"There is no event {other!r}: text, flush and stop can come now.")
        await self._session.receive_ahead()
        await asyncio.Event().wait()

    def _take(self, text: str, sentences: Sentences) -> None:
        if text.strip():
            checked_characters(text, "text")
        self._queue(sentences.push(text))

    def _queue(self, text: str) -> None:
        if not text.strip():
            return
        self._n_pending_chars += len(text)
        if self._n_pending_chars > self._limits.max_text_chars:
            raise RequestError(400, f"More than {self._limits.max_text_chars} characters wait to be spoken.")
        self._texts.put_nowait(text)

    async def _speak(self, form: SpeechForm) -> None:
        """Returns when all has been spoken and sent."""
        chain = SoundChain(form.sound)
        timing = Timing(chain.seconds_at) if self._tells_words else None
        speaking = Speaking(form, chain, self._parts.voices, self._parts.metrics, timing)
        try:
            while (text := await self._texts.get()) is not None:
                speaking = speaking.follow(text)
                async for made in self._made(speaking):
                    await self._send_sound(made)
                self._n_pending_chars -= len(text)
            data = await asyncio.to_thread(chain.finish)
            await self._send_sound(data if timing is None else timing.rest(data))
        finally:
            chain.discard()

    async def _made(self, speaking: Speaking) -> AsyncIterator[bytes | TimedPiece]:
        channel: Channel[bytes | TimedPiece] = Channel(self._limits.max_unread_bytes, self._limits.stall_s)
        try:
            self._parts.worker.submit(speaking.speak, channel, is_patient=True)
            while (made := await channel.get()) is not None:
                yield made
        finally:
            channel.close()

    def clock(self) -> Event:
        """Return the field that says how long this turn has lasted, in milliseconds, where words are told."""
        return {"time": round(1000 * (time.monotonic() - self._begun_s))} if self._tells_words else {}

    async def _send_sound(self, made: bytes | TimedPiece) -> None:
        """Send what was made, in as many messages as it takes; what is known of words may come alone."""
        data = made if isinstance(made, bytes) else made.audio
        told: Event = {} if isinstance(made, bytes) else told_of(made)
        starts = range(0, len(data), MAX_MESSAGE_BYTES) or (range(1) if told else ())
        for start in starts:
            piece = data[start : start + MAX_MESSAGE_BYTES]
            await self._session.send({"event": "audio", "audio": piece, **told, **self.clock()})


async def _end(*tasks: asyncio.Task[Any]) -> list[Any]:
    """Return what each task came to, once it is over; those that are not are cancelled."""
    for task in tasks:
        if not task.done():
            task.cancel()
    return await asyncio.gather(*tasks, return_exceptions=True)
