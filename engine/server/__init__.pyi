from .run import HttpServer
from .serving import serve_http, start_http_server
from .settings import ServerLimits, ServerSettings, parse_address

__all__ = [
    "HttpServer",
    "ServerLimits",
    "ServerSettings",
    "parse_address",
    "serve_http",
    "start_http_server",
]
