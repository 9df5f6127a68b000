"""The HTTP client that all questions and downloads go through: it chooses the way, and refuses what is no answer.

Imported only by what talks to the Hub: it brings in the HTTP library.
"""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import httpx2
import socksio

from engine.errors import HubError
from engine.weights.proxies import Proxy, proxy_for

PRODUCT = "lectern"
ANY_STATUS, ANY_LENGTH = "lectern_any_status", "lectern_any_length"
"""What a request may have in its extensions: that refusals are read by whoever asks, that the answer is a file."""
MAX_ANSWER_BYTES = 16 << 20
"""What the Hub says of a repository is a thousandth of it."""
_PAGES = ("text/html", "application/xhtml+xml")


@functools.cache
def product_version() -> str:
    """Return Lectern's version, as it is installed: read once, for it is in each request."""
    return version(PRODUCT)


def make_client() -> httpx2.Client:
    """Make the HTTP client for questions and downloads, through which the Hub's own library asks as well."""
    return httpx2.Client(
        transport=_ProxyTransport(),
        headers={"User-Agent": f"{PRODUCT}/{product_version()}"},
        event_hooks={"response": [_refuse]},
        follow_redirects=True,
        timeout=None,
    )


class _ProxyTransport(httpx2.BaseTransport):
    """A connection pool for each proxy that is in use, and one for what needs none.

    The library's own choice, made once for all proxies in the environment, fails as soon as it does not know one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pools: dict[Proxy | None, httpx2.HTTPTransport] = {}

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        proxy = proxy_for(str(request.url))
        try:
            response = self._pool(proxy).handle_request(request)
        except (socksio.SOCKSError, AssertionError, ValueError) as error:
            # what httpcore2 lets through when a SOCKS proxy's answers are none (it asserts their kind)
            if proxy is None or not proxy.is_socks:
                raise
            raise httpx2.ProxyError("it does not speak SOCKS 5", request=request) from error
        if not request.extensions.get(ANY_LENGTH):
            response.stream = _Bounded(response.stream)
        return response

    def close(self) -> None:
        with self._lock:
            for pool in self._pools.values():
                pool.close()
            self._pools.clear()

    def _pool(self, proxy: Proxy | None) -> httpx2.HTTPTransport:
        with self._lock:
            pool = self._pools.get(proxy)
            if pool is None:
                pool = self._pools[proxy] = _open_pool(proxy)
            return pool


def _open_pool(proxy: Proxy | None) -> httpx2.HTTPTransport:
    try:
        return httpx2.HTTPTransport(proxy=proxy.address if proxy else None)
    except OSError as error:  # SSL_CERT_FILE names none
        raise HubError("network", f"the certificates cannot be read: {error.strerror or error}") from error
    except (ValueError, httpx2.InvalidURL) as error:
        raise HubError("proxy_kind", proxy.shown if proxy else "") from error


class _Bounded(httpx2.SyncByteStream):
    """An answer of a length that is believed only up to a bound."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        n_bytes = 0
        for data in self._stream:
            n_bytes += len(data)
            if n_bytes > MAX_ANSWER_BYTES:
                raise HubError("server", "its answer is far too long")
            yield data

    def close(self) -> None:
        self._stream.close()


def _refuse(response: httpx2.Response) -> None:
    """Raise what an answer means before anybody reads it: a page is not the Hub's, and a refusal needs no library."""
    status = response.status_code
    if status == 511 or (200 <= status < 300 and response.headers.get("Content-Type", "").lower().startswith(_PAGES)):
        raise HubError("login_page", response.url.host)
    if status >= 400 and not response.request.extensions.get(ANY_STATUS):
        raise httpx2.HTTPStatusError(f"status {status}", request=response.request, response=response)
