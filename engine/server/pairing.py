"""Browser extensions that a person has allowed to have pages read aloud, and the one that asks for it. Loads nothing of
the server."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from engine.files.disk import set_aside, write_whole
from engine.files.json_files import build_from_json, json_bytes, read_json

EXTENSION_ORIGIN = re.compile(r"(?:chrome|moz|safari-web)-extension://[0-9A-Za-z-]{1,64}")
"""What browsers say for an extension, and for no page."""
ASKS_FOR_S = 300.0
"""So long a question stands, and so long its answer can be fetched."""
SILENT_S = 600.0
"""So long an extension that was refused is not heard again."""
MAX_ASKS = 6
"""Questions within `SILENT_S`, whoever asks: programs can call themselves anything."""
MAX_NAME_CHARS = 60
_MAX_FILE_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class PairedBrowser:
    """Names an extension that was allowed. `token_sha256`: a token has 256 random bits, so its plain digest tells
    nothing of it. `since` is a date, as in 2026-11-30."""

    origin: str
    name: str
    token_sha256: str
    since: str


@dataclass(frozen=True, slots=True)
class PairingRequest:
    """Describes the extension that asks. Both sides show `number`, so that a person sees who it is."""

    origin: str
    name: str
    number: str


@dataclass(frozen=True, slots=True)
class PairingView:
    """Shows who asks, and who was allowed, the last one last."""

    asking: PairingRequest | None = None
    paired: tuple[PairedBrowser, ...] = ()


@dataclass(frozen=True, slots=True)
class PairingOutcome:
    """Tells an extension what became of its question: `state` is "asked", "allowed" with the `token`, "refused" or
    "expired"."""

    state: str
    token: str = ""


class NotAskedError(Exception):
    """A question that is not put to the person: "refused" a while ago, "busy" with another, "often" asked."""

    def __init__(self, reason: str, retry_after_s: float) -> None:
        super().__init__(reason)
        self.reason, self.retry_after_s = reason, retry_after_s


@dataclass(slots=True)
class _Question:
    request: PairingRequest
    secret: str
    until_s: float
    outcome: PairingOutcome = PairingOutcome("asked")


@dataclass(frozen=True, slots=True)
class _File:
    paired: tuple[PairedBrowser, ...] = ()
    version: int = 1


class Pairings:
    """Hold who may have pages read aloud, in a file that is the user's alone. Safe from any thread.

    At most one extension asks at a time, however many there are and however often they try. `allow` and `remove` wait
    for the disk.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        """Read `path`; one that is damaged is set aside, and nobody is allowed (`was_damaged`)."""
        self._path, self._clock = path, clock
        self._lock, self._turn_to_write = threading.Lock(), threading.Lock()
        self._watchers: list[Callable[[], object]] = []
        self._question: _Question | None = None
        self._refused: dict[str, float] = {}  # origin -> until when it is not heard
        self._asked_s: deque[float] = deque(maxlen=MAX_ASKS)
        self.was_damaged = False
        self._paired = self._read()

    def subscribe(self, on_change: Callable[[], object]) -> None:
        """Have `on_change` called, in whatever thread it happens, when `view` is another."""
        self._watchers.append(on_change)

    @property
    def view(self) -> PairingView:
        """Show who asks and who was allowed."""
        question = self._open_question()
        asking = question.request if question is not None and question.outcome.state == "asked" else None
        return PairingView(asking, self._paired)

    # --- what extensions ask

    def ask(self, origin: str, name: str) -> tuple[str, PairingRequest]:
        """Put the question whether `origin` may read; return the secret by which its answer is fetched, and the
        question. Who asks already asks the same again. Raises `NotAskedError`."""
        with self._lock:
            now_s, question = self._clock(), self._open_question()
            if question is not None and question.outcome.state == "asked":
                if question.request.origin == origin:
                    return question.secret, question.request
                raise NotAskedError("busy", question.until_s - now_s)
            self._refused = {one: until_s for one, until_s in self._refused.items() if until_s > now_s}
            if origin in self._refused:
                raise NotAskedError("refused", self._refused[origin] - now_s)
            if len(self._asked_s) == MAX_ASKS and now_s - self._asked_s[0] < SILENT_S:
                raise NotAskedError("often", self._asked_s[0] + SILENT_S - now_s)
            self._asked_s.append(now_s)
            request = PairingRequest(origin, plain_name(name), f"{secrets.randbelow(9000) + 1000}")
            question = self._question = _Question(request, secrets.token_urlsafe(32), now_s + ASKS_FOR_S)
        self._tell()
        return question.secret, question.request

    def outcome(self, origin: str, secret: str) -> PairingOutcome:
        """Tell whoever asked with `secret` what became of it."""
        with self._lock:
            question = self._open_question()
            if question is None or question.request.origin != origin or not _is_same(question.secret, secret):
                return PairingOutcome("expired")
            return question.outcome

    def is_paired(self, origin: str, token: str) -> bool:
        """Say whether `token` is the one that was given to `origin`."""
        digest = _digest(token)
        return any(_is_same(one.token_sha256, digest) and one.origin == origin for one in self._paired)

    # --- what the person says

    def allow(self, request: PairingRequest) -> None:
        """Allow who asks with `request`; nothing happens where that is answered or over. A token that it had before is
        void. Raises `OutputError`: then the question stands."""
        with self._turn_to_write:
            question = self._asked_as(request)
            if question is None:
                return
            token = secrets.token_urlsafe(32)
            new = PairedBrowser(request.origin, request.name, _digest(token), date.today().isoformat())
            self._keep((*(one for one in self._paired if one.origin != request.origin), new))
            with self._lock:
                question.outcome = PairingOutcome("allowed", token)
                question.until_s = self._clock() + ASKS_FOR_S
        self._tell()

    def refuse(self, request: PairingRequest) -> None:
        """Refuse who asks with `request`, which is not heard again for a while."""
        with self._lock:
            question = self._asked_as(request)
            if question is None:
                return
            question.outcome = PairingOutcome("refused")
            self._refused[request.origin] = self._clock() + SILENT_S
        self._tell()

    def remove(self, origin: str) -> None:
        """Allow `origin` no more, from now on. Raises `OutputError` where the file could not be changed, and would let
        it in again after a restart."""
        with self._turn_to_write:
            before, self._paired = self._paired, tuple(one for one in self._paired if one.origin != origin)
            with self._lock:
                question = self._question
                if question is not None and question.request.origin == origin and question.outcome.token:
                    self._question = None
            self._tell()
            if before != self._paired:
                self._keep(self._paired)

    def expire(self) -> None:
        """Tell those who watch that a question is over, if it is: nobody else does."""
        with self._lock:
            is_over = self._question is not None and self._open_question() is None
            self._question = None if is_over else self._question
        if is_over:
            self._tell()

    # --- within

    def _open_question(self) -> _Question | None:
        question = self._question
        return question if question is not None and self._clock() < question.until_s else None

    def _asked_as(self, request: PairingRequest) -> _Question | None:
        question = self._open_question()
        is_it = question is not None and question.request == request and question.outcome.state == "asked"
        return question if is_it else None

    def _tell(self) -> None:
        for watcher in self._watchers:
            watcher()

    def _read(self) -> tuple[PairedBrowser, ...]:
        try:
            kept = build_from_json(_File, read_json(self._path, _MAX_FILE_BYTES))
            return tuple(replace(one, name=plain_name(one.name)) for one in kept.paired)
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except (OSError, ValueError):
            self.was_damaged = True
            set_aside(self._path)
            return ()

    def _keep(self, paired: tuple[PairedBrowser, ...]) -> None:
        values = [
            {"origin": one.origin, "name": one.name, "token_sha256": one.token_sha256, "since": one.since}
            for one in paired
        ]
        write_whole(self._path, json_bytes({"version": 1, "paired": values}) + b"\n", make_folders=True)
        self._paired = paired


def plain_name(name: str) -> str:
    """Make one short line of what an extension calls itself: no signs that hide or turn others."""
    words = "".join(sign for sign in " ".join(name.split()) if sign.isprintable())
    return words[:MAX_NAME_CHARS].strip() or "A browser extension"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))
