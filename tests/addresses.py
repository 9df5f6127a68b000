"""Addresses on which nobody but the test listens, or nobody at all.

The system gives a port that was closed to whoever asks next: a server of another test, too. All of 127.0.0.0/8 is
loopback on Linux, so that each process has hosts of its own there.
"""

from __future__ import annotations

import itertools
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address

_COUNT = itertools.count()


def own_host() -> str:
    """A loopback host that no other process uses, and this one not again before its third call from here."""
    return str(IPv4Address(0x7F00_0000 | os.getpid() << 2 & 0xFF_FFFC | next(_COUNT) & 3))


def free_address() -> str:
    """HOST:PORT to listen at, for who has to know it before."""
    with socket.create_server((own_host(), 0)) as free:
        host, port = free.getsockname()
    return f"{host}:{port}"


@contextmanager
def refusing_address() -> Iterator[str]:
    """HOST:PORT that refuses all calls for the length of the block: it is taken, and nobody listens."""
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        host, port = deaf.getsockname()
        yield f"{host}:{port}"
