"""Connections: how many there may be, who goes first when there are too many, and how long a request may take to say
what it is.

uvicorn waits for ever for a request's head, and so a few hundred sockets that send half of one would keep everybody
out. Here such a connection has a time, which a trickle of bytes does not lengthen, and is the first to go when there is
no room.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from pathlib import Path
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from engine.server.settings import ServerLimits

log = logging.getLogger(__name__)
RESERVED_FILES = 16  # for voices, recordings and whatever else is opened while clients are served
MIN_CONNECTIONS = 4
SAY_AGAIN_S = 60.0
MAX_SAID = 1000
_LATE = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


def max_connections(limits: ServerLimits) -> int:
    """Return how many connections there may be: as `limits` says, or fewer where the system lets this process open no
    more files."""
    n_free = _n_free_files()
    if n_free is None:
        return limits.max_connections
    return max(MIN_CONNECTIONS, min(limits.max_connections, n_free - RESERVED_FILES))


def _n_free_files() -> int | None:
    """Count the files that may still be opened; None where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows, which has no such limit
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return None
    for folder in ("/proc/self/fd", "/dev/fd"):
        if Path(folder).is_dir():
            return limit - len(list(Path(folder).iterdir()))
    return limit - RESERVED_FILES


class Connection(H11Protocol):
    """Serve one connection, and time what its client owes. Its class is made by `connection_class`, which knows the
    limits."""

    limits = ServerLimits()
    max_connections = ServerLimits().max_connections

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.waits_since_s: float | None = None
        """Since when its client has owed something, by `time.monotonic`; None while it is this server's turn."""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, and make room where there are too many."""
        super().connection_made(transport)
        self._look()
        if len(self.connections) > self.max_connections:
            make_room(self.connections)

    def connection_lost(self, exc: Exception | None) -> None:
        """End, and stop the clock."""
        self._owe_nothing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take bytes, and look whose turn it is."""
        super().data_received(data)
        self._look()

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Become a WebSocket, which owes nothing here."""
        self._owe_nothing()
        super().handle_websocket_upgrade(event)

    def on_response_complete(self) -> None:
        """Go on to the next request, which the client now owes."""
        super().on_response_complete()
        self._look()

    def go(self) -> None:
        """Break the connection off."""
        self._owe_nothing()
        self.transport.abort()

    def _look(self) -> None:
        """Whose turn is it? A client owes the head of a request, or the rest of one that has its answer already."""
        is_head_due = self.conn.their_state is h11.IDLE
        is_rest_due = self.conn.their_state is h11.SEND_BODY and self.cycle is not None and self.cycle.response_complete
        if not (is_head_due or is_rest_due) or self.transport.is_closing():
            self._owe_nothing()
        elif self.waits_since_s is None:
            self.waits_since_s = time.monotonic()
            self._timer = self.loop.call_later(self.limits.head_s, self._on_late)

    def _owe_nothing(self) -> None:
        self.waits_since_s = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _on_late(self) -> None:
        has_begun = bool(self.conn.trailing_data[0]) and self.conn.our_state is h11.IDLE
        self._owe_nothing()
        if has_begun:
            self.transport.write(_LATE)
        self.transport.close()


def connection_class(limits: ServerLimits) -> type[Connection]:
    """Make the class of connections within `limits`."""
    return type("Connection", (Connection,), {"limits": limits, "max_connections": max_connections(limits)})


def make_room(connections: set[Any]) -> None:
    """Break off the connection that has been owing a request for longest; without one nothing happens."""
    waiting = [one for one in connections if isinstance(one, Connection) and one.waits_since_s is not None]
    if waiting:
        min(waiting, key=lambda one: one.waits_since_s or 0.0).go()


class Server(uvicorn.Server):
    """Run uvicorn's server, and say in one line, once a minute, when the system gives it no more connections.

    WORKAROUND: asyncio reports that 256 times a second, each with a traceback, for as long as it lasts.
    """

    _made_room_s = 0.0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to listen, with an error handler of our own in the event loop."""
        asyncio.get_running_loop().set_exception_handler(self._on_loop_error)
        await super().startup(sockets)

    def _on_loop_error(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if "out of system resource" not in context.get("message", ""):
            loop.default_exception_handler(context)
            return
        log.warning("No more connections can be opened: %s.", context.get("exception"))
        if time.monotonic() - self._made_room_s > 0.5:
            self._made_room_s = time.monotonic()
            make_room(self.server_state.connections)


class SayOnce(logging.Filter):
    """Let the same message through once a minute: clients can cause any number of them."""

    def __init__(self) -> None:
        super().__init__()
        self._said_s: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether `record` was not said within the last minute."""
        now_s, said = time.monotonic(), f"{record.msg} {record.exc_info and record.exc_info[1]!r}"
        if said in self._said_s and now_s - self._said_s[said] < SAY_AGAIN_S:
            return False
        if len(self._said_s) > MAX_SAID:
            self._said_s.clear()
        self._said_s[said] = now_s
        return True
