"""The socket that a server listens on."""

from __future__ import annotations

import socket

from engine.errors import ServerError
from engine.server.settings import ServerSettings, join_address

BACKLOG = 256


def listen(settings: ServerSettings) -> socket.socket:
    """Open the socket that the settings name. Raises `ServerError`."""
    address = join_address(settings.host, settings.port)
    try:
        where = (settings.host, settings.port)
        if ":" not in settings.host:
            return socket.create_server(where, backlog=BACKLOG)
        is_both = settings.host == "::" and socket.has_dualstack_ipv6()
        return socket.create_server(where, family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=is_both)
    except (OSError, UnicodeError) as error:
        raise ServerError("address", address, getattr(error, "strerror", None) or str(error)) from error
