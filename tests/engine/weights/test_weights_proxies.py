"""Through which proxy the Hub is asked; proven by a SOCKS proxy that is real, as the environment names it."""

from __future__ import annotations

import gc
import socket
import threading
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import mock_hub
import pytest
from downloads import BIG, SMALL, download, expect_whole
from mock_hub import ACCOUNT, TOKEN, MockHub, Place
from socks_proxy import SocksProxy

import engine
import engine.weights
from engine import HubError
from engine.weights.proxies import proxy_for

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MockHub]:
    mock_hub.write_repository(tmp_path / "repository")
    with MockHub(tmp_path / "repository") as hub:
        hub.enter(monkeypatch, tmp_path / "hub-home")
        yield hub


@pytest.fixture
def proxy() -> Iterator[SocksProxy]:
    with SocksProxy() as proxy:
        yield proxy


@pytest.fixture
def failed_handshakes() -> Iterator[None]:
    """WORKAROUND: httpcore2 leaves the socket of a failed SOCKS handshake to the collector, which says so."""
    yield
    gc.collect()


@pytest.mark.parametrize(
    ("variable", "scheme"),
    [
        *(("ALL_PROXY", scheme) for scheme in ("socks5", "socks5h", "socks", "SOCKS")),
        *((variable, "socks") for variable in ("all_proxy", "http_proxy")),
    ],
)
def test_login_and_download_go_through_a_socks_proxy(
    hub: MockHub, proxy: SocksProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, scheme: str
) -> None:
    """`socks://host:port/` is what GNOME puts into the environment."""
    monkeypatch.setenv(variable, f"{scheme}://{proxy.address}/")
    assert engine.weights.log_in(TOKEN).name == ACCOUNT
    download(tmp_path / "data" / "checkpoint")
    expect_whole(tmp_path / "data" / "checkpoint", hub)
    ports = {port for _, port in proxy.targets}
    assert ports == {int(url.rsplit(":", 1)[1]) for url in (hub.url, hub.storage_url)}
    assert {host for host, _ in proxy.targets} == {"127.0.0.1", "localhost"}, "names are looked up by the proxy"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see `failed_handshakes`
@pytest.mark.usefixtures("failed_handshakes")
def test_a_socks_proxy_with_a_password(hub: MockHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with SocksProxy(password="p@ss word") as proxy:
        monkeypatch.setenv("ALL_PROXY", f"socks5://ada:p%40ss%20word@{proxy.address}")
        assert engine.weights.log_in(TOKEN).name == ACCOUNT
        download(tmp_path / "data" / "checkpoint")
        assert hub.bytes_sent[BIG]
        for address in (f"socks5://ada:wrong@{proxy.address}", f"socks5://{proxy.address}"):
            monkeypatch.setenv("ALL_PROXY", address)
            with pytest.raises(HubError) as caught:
                engine.weights.hub_account(TOKEN)
            assert (caught.value.problem, caught.value.detail) == ("proxy", proxy.address)
            assert "wrong" not in str(caught.value)


@pytest.mark.parametrize(
    ("covered", "address"),
    [
        ("127.0.0.1,localhost", "socks5://127.0.0.1:9"),
        ("localhost,127.0.0.0/8,::1", "socks4://127.0.0.1:9"),
        ("*", "nonsense://x:y"),
        (" .localhost , 127.0.0.1", "socks5://127.0.0.1:9"),
        ("127.0.0.1:{port},localhost", "nonsense://x:y"),
    ],
)
@pytest.mark.usefixtures("proxy")
def test_what_no_proxy_covers_is_asked_directly_whatever_the_proxy_is(
    hub: MockHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, covered: str, address: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", address)
    hub_port = hub.url.rsplit(":", 1)[1]
    monkeypatch.setenv("NO_PROXY", covered.format(port=hub_port))
    assert engine.weights.log_in(TOKEN).name == ACCOUNT
    download(tmp_path / "data" / "checkpoint")
    expect_whole(tmp_path / "data" / "checkpoint", hub)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("socks4://127.0.0.1:1080", "socks4://127.0.0.1:1080"),
        ("socks4a://ada:secret@127.0.0.1:1080", "socks4a://127.0.0.1:1080"),
        ("http://ada:secret@127.0.0.1:port", "http"),
        ("socks5://[::1", "socks5"),
        ("socks5://", "socks5"),
        ("gopher://ada:secret@proxy.example", "gopher://proxy.example"),
    ],
)
@pytest.mark.usefixtures("hub")
def test_a_proxy_that_cannot_be_used_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, told: str
) -> None:
    monkeypatch.setenv("http_proxy", address)
    with pytest.raises(HubError) as caught:
        engine.weights.hub_account(TOKEN)
    assert (caught.value.problem, caught.value.detail) == ("proxy_kind", told)
    with pytest.raises(HubError, match="proxy_kind"):
        download(tmp_path / "data")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # see `failed_handshakes`
@pytest.mark.parametrize(
    "says", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"", b"\x05", b"\x05\x00\x05\xff\xff\xff"], ids=str
)
@pytest.mark.usefixtures("hub", "failed_handshakes")
def test_a_proxy_that_speaks_something_else_is_the_proxy(monkeypatch: pytest.MonkeyPatch, says: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            line, _ = server.accept()
            with line:
                line.recv(3)
                line.sendall(says)

        thread = threading.Thread(target=answer)
        thread.start()
        address = f"127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("ALL_PROXY", f"socks5://{address}")
        with pytest.raises(HubError) as caught:
            engine.weights.hub_account(TOKEN)
        thread.join()
    assert (caught.value.problem, caught.value.detail) == ("proxy", address)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.usefixtures("hub", "failed_handshakes")
def test_a_proxy_that_reaches_nobody_is_the_proxy(proxy: SocksProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALL_PROXY", f"socks5://{proxy.address}")
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(HubError, match="'proxy'"):
        engine.weights.hub_account(TOKEN)


@pytest.mark.parametrize(
    ("no_proxy", "host", "is_direct"),
    [
        ("huggingface.co", "huggingface.co", True),
        ("huggingface.co", "cdn.huggingface.co", True),
        (".huggingface.co", "cdn.huggingface.co", True),
        ("*.huggingface.co", "cdn.huggingface.co", True),
        ("huggingface.co", "nothuggingface.co", False),
        ("HuggingFace.CO", "huggingface.co", True),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "huggingface.co", False),
        ("fd00::/8", "[fd00::1]", True),
        ("[::1]", "[::1]", True),
        ("huggingface.co:80", "huggingface.co", False),
        ("huggingface.co:8443", "huggingface.co:8443", True),
        (",, ", "huggingface.co", False),
        ("", "huggingface.co", False),
    ],
)
def test_what_no_proxy_covers(monkeypatch: pytest.MonkeyPatch, no_proxy: str, host: str, is_direct: bool) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("https_proxy", "proxy.example:3128")
    monkeypatch.setenv("no_proxy", no_proxy)
    found = proxy_for(f"https://{host}/x")
    assert (found is None) == is_direct
    assert found is None or (found.address, found.shown) == ("http://proxy.example:3128", "proxy.example:3128")


# --- mirrors


def plain_etag(data: bytes) -> str:
    """As web servers make it: a time and a size."""
    return f"65f1a2b3-{len(data):x}"


@pytest.mark.parametrize("kind", ["the Hub's ETags", "its own ETags", "a storage of its own"])
@pytest.mark.parametrize("unknown", [(), ("auth-check",), ("auth-check", "revision")], ids=str)
def test_a_mirror_that_knows_less_than_the_hub_can_be_used(
    hub: MockHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unknown: tuple[str, ...], kind: str
) -> None:
    """No question about the licence, no sizes in the list, no list at all, no checksums: what is there is enough."""
    tiny = Path(__file__).parents[2] / "golden" / "tiny_s1" / "checkpoint"
    hub.commit({name: (tiny / name).read_bytes() for name in (*engine.weights.CHECKPOINT_FILES, "codec.json")})
    hub.unknown = {*unknown}
    hub.tells_sizes = False
    hub.etag_of = None if kind == "the Hub's ETags" else plain_etag
    hub.leads_elsewhere = kind == "a storage of its own"
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    engine.weights.check_licence()
    folder = tmp_path / "data" / "checkpoint"
    place: Place = "hub" if kind == "its own ETags" else "storage"
    hub.fail(BIG, mock_hub.Cut(1_000_000), *[mock_hub.Answer(503)] * 9, place=place)
    with pytest.raises(HubError, match="server"):
        download(folder)
    hub.heal()
    held = (folder / f"{BIG}.part").stat().st_size
    assert held == 1_000_000
    hub.bytes_sent.clear()
    download(folder)
    for name, data in hub.files.items():
        assert (folder / name).read_bytes() == data
    assert hub.bytes_sent[BIG] == len(hub.files[BIG]) - held
    list(engine.weights.verify_checkpoint(folder, engine.CancelToken()))


def test_a_mirrors_damaged_file_is_found_out_by_its_form(
    hub: MockHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = Path(__file__).parents[2] / "golden" / "tiny_s1" / "checkpoint"
    hub.commit({name: (tiny / name).read_bytes() for name in engine.weights.CHECKPOINT_FILES})
    hub.tells_sizes, hub.etag_of = False, plain_etag
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.fail(BIG, *[mock_hub.Flip(1_000_000)] * 20, place="hub")
    with pytest.raises(HubError, match="corrupt"):
        download(tmp_path / "data" / "checkpoint")


@pytest.mark.parametrize("size", ["1300000", -5, 1.5, None, True, 2**70, [1]], ids=str)
def test_a_size_that_is_none_is_asked_for_elsewhere(
    hub: MockHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: object
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.size_as = size
    download(tmp_path / "data" / "checkpoint")
    expect_whole(tmp_path / "data" / "checkpoint", hub)


def test_who_asks_is_told_with_its_version(hub: MockHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    engine.weights.log_in(TOKEN)
    list(engine.weights.log_in_with_browser(engine.CancelToken()))
    hub.unknown = {"auth-check"}
    download(tmp_path / "data" / "checkpoint")
    asked = {(r.subject, r.user_agent) for r in hub.requests}
    assert {subject for subject, _ in asked} >= {"whoami", "device", "token", "auth-check", "revision", BIG, SMALL}
    assert all(agent and agent.startswith(f"lectern/{version('lectern')}") for _, agent in asked), asked
