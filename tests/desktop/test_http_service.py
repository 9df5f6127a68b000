"""The running application's HTTP interface: on, off, moved, and what keeps it from starting."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from waiting import LIMIT_S

import engine
from desktop.http_service import HttpService, HttpView, HttpWish

ANY_PORT = "127.0.0.1:0"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[HttpService]:
    service = HttpService(engine.open_built_in_voice, tmp_path)
    yield service
    service.close()


def become(qtbot: QtBot, service: HttpService, wish: HttpWish) -> HttpView:
    with qtbot.waitSignal(service.changed):
        service.use(wish)
    return service.view


def ask(url: str, key: str = "") -> tuple[int, bytes]:
    client = HTTPConnection(url.removeprefix("http://"), timeout=LIMIT_S)
    try:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
        client.request("POST", "/v1/tts", json.dumps({"text": "Yes."}), headers)
        reply = client.getresponse()
        return reply.status, reply.read(4)
    finally:
        client.close()


def test_it_answers_while_it_is_on(qtbot: QtBot, service: HttpService) -> None:
    first = become(qtbot, service, HttpWish(True, ANY_PORT))
    assert ask(first.url) == (200, b"RIFF")
    second = become(qtbot, service, HttpWish(True, ANY_PORT, "a key"))
    assert ask(second.url)[0] == 401
    assert ask(second.url, "a key") == (200, b"RIFF")
    with pytest.raises(ConnectionRefusedError):
        ask(first.url)
    assert become(qtbot, service, HttpWish()) == HttpView()
    with pytest.raises(ConnectionRefusedError):
        ask(second.url)


def test_the_same_wish_changes_nothing(qtbot: QtBot, service: HttpService) -> None:
    become(qtbot, service, HttpWish(True, ANY_PORT))
    with qtbot.assertNotEmitted(service.changed, wait=50):
        service.use(HttpWish(True, ANY_PORT))


@pytest.mark.parametrize(
    ("address", "words"),
    [("nowhere", "--listen"), ("127.0.0.1:70000", "--listen"), ("0.0.0.0:0", "reached from other computers")],
)
def test_an_address_that_cannot_be_is_told(qtbot: QtBot, service: HttpService, address: str, words: str) -> None:
    view = become(qtbot, service, HttpWish(True, address))
    assert view.url == ""
    assert words in str(view.problem)


def test_a_taken_address_is_told_and_another_works(qtbot: QtBot, service: HttpService) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        view = become(qtbot, service, HttpWish(True, f"127.0.0.1:{taken.getsockname()[1]}"))
    assert "cannot be listened on" in str(view.problem)
    assert ask(become(qtbot, service, HttpWish(True, ANY_PORT)).url)[0] == 200
