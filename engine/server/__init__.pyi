from .run import HttpServer
from .serving import serve_http, start_http_server, start_wyoming_server
from .settings import ServerLimits, ServerSettings, is_loopback, parse_address
from .wyoming.run import WyomingServer

__all__ = [
    "HttpServer",
    "ServerLimits",
    "ServerSettings",
    "WyomingServer",
    "is_loopback",
    "parse_address",
    "serve_http",
    "start_http_server",
    "start_wyoming_server",
]
