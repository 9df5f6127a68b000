"""`/v1/tts/live`: text that arrives word by word, spoken sentence by sentence."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import ormsgpack
from starlette.websockets import WebSocket, WebSocketDisconnect

from engine.errors import EngineError, TextError
from engine.server.forms import Fields, SpeechForm, checked_characters, read_tts_settings, with_pronunciations
from engine.server.metrics import Metrics
from engine.server.replies import RequestError, decode_values
from engine.server.settings import ServerLimits
from engine.server.sound import SoundChain
from engine.server.speaking import Speaking
from engine.server.spoken import Explain, as_request_error
from engine.server.voice_book import VoiceBook
from engine.server.worker import Channel, EngineWorker, ReaderGone
from engine.text import iter_segments
from engine.types import Pronunciation

MAX_MESSAGE_BYTES = 32 * 1024  # the hosted service's clients take no more than 64 kB at once
_MAY_END = re.compile(r"[.!?…。！？；।؟\n:;]")
LONG_CHARS = 200  # beyond, a text is looked at even where no sign ends a sentence


class Sentences:
    """Cuts a growing text: a sentence is whole when the next has begun."""

    def __init__(self, *, clean: bool) -> None:
        self._clean = clean
        self._text = ""

    def push(self, text: str) -> str:
        """The text of the sentences that are whole now, maybe none."""
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
        """All that is left."""
        rest, self._text = self._text, ""
        return rest


@dataclass(frozen=True, slots=True)
class LiveParts:
    """What a conversation needs of the server."""

    worker: EngineWorker
    voices: VoiceBook
    metrics: Metrics
    limits: ServerLimits
    explain: Explain
    pronunciations: tuple[Pronunciation, ...] = ()


class LiveSession:
    """One conversation. One thread of sound runs through it: a voice, a seed and an encoder."""

    def __init__(self, socket: WebSocket, parts: LiveParts) -> None:
        self._socket, self._parts = socket, parts
        self._texts: asyncio.Queue[str | None] = asyncio.Queue()  # None: that was all
        self._n_pending_chars = 0

    async def run(self) -> None:
        """Until the client has heard all, hung up or made a mistake."""
        try:
            form, sentences = await self._start()
            await self._converse(form, sentences)
        except RequestError as error:
            await self._finish("error", error.message)
        except EngineError as error:
            await self._finish("error", as_request_error(error, self._parts.explain).message)
        except ReaderGone:
            await self._finish("error", "The sound was not taken in time.")
        except WebSocketDisconnect:
            pass

    async def _start(self) -> tuple[SpeechForm, Sentences]:
        event = await self._receive()
        if event.get("event") != "start" or not isinstance(event.get("request"), dict):
            raise RequestError(400, "The first message is: start, with a request.")
        request: dict[str, Any] = event["request"]
        form = read_tts_settings(request, self._parts.limits, streams=True)
        form = with_pronunciations(form, self._parts.pronunciations)
        sentences = Sentences(clean=form.options.clean)
        self._take(Fields(request).text("text", ""), sentences)
        return form, sentences

    async def _converse(self, form: SpeechForm, sentences: Sentences) -> None:
        listening = asyncio.create_task(self._listen(sentences))
        speaking = asyncio.create_task(self._speak(form))
        try:
            await asyncio.wait((listening, speaking), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (listening, speaking):
                if not task.done():
                    task.cancel()
            results = await asyncio.gather(listening, speaking, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception):
                raise result
        await self._finish("stop")

    async def _listen(self, sentences: Sentences) -> None:
        """Ends with an exception only: after "stop" it waits for the client to hang up."""
        while True:
            event = await self._receive()
            match event.get("event"):
                case "text":
                    self._take(Fields(event).text("text"), sentences)
                case "flush":
                    self._queue(sentences.flush())
                case "stop":
                    self._queue(sentences.flush())
                    self._texts.put_nowait(None)
                case other:
                    raise RequestError(400, f"There is no event {other!r}: text, flush and stop can come now.")

    def _take(self, text: str, sentences: Sentences) -> None:
        if text.strip():
            checked_characters(text, "text")
        self._queue(sentences.push(text))

    def _queue(self, text: str) -> None:
        if not text.strip():
            return
        self._n_pending_chars += len(text)
        if self._n_pending_chars > self._parts.limits.max_text_chars:
            raise RequestError(400, f"More than {self._parts.limits.max_text_chars} characters wait to be spoken.")
        self._texts.put_nowait(text)

    async def _speak(self, form: SpeechForm) -> None:
        """Returns when all has been spoken and sent."""
        chain = SoundChain(form.sound)
        speaking = Speaking(form, chain, self._parts.voices, self._parts.metrics)
        try:
            while (text := await self._texts.get()) is not None:
                speaking = speaking.follow(text)
                async for data in self._made(speaking):
                    await self._send_sound(data)
                self._n_pending_chars -= len(text)
            await self._send_sound(await asyncio.to_thread(chain.finish))
        finally:
            chain.discard()

    async def _made(self, speaking: Speaking) -> AsyncIterator[bytes]:
        limits = self._parts.limits
        channel: Channel[bytes] = Channel(limits.max_unread_bytes, limits.stall_s)
        try:
            self._parts.worker.submit(speaking.speak, channel, is_patient=True)
            while (data := await channel.get()) is not None:
                yield data
        except TextError as error:
            if error.problem != "nothing_to_speak":  # signs alone between two sentences are no mistake
                raise
        finally:
            channel.close()

    async def _receive(self) -> dict[str, Any]:
        """Raises `WebSocketDisconnect`, `RequestError`."""
        try:
            async with asyncio.timeout(self._parts.limits.live_idle_s):
                message = await self._socket.receive()
        except TimeoutError:
            raise RequestError(408, "Nothing was said for too long.") from None
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect(message.get("code", 1005))
        data = message.get("bytes")
        if data is None:
            raise RequestError(400, "Messages are binary MessagePack.")
        return decode_values(data, is_json=False)

    async def _send_sound(self, data: bytes) -> None:
        for start in range(0, len(data), MAX_MESSAGE_BYTES):
            piece = data[start : start + MAX_MESSAGE_BYTES]
            await self._socket.send_bytes(ormsgpack.packb({"event": "audio", "audio": piece}))

    async def _finish(self, reason: str, message: str = "") -> None:
        event = {"event": "finish", "reason": reason}
        if message:
            event["message"] = message
        try:
            await self._socket.send_bytes(ormsgpack.packb(event))
            await self._socket.close()
        except (WebSocketDisconnect, RuntimeError):  # it hung up meanwhile
            pass
