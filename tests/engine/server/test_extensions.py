"""Browser extensions: who may ask, who is asked, who gets a token and what for; and that pages get nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from served import Reply, Server, serving, settings_in
from waiting import wait_until

from engine import OutputError
from engine.server import PairingRequest, Pairings, ReadingAction, ReadingFeed
from engine.server.extensions import PATHS
from engine.server.pairing import ASKS_FOR_S, MAX_ASKS, SILENT_S, NotAskedError

MINE = "chrome-extension://abcdefghijklmnopabcdefghijklmnop"
OTHER = "moz-extension://8f0d2b6e-1f35-4a80-9f0c-0d9e2c7a1b11"


class Clock:
    now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class FakeReader:
    """Says what was asked of it, and answers at once, or never."""

    def __init__(self) -> None:
        self.feed = ReadingFeed()
        self.asked: list[tuple[Any, ...]] = []

    def start(self, owner: str, text: str, position: int) -> Future[int | str]:
        self.asked.append((owner, text, position))
        if text == "Refuse this.":
            return done("There is no sound output device.")
        self.feed.publish(reading=7, owner=owner, is_heard=True, phase="preparing")
        return done(7)

    def act(self, owner: str, reading: int, action: ReadingAction, value: float) -> Future[bool]:
        self.asked.append((owner, reading, str(action), value))
        return done(owner == self.feed.state.owner and reading == 7)


def done(value: Any) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_result(value)
    return future


@dataclass
class House:
    server: Server
    pairings: Pairings
    reader: FakeReader
    clock: Clock
    changes: list[None] = field(default_factory=list)

    def ask(self, path: str, body: Any = None, origin: str = MINE, token: str = "", /, **headers: str) -> Reply:
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.server.ask("POST", path, {} if body is None else body, Origin=origin, **headers)

    def token_of(self, origin: str = MINE, name: str = "Mine") -> str:
        """Allowed by the person."""
        secret = self.ask("/v1/pair", {"name": name}, origin).json["secret"]
        request = self.pairings.view.asking
        assert request is not None
        self.pairings.allow(request)
        return self.ask("/v1/pair", {"secret": secret}, origin).json["token"]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    clock, reader = Clock(), FakeReader()
    pairings = Pairings(tmp_path / "config" / "browsers.json", clock)
    with serving(settings_in(tmp_path, api_key="k"), for_extensions=(pairings, reader)) as server:
        house = House(server, pairings, reader, clock)
        pairings.subscribe(lambda: house.changes.append(None))
        yield house


def test_from_the_question_to_the_token(house: House, tmp_path: Path) -> None:
    asked = house.ask("/v1/pair", {"name": "  Lectern\u202e in\n Chromium " + "x" * 100})
    assert (asked.status, asked.json["state"]) == (200, "asked")
    request = house.pairings.view.asking
    assert request is not None
    assert (request.origin, request.number) == (MINE, asked.json["number"])
    assert request.name.startswith("Lectern in Chromium x")
    assert len(request.name) == 60
    with ThreadPoolExecutor(1) as elsewhere:  # who waits is told at once
        answer = elsewhere.submit(house.ask, "/v1/pair", {"secret": asked.json["secret"]})
        house.pairings.allow(request)
        told = answer.result(20).json
    assert told["state"] == "allowed"
    token = told["token"]
    assert house.ask("/v1/pair", {"secret": asked.json["secret"]}).json["token"] == token, "a reply may be lost"
    assert house.ask("/v1/pair", {"secret": asked.json["secret"]}, OTHER).json == {"state": "expired"}
    assert house.ask("/v1/pair", {"secret": "x\udc80"}).json == {"state": "expired"}

    path = tmp_path / "config" / "browsers.json"
    assert path.stat().st_mode & 0o777 == 0o600
    assert token not in path.read_text()
    again = Pairings(path)
    assert again.is_paired(MINE, token)
    assert not again.is_paired(OTHER, token)
    assert not again.is_paired(MINE, token + "x")
    assert not again.is_paired(MINE, "")
    house.clock.now_s += ASKS_FOR_S
    assert house.ask("/v1/pair", {"secret": asked.json["secret"]}).json == {"state": "expired"}


def test_pages_and_programs_ask_nothing(house: House) -> None:
    """A page's origin is the browser's word; no page has an extension's."""
    token = house.token_of()
    house.changes.clear()
    here = f"http://127.0.0.1:{house.server.port}"
    pages = (
        "https://evil.example",
        here,
        "null",
        "",
        "chrome-extension://",
        f"{MINE}/",
        f"{MINE}.evil.example",
        "file://",
    )
    for path in sorted(PATHS):
        for origin in pages:
            refused = house.ask(path, {"name": "x", "text": "x"}, origin, token)
            assert refused.status == 403, (path, origin)
            assert "access-control-allow-origin" not in refused.headers
        assert house.server.ask("POST", path, {}, Authorization=f"Bearer {token}").status == 403, "without an origin"
        assert house.ask(path, {}, MINE, token, Host="rebound.example").status == 403
        assert house.server.ask("GET", path, None, Origin=MINE, Authorization=f"Bearer {token}").status == 405
        preflight = house.server.ask("OPTIONS", path, None, Origin=pages[0], Access_Control_Request_Method="POST")
        assert preflight.status == 403
        assert "access-control-allow-origin" not in preflight.headers
    for _ in range(100):
        house.ask("/v1/pair", {"name": "x"}, "https://evil.example")
    assert house.changes == []
    assert house.reader.asked == []


def test_an_extension_may_use_these_paths_and_no_others(house: House) -> None:
    token = house.token_of()
    for path in ("/v1/tts", "/v1/audio/speech", "/v1/references/delete"):
        for headers in ({"Authorization": f"Bearer {token}"}, {"Authorization": "Bearer k"}):
            assert house.server.ask("POST", path, {"text": "x", "input": "x"}, Origin=MINE, **headers).status == 403
    for path in sorted(PATHS - {"/v1/pair"}):
        for given in ("", "k", token[:-1]):
            refused = house.ask(path, {"text": "x"}, MINE, given)
            assert (refused.status, refused.headers["x-lectern-reads"]) == (401, "1")
            assert refused.headers["access-control-allow-origin"] == MINE, "it can read why"
        assert house.ask(path, {"text": "x"}, OTHER, token).status == 401, "a token is its extension's alone"
    preflight = house.server.ask(
        "OPTIONS",
        "/v1/reading/start",
        None,
        Origin=OTHER,
        Access_Control_Request_Method="POST",
        Access_Control_Request_Headers="authorization,content-type",
        Access_Control_Request_Private_Network="true",
        Sec_Fetch_Site="cross-site",
    )
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == OTHER
    assert preflight.headers["access-control-allow-headers"] == "authorization, content-type"
    assert preflight.headers["access-control-allow-private-network"] == "true"
    described = house.server.ask("GET", "/openapi.json", None, Authorization="Bearer k").json["paths"]
    assert set(described) >= PATHS


def test_without_the_application_there_are_none(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path)) as server:
        for path in PATHS:
            assert server.ask("POST", path, {"name": "x"}, Origin=MINE).status == 403
            assert server.ask("POST", path, {"name": "x"}).status == 404


def test_one_is_asked_about_at_a_time_and_not_too_often(house: House) -> None:
    first = house.ask("/v1/pair", {"name": "A"}).json
    for _ in range(100):
        assert house.ask("/v1/pair", {"name": "B"}).json == first
    busy = house.ask("/v1/pair", {"name": "C"}, OTHER)
    assert (busy.status, busy.headers["retry-after"]) == (429, "300")
    assert len(house.changes) == 1
    request = house.pairings.view.asking
    assert request is not None
    house.pairings.refuse(request)
    house.pairings.refuse(request)
    house.pairings.allow(request)  # too late
    assert house.ask("/v1/pair", {"secret": first["secret"]}).json == {"state": "refused"}
    assert house.pairings.view.paired == ()
    refused = house.ask("/v1/pair", {"name": "A"})
    assert refused.status == 403
    assert "refused" in refused.json["message"]
    assert int(refused.headers["retry-after"]) == SILENT_S

    asked = 1
    while (reply := house.ask("/v1/pair", {}, f"moz-extension://{asked}")).status == 200:  # programs can forge those
        asked += 1
        house.clock.now_s += ASKS_FOR_S / 100
        request = house.pairings.view.asking
        assert request is not None
        house.pairings.refuse(request)
    assert asked == MAX_ASKS
    assert reply.status == 429
    house.clock.now_s += SILENT_S
    assert house.ask("/v1/pair", {}).status == 200


def test_a_question_ends_by_itself(house: House) -> None:
    secret = house.ask("/v1/pair", {}).json["secret"]
    house.clock.now_s += ASKS_FOR_S - 1
    house.pairings.expire()
    assert house.pairings.view.asking is not None
    house.clock.now_s += 1
    assert house.pairings.view.asking is None
    before = len(house.changes)
    for _ in range(3):
        house.pairings.expire()
    assert len(house.changes) == before + 1
    assert house.ask("/v1/pair", {"secret": secret}).json == {"state": "expired"}


def test_allowed_twice_the_earlier_token_is_void_and_taken_back_both_are(house: House) -> None:
    first, other = house.token_of(), house.token_of(OTHER)
    second = house.token_of()
    assert house.ask("/v1/reading/watch", {}, MINE, first).status == 401
    assert house.ask("/v1/reading/watch", {}, MINE, second).status == 200
    assert [one.origin for one in house.pairings.view.paired] == [OTHER, MINE]
    with ThreadPoolExecutor(1) as elsewhere:  # also for who is waiting
        version = house.reader.feed.state.version
        waiting = elsewhere.submit(house.ask, "/v1/reading/watch", {"after": version}, MINE, second)
        house.pairings.remove(MINE)
        house.reader.feed.publish(phase="idle", speed=2.0)
        assert waiting.result(20).status == 401
    house.pairings.remove(MINE)
    assert house.ask("/v1/reading/watch", {}, MINE, second).status == 401
    assert house.ask("/v1/reading/watch", {}, OTHER, other).status == 200
    assert house.ask("/v1/pair", {}).status == 200, "it may ask again"


def test_a_text_is_read_and_followed_by_its_owner_alone(house: House) -> None:
    token, other = house.token_of(), house.token_of(OTHER)
    begun = house.ask("/v1/reading/start", {"text": "Hi \U0001f600. There.", "position": 4}, MINE, token)
    assert (begun.status, begun.json) == (200, {"reading": 7})
    assert house.reader.asked.pop() == (MINE, "Hi \U0001f600. There.", 4)
    told = house.ask("/v1/reading/watch", {}, MINE, token).json
    with ThreadPoolExecutor(1) as elsewhere:
        waiting = elsewhere.submit(house.ask, "/v1/reading/watch", {"after": told["version"]}, MINE, token)
        house.reader.feed.publish(phase="preparing")  # the same
        house.reader.feed.publish(phase="speaking", sentence=(0, 5), word=(0, 2), speaker="voice")
        told = waiting.result(20).json
    assert (told["sentence"], told["word"], told["is_yours"], told["phase"]) == ([0, 5], [0, 2], True, "speaking")
    strange = house.ask("/v1/reading/watch", {}, OTHER, other).json
    assert (strange["sentence"], strange["word"], strange["is_yours"], strange["reading"]) == (None, None, False, 0)

    for action, values, value in (("pause", {}, 0), ("jump", {"position": 6}, 6), ("speed", {"speed": 1.5}, 1.5)):
        assert house.ask("/v1/reading/act", {"reading": 7, "action": action, **values}, MINE, token).status == 200
        assert house.reader.asked.pop() == (MINE, 7, action, value)
    assert house.ask("/v1/reading/act", {"reading": 7, "action": "stop"}, OTHER, other).status == 409
    assert house.ask("/v1/reading/act", {"reading": 6, "action": "stop"}, MINE, token).status == 409


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("start", {}, "text"),
        ("start", {"text": " \n"}, "no text"),
        ("start", {"text": "a\0b"}, "NUL"),
        ("start", {"text": "\ud800"}, "half of a sign"),
        ("start", {"text": "x" * 2_000_001}, "2,000,000"),
        ("start", {"text": "x", "position": 2}, "position"),
        ("start", {"text": "x", "position": -1}, "position"),
        ("start", {"text": 5}, "text"),
        ("start", {"text": "Refuse this."}, "no sound output device"),
        ("act", {"reading": 7}, "action"),
        ("act", {"reading": 7, "action": "sing"}, "action"),
        ("act", {"reading": 7, "action": "jump", "position": "x"}, "position"),
        ("act", {"reading": 7, "action": "speed", "speed": 99}, "speed"),
        ("watch", {"after": "x"}, "after"),
        ("watch", [], "object"),
    ],
)
def test_what_is_no_request_is_told(house: House, path: str, body: Any, words: str) -> None:
    refused = house.ask(f"/v1/reading/{path}", body, MINE, house.token_of())
    assert refused.status == 400
    assert words.lower() in refused.json["message"].lower()


def test_what_cannot_be_kept_is_not_allowed(house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    token = house.token_of()
    house.ask("/v1/pair", {}, OTHER)
    request = house.pairings.view.asking
    assert request is not None

    def full(path: Path, *_: Any, **__: Any) -> None:
        raise OutputError("disk_full", path)

    with monkeypatch.context() as patch:
        patch.setattr("engine.server.pairing.write_whole", full)
        with pytest.raises(OutputError):
            house.pairings.allow(request)
        assert house.pairings.view.asking == request, "the question stands"
        with pytest.raises(OutputError):
            house.pairings.remove(MINE)
        assert house.ask("/v1/reading/watch", {}, MINE, token).status == 401, "taken back at once all the same"
    assert len(json.loads((tmp_path / "config" / "browsers.json").read_text())["paired"]) == 1


@pytest.mark.parametrize("damage", [b"", b"{", b"[1]", b'{"paired": [{"origin": 5}]}', b"\xff", b"x" * (2 << 20)])
def test_a_damaged_list_lets_nobody_in_and_is_set_aside(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "browsers.json"
    path.write_bytes(damage)
    pairings = Pairings(path)
    assert pairings.was_damaged
    assert pairings.view.paired == ()
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [damage]
    assert not Pairings(path).was_damaged


def test_from_many_threads_one_question_comes(tmp_path: Path) -> None:
    pairings = Pairings(tmp_path / "browsers.json")
    seen: list[PairingRequest | None] = []
    pairings.subscribe(lambda: seen.append(pairings.view.asking))
    start = threading.Barrier(8)

    def ask(number: int) -> str:
        start.wait()
        try:
            return pairings.ask(f"{MINE[:-1]}{number}", "x")[0]
        except NotAskedError as error:
            return error.reason

    with ThreadPoolExecutor(8) as many:
        said = list(many.map(ask, range(8)))
    assert said.count("busy") == 7
    assert len(seen) == 1


def test_who_waits_does_not_hold_the_end_up(house: House) -> None:
    token = house.token_of()
    with ThreadPoolExecutor(1) as elsewhere:
        version = house.reader.feed.state.version
        waiting = elsewhere.submit(house.ask, "/v1/reading/watch", {"after": version}, MINE, token)
        wait_until(lambda: bool(house.reader.feed._waiting), "it waits")
        assert house.server.service.extensions is not None
        house.server.service.extensions.close()
        assert waiting.result(10).json["version"] == version
