"""A Hub of the tests' own: a real HTTP server on loopback that serves any folder as S1 Mini's gated repository.

In this process, `with MockHub(folder) as hub`, then `hub.enter(monkeypatch, home)`; for a child,
`hub.environment(home)`. By itself, for a program that is tried by hand: `python tests/mock_hub.py FOLDER`, which
prints what to set.

The repository's large files (LFS) are answered with a redirect to a storage server of another name and port, as the
real Hub does. Everything that was asked is in `hub.requests`; what goes wrong is set up with `hub.fail`.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import hashlib
import json
import os
import random
import re
import socket
import sys
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from waiting import LIMIT_S

REPO = "fishaudio/openaudio-s1-mini"
RENAMED_REPO = "fishaudio/s1-mini"
TOKEN = "hf_TheTokenThatIsRight"
ACCOUNT = "ada"
CHUNK_BYTES = 64 * 1024
OTHER_BYTES = bytes(byte ^ 0x55 for byte in range(256))

NOISE_BYTES = {
    "model.pth": 1_300_000,
    "codec.pth": 90_000,
    "special_tokens.json": 60_000,
    "config.json": 500,
    "tokenizer.tiktoken": 3000,
    "README.md": 700,
}

Place = Literal["hub", "storage"]


def write_repository(folder: Path) -> None:
    """Small files of noise under the checkpoint's names, of which the biggest is in LFS."""
    folder.mkdir()
    for name, data in _noise().items():
        (folder / name).write_bytes(data)


@functools.cache
def _noise() -> dict[str, bytes]:
    noise = random.Random(0)
    return {name: noise.randbytes(size) for name, size in NOISE_BYTES.items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """Instead of what was asked for: this status, these headers."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "as the test wants it"


@dataclass(frozen=True, slots=True)
class Cut:
    """The connection ends after so many bytes of the answer's body, once `before` has returned."""

    after_bytes: int
    before: Callable[[], object] = field(default=lambda: None, repr=False)  # a test's name is made of the others


@dataclass(frozen=True, slots=True)
class Hold:
    """After so many bytes of the body nothing more comes, until `hub.release()`."""

    after_bytes: int


@dataclass(frozen=True, slots=True)
class Silence:
    """No answer at all, until `hub.release()` or until the client has gone."""


@dataclass(frozen=True, slots=True)
class Flip:
    """One byte of the file, counted from its beginning, is another."""

    at: int


@dataclass(frozen=True, slots=True)
class WrongLength:
    """The body is this many bytes longer (or shorter), and its Content-Length says so."""

    by_bytes: int


@dataclass(frozen=True, slots=True)
class IgnoreRange:
    """The whole file comes, with 200, whatever was asked."""


@dataclass(frozen=True, slots=True)
class Reply:
    """This, word for word, whatever was asked; without its length, and then the end, where it has none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    has_length: bool = True
    is_chunked: bool = False


@dataclass(frozen=True, slots=True)
class OtherRange:
    """A range that begins so many bytes elsewhere, or of a file that is so much longer, as its headers say."""

    by_bytes: int = 0
    longer_by_bytes: int = 0


@dataclass(frozen=True, slots=True)
class OtherEtag:
    """The file, under the ETag of another."""


@dataclass(frozen=True, slots=True)
class Stale:
    """Another file of the same size comes, as a proxy has kept it, with headers that are right; or the whole of it."""

    ignores_range: bool = False


Fault = Answer | Silence | Cut | Hold | Flip | WrongLength | IgnoreRange | Reply | OtherRange | OtherEtag | Stale
LOGIN_PAGE = b"<!DOCTYPE html><html><title>Free WiFi</title><form>Room number</form></html>" * 20


@dataclass(frozen=True, slots=True)
class Request:
    """`subject` is a file's name, or "whoami", "auth-check", "revision", "device", "token"."""

    place: Place
    method: str
    path: str
    subject: str
    authorization: str | None
    first_byte: int | None
    """Where the Range header begins."""
    if_range: str | None
    user_agent: str | None


class MockHub:
    """A hub and its storage; every attribute may be changed while it runs."""

    def __init__(self, folder: Path, repo: str = REPO, lfs_from_bytes: int = 100_000) -> None:
        self.repo = repo
        self.accounts: dict[str, str] = {TOKEN: ACCOUNT}
        self.licence_accepted = True
        self.lfs_from_bytes = lfs_from_bytes
        self.bytes_per_s: float | None = None
        self.requests: list[Request] = []
        self.bytes_sent: dict[str, int] = defaultdict(int)
        self.browser = BrowserAnswers()
        self.commits: dict[str, dict[str, bytes]] = {}
        self.head = ""
        self.unknown: set[str] = set()
        """Subjects that this mirror does not know: "auth-check", "revision", "whoami"."""
        self.size_as: object = ...
        """What the list of files says instead of a size."""
        self.tells_sizes = True
        """Whether the list of files has sizes and checksums."""
        self.leads_elsewhere = False
        """Whether such a mirror sends every file from its storage, and says nothing of it before."""
        self.etag_of: Callable[[bytes], str] | None = None
        """The ETags of a mirror that has its own, and none of the Hub's headers."""
        self._faults: dict[tuple[Place, str], deque[Fault]] = defaultdict(deque)
        self._released = threading.Event()
        self._changed = threading.Condition()
        self.commit({path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()})
        self._servers = {place: _Server(self, place) for place in ("hub", "storage")}

    def __enter__(self) -> MockHub:
        for server in self._servers.values():
            server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        for server in self._servers.values():
            server.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._servers['hub'].port}"

    @property
    def storage_url(self) -> str:
        return f"http://localhost:{self._servers['storage'].port}"

    @property
    def files(self) -> dict[str, bytes]:
        """What the newest commit holds."""
        return self.commits[self.head]

    # --- what the tests do to it

    def commit(self, files: Mapping[str, bytes]) -> str:
        """A new commit on main that holds `files`; its id."""
        text = json.dumps([sorted((name, _sha256(data)) for name, data in files.items()), len(self.commits)])
        self.head = hashlib.sha1(text.encode()).hexdigest()
        self.commits[self.head] = dict(files)
        return self.head

    def push(self, name: str, data: bytes) -> str:
        """A new commit on main in which one file is another."""
        return self.commit({**self.files, name: data})

    def fail(self, subject: str, *faults: Fault, place: Place | None = None) -> None:
        """The next answers about `subject` go wrong in this way, one fault each.

        Without `place`: where the file's bytes come from, for an `Answer` and everything else the hub itself.
        """
        if place is None:
            place = "storage" if self._is_lfs(subject) and not isinstance(faults[0], Answer) else "hub"
        self._faults[place, subject].extend(faults)

    def heal(self) -> None:
        """No more faults."""
        self._faults.clear()

    def release(self) -> None:
        """Whatever a `Hold` holds goes on."""
        self._released.set()

    def wait_until_sent(self, name: str, n_bytes: int, limit_s: float = LIMIT_S) -> None:
        """Return when that much of `name` has been sent in all."""
        with self._changed:
            assert self._changed.wait_for(lambda: self.bytes_sent[name] >= n_bytes, limit_s), "it was not asked for"

    def asked(self, subject: str, place: Place | None = None) -> list[Request]:
        """The requests about `subject`, in order."""
        return [r for r in self.requests if r.subject == subject and place in (None, r.place)]

    def environment(self, home: Path, token: str | None = None) -> dict[str, str]:
        """What a child needs in its environment to use this hub, and nothing of whoever runs the tests."""
        mine = {"HF_ENDPOINT": self.url, "HF_HOME": str(home)} | ({"HF_TOKEN": token} if token else {})
        theirs = ("HF_", "HUGGING", "TRANSFORMERS_OFFLINE", "LECTERN_CHECKPOINT")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(theirs)}
        return {key: value for key, value in kept.items() if "proxy" not in key.lower()} | mine

    def enter(self, monkeypatch: pytest.MonkeyPatch, home: Path, token: str | None = None) -> None:
        """The same for this process."""
        wanted = self.environment(home, token)
        for name in set(os.environ) - set(wanted):
            monkeypatch.delenv(name)
        for name, value in wanted.items():
            monkeypatch.setenv(name, value)

    # --- what the servers ask it

    def _is_lfs(self, name: str) -> bool:
        return len(self.files.get(name, b"")) >= self.lfs_from_bytes

    def _next_fault(self, place: Place, subject: str, command: str) -> Fault | None:
        """What is wrong with a file's bytes waits for who asks for them."""
        waiting = self._faults.get((place, subject))
        if not waiting or (command == "HEAD" and not isinstance(waiting[0], Answer | Silence | Reply)):
            return None
        return waiting.popleft()

    def _note(self, request: Request) -> None:
        with self._changed:
            self.requests.append(request)
            self._changed.notify_all()

    def _note_sent(self, name: str, n_bytes: int) -> None:
        with self._changed:
            self.bytes_sent[name] += n_bytes
            self._changed.notify_all()

    def _wait(self, client: socket.socket) -> bool:
        """Until `release`; False when the client has gone before."""
        is_released = False
        while not is_released:
            is_released = self._released.wait(0.02)
            if _has_gone(client):  # looked at after a release, too: else a dead client is sent some more, and it counts
                return False
        return True


@dataclass(slots=True)
class BrowserAnswers:
    """The device login: what its page is, and what becomes of the code."""

    user_code: str = "ABCD-1234"
    interval_s: float = 0.05
    expires_in_s: float = 600
    pending: int = 2
    """How often the answer is "not yet" before it is `outcome`: "token", or an error of RFC 8628."""
    outcome: str = "token"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, hub: MockHub, place: Place) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub
        self.place: Place = place
        self.port = self.server_address[1]
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, name=f"mock {place}")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), OSError):  # a client that is gone
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms after its headers
    server: _Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        hub, place = self.server.hub, self.server.place
        path = unquote(urlsplit(self.path).path)
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        subject = _subject(path)
        begin = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        hub._note(
            Request(
                place,
                self.command,
                path,
                subject,
                self.headers.get("Authorization"),
                int(begin[1]) if begin else None,
                self.headers.get("If-Range"),
                self.headers.get("User-Agent"),
            )
        )
        fault = hub._next_fault(place, subject, self.command)
        if isinstance(fault, Silence):
            hub._wait(self.connection)
            self.close_connection = True
        elif isinstance(fault, Answer):
            self._send(fault.status, {"error": fault.message}, dict(fault.headers))
        elif isinstance(fault, Reply):
            self._send_verbatim(fault)
        elif path == "/login":
            self._send_verbatim(Reply(200, {"Content-Type": "text/html; charset=utf-8"}, LOGIN_PAGE))
        elif subject in hub.unknown:
            self._send(404, {"error": "Not found"})
        elif place == "storage":
            self._send_file(_Wanted(subject, path.split("/")[1]), fault)
        elif path == "/api/whoami-v2":
            self._whoami()
        elif path.startswith("/oauth/"):
            self._oauth(subject, parse_qs(body))
        elif match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/auth-check", path):
            if self._may_read(match[1]):
                self._send(200, {})
        elif match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/revision/(.+)", path):
            self._model_info(match[1], match[2])
        elif match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            if self._may_read(match[1]):
                self._resolve(match[2], match[3], fault)
        else:
            self._send(404, {"error": "Not found"})

    # --- who may

    def _account(self) -> str | None:
        return self.server.hub.accounts.get(self.headers.get("Authorization", "").removeprefix("Bearer "))

    def _whoami(self) -> None:
        account = self._account()
        if account is None:
            self._refuse(401, "", "Invalid username or password.")
        else:
            self._send(200, {"type": "user", "name": account, "auth": {"accessToken": {"displayName": "tests"}}})

    def _may_read(self, repo: str) -> bool:
        hub = self.server.hub
        if repo != hub.repo:
            self._refuse(404, "RepoNotFound", "Repository not found")
        elif self._account() is None:
            self._refuse(401, "GatedRepo" if "Authorization" not in self.headers else "", "Access is restricted.")
        elif not hub.licence_accepted:
            self._refuse(403, "GatedRepo", "You are not in the authorized list.")
        else:
            return True
        return False

    def _refuse(self, status: int, code: str, message: str) -> None:
        self._send(status, {"error": message}, {"X-Error-Code": code, "X-Error-Message": message})

    # --- what there is

    def _files(self, revision: str) -> tuple[str, dict[str, bytes]] | None:
        """The commit that `revision` names, and its files; None after an answer that there is none."""
        hub = self.server.hub
        commit = hub.head if revision == "main" else revision
        if commit in hub.commits:
            return commit, hub.commits[commit]
        self._refuse(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        return None

    def _model_info(self, repo: str, revision: str) -> None:
        """Public for a gated repository, as on the real Hub."""
        if repo != self.server.hub.repo:
            self._refuse(404, "RepoNotFound", "Repository not found")
            return
        found = self._files(revision)
        if found is None:
            return
        siblings = []
        for name, data in found[1].items():
            sibling: dict[str, Any] = {"rfilename": name}
            if not self.server.hub.tells_sizes:
                siblings.append(sibling)
                continue
            sibling |= {"size": len(data), "blobId": _git_sha1(data)}
            if len(data) >= self.server.hub.lfs_from_bytes:
                sibling["lfs"] = {"sha256": _sha256(data), "size": len(data), "pointerSize": 134}
            if self.server.hub.size_as is not ...:
                sibling["size"] = self.server.hub.size_as
            siblings.append(sibling)
        self._send(200, {"id": repo, "modelId": repo, "sha": found[0], "gated": "auto", "siblings": siblings})

    def _resolve(self, revision: str, name: str, fault: Fault | None) -> None:
        found = self._files(revision)
        if found is None:
            return
        commit, files = found
        if name not in files:
            self._refuse(404, "EntryNotFound", "Entry not found")
            return
        data = files[name]
        if self.server.hub.etag_of is not None and self.server.hub.leads_elsewhere:
            self._send(302, {}, {"Location": f"{self.server.hub.storage_url}/{commit}/{name}"})
            return
        if self.server.hub.etag_of is not None:
            self._send_file(_Wanted(name, commit), fault, {"ETag": f'"{self.server.hub.etag_of(data)}"'})
            return
        headers = {"X-Repo-Commit": commit}
        if isinstance(fault, OtherEtag):
            data = data[::-1]
        if len(data) < self.server.hub.lfs_from_bytes:
            self._send_file(_Wanted(name, commit), fault, headers | {"ETag": f'"{_git_sha1(data)}"'})
            return
        headers |= {"X-Linked-Etag": f'"{_sha256(data)}"', "X-Linked-Size": str(len(data))}
        location = f"{self.server.hub.storage_url}/{commit}/{name}?signature=secret-of-the-storage"
        self._send(302, {}, headers | {"Location": location})

    def _send_file(self, wanted: _Wanted, fault: Fault | None, headers: Mapping[str, str] | None = None) -> None:
        hub = self.server.hub
        data = hub.commits[wanted.commit][wanted.name]
        if isinstance(fault, Flip):
            data = data[: fault.at] + bytes([data[fault.at] ^ 0xFF]) + data[fault.at + 1 :]
        if isinstance(fault, Stale):
            data = data.translate(OTHER_BYTES)
        etag = (headers or {}).get("ETag", f'"{_sha256(data)[:32]}"')  # the storage's own, which is no sha256
        begin = re.match(r"bytes=(\d+)-", self.headers.get("Range", ""))
        ignores_range = isinstance(fault, IgnoreRange) or (isinstance(fault, Stale) and fault.ignores_range)
        first = int(begin[1]) if begin and not ignores_range else 0
        if self.headers.get("If-Range", etag) != etag:
            first = 0
        if first and first >= len(data):
            self._send(416, {}, {"Content-Range": f"bytes */{len(data)}"})
            return
        total = len(data)
        if isinstance(fault, OtherRange) and first:
            first, total = first + fault.by_bytes, total + fault.longer_by_bytes
        body = data[first:]
        if isinstance(fault, WrongLength):
            body = body + bytes(fault.by_bytes) if fault.by_bytes > 0 else body[: fault.by_bytes]
        self.send_response(206 if first else 200)
        if first:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{total}")
        for key, value in ({"ETag": etag} | dict(headers or {})).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            is_wrong = isinstance(fault, Stale | OtherRange | OtherEtag | WrongLength)
            self._send_body("something else" if is_wrong else wanted.name, body, fault)

    def _send_body(self, name: str, body: bytes, fault: Fault | None) -> None:
        hub = self.server.hub
        stops = fault.after_bytes if isinstance(fault, Cut | Hold) else None
        for chunk in _chunks(body, stops):
            hub._note_sent(name, len(chunk))  # before: who has received it may look at once
            self.wfile.write(chunk)
            if hub.bytes_per_s:
                hub._released.wait(len(chunk) / hub.bytes_per_s)
            if stops is not None:
                stops -= len(chunk)
                if stops == 0 and isinstance(fault, Hold) and not hub._wait(self.connection):
                    self.close_connection = True
                    return
                if stops == 0 and isinstance(fault, Cut):
                    break
        if isinstance(fault, Cut):
            fault.before()
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    # --- the login in a browser (RFC 8628)

    def _oauth(self, subject: str, form: Mapping[str, list[str]]) -> None:
        hub, browser = self.server.hub, self.server.hub.browser
        assert form["client_id"]
        if subject == "device":
            page = f"{hub.url}/oauth/authorize"
            answer = {
                "device_code": "the-device-code",
                "user_code": browser.user_code,
                "verification_uri": page,
                "verification_uri_complete": f"{page}?user_code={browser.user_code}",
                "interval": browser.interval_s,
                "expires_in": browser.expires_in_s,
            }
            self._send(200, answer)
        elif form["device_code"] != ["the-device-code"]:
            self._send(400, {"error": "invalid_grant"})
        elif browser.pending > 0:
            browser.pending -= 1
            self._send(400, {"error": "authorization_pending"})
        elif browser.outcome == "token":
            self._send(200, {"access_token": TOKEN, "token_type": "bearer", "expires_in": 28_800})
        else:
            self._send(400, {"error": browser.outcome})

    def _send_verbatim(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for key, value in reply.headers.items():
            self.send_header(key, value)
        if reply.is_chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif reply.has_length:
            self.send_header("Content-Length", str(len(reply.body)))
        else:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        if self.command != "HEAD":
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(reply.body), reply.body) if reply.is_chunked else reply.body
            self.wfile.write(body)

    def _send(self, status: int, answer: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> None:
        body = json.dumps(answer).encode()
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    commit: str


def _has_gone(client: socket.socket) -> bool:
    client.setblocking(False)
    try:
        return client.recv(1, socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
    finally:
        client.setblocking(True)


def _subject(path: str) -> str:
    if "/revision/" in path:
        return "revision"
    return path.rsplit("/", 1)[-1].removesuffix("-v2")


def _chunks(body: bytes, stop: int | None) -> Iterator[bytes]:
    """`body` in pieces, one of which ends at `stop`."""
    begin = 0
    if stop == 0:
        yield b""
    while begin < len(body):
        end = min(begin + CHUNK_BYTES, len(body))
        if stop is not None and begin < stop:
            end = min(end, stop)
        yield body[begin:end]
        begin = end


@functools.lru_cache(maxsize=32)  # of the same files at each request
def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@functools.lru_cache(maxsize=32)
def _git_sha1(data: bytes) -> str:
    """What git, and so the Hub, calls a file that is not in LFS."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def main() -> None:
    """Serve a folder until Ctrl-C."""
    parser = argparse.ArgumentParser(description="Serve FOLDER as S1 Mini's repository, on loopback.")
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--bytes-per-s", type=float, metavar="N", help="how fast, at most")
    arguments = parser.parse_args()
    with MockHub(arguments.folder) as hub, contextlib.suppress(KeyboardInterrupt):
        hub.bytes_per_s = arguments.bytes_per_s
        sys.stdout.write(f"export HF_ENDPOINT={hub.url}\n# the token is {TOKEN}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
