"""The server's settings and limits. Loads nothing."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import OptionError, ServerError
from engine.types import Pronunciation

ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?")
"""As browsers write it: in small letters, and no slash at its end."""


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """Set what clients may ask for.

    `max_waiting` requests wait for the engine, and more are refused until later. A client that lets `max_unread_bytes`
    of sound pile up holds the engine for `stall_s` at most. `max_reference_s` is for each recording. With more than
    `max_connections`, those go first that have asked for nothing yet.
    """

    max_text_chars: int = 20_000
    max_body_bytes: int = 32 * 2**20
    max_bodies_bytes: int = 128 * 2**20  # of all requests that are arriving or waiting
    max_references: int = 64
    max_reference_s: float = 90.0
    max_waiting: int = 64
    max_connections: int = 512
    max_live: int = 16
    max_unread_bytes: int = 8 * 2**20
    stall_s: float = 30.0
    head_s: float = 10.0  # for a request to say what it is
    body_s: float = 60.0  # for the rest of it
    live_start_s: float = 10.0  # for a live socket's first word
    live_idle_s: float = 300.0  # without a word from either side


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """Set the server up.

    `allowed_hosts` are names by which clients may call this server, beside its address and this computer's own names.
    Pages of `allowed_origins` ("*" for all) may use it. `engine_voices` are the names of the voices that the engine has
    of its own. `dictionary` gives the person's pronunciations, anew for each request. `voice` speaks where a request
    names none, and with `unknown_is_default` where it names one that is not there. Without `sends_wav_header` a WAV
    that `/v1/tts` streams is its samples alone, as the model's own server sends it, unless a request says otherwise.

    Raises `ServerError` "needs_key" where other computers could come in without a key and `is_insecure` is not set, and
    `OptionError` for an origin that is none.
    """

    voices_folder: Path
    host: str = "127.0.0.1"
    port: int = 8080
    api_key: str = field(default="", repr=False)
    is_insecure: bool = False
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    engine_voices: tuple[str, ...] = ()
    voice: str = ""
    unknown_is_default: bool = False
    sends_wav_header: bool = True
    dictionary: Callable[[], tuple[Pronunciation, ...]] = tuple
    limits: ServerLimits = field(default_factory=ServerLimits)

    def __post_init__(self) -> None:
        if not (is_loopback(self.host) or self.api_key or self.is_insecure):
            raise ServerError("needs_key", join_address(self.host, self.port))
        for origin in self.allowed_origins:
            if origin not in ("*", "null") and not ORIGIN.fullmatch(origin):
                expected = "a page's origin, such as https://example.org or http://127.0.0.1:3000 (no path), null or *"
                raise OptionError("--allow-origin", origin, expected)


def is_loopback(host: str) -> bool:
    """Return whether `host` is this computer alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def parse_address(text: str) -> tuple[str, int]:
    """Parse HOST:PORT, [IPv6]:PORT or PORT alone. Raises `OptionError`."""
    host, _, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:  # an IPv6 address must stand in brackets, or its end would be taken for the port
        port = ""
    is_host = re.fullmatch(r"[^\s\x00-\x20\x7f]*", host) is not None
    if not is_host or not re.fullmatch("[0-9]{1,5}", port) or int(port) > 65_535:
        raise OptionError("--listen", text, "HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
    return host or "127.0.0.1", int(port)


def join_address(host: str, port: int) -> str:
    """Write a host and a port as one address; IPv6 in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
