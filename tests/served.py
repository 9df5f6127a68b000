"""The HTTP server on a free port of this computer, around any engine, and the simplest client there is."""

from __future__ import annotations

import functools
import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

import numpy as np
from rigged_voice import PlainVoice
from waiting import LIMIT_S

from desktop.common.messages import explain_at_prompt
from engine import SAMPLE_RATE_HZ, CancelToken, PcmChunk, SpeechEngine, SpeechRequest, Voice
from engine.audio.decoding import decode_audio
from engine.builtin import BuiltInVoice
from engine.server import ServerSettings
from engine.server.run import listen, open_server
from engine.server.service import Service
from engine.server.worker import EngineWorker


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Server:
    service: Service
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)

    def ask(self, method: str, path: str, body: Any = None, /, **headers: str) -> Reply:
        """`body`: what is no bytes is sent as JSON."""
        connection = self.connect()
        try:
            response = self.begin(connection, method, path, body, **headers)
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def begin(
        self, connection: HTTPConnection, method: str, path: str, body: Any = None, /, **headers: str
    ) -> HTTPResponse:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
            sent.setdefault("Content-Type", "application/json")
        connection.request(method, path, body, sent)
        return connection.getresponse()

    def tts(self, text: str, /, **values: Any) -> Reply:
        return self.ask("POST", "/v1/tts", {"text": text, **values})


@contextmanager
def serving(
    settings: ServerSettings, open_engine: Callable[[], SpeechEngine] = PlainVoice, for_extensions: Any = None
) -> Iterator[Server]:
    """A server in a thread of its own; it is gone when the block ends. Where nobody asks for a voice it says what
    `said` returns."""
    listener = listen(settings)
    worker = EngineWorker(open_engine, settings.limits.max_waiting)
    worker.start()
    service = Service(worker, settings, lambda error: str(explain_at_prompt(error)), for_extensions)
    server = open_server(service)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield Server(service, listener.getsockname()[1])
    finally:
        server.should_exit = True
        thread.join(LIMIT_S)
        worker.close()
        listener.close()
    assert not thread.is_alive()


def settings_in(folder: Path, **values: Any) -> ServerSettings:
    return ServerSettings(folder / "voices", port=0, **values)


def sound_of(data: bytes) -> np.ndarray:
    """float32 `(n,)` at 44.1 kHz of a file of any format."""
    return decode_audio(io.BytesIO(data), Path("reply"), SAMPLE_RATE_HZ)


@functools.lru_cache(maxsize=32)
def spoken(text: str, voice: str = "") -> np.ndarray:
    """What the built-in voice says for `text`, float32 `(n,)` at 44.1 kHz, which nobody may change: it is computed
    once."""
    events = _built_in_voice().speak(SpeechRequest(text, Voice(voice)), CancelToken())
    sound = np.concatenate([event.samples for event in events if isinstance(event, PcmChunk)])
    sound.flags.writeable = False
    return sound


def said(text: str) -> np.ndarray:
    """What espeak-ng says for `text`, float32 `(n,)` at 44.1 kHz."""
    return spoken(text, "built-in/espeak")


@functools.cache
def _built_in_voice() -> BuiltInVoice:
    """Half a second is what it takes to load."""
    return BuiltInVoice()


def same_words(sound: np.ndarray, wanted: np.ndarray, rate_hz: int = SAMPLE_RATE_HZ) -> bool:
    """Whether words and pauses come at the same times: the loudness of each 50 ms, compared. An encoder may have put
    some silence before the first."""
    window = rate_hz // 20
    curve = _loudness(wanted, window)
    others = [_loudness(sound[delay:], window) for delay in range(0, 2400, 300)]
    n = min(curve.size, others[-1].size)
    if abs(sound.size - wanted.size) > 0.1 * rate_hz or n < 4:
        return False
    return max(np.corrcoef(curve[:n], other[:n])[0, 1] for other in others) > 0.9


def _loudness(sound: np.ndarray, window: int) -> np.ndarray:
    n = sound.size // window
    return np.sqrt((sound[: n * window].reshape(n, window) ** 2).mean(axis=1))
