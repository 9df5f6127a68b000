"""One client of the Wyoming protocol: what it asks for, one thing after the other, until it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, replace

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe
from wyoming.ping import Ping, Pong
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

from engine.errors import EngineError
from engine.server.forms import (
    SoundForm,
    SpeechForm,
    VoiceChoice,
    checked_text,
    checked_voice_name,
    with_pronunciations,
)
from engine.server.live import LiveParts, Sentences
from engine.server.replies import RequestError
from engine.server.speaking import SoundChain, Speaking
from engine.server.spoken import as_request_error
from engine.server.worker import BusyError, Channel, ReaderGone
from engine.server.wyoming.events import EventReader, EventWriter
from engine.server.wyoming.info import describe
from engine.text import read_ssml
from engine.types import LANGUAGES, SAMPLE_RATE_HZ, SpeechOptions

MAX_AHEAD = 64
"""Events that a client may send before those before them are dealt with."""
CHUNK_BYTES = 16_384
_FORMAT = {"rate": SAMPLE_RATE_HZ, "width": 2, "channels": 1}


@dataclass(frozen=True, slots=True)
class _Turn:
    """What is spoken with one voice: by a streaming client in pieces, which `sentences` cuts; SSML is whole first."""

    form: SpeechForm
    chain: SoundChain
    is_ssml: bool
    sentences: Sentences


class Conversation:
    """Serves one connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, parts: LiveParts) -> None:
        self._parts, self._limits = parts, parts.settings.limits
        self._reader, self._stream = EventReader(reader), writer
        self._writer = EventWriter(writer, self._limits.stall_s)
        self._is_busy = False
        self._ahead: asyncio.Queue[Event | None] = asyncio.Queue(MAX_AHEAD)  # None: the client is gone

    async def run(self) -> None:
        """Serve until the client goes, makes a mistake, or takes nothing any more."""
        hearing, answering = asyncio.create_task(self._hear()), asyncio.create_task(self._answer())
        try:
            await asyncio.wait((hearing, answering), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (hearing, answering):
                task.cancel()
            await asyncio.gather(hearing, answering, return_exceptions=True)
            self._stream.close()
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(1.0):
                    await self._stream.wait_closed()

    async def _hear(self) -> None:
        """Return when the client is gone, or was silent for too long with nothing left to do."""
        reading = asyncio.create_task(self._reader.read())
        try:
            while True:
                await asyncio.wait((reading,), timeout=self._limits.live_idle_s)
                if reading.done():
                    event = reading.result()
                    if event is None:
                        return
                    await self._ahead.put(event)
                    reading = asyncio.create_task(self._reader.read())
                elif not self._is_busy:
                    return
        finally:
            reading.cancel()

    async def _answer(self) -> None:
        with suppress(ReaderGone):
            try:
                while (event := await self._ahead.get()) is not None:
                    self._is_busy = True
                    await self._obey(event)
                    self._is_busy = False
            except (EngineError, RequestError, BusyError, KeyError, TypeError, ValueError, AttributeError) as error:
                await self._writer.write(Error(self._words(error)).event())  # and hang up: clients wait for sound

    def _words(self, error: Exception) -> str:
        if isinstance(error, EngineError):
            return as_request_error(error, self._parts.explain).message
        if isinstance(error, RequestError):
            return error.message
        if isinstance(error, BusyError):
            return "Too many requests are waiting. Try again later."
        return "An event lacks something, or holds what it cannot."

    async def _obey(self, event: Event) -> None:
        """Deal with one event, which may begin a turn; others than these are passed over, as the protocol wants."""
        if Describe.is_type(event.type):
            parts = self._parts
            speaker = parts.worker.status.name
            info = await asyncio.to_thread(describe, parts.voices, parts.settings.engine_voices, speaker)
            await self._writer.write(info.event())
        elif Ping.is_type(event.type):
            await self._writer.write(Pong(Ping.from_event(event).text).event())
        elif Synthesize.is_type(event.type):
            asked = Synthesize.from_event(event)
            self._parts.worker.check_room()
            turn = self._turn(asked.voice, asked.text_format)
            await self._speak(turn, _one(asked.text))
        elif SynthesizeStart.is_type(event.type):
            start = SynthesizeStart.from_event(event)
            self._parts.worker.check_room()
            turn = self._turn(start.voice, start.text_format)
            await self._speak(turn, self._pieces(turn))
            await self._writer.write(SynthesizeStopped().event())

    def _turn(self, voice: SynthesizeVoice | None, text_format: object) -> _Turn:
        name = (voice.name if voice else None) or ""
        language = ((voice.language if voice else None) or "").replace("_", "-").split("-")[0].lower()
        options = SpeechOptions(language=language if language in LANGUAGES else None, live=True)
        choice = VoiceChoice(checked_voice_name(name, "voice") if name else "")
        form = with_pronunciations(SpeechForm("", choice, options, SoundForm("pcm")), self._parts.settings.dictionary())
        return _Turn(form, SoundChain(form.sound), text_format == "ssml", Sentences(clean=True))

    async def _pieces(self, turn: _Turn) -> AsyncIterator[str]:
        """Yield the sentences of a text that is still coming, as they are whole; SSML as a whole."""
        whole: list[str] = []
        n_chars = 0
        self._is_busy = False  # whoever stops in the middle is not waited for
        while (event := await self._ahead.get()) is not None and not SynthesizeStop.is_type(event.type):
            if not SynthesizeChunk.is_type(event.type):
                continue  # the whole text, for servers that cannot do this
            text = SynthesizeChunk.from_event(event).text
            n_chars += len(text)
            if turn.is_ssml:
                checked_text(" " * n_chars, self._limits)
                whole.append(text)
            elif sentences := turn.sentences.push(text):
                yield sentences
        self._is_busy = True
        yield "".join(whole) if turn.is_ssml else turn.sentences.flush()

    async def _speak(self, turn: _Turn, texts: AsyncIterator[str]) -> None:
        parts, n_bytes = self._parts, 0
        speaking = Speaking(turn.form, turn.chain, parts.voices, parts.metrics)
        try:
            async for text in texts:
                if not text.strip() and n_bytes:
                    continue
                speaking = speaking.follow(checked_text(text or " ", self._limits))
                if turn.is_ssml:
                    marked = read_ssml(text)
                    speaking.form = replace(speaking.form, text=marked.text, notes=marked.notes)
                async for data in self._made(speaking):
                    if not n_bytes:
                        await self._writer.write(AudioStart(**_FORMAT).event())
                    n_bytes += len(data)
                    await self._send(data)
            await self._send(await asyncio.to_thread(turn.chain.finish))
            if not n_bytes:
                await self._writer.write(AudioStart(**_FORMAT).event())
            await self._writer.write(AudioStop().event())
        finally:
            turn.chain.discard()

    async def _made(self, speaking: Speaking) -> AsyncIterator[bytes]:
        channel: Channel[bytes] = Channel(self._limits.max_unread_bytes, self._limits.stall_s)
        try:
            self._parts.worker.submit(speaking.speak, channel, is_patient=True)
            while (data := await channel.get()) is not None:
                yield data
        finally:
            channel.close()

    async def _send(self, data: bytes) -> None:
        for start in range(0, len(data), CHUNK_BYTES):
            await self._writer.write(AudioChunk(audio=data[start : start + CHUNK_BYTES], **_FORMAT).event())


async def _one(text: str) -> AsyncIterator[str]:
    yield text
