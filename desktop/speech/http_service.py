"""The HTTP interface of the running application: other programs speak through the engine that is here already."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal

import engine
import engine.server
from desktop.common.messages import Message, explain_at_prompt, explain_http_setting
from engine.registry import EngineEntry, always_there, engine_named, engines

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Says whether there is to be one, HOST:PORT, and the key that clients bring. `engine` is the one that speaks
    but where a voice of another's is asked for; `voice` speaks where a client names none; pages of `origins`, which
    have spaces between them, may use it."""

    is_on: bool = False
    address: str = ""
    key: str = ""
    engine: str = field(default_factory=lambda: always_there().name)
    voice: str = ""
    origins: str = ""


@dataclass(frozen=True, slots=True)
class HttpView:
    """Says where it answers (`url`), or why it does not (`problem`)."""

    url: str = ""
    problem: Message | None = None


class Server(Protocol):
    """Answers at `url` until it is closed."""

    url: str

    def close(self) -> None: ...


class HttpService(QObject):
    """Starts and stops the server in a thread of its own, for the packages it is made of take a while to load."""

    name = "HTTP"
    has_no_key = False
    """Whether other computers may come in without a key."""

    changed = Signal(object)
    """HttpView"""

    def __init__(
        self,
        open_engine: Callable[[], engine.SpeechEngine],
        voices_folder: Path,
        parent: QObject | None = None,
        dictionary: Callable[[], tuple[engine.Pronunciation, ...]] = tuple,
        for_extensions: tuple[engine.server.Pairings, engine.server.PersonReader] | None = None,
    ) -> None:
        super().__init__(parent)
        self._dictionary, self._for_extensions = dictionary, for_extensions
        self.view = HttpView()
        self._open_engine, self._voices_folder = open_engine, voices_folder
        self._settings = HttpSettings()
        self._server: Server | None = None  # the thread's alone
        self._thread = ThreadPoolExecutor(1, self.name)
        self._is_closed = False
        self._applied.connect(self._take)

    _applied = Signal(object)

    def use(self, settings: HttpSettings) -> None:
        """Be as `settings` say; `changed` says when it is so, or why it cannot be. Closed, it stays so."""
        if settings != self._settings and not self._is_closed:
            self._settings = settings
            self._thread.submit(self._apply, settings)

    def close(self) -> None:
        """Stop; replies on their way have two seconds."""
        if self._is_closed:
            return
        self._is_closed = True
        self._thread.submit(self._stop)
        self._thread.shutdown(wait=True)

    def _apply(self, settings: HttpSettings) -> None:
        self._stop()
        view = HttpView()
        if settings.is_on:
            try:
                self._server = self._start(settings)
                view = HttpView(self._server.url)
            except engine.EngineError as error:
                view = HttpView(problem=explain_http_setting(error))
                log.warning("the %s interface did not start: %s", self.name, view.problem)
        self._applied.emit(view)

    def _start(self, settings: HttpSettings) -> Server:
        """Start the server, in the service's thread."""
        return engine.server.start_http_server(
            self._server_settings(settings),
            self._open_engine(),
            lambda error: str(explain_at_prompt(error)),
            self._for_extensions,
        )

    def _server_settings(self, settings: HttpSettings) -> engine.server.ServerSettings:
        host, port = engine.server.parse_address(settings.address)
        return engine.server.ServerSettings(
            self._voices_folder,
            host,
            port,
            api_key=settings.key,
            is_insecure=self.has_no_key,
            allowed_origins=tuple(origin.rstrip("/,").lower() for origin in settings.origins.split()),
            voice=settings.voice,
            engine_voices=_engine_voices(engine_named(settings.engine)),
            dictionary=self._dictionary,
        )

    def _stop(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _take(self, view: HttpView) -> None:
        self.view = view
        self.changed.emit(view)


def _engine_voices(speaking: EngineEntry) -> tuple[str, ...]:
    """The voices that engines have of their own. The engine that is always there speaks as itself only where no better
    one does: clients who ask for a voice are not to hear it by mistake."""
    heard = (entry for entry in engines() if entry == speaking or entry != always_there())
    return tuple(voice for entry in heard for voice in entry.voice_names())
