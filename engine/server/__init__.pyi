from .pairing import PairedBrowser, PairingRequest, Pairings, PairingView
from .reading import PersonReader, ReadingAction, ReadingFeed, ReadingState
from .run import HttpServer
from .serving import serve_http, start_http_server, start_wyoming_server
from .settings import ServerLimits, ServerSettings, is_loopback, parse_address
from .wyoming.run import WyomingServer

__all__ = [
    "HttpServer",
    "PairedBrowser",
    "PairingRequest",
    "PairingView",
    "Pairings",
    "PersonReader",
    "ReadingAction",
    "ReadingFeed",
    "ReadingState",
    "ServerLimits",
    "ServerSettings",
    "WyomingServer",
    "is_loopback",
    "parse_address",
    "serve_http",
    "start_http_server",
    "start_wyoming_server",
]
