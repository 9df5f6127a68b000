"""From settings to a running server, until a signal ends it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import ormsgpack  # noqa: F401 - said now where it is missing, as are the others
import python_multipart  # noqa: F401
import uvicorn
import websockets  # noqa: F401

from engine.opening import try_out
from engine.server.app import create_app
from engine.server.connections import SayOnce, Server, connection_class
from engine.server.connections import log as connections_log
from engine.server.listening import BACKLOG, listen
from engine.server.pairing import Pairings
from engine.server.reading import PersonReader
from engine.server.service import Service
from engine.server.settings import ServerSettings, join_address
from engine.server.spoken import Explain
from engine.server.voice_book import VoiceBook
from engine.server.worker import EngineWorker
from engine.types import EngineStatus, SpeechEngine

SHUTDOWN_S = 2  # for replies that are on their way


def run_server(
    settings: ServerSettings,
    open_engine: Callable[[], SpeechEngine],
    explain: Explain,
    on_ready: Callable[[str, EngineStatus], object],
) -> None:
    """Open an engine and serve the HTTP interface with it until a signal ends the program.

    `on_ready` is called with the address when clients can come. `explain` makes an error the sentence that a client
    reads. Raises `ServerError`, and what `open_engine` raises.
    """
    VoiceBook(settings).check_usual()
    with listen(settings) as listener:
        worker = EngineWorker(lambda: warmed_up(open_engine()), settings.limits.max_waiting)
        try:
            status = worker.start()
            server = open_server(Service(worker, settings, explain))
            on_ready(f"http://{join_address(settings.host, listener.getsockname()[1])}", status)
            server.run(sockets=[listener])
        finally:
            worker.close()


class HttpServer:
    """Serve the HTTP interface in a thread of its own, with an engine that is open already and stays its owner's.

    It answers when the constructor returns. Raises `ServerError`, and `VoiceError` where its voice is not there.
    """

    def __init__(
        self,
        settings: ServerSettings,
        engine: SpeechEngine,
        explain: Explain,
        for_extensions: tuple[Pairings, PersonReader] | None = None,
    ) -> None:
        VoiceBook(settings).check_usual()
        self._listener = listen(settings)
        self._worker = EngineWorker(lambda: engine, settings.limits.max_waiting)
        self._worker.start()
        self.url = f"http://{join_address(settings.host, self._listener.getsockname()[1])}"
        self._service = Service(self._worker, settings, explain, for_extensions)
        self._server = open_server(self._service)
        sockets = [self._listener]
        self._thread = threading.Thread(target=self._server.run, args=(sockets,), name="lectern-http", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the server, and whatever is being spoken for clients."""
        self._server.should_exit = True
        if self._service.extensions is not None:
            self._service.extensions.close()
        self._worker.close()
        self._thread.join()
        self._listener.close()


def warmed_up(engine: SpeechEngine) -> SpeechEngine:
    """Try `engine` out, so that the first client does not wait for what is loaded or compiled at first use; return
    it."""
    try_out(engine)
    return engine


def open_server(service: Service) -> Server:
    """Make the server, ready to run in an event loop of its own."""
    limits = service.limits
    connection = connection_class(limits)
    for noisy in (logging.getLogger("uvicorn.error"), connections_log):
        if not any(isinstance(one, SayOnce) for one in noisy.filters):
            noisy.addFilter(SayOnce())
    config = uvicorn.Config(
        create_app(service),
        http=connection,
        loop="asyncio",
        ws="websockets-sansio",
        ws_max_size=limits.max_body_bytes,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=connection.max_connections + 1,
        backlog=BACKLOG,
        timeout_graceful_shutdown=SHUTDOWN_S,
    )
    return Server(config)
