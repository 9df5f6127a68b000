"""The running application's HTTP interface: on, off, moved, and what keeps it from starting."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import numpy as np
import pytest
from addresses import own_host
from pytestqt.qtbot import QtBot
from served import sound_of, spoken
from waiting import LIMIT_S

import engine
import engine.builtin
from desktop.speech.http_service import HttpService, HttpSettings, HttpView
from desktop.speech.wyoming_service import WyomingService

TEXT = "Testing one two three."
ANY_PORT = "127.0.0.1:0"


@pytest.fixture
def service(tmp_path: Path) -> Iterator[HttpService]:
    service = HttpService(engine.builtin.BuiltInVoice, tmp_path)
    yield service
    service.close()


def become(qtbot: QtBot, service: HttpService, settings: HttpSettings) -> HttpView:
    with qtbot.waitSignal(service.changed):
        service.use(settings)
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
    first = become(qtbot, service, HttpSettings(True, f"{own_host()}:0"))
    assert ask(first.url) == (200, b"RIFF")
    second = become(qtbot, service, HttpSettings(True, f"{own_host()}:0", "a key"))
    assert ask(second.url)[0] == 401
    assert ask(second.url, "a key") == (200, b"RIFF")
    with pytest.raises(ConnectionRefusedError):
        ask(first.url)
    assert become(qtbot, service, HttpSettings()) == HttpView()
    with pytest.raises(ConnectionRefusedError):
        ask(second.url)


def test_the_same_settings_change_nothing(qtbot: QtBot, service: HttpService) -> None:
    become(qtbot, service, HttpSettings(True, ANY_PORT))
    with qtbot.assertNotEmitted(service.changed, wait=50):
        service.use(HttpSettings(True, ANY_PORT))


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("nowhere", "The address nowhere cannot be used. It can be HOST:PORT"),
        ("127.0.0.1:70000", "The address 127.0.0.1:70000"),
        ("127.0.0.1:" + "7" * 5000, "The address 127.0.0.1:7"),
        ("a\0b:0", "cannot be used"),
        ("192.0.2.1:0", "cannot be listened on"),
        ("0.0.0.0:0", "can be reached from other computers. Enter a key"),
    ],
)
def test_an_address_that_cannot_be_is_told(qtbot: QtBot, service: HttpService, address: str, words: str) -> None:
    view = become(qtbot, service, HttpSettings(True, address, "" if address.startswith("0") else "a key"))
    assert view.url == ""
    assert words in str(view.problem)
    assert "--" not in str(view.problem), "in a window, a remedy is no option of a command"


def test_its_default_voice_and_the_pages_that_it_lets_in(qtbot: QtBot, service: HttpService) -> None:
    settings = HttpSettings(True, ANY_PORT, voice="built-in/f2", origins="http://one.example,  HTTP://Two.example/")
    view = become(qtbot, service, settings)
    plain = become(qtbot, service, HttpSettings(True, ANY_PORT))
    assert plain.problem is None
    again = become(qtbot, service, settings)
    assert view.problem is again.problem is None
    for origin, status in (("http://one.example", 200), ("http://two.example", 200), ("http://three.example", 403)):
        with closing(HTTPConnection(again.url.removeprefix("http://"), timeout=20)) as client:
            headers = {"Content-Type": "application/json", "Origin": origin}
            client.request("POST", "/v1/tts", json.dumps({"text": TEXT}), headers)
            reply = client.getresponse()
            body = reply.read()
        assert reply.status == status
        if status == 200:
            assert np.abs(sound_of(body) - spoken(TEXT, "built-in/f2")).max() < 1e-4
    unknown = become(qtbot, service, HttpSettings(True, ANY_PORT, voice="nobody"))
    assert "There is no voice nobody. There are: default, built-in/" in str(unknown.problem)
    no_page = become(qtbot, service, HttpSettings(True, ANY_PORT, origins="my-page.example"))
    assert "No web page can be let in as my-page.example." in str(no_page.problem)


def test_a_taken_address_is_told_and_another_works(qtbot: QtBot, service: HttpService) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        view = become(qtbot, service, HttpSettings(True, f"127.0.0.1:{taken.getsockname()[1]}"))
    assert "cannot be listened on" in str(view.problem)
    assert "--" not in str(view.problem)
    assert ask(become(qtbot, service, HttpSettings(True, ANY_PORT)).url)[0] == 200


def test_home_assistants_protocol_goes_on_and_off_in_the_same_way(qtbot: QtBot, tmp_path: Path) -> None:
    service = WyomingService(engine.builtin.BuiltInVoice, tmp_path)
    view = become(qtbot, service, HttpSettings(True, f"{own_host()}:0", voice="built-in/f2"))
    assert view.problem is None
    host, _, port = view.url.removeprefix("tcp://").rpartition(":")
    with closing(socket.create_connection((host, int(port)), LIMIT_S)) as client:
        client.sendall(b'{"type": "synthesize", "data": {"text": "Yes."}}\n')
        assert json.loads(client.makefile("rb").readline())["type"] == "audio-start"
        assert become(qtbot, service, HttpSettings()) == HttpView()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((host, int(port)), LIMIT_S)
    for address, words in (
        ("nowhere", "The address nowhere cannot be used."),
        ("192.0.2.1:0", "cannot be listened on"),
    ):
        assert words in str(become(qtbot, service, HttpSettings(True, address)).problem)
    assert become(qtbot, service, HttpSettings(True, "0.0.0.0:0")).problem is None  # whose risk is told in the settings
    service.close()
