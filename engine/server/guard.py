"""Who may come in: checked for every request before anything of it is read."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.server.replies import RequestError, error_reply
from engine.server.settings import ServerSettings, is_loopback

OPEN_PATHS = frozenset({"/"})
"""The page holds nothing secret, and asks for the key itself."""


class Guard:
    """Host: a name that leads here by a trick (DNS rebinding) is not a name of ours. Origin: a web page from elsewhere
    reaches nothing. Authorization: the key, if there is one."""

    def __init__(self, app: ASGIApp, settings: ServerSettings) -> None:
        self._app, self._settings = app, settings
        own = socket.gethostname().lower()
        named = (settings.host, *settings.allowed_hosts)
        self._names = {"localhost", own, f"{own}.local", *(name.lower() for name in named)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            self._check(Headers(scope=scope), scope["path"])
        except RequestError as error:
            await refuse(scope, receive, send, error)
            return
        await self._app(scope, receive, send)

    def _check(self, headers: Headers, path: str) -> None:
        host = headers.get("host", "")
        if not self._is_ours(_name_of(f"//{host}")):
            raise RequestError(403, "The Host header does not name this server. --allow-host NAME lets it in.")
        origin = headers.get("origin")
        if origin is not None and origin.lower() not in (f"http://{host.lower()}", f"https://{host.lower()}"):
            raise RequestError(403, "Pages of other web sites may not use this server.")
        if headers.get("sec-fetch-site") in ("cross-site", "same-site") and path not in OPEN_PATHS:
            raise RequestError(403, "Pages of other web sites may not use this server.")
        if self._settings.api_key and path not in OPEN_PATHS and not self._has_key(headers):
            raise RequestError(
                401,
                "The API key is missing or wrong. Send: Authorization: Bearer KEY",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def _is_ours(self, name: str) -> bool:
        if name in self._names:
            return True
        try:
            address = ipaddress.ip_address(name)
        except ValueError:
            return False
        # An address cannot be made to lead elsewhere, as a name can.
        return address.is_loopback or not is_loopback(self._settings.host)

    def _has_key(self, headers: Headers) -> bool:
        kind, _, key = headers.get("authorization", "").partition(" ")
        given = key.strip().encode("latin-1", "replace")
        return hmac.compare_digest(given, self._settings.api_key.encode()) and kind.lower() == "bearer"


def _name_of(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


async def refuse(scope: Scope, receive: Receive, send: Send, error: RequestError) -> None:
    """An error's reply, to a WebSocket too, before it is accepted."""
    if scope["type"] == "http":
        await error_reply(Request(scope), error)(scope, receive, send)
        return
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": error.message})
        return
    headers = [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
    await send({"type": "websocket.http.response.start", "status": error.status, "headers": headers})
    await send({"type": "websocket.http.response.body", "body": error.message.encode()})
