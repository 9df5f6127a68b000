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
from engine.weights.hub_library import headers_for, hub_errors, library, number, status_error
from engine.weights.part import Part, Stopped
from engine.weights.places import endpoint
from engine.weights.records import RemoteFile
from engine.weights.tokens import Token
from engine.weights.values import DownloadLimits

if TYPE_CHECKING:
    import httpx2

MAX_REDIRECTS = 5
MAX_DIFFERING = 3
"""How often a whole file may come that differs from what is here before that is doubted."""
_DIGEST = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class Connections:
    """Keep the connections that are open, to cut them all at once: a thread that waits for bytes then wakes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._is_cut = False

    @contextmanager
    def using(self, response: httpx2.Response) -> Iterator[None]:
        """Count the connection of `response` as open during the block. Raises `Stopped` once all were cut."""
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
        """Shut all connections down, and refuse new ones from now on."""
        with self._lock:
            self._is_cut = True
            for line in self._sockets:
                with suppress(OSError):  # it has ended by itself
                    socket.socket.shutdown(line, socket.SHUT_RDWR)  # TLS's own would wait for the other side


@dataclass(frozen=True, slots=True)
class Source:
    """Name where files come from: a commit of a repository, opened with a token."""

    repository: str
    revision: str
    token: Token | None
    limits: DownloadLimits


def fetch(
    source: Source,
    file: RemoteFile,
    part: Part,
    grown: Callable[[int], None],
    connections: Connections,
    stop: threading.Event,
) -> None:
    """Append to `part` until it has the size of `file`, in one attempt; `grown` is called with the bytes of each piece.

    Nothing that the part holds is given up for an answer, whatever it is: an answer that is not the rest of the file is
    refused before a byte of it is written; one that is the whole file is compared with what is there, and used from
    there on. The Hub's own answer carries the ETag that the file is known by. It may lead to a storage server with
    ETags of its own, which say nothing: what comes from there is checked by its checksum at the end.

    Raises `HubError`: "changed" where the Hub's ETag is another, "corrupt" where a whole file that came differs from
    the part, again. Raises `OutputError`, and `Stopped`.
    """
    if part.size_bytes == file.size_bytes:
        return
    before = part.seam()
    with hub_errors(source.token), _open(source, file, part.size_bytes) as response, connections.using(response):
        place = _first_byte(response, file, part)
        is_sized = "Content-Length" in response.headers
        try:
            for data in response.iter_raw():
                if stop.is_set():
                    raise Stopped
                _expect_same_bytes(data, place, file, part, is_sized)
                if place + len(data) > file.size_bytes:
                    part.cut(before)
                    raise HubError("wrong_answer", f"more than {file.size_bytes:,} bytes")
                if place + len(data) > part.size_bytes:
                    part.append(data[part.size_bytes - place :])
                place += len(data)
                grown(len(data))
        except BaseException:
            if stop.is_set():  # the line was cut on purpose, whatever its end looked like
                raise Stopped from None
            raise
    if part.size_bytes == file.size_bytes:
        return
    if not is_sized:  # it was cut off, or it never was the file
        part.cut(before)
        raise HubError("wrong_answer", f"{place:,} bytes instead of {file.size_bytes:,}")
    raise HubError("network", "the connection ended early")


def _expect_same_bytes(data: bytes, place: int, file: RemoteFile, part: Part, is_sized: bool) -> None:
    """Check that `data` is what the part has already at `place`. Raises `HubError`.

    Again and again, it is "corrupt", where the answer at least has the file's size: then it may be the part that is
    wrong.
    """
    n_known = max(0, min(len(data), part.size_bytes - place))
    if n_known and not part.has(data[:n_known], place):
        part.n_differing += is_sized
        raise HubError("wrong_answer" if part.n_differing < MAX_DIFFERING else "corrupt", file.name)


@contextmanager
def _open(source: Source, file: RemoteFile, first_byte: int) -> Iterator[httpx2.Response]:
    """The answer that carries the bytes, after redirects; the token goes to the Hub alone."""
    hub = library()
    from engine.weights.client import ANY_LENGTH, ANY_STATUS

    address = hub.hf_hub_url(source.repository, file.name, revision=source.revision, endpoint=endpoint())
    home = _origin(address)
    limits = source.limits
    timeouts = {"connect": limits.connect_s, "read": limits.stall_s, "write": limits.stall_s, "pool": limits.stall_s}
    for _ in range(MAX_REDIRECTS):
        is_hub = _origin(address) == home
        headers = _headers(source, first_byte, is_hub)
        session = hub.get_session()
        extensions = {"timeout": timeouts, ANY_STATUS: True, ANY_LENGTH: True}
        request = session.build_request("GET", address, headers=headers, extensions=extensions)
        response = session.send(request, stream=True, follow_redirects=False)
        try:
            if is_hub:
                _expect_same(response, file)
            if not response.has_redirect_location:
                _expect_success(response, source, is_hub)
                yield response
                return
            address = _next_address(address, response.headers["Location"])
        finally:
            response.close()
    raise HubError("server", "it redirects without end")


def _headers(source: Source, first_byte: int, is_hub: bool) -> dict[str, str]:
    headers = headers_for(source.token if is_hub else None)
    headers["Accept-Encoding"] = "identity"  # ranges and sizes are of the file itself
    if first_byte:
        headers["Range"] = f"bytes={first_byte}-"
    return headers


def _next_address(address: str, location: str) -> str:
    """Return where a redirect leads. Raises `HubError` where that is nowhere."""
    try:
        found = urljoin(address, location)
        _origin(found)
    except ValueError as error:
        raise HubError("wrong_answer", "it leads to no address") from error
    return found


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port


def _expect_same(response: httpx2.Response, file: RemoteFile) -> None:
    """Raises `HubError` where the Hub has another content under the name now. A mirror's ETag may be no checksum; then
    it says something only where the file is known by another such."""
    if response.status_code >= 400:
        return
    etag = response.headers.get("X-Linked-Etag")
    if etag is None and not response.has_redirect_location:
        etag = response.headers.get("ETag")
    etag = (etag or "").removeprefix("W/").strip('"')
    is_telling = _DIGEST.fullmatch(etag) is not None if file.has_checksum else etag and file.etag
    if is_telling and etag != file.digest:
        raise HubError("changed", file.name)


def _expect_success(response: httpx2.Response, source: Source, is_hub: bool) -> None:
    status = response.status_code
    if status in (200, 206):
        return
    if status == 416:  # it has fewer bytes than were promised, it says
        raise HubError("wrong_answer", "there are no more bytes")
    if is_hub:
        raise status_error(status, response.headers, source.token)
    error = status_error(status, response.headers, None)
    if error.problem in ("rate_limited", "proxy", "login_page"):
        raise error
    raise HubError("server", f"status {status} from its storage", error.retry_after_s)  # an address that has expired


def _first_byte(response: httpx2.Response, file: RemoteFile, part: Part) -> int:
    """The place in the file where the answer begins. Raises `HubError` where it is not the rest, nor the whole."""
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise HubError("wrong_answer", "packed bytes")
    given = response.headers.get("Content-Length")
    length = number(given or "")
    if given is not None and length is None:
        raise HubError("wrong_answer", "a length that is none")
    if response.status_code == 200:
        if length not in (None, file.size_bytes):
            raise HubError("wrong_answer", f"{length:,} bytes instead of {file.size_bytes:,}")
        return 0
    found = re.fullmatch(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15}|\*)", response.headers.get("Content-Range", ""), re.A)
    if found is None:
        raise HubError("wrong_answer", "no range of bytes")
    first, last = int(found[1]), int(found[2])
    if first != part.size_bytes or not first <= last < file.size_bytes or found[3] not in ("*", str(file.size_bytes)):
        raise HubError("wrong_answer", f"bytes {first:,} to {last:,} of {found[3]}")
    if length not in (None, last - first + 1):
        raise HubError("wrong_answer", f"{length:,} bytes of {last - first + 1:,}")
    return first
