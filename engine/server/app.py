"""The paths, and what answers each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from engine.errors import EngineError
from engine.registry import cloning_engine, engine_displayed
from engine.server.codec_work import decoding, encoding, read_audios, read_tokens
from engine.server.fields import Fields, wrong
from engine.server.forms import (
    Recording,
    SpeechForm,
    checked_characters,
    read_openai,
    read_tts,
    with_pronunciations,
)
from engine.server.guard import Guard, refuse
from engine.server.live import LiveParts, LiveSession
from engine.server.metrics import CONTENT_TYPE, Metrics
from engine.server.openapi import describe
from engine.server.page import Page
from engine.server.replies import (
    Intake,
    RequestError,
    error_reply,
    json_reply,
    note_voices,
    reply,
    wants_json,
)
from engine.server.settings import ServerSettings
from engine.server.sound import SoundChain
from engine.server.speaking import Speaking
from engine.server.spoken import Explain, SpokenReply, ValueReply, as_request_error
from engine.server.voice_book import VoiceBook
from engine.server.worker import BusyError, Channel, EngineWorker, Work
from engine.text import MARKERS

METHODS = frozenset({"GET", "POST", "DELETE", "HEAD", "OPTIONS"})
TOLD_HEADERS = ("Content-Disposition", "Retry-After", "X-Lectern-Speaker")
"""Which pages elsewhere may read, beside those that every page may."""


class Service:
    """What the paths share. Everything here runs in the event loop, and nothing of it takes long."""

    def __init__(self, worker: EngineWorker, settings: ServerSettings, explain: Explain) -> None:
        self.worker, self.settings, self.limits, self.explain = worker, settings, settings.limits, explain
        self.metrics, self.intake = Metrics(), Intake(settings.limits)
        self.voices = VoiceBook(settings)
        self._live: set[LiveSession] = set()
        self._page = Page()

    # --- speech

    async def tts(self, request: Request) -> Response:
        self.worker.check_room()
        values = await self.intake.read_form(request, as_json=("references", "prosody"))
        return self._spoken(read_tts(values, self.settings, streams="model" in request.headers))

    async def openai_speech(self, request: Request) -> Response:
        self.worker.check_room()
        return self._spoken(read_openai(await self.intake.read_form(request), self.limits))

    def _spoken(self, form: SpeechForm) -> Response:
        form = with_pronunciations(form, self.settings.dictionary())
        work = Speaking(form, SoundChain(form.sound), self.voices, self.metrics)
        channel: Channel[bytes] = Channel(self.limits.max_unread_bytes, self.limits.stall_s)
        self.worker.submit(work, channel)
        return SpokenReply(channel, form, self.worker.status.name, self.explain)

    async def live(self, socket: WebSocket) -> None:
        if not self._has_room_for_live():
            busy = RequestError(429, "Too many are speaking live. Try again.", headers={"Retry-After": "5"})
            await refuse(socket.scope, socket.receive, socket.send, busy)
            return
        session = LiveSession(socket, LiveParts(self.worker, self.voices, self.metrics, self.settings, self.explain))
        self._live.add(session)
        try:
            await socket.accept()
            await session.run()
        finally:
            self._live.discard(session)

    def _has_room_for_live(self) -> bool:
        """Of those for whom nothing is left to do, whoever was silent for longest makes room."""
        if len(self._live) < self.limits.max_live:
            return True
        now_s = time.monotonic()
        idle = {one: since for one in self._live if (since := one.idle_since_s) is not None and since <= now_s}
        if not idle:
            return False
        longest = min(idle, key=lambda session: idle[session])
        longest.leave()
        self._live.discard(longest)
        return True

    # --- codec

    async def encode(self, request: Request) -> Response:
        audios = read_audios(await self.intake.read_values(request), self.limits)

        def answer(codes: Any) -> Response:
            return reply(request, {"tokens": [matrix.tolist() for matrix in codes]})

        return self._worked(encoding(audios, self.limits), answer)

    async def decode(self, request: Request) -> Response:
        tokens = read_tokens(await self.intake.read_values(request))

        def answer(audios: Any) -> Response:
            if wants_json(request):
                raise RequestError(400, "Sound cannot be written in JSON. Ask for MessagePack.")
            return reply(request, {"audios": audios})

        return self._worked(decoding(tokens), answer)

    def _worked(self, work: Work, answer: Callable[[Any], Response]) -> Response:
        def checked(value: Any) -> Response:
            if isinstance(value, RequestError):
                raise value
            return answer(value)

        channel: Channel[Any] = Channel(1, self.limits.stall_s)
        self.worker.submit(work, channel)
        return ValueReply(channel, checked, self.explain)

    # --- voices

    async def list_references(self, request: Request) -> Response:
        names = await asyncio.to_thread(self.voices.names)
        return reply(request, {"success": True, "reference_ids": list(names), "message": f"{len(names)} voices."})

    async def add_reference(self, request: Request) -> Response:
        values = await self.intake.read_form(request)
        fields = Fields(values)
        name, audio = fields.text("id"), values.get("audio")
        note_voices(request, reference_id=name)
        text = fields.text("text").strip()
        if not isinstance(audio, bytes) or not audio:
            raise wrong("audio", "a file")
        if not text:
            raise wrong("text", "what is said in the recording")
        await asyncio.to_thread(self.voices.add, name, Recording(audio, checked_characters(text, "text")))
        return reply(request, {"success": True, "message": f"Added {name}.", "reference_id": name})

    async def delete_reference(self, request: Request) -> Response:
        name = Fields(await self.intake.read_form(request)).text("reference_id")
        note_voices(request, reference_id=name)
        await asyncio.to_thread(self.voices.remove, name)
        return reply(request, {"success": True, "message": f"Deleted {name}.", "reference_id": name})

    async def update_reference(self, request: Request) -> Response:
        fields = Fields(await self.intake.read_form(request))
        old, new = fields.text("old_reference_id"), fields.text("new_reference_id")
        note_voices(request, old_reference_id=old, new_reference_id=new)
        await asyncio.to_thread(self.voices.rename, old, new)
        values = {"success": True, "message": f"Renamed {old}.", "old_reference_id": old, "new_reference_id": new}
        return reply(request, values)

    # --- about this server

    async def health(self, _request: Request) -> Response:
        return json_reply({"status": "ok"})

    async def models(self, _request: Request) -> Response:
        return json_reply({"object": "list", "data": [self._model()]})

    async def model(self, request: Request) -> Response:
        if request.path_params["name"] != self._model()["id"]:
            raise RequestError(404, f"There is no such model. There is: {self._model()['id']}.", param="model")
        return json_reply(self._model())

    def _model(self) -> dict[str, Any]:
        entry = engine_displayed(self.worker.status.name) or cloning_engine()
        return {"id": entry.model_id or entry.name, "object": "model", "created": 0, "owned_by": "lectern"}

    async def list_voices(self, _request: Request) -> Response:
        """Each a name that `voice` may have, and but for "default" `reference_id` too; and what markers there are."""
        infos = await asyncio.to_thread(self.voices.infos)
        names = (voice.partition("/") for voice in self.settings.engine_voices)
        own = [{"id": "".join(parts), "name": parts[2] or parts[0], "kind": parts[0]} for parts in names]
        stored = [{"id": info.id, "name": info.name, "kind": "stored"} for info in infos]
        voices = [{"id": "default", "name": "Default", "kind": "default"}, *stored, *own]
        markers = {group: list(names) for group, names in MARKERS.items()}
        speaker = self.worker.status.name
        return json_reply({"voices": voices, "markers": markers, "speaker": speaker, "note": _note(speaker)})

    async def page(self, _request: Request) -> Response:
        return self._page.reply()

    async def openapi(self, _request: Request) -> Response:
        return json_reply(describe(self.limits, needs_key=bool(self.settings.api_key)))

    async def show_metrics(self, _request: Request) -> Response:
        text = self.metrics.text(self.worker.status, self.worker.n_waiting, self.worker.is_busy)
        return Response(text, media_type=CONTENT_TYPE)


def _note(speaker: str) -> str:
    """What people who choose a voice should know of the engine; empty where there is nothing to say."""
    entry = engine_displayed(speaker)
    if entry is None or (entry.capabilities.clones and entry.capabilities.acts_markers):
        return ""
    lacks = [] if entry.capabilities.clones else ["imitate recordings"]
    lacks += [] if entry.capabilities.acts_markers else ["act out markers"]
    name = entry.spoken_name
    return f"{name[:1].upper()}{name[1:]} speaks here. It does not {', nor '.join(lacks)}."


def create_app(service: Service) -> ASGIApp:
    routes = [
        Route("/", service.page),
        Route("/v1/health", service.health, methods=["GET", "POST"]),
        Route("/v1/tts", service.tts, methods=["POST"]),
        WebSocketRoute("/v1/tts/live", service.live),
        WebSocketRoute("/{path:path}", no_such_socket),
        Route("/v1/vqgan/encode", service.encode, methods=["POST"]),
        Route("/v1/vqgan/decode", service.decode, methods=["POST"]),
        Route("/v1/references/add", service.add_reference, methods=["POST"]),
        Route("/v1/references/list", service.list_references),
        Route("/v1/references/delete", service.delete_reference, methods=["DELETE"]),
        Route("/v1/references/update", service.update_reference, methods=["POST"]),
        Route("/v1/audio/speech", service.openai_speech, methods=["POST"]),
        Route("/v1/audio/voices", service.list_voices),
        Route("/v1/models", service.models),
        Route("/v1/models/{name}", service.model),
        Route("/openapi.json", service.openapi),
        Route("/metrics", service.show_metrics),
    ]

    async def on_request_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestError)
        return error_reply(request, error)

    async def on_engine_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, EngineError)
        return error_reply(request, as_request_error(error, service.explain))

    async def on_busy(request: Request, error: Exception) -> Response:
        assert isinstance(error, BusyError)
        headers = {"Retry-After": str(error.retry_after_s)}
        return error_reply(
            request, RequestError(429, "Too many requests are waiting. Try again later.", headers=headers)
        )

    async def on_http(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        message = (
            error.detail if error.status_code >= 500 else f"{HTTPStatus(error.status_code).phrase}: {request.url.path}"
        )
        return error_reply(request, RequestError(error.status_code, message, headers=error.headers))

    async def on_hang_up(_request: Request, _error: Exception) -> Response:
        return Response(status_code=499)  # nobody reads it; the metrics do

    app = Starlette(
        routes=routes,
        exception_handlers={
            RequestError: on_request_error,
            EngineError: on_engine_error,
            BusyError: on_busy,
            HTTPException: on_http,
            ClientDisconnect: on_hang_up,
        },
    )
    app.router.redirect_slashes = False
    paths = frozenset(route.path for route in routes)
    guarded: ASGIApp = Guard(app, service.settings)
    if service.settings.allowed_origins:
        guarded = CORSMiddleware(
            guarded,
            allow_origins=service.settings.allowed_origins,
            allow_methods=("GET", "POST", "DELETE", "HEAD", "OPTIONS"),
            allow_headers=("*",),
            allow_private_network=True,
            expose_headers=TOLD_HEADERS,
        )
    return Meter(guarded, service, paths)


async def no_such_socket(socket: WebSocket) -> None:
    error = RequestError(404, f"Not Found: {socket.url.path} is no WebSocket. There is: /v1/tts/live")
    await refuse(socket.scope, socket.receive, socket.send, error)


class Meter:
    """Counts requests by path and status, those that were turned away too, and gives their bodies' room back."""

    def __init__(self, app: ASGIApp, service: Service, paths: frozenset[str]) -> None:
        self._app, self._service, self._paths = app, service, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 499

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            self._service.intake.release(scope)
            # a client's own words make no new lines in the metrics
            path = scope["path"] if scope["path"] in self._paths else "other"
            method = scope["method"] if scope["method"] in METHODS else "other"
            self._service.metrics.count_request(method, path, status)
