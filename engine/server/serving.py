"""Serve HTTP and the Wyoming protocol, where the packages that only these need are installed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.errors import EngineError, ServerError
from engine.opening import try_out
from engine.server.settings import ServerSettings
from engine.types import EngineStatus, SpeechEngine

if TYPE_CHECKING:
    from engine.server.pairing import Pairings
    from engine.server.reading import PersonReader
    from engine.server.run import HttpServer
    from engine.server.wyoming.run import WyomingServer


def serve_http(
    settings: ServerSettings,
    open_engine: Callable[[], SpeechEngine],
    explain: Callable[[EngineError], str],
    on_ready: Callable[[str, EngineStatus], object],
) -> None:
    """Open an engine and serve the HTTP interface with it until a signal ends the program.

    `on_ready` is called with the address when clients can come. `explain` makes an error the sentence that a client
    reads. Raises `ServerError`, and what `open_engine` raises.
    """
    _check_packages()
    from engine.server.run import run_server

    run_server(settings, open_engine, explain, on_ready)


def start_http_server(
    settings: ServerSettings,
    speech_engine: SpeechEngine,
    explain: Callable[[EngineError], str],
    for_extensions: tuple[Pairings, PersonReader] | None = None,
) -> HttpServer:
    """Serve the HTTP interface with an engine that is open already, in a thread, until it is closed.

    `for_extensions`: who is allowed, and who reads to the person, where browser extensions may have pages read.
    Loading its packages takes a second. Raises `ServerError`.
    """
    _check_packages()
    from engine.server.run import HttpServer

    return HttpServer(settings, speech_engine, explain, for_extensions)


def start_wyoming_server(
    settings: ServerSettings,
    open_engine: Callable[[], SpeechEngine],
    explain: Callable[[EngineError], str],
    *,
    warm_up: bool = False,
) -> WyomingServer:
    """Serve Home Assistant's protocol in a thread, until it is closed, with an engine that `open_engine` opens in a
    thread of its own; with `warm_up` it is tried out first. Raises `ServerError`, and what `open_engine` raises."""
    try:
        import engine.server.wyoming.run
    except ModuleNotFoundError as error:
        raise ServerError("no_wyoming", detail=error.name or "") from error

    def opened() -> SpeechEngine:
        speech_engine = open_engine()
        if warm_up:
            try_out(speech_engine)
        return speech_engine

    return engine.server.wyoming.run.WyomingServer(settings, opened, explain)


def _check_packages() -> None:
    try:
        import engine.server.run  # noqa: F401 - imports them all
    except ModuleNotFoundError as error:
        raise ServerError("not_installed", detail=error.name or "") from error
