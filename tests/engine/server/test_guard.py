"""Who may come in: Host, Origin, key; and that nobody listens to other computers by accident."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_client import hear_all, live, tell
from served import Reply, Server, serving, settings_in
from websockets.exceptions import InvalidStatus

from engine import OptionError, ServerError
from engine.server import ServerSettings, parse_address
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


# --- pages that were let in

PAGE = "http://my-page.example:3000"


@pytest.fixture(scope="module")
def open_door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With a key, and open to two pages, one of which is behind a proxy that rewrites Host."""
    folder = tmp_path_factory.mktemp("open")
    allowed = {"allowed_origins": (PAGE, "null"), "allowed_hosts": ("Reader.example",)}
    with serving(settings_in(folder, api_key="k", **allowed)) as server:
        yield server


def preflight(server: Server, path: str, origin: str, method: str = "POST", **headers: str) -> Reply:
    asked = {"Access_Control_Request_Method": method, "Sec_Fetch_Site": "cross-site", **headers}
    return server.ask("OPTIONS", path, Origin=origin, **asked)


@pytest.mark.parametrize("path", ["/v1/tts", "/v1/references/delete", "/v1/audio/speech", "/v1/models"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_preflight_of_a_page_that_was_let_in(open_door: Server, path: str, method: str) -> None:
    for origin in (PAGE, "null"):
        asked = preflight(open_door, path, origin, method, Access_Control_Request_Headers="authorization,content-type")
        assert asked.status == 200, "without a key, which browsers do not send with it"
        assert asked.headers["access-control-allow-origin"] == origin
        assert method in asked.headers["access-control-allow-methods"]
        assert {"authorization", "content-type"} <= set(asked.headers["access-control-allow-headers"].split(","))
        assert "Origin" in asked.headers["vary"]
    local = preflight(open_door, path, PAGE, Access_Control_Request_Private_Network="true")
    assert local.headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize("origin", ["http://other.example", f"{PAGE}0", PAGE.replace("http", "https"), "null.example"])
def test_other_pages_are_told_nothing(open_door: Server, origin: str) -> None:
    refused = preflight(open_door, "/v1/tts", origin)
    assert refused.status in (400, 403)
    assert "access-control-allow-origin" not in refused.headers
    said = open_door.ask("POST", "/v1/tts", {"text": "Hello."}, Origin=origin, Authorization="Bearer k")
    assert said.status == 403
    assert "access-control-allow-origin" not in said.headers


def test_a_page_reads_what_it_is_answered_errors_and_streams_too(open_door: Server) -> None:
    page = {"Origin": PAGE, "Sec_Fetch_Site": "cross-site", "Authorization": "Bearer k"}
    ask = open_door.ask
    answers = [
        (200, ask("POST", "/v1/tts", {"text": "Hello."}, **page)),
        (200, ask("POST", "/v1/tts", {"text": "Hello.", "streaming": True}, **page)),
        (200, ask("POST", "/v1/audio/speech", {"input": "Hello.", "stream_format": "sse"}, **page)),
        (200, ask("GET", "/v1/references/list", **page)),
        (400, ask("POST", "/v1/tts", {"text": ""}, **page)),
        (404, ask("POST", "/v1/tts", {"text": "Hello.", "reference_id": "nobody"}, **page)),
        (404, ask("GET", "/nothing", **page)),
        (405, ask("GET", "/v1/tts", **page)),
        (415, ask("POST", "/v1/tts", b"x", **page)),
        (401, ask("GET", "/v1/models", **{**page, "Authorization": "Bearer wrong"})),
        (403, ask("GET", "/v1/models", **page, Host="elsewhere.example")),
    ]
    for status, answer in answers:
        assert answer.status == status
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert "Origin" in answer.headers["vary"]
        assert "X-Lectern-Speaker" in answer.headers["access-control-expose-headers"]


def test_a_page_that_was_let_in_may_speak_live_and_others_may_not(open_door: Server) -> None:
    with live(open_door, {"text": "Hello."}, Authorization="Bearer k", Origin=PAGE) as client:
        tell(client, "stop")
        assert hear_all(client)
    for origin in ("http://other.example", "http://reader.example.org"):
        with pytest.raises(InvalidStatus) as refused, live(open_door, Authorization="Bearer k", Origin=origin):
            pass
        assert refused.value.response.status_code == 403


def test_behind_a_proxy_that_rewrites_host_the_page_works(open_door: Server) -> None:
    for origin in ("https://reader.example", "https://READER.example:8443"):
        headers = {"Origin": origin, "Sec_Fetch_Site": "same-origin", "Authorization": "Bearer k"}
        assert open_door.ask("POST", "/v1/tts", {"text": "Hello."}, **headers).status == 200
        elsewhere = open_door.ask("POST", "/v1/tts", {"text": "Hello."}, **{**headers, "Sec_Fetch_Site": "cross-site"})
        assert elsewhere.status == 403, "a page of another site does not become ours by it"
    for origin in ("https://reader.example.org", "ftp://reader.example", "https://x.reader.example"):
        assert open_door.ask("GET", "/v1/health", Origin=origin, Authorization="Bearer k").status == 403


def test_all_pages_can_be_let_in(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path, allowed_origins=("*",))) as server:
        answer = server.ask("POST", "/v1/tts", {"text": "Hello."}, Origin="http://any.example")
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")
        assert preflight(server, "/v1/tts", "http://any.example").headers["access-control-allow-origin"] == "*"
        assert server.ask("GET", "/v1/health", Host="rebound.example", Origin="http://rebound.example").status == 403


@pytest.mark.parametrize(
    "origin",
    ["my-page.example", "http://x.example/", "http://x.example/page", "HTTP://X.example", "", "http://", "x y"],
)
def test_what_is_no_origin_is_told(tmp_path: Path, origin: str) -> None:
    with pytest.raises(OptionError) as refused:
        settings_in(tmp_path, allowed_origins=(PAGE, origin))
    assert (refused.value.name, refused.value.found) == ("--allow-origin", origin)


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


@pytest.mark.parametrize("text", ["h:" + "1" * 5000, "a\0b:1", "a b:1", "a\n:1"], ids=ascii)
def test_nothing_but_an_address_gets_as_far_as_a_socket(text: str) -> None:
    with pytest.raises(OptionError):
        parse_address(text)


def test_an_address_that_is_taken_says_so(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ServerError) as refused:
        listen(ServerSettings(tmp_path, port=taken.getsockname()[1]))
    assert refused.value.problem == "address"
    assert os.strerror(errno.EADDRINUSE).lower() in refused.value.detail.lower()
