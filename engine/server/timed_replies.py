"""Replies that say when each word is heard: the hosted service's events, and Kokoro-FastAPI's lines."""

from __future__ import annotations

import base64
import json
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from engine.errors import EngineError
from engine.server.forms import MEDIA_TYPES, CaptionedForm
from engine.server.replies import error_reply, json_reply
from engine.server.spoken import ChannelReply, Explain, as_request_error, server_sent
from engine.server.timing import TimedPiece
from engine.server.worker import Channel


def told_of(piece: TimedPiece) -> dict[str, Any]:
    """Make the hosted service's fields for what is known of the words of `piece`.

    Words count from their segment's beginning. An `alignment` is all that is known of a segment, and replaces what was
    said of it before; null says nothing new, or that its words are not known.
    """
    alignment = None
    if piece.words:
        alignment = {
            "segments": [
                {
                    "text": word.text,
                    "start": round(word.start_s - piece.begins_s, 4),
                    "end": round(word.end_s - piece.begins_s, 4),
                }
                for word in piece.words
            ],
            "audio_duration": piece.duration_s,
        }
    return {
        "content": piece.text,
        "alignment": alignment,
        "chunk_seq": piece.number,
        "chunk_audio_offset_sec": piece.begins_s,
    }


class TimedStream(ChannelReply):
    """Reply with pieces of sound and their words as they are made. An error that comes late is told, and the connection
    broken off."""

    media_type = ""

    def __init__(self, channel: Channel[TimedPiece], speaker: str, explain: Explain) -> None:
        super().__init__(channel)
        self._explain = explain
        self._headers = {
            "content-type": self.media_type,
            "cache-control": "no-store",
            "x-accel-buffering": "no",  # proxies are to pass on what comes
            "x-lectern-speaker": speaker,
        }

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            piece = await self._channel.get()
        except EngineError as error:
            await error_reply(Request(scope), as_request_error(error, self._explain))(scope, receive, send)
            return
        raw = [(name.encode(), value.encode("latin-1")) for name, value in self._headers.items()]
        await send({"type": "http.response.start", "status": 200, "headers": raw})
        try:
            while piece is not None:
                await send({"type": "http.response.body", "body": self._wrapped(piece), "more_body": True})
                piece = await self._channel.get()
        except EngineError as error:
            refusal = error_reply(Request(scope), as_request_error(error, self._explain))
            told = self._failed(json.loads(bytes(refusal.body)))
            await send({"type": "http.response.body", "body": told, "more_body": True})
            return  # no end is sent: the client sees that something is missing
        await send({"type": "http.response.body", "body": b""})

    def _wrapped(self, piece: TimedPiece) -> bytes:
        raise NotImplementedError

    def _failed(self, error: dict[str, Any]) -> bytes:
        raise NotImplementedError


class TimedReply(TimedStream):
    """Reply with server-sent events, as the hosted service does."""

    media_type = "text/event-stream; charset=utf-8"

    def _wrapped(self, piece: TimedPiece) -> bytes:
        return server_sent({"audio_base64": base64.b64encode(piece.audio).decode(), **told_of(piece)})

    def _failed(self, error: dict[str, Any]) -> bytes:
        return b"event: error\n" + server_sent(error)


class CaptionLinesReply(TimedStream):
    """Reply with a line of JSON for each segment, as Kokoro-FastAPI does; a last one may hold the sound's end alone."""

    media_type = "application/x-ndjson"

    def __init__(self, channel: Channel[TimedPiece], form: CaptionedForm, speaker: str, explain: Explain) -> None:
        super().__init__(channel, speaker, explain)
        self._form = form

    def _wrapped(self, piece: TimedPiece) -> bytes:
        return json.dumps(_caption(self._form, piece.audio, [piece])).encode() + b"\n"

    def _failed(self, error: dict[str, Any]) -> bytes:
        return json.dumps(error).encode() + b"\n"


class CaptionedReply(ChannelReply):
    """Reply with the whole sound and all of its words in one JSON object."""

    def __init__(self, channel: Channel[TimedPiece], form: CaptionedForm, speaker: str, explain: Explain) -> None:
        super().__init__(channel)
        self._form, self._explain = form, explain
        self._headers = {"cache-control": "no-store", "x-lectern-speaker": speaker}

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        pieces: list[TimedPiece] = []
        try:
            while (piece := await self._channel.get()) is not None:
                pieces.append(piece)
        except EngineError as error:
            await error_reply(Request(scope), as_request_error(error, self._explain))(scope, receive, send)
            return
        audio = b"".join(piece.audio for piece in pieces)
        await json_reply(_caption(self._form, audio, pieces), headers=self._headers)(scope, receive, send)


def _caption(form: CaptionedForm, audio: bytes, pieces: list[TimedPiece]) -> dict[str, Any]:
    words = [word for piece in pieces for word in piece.words or ()]
    timestamps = [{"word": word.text, "start_time": word.start_s, "end_time": word.end_s} for word in words]
    return {
        "audio": base64.b64encode(audio).decode(),
        "audio_format": MEDIA_TYPES[form.speech.sound.format],
        "timestamps": timestamps if form.has_timestamps else None,
    }
