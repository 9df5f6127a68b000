"""From settings to a running server of the Wyoming protocol."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress

from engine.server.listening import listen
from engine.server.live import LiveParts
from engine.server.metrics import Metrics
from engine.server.settings import ServerSettings, join_address
from engine.server.spoken import Explain
from engine.server.voice_book import VoiceBook
from engine.server.worker import EngineWorker
from engine.server.wyoming.conversation import Conversation
from engine.types import SpeechEngine

MAX_CLIENTS = 64
MAX_LINE_BYTES = 1 << 17


class WyomingServer:
    """Serve the protocol in a thread of its own. It answers when the constructor returns.

    `open_engine` is called in a thread that then owns the engine, and closes it. Raises `ServerError`, `VoiceError`
    where the usual voice is not there, and what `open_engine` raises.
    """

    def __init__(self, settings: ServerSettings, open_engine: Callable[[], SpeechEngine], explain: Explain) -> None:
        voices = VoiceBook(settings)
        voices.check_usual()
        self._listener = listen(settings)
        self.url = f"tcp://{join_address(settings.host, self._listener.getsockname()[1])}"
        self.worker = EngineWorker(open_engine, settings.limits.max_waiting)
        self._parts = LiveParts(self.worker, voices, Metrics(), settings, explain)
        self._loop = asyncio.new_event_loop()
        self._clients: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name="lectern-wyoming", daemon=True)
        self._is_up = threading.Event()
        self._ending: asyncio.Event | None = None
        try:
            self.worker.start()
        except BaseException:
            self._listener.close()
            self._loop.close()
            raise
        self._thread.start()
        self._is_up.wait()

    def close(self) -> None:
        """End the server, and whatever is being spoken for clients."""
        ending = self._ending
        assert ending is not None, "it is up when the constructor returns"
        with suppress(RuntimeError):  # closed already
            self._loop.call_soon_threadsafe(ending.set)
        self.worker.close()
        self._thread.join()
        self._listener.close()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        self._ending = asyncio.Event()
        server = await asyncio.start_server(self._meet, sock=self._listener, limit=MAX_LINE_BYTES)
        self._is_up.set()
        try:
            await self._ending.wait()
        finally:
            server.close()
            clients = list(self._clients)
            for client in clients:
                client.cancel()
            await asyncio.gather(*clients, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._clients) >= MAX_CLIENTS:
            writer.close()
            return
        client = asyncio.create_task(Conversation(reader, writer, self._parts).run())
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)
