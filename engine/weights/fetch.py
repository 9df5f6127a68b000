"""The bytes of one file: one attempt over HTTP, which goes on where its part ends."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from engine.errors import HubError
from engine.weights.hub import hub_errors, library, status_error
from engine.weights.part import Part, Stopped
from engine.weights.places import endpoint
from engine.weights.records import RemoteFile
from engine.weights.tokens import Token
from engine.weights.values import DownloadLimits

if TYPE_CHECKING:
    import httpx2

MAX_REDIRECTS = 5


class Lines:
    """The connections that are open, so that all can be cut at once: a thread that waits for bytes then wakes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._is_cut = False

    @contextmanager
    def using(self, response: httpx2.Response) -> Iterator[None]:
        line = response.extensions["network_stream"].get_extra_info("socket")
        with self._lock:
            if self._is_cut:
                raise Stopped
            self._sockets.add(line)
        try:
            yield
        finally:
            with self._lock:
                self._sockets.discard(line)

    def cut(self) -> None:
        with self._lock:
            self._is_cut = True
            for line in self._sockets:
                with suppress(OSError):  # it has ended by itself
                    socket.socket.shutdown(line, socket.SHUT_RDWR)  # TLS's own would wait for the other side


@dataclass(frozen=True, slots=True)
class Source:
    """Where files come from: a commit of a repository, opened with a token."""

    repository: str
    revision: str
    token: Token | None
    limits: DownloadLimits


def fetch(
    source: Source, file: RemoteFile, part: Part, grown: Callable[[int], None], lines: Lines, stop: threading.Event
) -> None:
    """Append to `part` until it has the size of `file`; one attempt. `grown` hears of each piece, in bytes.

    The Hub's own answer carries the ETag that the file is known by. It may lead to a storage server with ETags of its
    own, which say nothing: what comes from there is held against the checksum at the end. Raises `HubError`: "changed"
    and "corrupt" mean that the part is worth nothing. Raises `OutputError`, and `Stopped`.
    """
    if part.size_bytes == file.size_bytes:
        return
    with hub_errors(source.token), _open(source, file, part.size_bytes) as response, lines.using(response):
        _expect_rest(response, file, part)
        try:
            for data in response.iter_raw():
                if stop.is_set():
                    raise Stopped
                if part.size_bytes + len(data) > file.size_bytes:
                    raise HubError("corrupt", file.name)
                part.append(data)
                grown(len(data))
        except BaseException:
            if stop.is_set():  # the line was cut on purpose, whatever its end looked like
                raise Stopped from None
            raise
    if part.size_bytes < file.size_bytes:
        raise HubError("network", "the connection ended early")


@contextmanager
def _open(source: Source, file: RemoteFile, first_byte: int) -> Iterator[httpx2.Response]:
    """The answer that carries the bytes, after redirects; the token goes to the Hub alone."""
    hub = library()
    address = hub.hf_hub_url(source.repository, file.name, revision=source.revision, endpoint=endpoint())
    home = _origin(address)
    limits = source.limits
    timeouts = {"connect": limits.connect_s, "read": limits.stall_s, "write": limits.stall_s, "pool": limits.stall_s}
    for _ in range(MAX_REDIRECTS):
        is_hub = _origin(address) == home
        headers = _headers(source, file, first_byte, is_hub)
        session = hub.get_session()
        request = session.build_request("GET", address, headers=headers, extensions={"timeout": timeouts})
        response = session.send(request, stream=True, follow_redirects=False)
        try:
            if is_hub:
                _expect_same(response, file)
            if not response.has_redirect_location:
                _expect_success(response, source, file, is_hub)
                yield response
                return
            address = urljoin(address, response.headers["Location"])
        finally:
            response.close()
    raise HubError("server", "it redirects without end")


def _headers(source: Source, file: RemoteFile, first_byte: int, is_hub: bool) -> dict[str, str]:
    headers = library().utils.build_hf_headers(
        token=source.token.text if source.token and is_hub else False, library_name="lectern"
    )
    headers["Accept-Encoding"] = "identity"  # ranges and sizes are of the file itself
    if first_byte:
        headers["Range"] = f"bytes={first_byte}-"
        if is_hub:
            headers["If-Range"] = f'"{file.digest}"'
    return headers


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port


def _expect_same(response: httpx2.Response, file: RemoteFile) -> None:
    """Raises `HubError` where the Hub has another content under the name now."""
    if response.status_code >= 400:
        return
    etag = response.headers.get("X-Linked-Etag")
    if etag is None and not response.has_redirect_location:
        etag = response.headers.get("ETag")
    if etag is not None and etag.removeprefix("W/").strip('"') != file.digest:
        raise HubError("changed", file.name)


def _expect_success(response: httpx2.Response, source: Source, file: RemoteFile, is_hub: bool) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    if status == 416:  # it has fewer bytes than were promised
        raise HubError("changed", file.name)
    if is_hub:
        raise status_error(status, response.headers, source.token)
    error = status_error(status, response.headers, None)
    if error.problem in ("rate_limited", "proxy"):
        raise error
    raise HubError("server", f"status {status} from its storage", error.retry_after_s)  # an address that has expired


def _expect_rest(response: httpx2.Response, file: RemoteFile, part: Part) -> None:
    """Begin the part again where the answer does; raises `HubError` where that is no way to the file's size."""
    first = 0
    if response.status_code == 206:
        found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", response.headers.get("Content-Range", ""))
        if found is None or int(found[1]) != part.size_bytes or found[2] not in ("*", str(file.size_bytes)):
            raise HubError("changed", file.name)
        first = part.size_bytes
    length = response.headers.get("Content-Length", "")
    if length.isdecimal() and first + int(length) != file.size_bytes:
        raise HubError("corrupt", file.name)
    if part.size_bytes != first:
        part.restart()
