"""The paths for browser extensions: they ask whether they may, begin a reading, follow it and act on it.

All are POST, since browsers state an extension's origin with nothing else.
"""

from __future__ import annotations

import asyncio
import ipaddress
import math
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.server.fields import Fields, wrong
from engine.server.pairing import EXTENSION_ORIGIN, NotAskedError, Pairings
from engine.server.reading import PersonReader, ReadingAction, ReadingState
from engine.server.replies import Intake, RequestError, json_reply
from engine.text import check_text

PATHS = frozenset({"/v1/pair", "/v1/reading/start", "/v1/reading/watch", "/v1/reading/act"})
OPEN_PATHS = frozenset({"/v1/pair"})
WAIT_S = 20.0
"""So long a question waits for something new: less than browsers let an idle extension live."""
POLL_S = 0.1
ANSWER_S = 10.0
MAX_POSITION = 2**31
SPEEDS = (0.5, 3.0)
T = TypeVar("T")
Endpoint = Callable[[Request], Coroutine[Any, Any, Response]]


class Extensions:
    """Answer the paths for browser extensions. Everything here runs in the event loop."""

    def __init__(self, pairings: Pairings, reader: PersonReader, intake: Intake) -> None:
        self._pairings, self._reader, self._intake = pairings, reader, intake
        self._is_closing = False

    def routes(self) -> list[Route]:
        """Make the routes to `PATHS`."""
        methods = (self.pair, self.start, self.watch, self.act)
        paths = ("/v1/pair", "/v1/reading/start", "/v1/reading/watch", "/v1/reading/act")
        return [
            Route(path, _with_preflight(method), methods=["POST", "OPTIONS"])
            for path, method in zip(paths, methods, strict=True)
        ]

    def close(self) -> None:
        """Have those who wait go."""
        self._is_closing = True
        self._reader.feed.wake()

    def check(self, scope: Scope) -> None:
        """Check who calls one of `PATHS`: an extension of a browser on this computer, with the token that was given to
        it. Raises `RequestError`."""
        headers = Headers(scope=scope)
        if not _is_here(scope.get("client")):
            raise RequestError(403, "Only browsers on this computer can have pages read here.")
        origin = headers.get("origin", "")
        if not EXTENSION_ORIGIN.fullmatch(origin):
            raise RequestError(403, "Only browser extensions can have pages read.")
        if scope["path"] in OPEN_PATHS or scope["method"] == "OPTIONS":
            return
        kind, _, token = headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not self._pairings.is_paired(origin, token.strip()):
            raise RequestError(
                401, "This extension is not allowed. Ask at /v1/pair.", headers={"WWW-Authenticate": "Bearer"}
            )

    # --- the paths

    async def pair(self, request: Request) -> Response:
        """Ask whether the extension may; with the `secret` of that question, wait for the answer."""
        fields, origin = Fields(await self._intake.read_values(request)), request.headers["origin"]
        secret = fields.text("secret", "")
        if secret:
            return await self._wait_for_answer(origin, secret)
        try:
            secret, question = self._pairings.ask(origin, fields.text("name", ""))
        except NotAskedError as error:
            status = 403 if error.reason == "refused" else 429
            headers = {"Retry-After": str(math.ceil(error.retry_after_s))}
            raise RequestError(status, _NOT_ASKED[error.reason], headers=headers) from None
        return json_reply({"state": "asked", "secret": secret, "number": question.number})

    async def _wait_for_answer(self, origin: str, secret: str) -> Response:
        loop = asyncio.get_running_loop()
        until_s = loop.time() + WAIT_S
        while (outcome := self._pairings.outcome(origin, secret)).state == "asked" and not self._is_closing:
            if loop.time() > until_s:
                break
            await asyncio.sleep(POLL_S)
        return json_reply({"state": outcome.state, **({"token": outcome.token} if outcome.token else {})})

    async def start(self, request: Request) -> Response:
        """Read a text for the person, instead of what is read now."""
        fields = Fields(await self._intake.read_values(request))
        text = fields.text("text")
        position = fields.whole("position", 0, MAX_POSITION, 0)
        check_text(text)
        if position > len(text):
            raise wrong("position", "a place in the text")
        answer = await _answer(self._reader.start(request.headers["origin"], text, position))
        if isinstance(answer, str):
            raise RequestError(400, answer)
        return json_reply({"reading": answer})

    async def watch(self, request: Request) -> Response:
        """Tell what is heard, as soon as it is another than version `after`."""
        fields = Fields(await self._intake.read_values(request))
        after = fields.whole("after", -1, 2**62, -1)
        owner = request.headers["origin"]
        state = await self._reader.feed.newer(after, WAIT_S)
        self.check(request.scope)  # it may have been sent away meanwhile
        return json_reply(_told(state, owner))

    async def act(self, request: Request) -> Response:
        """Pause, resume, stop, go elsewhere in, or change the speed of the extension's own reading."""
        fields = Fields(await self._intake.read_values(request))
        reading = fields.whole("reading", 1, 2**62, 0)
        try:
            action = ReadingAction(fields.text("action"))
        except ValueError:
            raise wrong("action", f"one of {', '.join(ReadingAction)}") from None
        value = 0.0
        if action is ReadingAction.JUMP:
            value = fields.whole("position", 0, MAX_POSITION, 0)
        elif action is ReadingAction.SPEED:
            value = fields.number("speed", *SPEEDS, 1.0)
        if not await _answer(self._reader.act(request.headers["origin"], reading, action, value)):
            raise RequestError(409, "That is not being read any more.")
        return json_reply(_told(self._reader.feed.state, request.headers["origin"]))


_NOT_ASKED = {
    "refused": "Lectern's user has refused this extension. It can ask again later.",
    "busy": "Another extension is asking. Try again when that is answered.",
    "often": "Lectern was asked too often. Try again later.",
}


class ExtensionReplies:
    """Let extensions read what `PATHS` answer, errors too, where a browser asks for that to be said."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] not in PATHS:
            await self._app(scope, receive, send)
            return
        origin = Headers(scope=scope).get("origin", "")

        async def with_words(message: Message) -> None:
            if message["type"] == "http.response.start" and EXTENSION_ORIGIN.fullmatch(origin):
                headers = MutableHeaders(scope=message)
                headers["Access-Control-Allow-Origin"] = origin
                headers["Access-Control-Expose-Headers"] = "Retry-After, X-Lectern-Reads"
                headers["X-Lectern-Reads"] = "1"  # whether it is the application, and new enough
                headers["Vary"] = "Origin"
                if scope["method"] == "OPTIONS" and message["status"] == 204:
                    headers["Access-Control-Allow-Methods"] = "POST"
                    headers["Access-Control-Allow-Headers"] = "authorization, content-type"
                    headers["Access-Control-Allow-Private-Network"] = "true"
            await send(message)

        await self._app(scope, receive, with_words)


def _with_preflight(method: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return Response(status_code=204) if request.method == "OPTIONS" else await method(request)

    return answer


def _told(state: ReadingState, owner: str) -> dict[str, Any]:
    """What an extension is told: of the person's other readings only that there is one."""
    is_yours = state.owner == owner
    is_heard = is_yours and state.is_heard
    return {
        "version": state.version,
        "reading": state.reading if is_yours else 0,
        "phase": state.phase,
        "is_yours": is_heard,
        "sentence": state.sentence if is_heard else None,
        "word": state.word if is_heard else None,
        "speaker": state.speaker if is_heard else "",
        "speed": state.speed,
        "problem": state.problem if is_heard else "",
    }


async def _answer(future: Future[T]) -> T:
    try:
        return await asyncio.wait_for(asyncio.wrap_future(future), ANSWER_S)
    except TimeoutError:
        raise RequestError(503, "Lectern is too busy to answer.", headers={"Retry-After": "5"}) from None


def _is_here(client: Any) -> bool:
    try:
        address = ipaddress.ip_address(client[0])
    except (TypeError, ValueError):
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
