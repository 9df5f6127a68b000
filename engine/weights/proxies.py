"""Which proxy a request goes through, by the environment's variables, and by the system's settings where it has any.

`http_proxy`, `https_proxy`, `all_proxy` and `no_proxy`, small or large, as curl reads them. GNOME writes `socks://` for
SOCKS 5, and ranges of addresses into `no_proxy`.
"""

from __future__ import annotations

import ipaddress
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from engine.errors import HubError

_SCHEMES = {"http": "http", "https": "https", "socks": "socks5h", "socks5": "socks5h", "socks5h": "socks5h"}
"""As people write them, and as the HTTP client knows them; it leaves looking up names to every SOCKS proxy."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """Describe a proxy. `address` may hold a password, so the representation leaves it out; `shown` is host and port
    alone."""

    address: str = field(repr=False)
    shown: str

    @property
    def is_socks(self) -> bool:
        """Return whether it speaks SOCKS 5."""
        return self.address.startswith("socks")


def proxy_for(address: str) -> Proxy | None:
    """Find the proxy for a request to `address`; None where it goes directly. Raises `HubError` ("proxy_kind") where
    the proxy cannot be used."""
    wanted = urlsplit(address)
    named = urllib.request.getproxies()
    proxy = named.get(wanted.scheme) or named.get("all")
    if not proxy or _is_direct(wanted.hostname or "", wanted.port, named.get("no", "")):
        return None
    scheme, _, rest = proxy.partition("://") if "://" in proxy else ("http", "", proxy)
    known = _SCHEMES.get(scheme.lower())
    try:
        parts = urlsplit(f"{known or scheme}://{rest}")
        shown = f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname or "")
    except ValueError:  # a port that is none, half an address
        parts, shown = None, ""
    if known is None or parts is None or not parts.hostname:
        raise HubError("proxy_kind", f"{scheme}://{shown}" if shown else scheme)
    return Proxy(parts.geturl(), shown)


def _is_direct(host: str, port: int | None, no_proxy: str) -> bool:
    """Return whether `no_proxy` covers the host: by name, by the end of its name, by address or by a range of
    addresses."""
    names = [name.strip().lower() for name in no_proxy.split(",")]
    host = host.lower().rstrip(".")
    return any(_covers(name, host, port) for name in names if name) or bool(urllib.request.proxy_bypass(host))


def _covers(name: str, host: str, port: int | None) -> bool:
    if name == "*":
        return True
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(name.strip("[]"), strict=False)
    except ValueError:  # one of them is no address
        pass
    name, _, named_port = name.partition(":") if name.count(":") == 1 else (name, "", "")
    if named_port and named_port != str(port):
        return False
    name = name.removeprefix("*").lstrip(".").rstrip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))
