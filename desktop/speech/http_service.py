"""The HTTP interface of the running application: other programs speak through the engine that is here already."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

import engine
import engine.builtin
import engine.server
from desktop.common.messages import Message, explain_at_prompt, explain_http_setting

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HttpWish:
    """Whether there is to be one, HOST:PORT, the key that clients bring, and whether it is the built-in voice that
    speaks, which has other voices to name. `voice` speaks where a client names none; pages of `origins`, which have
    spaces between them, may use it."""

    is_on: bool = False
    address: str = ""
    key: str = ""
    is_built_in: bool = True
    voice: str = ""
    origins: str = ""


@dataclass(frozen=True, slots=True)
class HttpView:
    """`url` while it answers; `problem` is why it does not."""

    url: str = ""
    problem: Message | None = None


class HttpService(QObject):
    """Starts and stops the server in a thread of its own, for the packages it is made of take a while to load."""

    changed = Signal(object)
    """HttpView"""

    def __init__(
        self,
        open_engine: Callable[[], engine.SpeechEngine],
        voices_folder: Path,
        parent: QObject | None = None,
        dictionary: Callable[[], tuple[engine.Pronunciation, ...]] = tuple,
    ) -> None:
        super().__init__(parent)
        self._dictionary = dictionary
        self.view = HttpView()
        self._open_engine, self._voices_folder = open_engine, voices_folder
        self._wish = HttpWish()
        self._server: engine.server.HttpServer | None = None  # the thread's alone
        self._thread = ThreadPoolExecutor(1, "http")
        self._told.connect(self._take)

    _told = Signal(object)

    def use(self, wish: HttpWish) -> None:
        """Be as `wish` says; `changed` tells when it is so, or why it cannot be."""
        if wish != self._wish:
            self._wish = wish
            self._thread.submit(self._apply, wish)

    def close(self) -> None:
        """Replies on their way have two seconds."""
        self._thread.submit(self._stop)
        self._thread.shutdown(wait=True)

    def _apply(self, wish: HttpWish) -> None:
        self._stop()
        view = HttpView()
        if wish.is_on:
            try:
                self._server = self._start(wish)
                view = HttpView(self._server.url)
            except engine.EngineError as error:
                view = HttpView(problem=explain_http_setting(error))
                log.warning("the HTTP interface did not start: %s", view.problem)
        self._told.emit(view)

    def _start(self, wish: HttpWish) -> engine.server.HttpServer:
        host, port = engine.server.parse_address(wish.address)
        variants = engine.builtin.variants() if wish.is_built_in else ()
        settings = engine.server.ServerSettings(
            self._voices_folder,
            host,
            port,
            api_key=wish.key,
            allowed_origins=tuple(origin.rstrip("/,").lower() for origin in wish.origins.split()),
            voice=wish.voice,
            built_in_variants=variants,
            dictionary=self._dictionary,
        )
        return engine.server.start_http_server(
            settings, self._open_engine(), lambda error: str(explain_at_prompt(error))
        )

    def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _take(self, view: HttpView) -> None:
        self.view = view
        self.changed.emit(view)
