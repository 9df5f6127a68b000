"""Replies to clients that are no sound, and the bodies of their requests: JSON or MessagePack, and errors in either."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import ormsgpack
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from engine.server.settings import ServerLimits

_COUNTED = "lectern.n_bytes"
_VOICES = "lectern.voices"
JSON = "application/json"
MSGPACK = "application/msgpack"
_MSGPACK_TYPES = (MSGPACK, "application/x-msgpack", "application/vnd.msgpack")


class RequestError(Exception):
    """Refuse a request with an HTTP status; `message` is for whoever wrote the client."""

    def __init__(
        self, status: int, message: str, *, param: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.param = status, message, param
        self.headers = dict(headers or {})


def json_reply(values: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make a reply in JSON."""
    body = json.dumps(values, ensure_ascii=False).encode("utf-8", "backslashreplace")
    return Response(body, status, dict(headers or {}), JSON)


def wants_json(request: Request) -> bool:
    """Return whether the query or the Accept header asks for JSON."""
    accept = request.headers.get("accept", "").lower()
    return request.query_params.get("format", "").lower() == "json" or (JSON in accept and "msgpack" not in accept)


def reply(request: Request, values: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Make a reply: JSON where the query or the Accept header asks for it, else MessagePack."""
    if wants_json(request):
        return json_reply(values, status, headers)
    body = ormsgpack.packb(values, option=ormsgpack.OPT_SERIALIZE_NUMPY)
    return Response(body, status, dict(headers or {}), MSGPACK)


def note_voices(request: Request, **names: str) -> None:
    """Note what a request about voices names, which an error's reply repeats."""
    request.scope[_VOICES] = names


def error_reply(request: Request, error: RequestError) -> Response:
    """Make an error's reply, in the form that the request's path has for errors."""
    phrase = HTTPStatus(error.status).phrase
    if request.url.path.startswith(("/v1/audio/", "/v1/models", "/dev/")):
        kind = "invalid_request_error" if error.status < 500 else "server_error"
        inner = {"message": error.message, "type": kind, "param": error.param, "code": None}
        return json_reply({"error": inner}, error.status, error.headers)
    if request.url.path.startswith("/v1/references/"):
        named = request.scope.get(_VOICES, {"reference_id": ""})
        return reply(request, {"success": False, "message": error.message, **named}, error.status, error.headers)
    values = {"statusCode": error.status, "message": error.message, "error": phrase}
    if "msgpack" in request.headers.get("accept", "") and not wants_json(request):
        return Response(ormsgpack.packb(values), error.status, error.headers, MSGPACK)
    return json_reply(values, error.status, error.headers)


class Intake:
    """Read the bodies of requests, none longer than allowed, and all together no longer than memory has room for.

    A body counts until its request has been answered: then whoever called must `release` it.
    """

    def __init__(self, limits: ServerLimits) -> None:
        self._limits = limits
        self._n_bytes = 0

    async def read(self, request: Request) -> bytes:
        """Read the body. Raises `RequestError` 408, 413 or 429, and Starlette's `ClientDisconnect`."""
        length = request.headers.get("content-length", "0")
        if length.isascii() and length.isdigit() and (len(length) > 20 or int(length) > self._limits.max_body_bytes):
            raise self._too_large()
        pieces: list[bytes] = []
        n_bytes = 0
        try:
            async with asyncio.timeout(self._limits.body_s):
                async for piece in request.stream():
                    n_bytes += len(piece)
                    self._n_bytes += len(piece)
                    request.scope[_COUNTED] = n_bytes
                    if n_bytes > self._limits.max_body_bytes:
                        raise self._too_large()
                    if self._n_bytes > self._limits.max_bodies_bytes:
                        raise RequestError(
                            429, "Too much is arriving at once. Try again.", headers={"Retry-After": "1"}
                        )
                    pieces.append(piece)
        except TimeoutError:
            raise RequestError(408, "The request did not arrive in time.", headers={"Connection": "close"}) from None
        return b"".join(pieces)

    def release(self, scope: Scope) -> None:
        """Give the room of a request's body back."""
        self._n_bytes -= scope.pop(_COUNTED, 0)

    async def read_values(self, request: Request) -> dict[str, Any]:
        """Read the body as an object, JSON or MessagePack. Raises `RequestError` 400, 415 and those of `read`."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != JSON and kind not in _MSGPACK_TYPES:
            raise RequestError(415, f"The body's type can be {JSON} or {MSGPACK}; found: {kind or 'none'}.")
        return decode_values(await self.read(request), is_json=kind == JSON)

    async def read_form(self, request: Request, as_json: tuple[str, ...] = ()) -> dict[str, Any]:
        """Read the body as `read_values` does, or as a form: text is str, a file is bytes; the fields `as_json` are
        parsed as JSON."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in ("multipart/form-data", "application/x-www-form-urlencoded"):
            return await self.read_values(request)
        body = await self.read(request)
        values: dict[str, Any] = {}
        replay = Request(request.scope, _once(body))
        try:
            async with replay.form(max_files=8, max_fields=32, max_part_size=self._limits.max_body_bytes) as form:
                for name, value in form.multi_items():
                    values[name] = value if isinstance(value, str) else await value.read()
                    if name in as_json and isinstance(value, str):
                        values[name] = json.loads(value)
        except (HTTPException, MultiPartException, ValueError, KeyError, RecursionError) as error:  # what parsers raise
            detail = getattr(error, "detail", None) or type(error).__name__
            raise RequestError(400, f"The form cannot be read: {detail}") from error
        return values

    def _too_large(self) -> RequestError:
        limit = self._limits.max_body_bytes
        return RequestError(413, f"The request is too large: at most {limit:,} bytes.", headers={"Connection": "close"})


def decode_values(body: bytes, *, is_json: bool) -> dict[str, Any]:
    """Parse an object, JSON or MessagePack. Raises `RequestError` 400."""
    try:
        values = json.loads(body, parse_constant=_refuse_constant) if is_json else ormsgpack.unpackb(body)
    except (ValueError, RecursionError) as error:  # both libraries' own errors are ValueErrors
        name = "JSON" if is_json else "MessagePack"
        raise RequestError(400, f"The body is not {name}: {error}") from None
    if not isinstance(values, dict):
        raise RequestError(400, "The body is not an object.")
    return values


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def _once(body: bytes) -> Any:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
