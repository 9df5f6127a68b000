"""Who may come in: checked for every request before anything of it is read."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.server.extensions import PATHS, Extensions
from engine.server.replies import RequestError, error_reply
from engine.server.settings import ServerSettings, is_loopback

OPEN_PATHS = frozenset({"/", "/docs", "/health"})
"""Without a key: the page holds nothing secret, and asks for it itself; the description is the same everywhere; what
watches over a server has none."""


class Guard:
    """Check who asks, before anything of a request is read.

    Host: a name that leads here by a trick (DNS rebinding) is not a name of ours. Origin: a web page from elsewhere
    reaches nothing. Authorization: the key, if there is one. What is for browser extensions alone, `extensions` checks.
    """

    def __init__(self, app: ASGIApp, settings: ServerSettings, extensions: Extensions | None = None) -> None:
        self._app, self._settings, self._extensions = app, settings, extensions
        own = socket.gethostname().lower()
        self._allowed = {name.lower() for name in settings.allowed_hosts}
        self._names = {"localhost", own, f"{own}.local", settings.host.lower(), *self._allowed}
        self._origins = set(settings.allowed_origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        try:
            self._check(scope)
        except RequestError as error:
            await refuse(scope, receive, send, error)
            return
        await self._app(scope, receive, send)

    def _check(self, scope: Scope) -> None:
        headers, path = Headers(scope=scope), scope["path"]
        host = headers.get("host", "")
        if not self._is_ours(_name_of(f"//{host}")):
            raise RequestError(403, "The Host header does not name this server. --allow-host NAME lets it in.")
        if self._extensions is not None and path in PATHS and scope["type"] == "http":
            self._extensions.check(scope)
            return
        is_elsewhere = headers.get("sec-fetch-site") in ("cross-site", "same-site") and path not in OPEN_PATHS
        if not self._may_ask(headers.get("origin"), host.lower(), is_elsewhere):
            raise RequestError(
                403, "Pages of other web sites may not use this server. --allow-origin, or the settings, let one in."
            )
        if self._settings.api_key and path not in OPEN_PATHS and not self._has_key(headers):
            raise RequestError(
                401,
                "The API key is missing or wrong. Send: Authorization: Bearer KEY",
                headers={"WWW-Authenticate": "Bearer"},
            )

    def _may_ask(self, origin: str | None, host: str, is_elsewhere: bool) -> bool:
        """Return whether a page of `origin`, which browsers state, may ask.

        Behind a proxy that rewrites Host, this server's own page comes from a name that was allowed.
        """
        if "*" in self._origins or (origin is not None and origin in self._origins):
            return True
        if is_elsewhere:
            return False
        if origin is None or origin.lower() in (f"http://{host}", f"https://{host}"):
            return True
        return origin.lower().startswith(("http://", "https://")) and _name_of(origin) in self._allowed

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
    """Send an error's reply, to a WebSocket too, before it is accepted."""
    if scope["type"] == "http":
        await error_reply(Request(scope), error)(scope, receive, send)
        return
    if "websocket.http.response" not in scope.get("extensions", {}):
        await send({"type": "websocket.close", "code": 1008, "reason": error.message})
        return
    reply = error_reply(Request({**scope, "type": "http", "method": "GET"}), error)
    await send({"type": "websocket.http.response.start", "status": error.status, "headers": reply.raw_headers})
    await send({"type": "websocket.http.response.body", "body": bytes(reply.body)})
