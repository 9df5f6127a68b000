"""The page at `/` in a real browser: its button is pressed, and its sound is heard."""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from served import LIMIT_S, Server, said, serving, settings_in, sound_of
from websockets.sync.client import ClientConnection, connect

from engine.registry import always_there

pytestmark = pytest.mark.xdist_group("page")  # they share a server

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TEXT = "The page speaks. It can be heard."
OPTIONS = (
    "--headless=new",
    "--no-sandbox",  # or it does not start as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--window-size=420,900",  # a phone's
    "--remote-debugging-port=0",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


class Browser:
    """One page of a headless Chromium, through its DevTools protocol."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.events: list[dict[str, Any]] = []
        for name in ("Page", "Runtime", "Log", "Network"):
            self.tell(f"{name}.enable")

    def tell(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(LIMIT_S))
            if message.get("id") == number:
                assert "error" not in message, message
                return message["result"]
            self.events.append(message)

    def ask(self, expression: str) -> Any:
        found = self.tell("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def wait(self, expression: str) -> None:
        deadline = time.monotonic() + LIMIT_S
        while not self.ask(expression):
            shown = self.ask("typeof $ === 'function' ? document.body.dataset.state + $('status').textContent : ''")
            assert time.monotonic() < deadline, f"waited in vain for {expression}; {shown}"
            time.sleep(0.02)

    def press(self, key: str, modifiers: int = 0) -> None:
        code = {"Enter": 13, "Escape": 27, "Tab": 9}[key]
        values = {"key": key, "code": key, "windowsVirtualKeyCode": code, "modifiers": modifiers}
        self.tell("Input.dispatchKeyEvent", type="rawKeyDown", **values)
        self.tell("Input.dispatchKeyEvent", type="keyUp", **values)

    def click(self, element: str) -> None:
        """Where a finger would press."""
        self.ask(f"$('{element}').scrollIntoView({{block: 'center'}})")
        middle = "({x, y, width, height}) => [x + width / 2, y + height / 2]"
        x, y = self.ask(f"({middle})($('{element}').getBoundingClientRect())")
        for kind in ("mousePressed", "mouseReleased"):
            self.tell("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self) -> bytes:
        return base64.b64decode(self.tell("Page.captureScreenshot")["data"])

    def complaints(self) -> list[str]:
        """What the page said went wrong, and hosts other than the server that it asked."""
        said = [json.dumps(e) for e in self.events if e["method"] in ("Log.entryAdded", "Runtime.exceptionThrown")]
        urls = [e["params"]["request"]["url"] for e in self.events if e["method"] == "Network.requestWillBeSent"]
        return said + [url for url in urls if not url.startswith(("http://127.0.0.1:", "blob:", "data:"))]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(settings_in(tmp_path_factory.mktemp("page"), engine_voices=always_there().voice_names())) as running:
        yield running


@pytest.fixture
def open_page(server: Server, tmp_path: Path) -> Iterator[Callable[..., Browser]]:
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        pytest.fail("no Chromium: sudo apt install chromium")
    log, profile = tmp_path / "log", tmp_path / "profile"
    with ExitStack() as stack:

        def open_it(environment: dict[str, str], url: str = "") -> Browser:
            command = [program, *OPTIONS, f"--user-data-dir={profile}", "about:blank"]
            with log.open("wb") as file:
                process = subprocess.Popen(command, env=environment, stdout=file, stderr=file)
            stack.callback(_end, process)
            address = page_address(process, profile, log)
            browser = Browser(stack.enter_context(connect(address, max_size=None, open_timeout=LIMIT_S)))
            browser.tell("Page.navigate", url=url or f"{server.url}/")
            if url:
                browser.wait(f"location.href === '{url}' && document.readyState === 'complete'")
            else:
                browser.wait("typeof $ === 'function' && document.body.dataset.loaded === 'yes'")
            return browser

        yield open_it


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def page_address(process: subprocess.Popen[bytes], profile: Path, log: Path) -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text(encoding="utf-8", errors="replace")
        try:
            port = (profile / "DevToolsActivePort").read_text().split()[0]
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list", timeout=5) as reply:
                pages = [page for page in json.load(reply) if page["type"] == "page"]
            return pages[0]["webSocketDebuggerUrl"]
        except (OSError, IndexError):
            time.sleep(0.05)
    raise AssertionError(f"Chromium did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")


@pytest.mark.slow
def test_the_button_is_pressed_and_the_sound_is_heard(open_page: Any, sound_server: Any, tmp_path: Path) -> None:
    browser = open_page(sound_server.environment)
    (tmp_path / "page.png").write_bytes(browser.picture())
    browser.ask(f"$('text').value = {json.dumps(TEXT)}")
    with sound_server.monitor.recording() as stop:
        browser.click("speak")
        sound_server.monitor.wait_for_sound()
        browser.wait("document.body.dataset.state === 'done'")
        heard = stop()
    assert np.abs(heard).max() > 0.1
    loud_s = (np.abs(heard) > 0.02).nonzero()[0]
    assert (loud_s[-1] - loud_s[0]) / 48_000 == pytest.approx(_loud_length_s(said(TEXT)), abs=0.5)

    whole = browser.ask("last.blob.arrayBuffer().then(b => base64(new Uint8Array(b)))")
    assert np.abs(sound_of(base64.b64decode(whole)) - said(TEXT)).max() < 1e-4
    browser.wait("$('again').duration > 1")
    folder = tmp_path / "downloads"
    browser.tell("Page.setDownloadBehavior", behavior="allow", downloadPath=str(folder))
    for name in ("wav", "mp3"):
        browser.ask(f"$('format').value = '{name}'")
        browser.click("download")
        _wait_for_file(folder / f"speech.{name}")
        assert sound_of((folder / f"speech.{name}").read_bytes()).size == pytest.approx(said(TEXT).size, abs=100)
    assert browser.complaints() == []
    (tmp_path / "done.png").write_bytes(browser.picture())


def _loud_length_s(sound: np.ndarray) -> float:
    loud = (np.abs(sound) > 0.02).nonzero()[0]
    return (loud[-1] - loud[0]) / 44_100


def _wait_for_file(path: Path) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not path.exists():
        assert time.monotonic() < deadline, f"no {path}"
        time.sleep(0.02)


@pytest.mark.slow
def test_by_keyboard_with_a_marker_a_voice_and_a_mistake(open_page: Any) -> None:
    browser = open_page(dict(os.environ))
    assert browser.ask("document.activeElement === document.body")
    browser.press("Tab")
    assert browser.ask("document.activeElement.id") == "text"
    browser.ask("insert('(whispering)')")
    browser.tell("Input.insertText", text="Again and again and again. " * 40)
    assert browser.ask("$('text').value").startswith("(whispering) Again and")
    assert browser.ask("[...$('voice').options].map(o => o.value)")[:1] == ["default"]
    browser.press("Enter", modifiers=2)
    browser.wait("document.body.dataset.state === 'speaking' && Number(document.body.dataset.peak) > 0.05")
    assert browser.ask("$('stop').disabled") is False
    browser.press("Escape")
    browser.wait("document.body.dataset.state === 'idle'")

    browser.ask("$('text').value = '…'")
    browser.press("Enter", modifiers=2)
    browser.wait("document.body.dataset.state === 'failed'")
    assert "signs" in browser.ask("$('status').textContent")

    browser.ask("$('text').value = 'Yes.'")
    seeds = []
    for voice in ("default", "built-in/f2"):
        browser.ask(f"$('voice').value = '{voice}'")
        browser.press("Enter", modifiers=2)
        browser.wait("document.body.dataset.state === 'done'")
        seeds.append(browser.ask("last.values.seed === undefined"))
    assert seeds == [True, False], "the default voice has a seed of its own, and so stays the same speaker"
    width = browser.ask("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert width, "nothing sticks out on a phone"
    unnamed = browser.ask(
        "[...document.querySelectorAll('input, select, textarea')]"
        ".filter(e => !e.labels.length && !e.ariaLabel && !e.getAttribute('aria-label')).map(e => e.id)"
    )
    assert unnamed == []


ASK_FROM_ELSEWHERE = """
async (server, path, body) => {
  const headers = { "Content-Type": "application/json", Authorization: "Bearer k" };
  try {
    const reply = await fetch(server + path, { method: "POST", headers, body: JSON.stringify(body) });
    const bytes = await reply.arrayBuffer();
    return [reply.status, bytes.byteLength, reply.headers.get("x-lectern-speaker")];
  } catch (error) { return [error.name]; }
}
"""
SPEAK_LIVE = """
(server) => new Promise((done) => {
  const socket = new WebSocket(server.replace("http", "ws") + "/v1/tts/live");
  socket.onopen = () => done("open");
  socket.onerror = () => done("refused");
})
"""


@pytest.fixture
def other_site(tmp_path: Path) -> Iterator[str]:
    """A person's own web interface, on another port."""
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text("<!doctype html><title>Mine</title>")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{site.server_port}"
        site.shutdown()
        thread.join()


@pytest.mark.slow
def test_a_persons_own_page_elsewhere_speaks_where_it_was_let_in(
    open_page: Any, other_site: str, tmp_path: Path
) -> None:
    browser = open_page(dict(os.environ), f"{other_site}/index.html")
    with (
        serving(settings_in(tmp_path / "open", api_key="k", allowed_origins=(other_site,))) as let_in,
        serving(settings_in(tmp_path / "closed", api_key="k")) as closed,
        serving(settings_in(tmp_path / "keyless", allowed_origins=(other_site,))) as keyless,
    ):

        def ask(server: Server, path: str, **body: Any) -> list[Any]:
            return browser.ask(f"({ASK_FROM_ELSEWHERE})('{server.url}', '{path}', {json.dumps(body)})")

        n_bytes = 2 * said(TEXT).size
        assert ask(let_in, "/v1/tts", text=TEXT) == [200, n_bytes + 44, "built-in voice"]
        assert ask(let_in, "/v1/tts", text=TEXT, streaming=True, header=False) == [200, n_bytes, "built-in voice"]
        for status, body in ((400, {"text": ""}), (404, {"text": TEXT, "reference_id": "nobody"})):
            assert ask(let_in, "/v1/tts", **body)[0] == status, "it can read what is wrong"
        assert ask(closed, "/v1/tts", text=TEXT) == ["TypeError"], "the browser has told it nothing"
        assert browser.ask(f"({SPEAK_LIVE})('{keyless.url}')") == "open"
        assert browser.ask(f"({SPEAK_LIVE})('{closed.url}')") == "refused"
