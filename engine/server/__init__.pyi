from .pairing import PairedBrowser, PairingRequest, Pairings, PairingView
from .reading import PersonReader, ReadingAction, ReadingFeed, ReadingState
from .run import HttpServer
from .serving import serve_http, start_http_server
from .settings import ServerLimits, ServerSettings, parse_address

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
    "parse_address",
    "serve_http",
    "start_http_server",
]
