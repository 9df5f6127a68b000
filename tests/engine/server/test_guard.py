"""Who may come in: Host, Origin, key; and that nobody listens to other computers by accident."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from served import Server, serving, settings_in

from engine import OptionError, ServerError, ServerSettings, parse_address
from engine.server.run import listen

KEY = "schlüssel"
BEARER = f"Bearer {KEY}".encode().decode("latin-1")  # as bytes go over the wire


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1", "127.0.0.1:9", "[::1]:80", "127.9.9.9"])
def test_names_of_this_computer_are_let_in(server: Server, host: str) -> None:
    assert server.ask("GET", "/v1/health", Host=host).status == 200


@pytest.mark.parametrize("host", ["example.org", "localhost.example.org", "192.0.2.1", "", "[", "a b", "127.0.0.1.org"])
def test_other_names_are_not(server: Server, host: str) -> None:
    assert server.ask("GET", "/v1/health", Host=host).status in (400, 403)


def test_pages_from_elsewhere_reach_nothing(server: Server) -> None:
    here = f"127.0.0.1:{server.port}"
    assert server.ask("GET", "/v1/health", Origin=f"http://{here}").status == 200
    for origin in ("http://example.org", "null", f"http://127.0.0.1:{server.port + 1}", f"http://{here}.example.org"):
        refused = server.ask("POST", "/v1/tts", {"text": "Hello."}, Origin=origin)
        assert (refused.status, refused.json["error"]) == (403, "Forbidden")
    assert server.ask("GET", "/v1/health", Sec_Fetch_Site="cross-site").status == 403
    assert server.ask("GET", "/", Sec_Fetch_Site="cross-site").status == 200, "a link to the page is a link"


def test_no_page_elsewhere_is_told_that_it_may_read(server: Server) -> None:
    for headers in ({}, {"Origin": f"http://127.0.0.1:{server.port}"}):
        reply = server.ask("GET", "/v1/models", **headers)
        assert not [name for name in reply.headers if name.startswith("access-control")]


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(settings_in(tmp_path_factory.mktemp("locked"), api_key=KEY)) as server:
        yield server


@pytest.mark.parametrize(
    "path", ["/v1/health", "/v1/models", "/v1/references/list", "/metrics", "/openapi.json", "/no"]
)
def test_everything_but_the_page_wants_the_key(locked: Server, path: str) -> None:
    refused = locked.ask("GET", path)
    assert (refused.status, refused.headers["www-authenticate"]) == (401, "Bearer")
    assert locked.ask("GET", path, Authorization=BEARER).status in (200, 404)
    assert locked.ask("GET", "/").status == 200


@pytest.mark.parametrize(
    "given", ["", "Bearer", "Bearer ", BEARER + "x", BEARER[:-1], BEARER.replace("Bearer", "Basic")]
)
def test_a_wrong_key_is_none(locked: Server, given: str) -> None:
    assert locked.ask("POST", "/v1/tts", {"text": "Hello."}, Authorization=given).status == 401


def test_other_computers_are_listened_to_with_a_key_or_on_demand(tmp_path: Path) -> None:
    for host in ("0.0.0.0", "::", "192.0.2.1", "some-name"):
        with pytest.raises(ServerError) as refused:
            ServerSettings(tmp_path, host)
        assert refused.value.problem == "needs_key"
        ServerSettings(tmp_path, host, api_key="x")
        ServerSettings(tmp_path, host, is_insecure=True)
    for host in ("127.0.0.1", "localhost", "::1", "127.1.2.3"):
        ServerSettings(tmp_path, host)


def test_on_every_address_an_address_is_a_name_but_a_name_must_be_known(tmp_path: Path) -> None:
    settings = ServerSettings(tmp_path, "0.0.0.0", 0, api_key="k", allowed_hosts=("Reader.example",))
    with serving(settings) as server:
        for host, status in (("192.0.2.7:8080", 200), ("reader.example", 200), ("other.example", 403)):
            assert server.ask("GET", "/v1/health", Host=host, Authorization="Bearer k").status == status


def test_the_key_is_not_in_what_is_printed(tmp_path: Path) -> None:
    assert KEY not in repr(settings_in(tmp_path, api_key=KEY))


@pytest.mark.parametrize(
    ("text", "address"),
    [("1.2.3.4:80", ("1.2.3.4", 80)), ("[::]:8080", ("::", 8080)), (":81", ("127.0.0.1", 81)), ("a-b:0", ("a-b", 0))],
)
def test_addresses(text: str, address: tuple[str, int]) -> None:
    assert parse_address(text) == address


@pytest.mark.parametrize("text", ["", "localhost", "::1:80", "1.2.3.4:x", "1.2.3.4:65536", "[::1]", "h:-1", "h:²"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(OptionError):
        parse_address(text)


def test_an_address_that_is_taken_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ServerError) as refused:
        listen(ServerSettings(tmp_path, port=taken.getsockname()[1]))
    assert refused.value.problem == "address"
    assert "in use" in refused.value.detail
