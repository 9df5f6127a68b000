"""The paths, the replies to errors, and what stands before both: who may come in, and what is counted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
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
from engine.server.extensions import ExtensionReplies
from engine.server.guard import Guard, refuse
from engine.server.replies import (
    RequestError,
    error_reply,
)
from engine.server.service import Service
from engine.server.spoken import as_request_error
from engine.server.worker import BusyError

METHODS = frozenset({"GET", "POST", "DELETE", "HEAD", "OPTIONS"})
EXPOSED_HEADERS = ("Content-Disposition", "Retry-After", "X-Lectern-Speaker")
"""Which pages elsewhere may read, beside those that every page may."""


def create_app(service: Service) -> ASGIApp:
    """Make the application that answers all paths: checked by the guard, and counted."""
    routes = _routes(service)
    app = Starlette(routes=routes, exception_handlers=_error_replies(service))
    app.router.redirect_slashes = False
    paths = frozenset(route.path for route in routes)
    guarded: ASGIApp = Guard(app, service.settings, service.extensions)
    if service.settings.allowed_origins:
        guarded = CORSMiddleware(
            guarded,
            allow_origins=service.settings.allowed_origins,
            allow_methods=("GET", "POST", "DELETE", "HEAD", "OPTIONS"),
            allow_headers=("*",),
            allow_private_network=True,
            expose_headers=EXPOSED_HEADERS,
        )
    if service.extensions is not None:
        guarded = ExtensionReplies(guarded)
    return Meter(guarded, service, paths)


def _routes(service: Service) -> list[Route | WebSocketRoute]:
    return [
        Route("/", service.page),
        Route("/health", service.state),
        Route("/docs", service.docs),
        Route("/v1/health", service.health, methods=["GET", "POST"]),
        Route("/v1/tts", service.tts, methods=["POST"]),
        Route("/v1/tts/stream/with-timestamp", service.timed_tts, methods=["POST"]),
        Route("/dev/captioned_speech", service.captioned_speech, methods=["POST"]),
        WebSocketRoute("/v1/tts/live", service.live),
        WebSocketRoute("/v1/tts/live/with-timestamp", service.timed_live),
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
        *(service.extensions.routes() if service.extensions is not None else ()),
    ]


def _error_replies(service: Service) -> dict[Any, Callable[[Request, Exception], Awaitable[Response]]]:
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

    return {
        RequestError: on_request_error,
        EngineError: on_engine_error,
        BusyError: on_busy,
        HTTPException: on_http,
        ClientDisconnect: on_hang_up,
    }


async def no_such_socket(socket: WebSocket) -> None:
    """Refuse a WebSocket to a path where there is none."""
    error = RequestError(
        404, f"Not Found: {socket.url.path} is none. WebSockets: /v1/tts/live, /v1/tts/live/with-timestamp"
    )
    await refuse(socket.scope, socket.receive, socket.send, error)


class Meter:
    """Count requests by path and status, those that were turned away too, and give their bodies' room back."""

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
