"""A client of `/v1/tts/live`, word by word."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import ormsgpack
from served import LIMIT_S, Server
from websockets.sync.client import ClientConnection, connect


@contextmanager
def live(server: Server, start: dict[str, Any] | None = None, **headers: str) -> Iterator[ClientConnection]:
    url = f"ws://127.0.0.1:{server.port}/v1/tts/live"
    with connect(url, additional_headers=headers, open_timeout=LIMIT_S, close_timeout=5) as socket:
        if start is not None:
            tell(socket, "start", request={"text": "", "format": "pcm", **start})
        yield socket


def tell(socket: ClientConnection, event: str, **values: Any) -> None:
    socket.send(ormsgpack.packb({"event": event, **values}))


def hear(socket: ClientConnection) -> dict[str, Any]:
    message = socket.recv(LIMIT_S)
    assert isinstance(message, bytes)
    assert len(message) < 65_536, "the hosted service's clients take no more"
    return ormsgpack.unpackb(message)


def hear_all(socket: ClientConnection) -> bytes:
    sound = b""
    while (event := hear(socket))["event"] == "audio":
        sound += event["audio"]
    assert event == {"event": "finish", "reason": "stop"}
    return sound


def pcm_of(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.int16).astype(np.float32) / 32768
