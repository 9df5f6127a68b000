"""Replies whose bytes the engine is still making, and what its errors are in HTTP."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from engine.errors import (
    AudioFileError,
    CodesFileError,
    DeviceError,
    EngineError,
    OptionError,
    PromptTooLongError,
    TextError,
    VoiceError,
)
from engine.server.forms import MEDIA_TYPES, SpeechForm
from engine.server.replies import RequestError, error_reply
from engine.server.worker import Channel, ReaderGone

Explain = Callable[[EngineError], str]
_CLIENTS_FAULT = (TextError, OptionError, VoiceError, PromptTooLongError, AudioFileError, CodesFileError)


def as_request_error(error: EngineError, explain: Explain) -> RequestError:
    """Make the HTTP error that an engine's error is for a client."""
    if isinstance(error, VoiceError) and error.problem == "unknown":
        return RequestError(404, explain(error), param="voice")
    if isinstance(error, _CLIENTS_FAULT):
        return RequestError(400, explain(error))
    if isinstance(error, DeviceError) and error.problem == "out_of_memory":
        return RequestError(503, explain(error), headers={"Retry-After": "5"})
    return RequestError(500, explain(error))


async def until_gone(receive: Receive) -> None:
    """Wait until the client has hung up."""
    while (await receive())["type"] != "http.disconnect":
        pass


class ChannelReply(Response):
    """Reply with what comes through `channel`; a client that hangs up closes it, which cancels the work."""

    def __init__(self, channel: Channel[Any]) -> None:
        self._channel = channel

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        others = [asyncio.create_task(until_gone(receive)), asyncio.create_task(self._channel.given_up())]
        answer = asyncio.create_task(self._answer(scope, receive, send))
        try:
            await asyncio.wait((answer, *others), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._channel.close()
            for task in (answer, *others):
                if not task.done():
                    task.cancel()
            results = await asyncio.gather(answer, *others, return_exceptions=True)
        if isinstance(results[0], Exception) and not isinstance(results[0], OSError | ReaderGone):
            raise results[0]

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        raise NotImplementedError


class SpokenReply(ChannelReply):
    """Reply with sound: whole, with its length; or as it is made, where an error that comes late breaks the connection
    off."""

    def __init__(self, channel: Channel[bytes], form: SpeechForm, speaker: str, explain: Explain) -> None:
        super().__init__(channel)
        self._form, self._explain = form, explain
        sound = form.sound.format
        if form.is_sse:
            self._headers = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store"}
        else:
            self._headers = {
                "content-type": MEDIA_TYPES[sound],
                "content-disposition": f"attachment; filename=audio.{sound}",
                "cache-control": "no-store",
            }
        self._headers["x-lectern-speaker"] = speaker

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            first = await self._channel.get()
        except EngineError as error:
            refusal = error_reply(Request(scope), as_request_error(error, self._explain))
            await refusal(scope, receive, send)
            return
        if self._form.sound.is_whole:
            body = (first or b"") + b"".join([piece async for piece in self._rest()])
            await Response(body, headers=self._headers)(scope, receive, send)
            return
        raw = [(name.encode(), value.encode("latin-1")) for name, value in self._headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        if first is not None:
            await send({"type": "http.response.body", "body": self._wrapped(first), "more_body": True})
            with contextlib.suppress(EngineError):  # no end is sent: the client sees that something is missing
                async for piece in self._rest():
                    await send({"type": "http.response.body", "body": self._wrapped(piece), "more_body": True})
                await send({"type": "http.response.body", "body": self._last()})

    async def _rest(self) -> AsyncIterator[bytes]:
        while (piece := await self._channel.get()) is not None:
            yield piece

    def _wrapped(self, piece: bytes) -> bytes:
        if not self._form.is_sse:
            return piece
        return server_sent({"type": "speech.audio.delta", "audio": base64.b64encode(piece).decode()})

    def _last(self) -> bytes:
        if not self._form.is_sse:
            return b""
        usage = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}
        return server_sent({"type": "speech.audio.done", "usage": usage})


def server_sent(event: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(event)}\n\n".encode()


class ValueReply(ChannelReply):
    """Reply with one value out of the channel, which `make` turns into a reply."""

    def __init__(self, channel: Channel[Any], make: Callable[[Any], Response], explain: Explain) -> None:
        super().__init__(channel)
        self._make, self._explain = make, explain

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            made = self._make(await self._channel.get())
        except EngineError as error:
            made = error_reply(Request(scope), as_request_error(error, self._explain))
        except RequestError as error:
            made = error_reply(Request(scope), error)
        await made(scope, receive, send)
