"""The browser extension in a real Chromium, beside the assembled application with a sound server: keys are pressed,
buttons clicked, and what is lit is what is heard."""

from __future__ import annotations

import json
import os
import socket
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

import pytest
from desktops import require, running
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot
from waiting import LIMIT_S
from websockets.sync.client import connect

from desktop.app import App
from desktop.common.paths import browsers_path, settings_path
from desktop.common.settings import Settings, save_settings
from desktop.common.state import Phase
from desktop.platform.single_instance import SingleInstance
from desktop.widgets.browser_question import BrowserQuestion
from tests.real.test_page import BROWSERS, OPTIONS, Browser

EXTENSION = Path(__file__).parents[2] / "packaging" / "browser"
PARAGRAPHS = (
    "The harbour was quiet in the early morning. Nobody had lit the lamps yet, and the boats lay still.",
    "A woman came down the <b>long</b> stairs with a <a href='#net'>basket</a> of nets. She did not look up \U0001f30a "
    "when the bell rang. Then she sat down on the wall, and waited for the others to come.",
    "It took them a while. When they had come at last, they went out together, and the town woke up behind them.",
)
PAGE = f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>Harbour</title>
<style>body {{ font: 18px/1.6 serif; max-width: 38em; margin: 1em auto; padding: 0 1em; }} nav a {{ margin-right: 1em }}
</style><nav><a href="#">Home</a><a href="#">News</a><a href="#">About</a></nav>
<main><h1>The boats</h1>{"".join(f"<p>{one}</p>" for one in PARAGRAPHS)}</main>
<aside>Read also: ten things about fish.</aside><footer>All rights reserved.</footer></html>"""


class Site(SimpleHTTPRequestHandler):
    """Pages whose policy lets nothing in: no scripts, no styles but their own, no requests."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-scripts")
        super().end_headers()

    def log_message(self, format: str, *_: object) -> None: ...


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "index.html").write_text(PAGE)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/index.html"
        server.shutdown()
        thread.join()


class Chromium:
    """A Chromium with the extension, in a window: only real keys and clicks give an extension the page."""

    def __init__(self, port: int, stack: ExitStack, until: Callable[[Callable[[], Any]], None]) -> None:
        self._port, self._stack, self._until = port, stack, until
        self._open: dict[str, Browser] = {}

    def targets(self) -> list[dict[str, Any]]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/json/list", timeout=LIMIT_S) as reply:
            return json.load(reply)

    def find(self, end_of_url: str) -> Browser | None:
        for target in self.targets():
            if target["url"].endswith(end_of_url):
                address = target["webSocketDebuggerUrl"]
                if address not in self._open:
                    socket = self._stack.enter_context(connect(address, max_size=None, open_timeout=LIMIT_S))
                    self._open[address] = Browser(socket)
                return self._open[address]
        return None

    def wait_for(self, end_of_url: str) -> Browser:
        self._until(lambda: self.find(end_of_url) is not None)
        found = self.find(end_of_url)
        assert found is not None
        return found

    def press(self, keys: str) -> None:
        """On the keyboard, while the browser's window has the focus."""
        xdotool = require("xdotool", "xdotool")
        window = subprocess.run(
            [xdotool, "search", "--onlyvisible", "--class", "chromium"], capture_output=True, text=True, check=True
        ).stdout.split()[0]
        subprocess.run([xdotool, "windowactivate", "--sync", window], check=True, timeout=20)
        subprocess.run([xdotool, "key", keys], check=True, timeout=20)


class Person:
    """Sits before both programs."""

    def __init__(self, app: App, qtbot: QtBot, sound: Any) -> None:
        self.app, self._qtbot, self.sound = app, qtbot, sound
        self.chromium: Chromium

    def until(self, is_so: Callable[[], Any]) -> None:
        self._qtbot.waitUntil(lambda: bool(is_so()))

    def click(self, button: Any) -> None:
        self.until(button.isVisible)
        self._qtbot.mouseClick(button, Qt.MouseButton.LeftButton)

    def answer(self, question: BrowserQuestion, words: str) -> None:
        self.until(question.isVisible)
        self.click(next(one for one in question.findChildren(QPushButton) if one.text() == words))

    @property
    def sentence(self) -> str:
        reading = self.app.controller.state.reading
        return reading.text[slice(*reading.sentence)] if reading.sentence else ""

    def popup(self, state: str) -> Browser:
        """Opened with its key, and in `state`."""
        if self.chromium.find("popup.html") is None:
            self.chromium.press("alt+shift+k")
        popup = self.chromium.wait_for("popup.html")
        popup.ask("globalThis.$ = (id) => document.getElementById(id); 0")
        self.until_state(popup, state)
        return popup

    def until_state(self, popup: Browser, state: str) -> None:
        self.until(lambda: popup.ask("document.body?.dataset.state") == state)


@pytest.fixture
def person(
    x_display: str, qtbot: QtBot, sound_server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, site: str
) -> Iterator[Person]:
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(name, sound_server.environment[name])
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = f"127.0.0.1:{free.getsockname()[1]}"
    save_settings(settings_path(), Settings(offered_s1=True, serve_address=address, load_at_start=False))
    instance = SingleInstance()
    assert instance.claim()
    app = App(instance, is_background=False)
    person = Person(app, qtbot, sound_server)
    program = next(one for one in BROWSERS if one == BROWSERS[0])
    options = [one for one in OPTIONS if not one.startswith(("--headless", "--disable-extensions", "--window-size"))]
    profile = tmp_path / "profile"
    command = [require(program, "chromium"), *options, f"--load-extension={EXTENSION}", f"--user-data-dir={profile}"]
    environment = {**sound_server.environment, "DISPLAY": x_display}
    with (
        (tmp_path / "chromium.log").open("wb") as log,
        ExitStack() as stack,
        running(*command, "--window-size=900,700", site, env=environment, stdout=log, stderr=log),
    ):
        try:
            port = profile / "DevToolsActivePort"
            person.until(lambda: port.exists() and port.read_text())
            person.chromium = Chromium(int(port.read_text().split()[0]), stack, person.until)
            yield person
        finally:
            app.shut_down()


LIT = "[...(CSS.highlights.get('lectern-sentence') ?? [])].map(String).join('').replace(/\\s+/g, ' ')"


@pytest.mark.slow
def test_a_page_is_read_to_the_person_who_allowed_it_once(person: Person, site: str, tmp_path: Path) -> None:
    app, chromium = person.app, person.chromium
    page = chromium.wait_for("index.html")

    # Lectern does not answer yet, and the popup says what to do
    popup = person.popup("absent")
    (tmp_path / "absent.png").write_bytes(popup.picture())
    app.show_settings("programs")
    dialog = app.settings_window.dialog
    assert dialog is not None
    person.click(dialog.fields["serve_http"])
    person.until(lambda: app.http.view.url)
    popup = person.popup("absent")
    popup.ask(f"$('address').value = '{app.http.view.url}'; $('where').requestSubmit()")
    person.until_state(popup, "not_allowed")
    (tmp_path / "not-allowed.png").write_bytes(popup.picture())

    # it asks, and a person allows it
    popup.click("ask")
    person.until_state(popup, "asked")
    number = popup.ask("$('number').textContent")
    person.until(app.window.browser_question.isVisible)
    assert number in app.window.browser_question.accessibleDescription()
    (tmp_path / "asked.png").write_bytes(popup.picture())
    app.window.grab().save(str(tmp_path / "question.png"))
    dialog.grab().save(str(tmp_path / "question-settings.png"))
    person.answer(app.window.browser_question, "Allow")
    popup = person.popup("idle")
    assert not app.window.browser_question.isVisible()
    dialog.grab().save(str(tmp_path / "allowed-settings.png"))
    kept = browsers_path()
    assert kept.stat().st_mode & 0o777 == 0o600

    # the page is read, and what is heard is lit
    is_heard = person.sound.monitor.listen()
    popup.click("read")
    person.until(lambda: is_heard() and person.sentence and page.ask(LIT) == person.sentence)
    person.until_state(popup, "reading")
    (tmp_path / "reading-popup.png").write_bytes(popup.picture())
    assert app.controller.state.reading.text.startswith("The boats\n\nThe harbour was quiet")
    assert "fish" not in app.controller.state.reading.text
    popup.click("pause")
    person.until(lambda: app.controller.state.phase is Phase.PAUSED)
    (tmp_path / "reading.png").write_bytes(page.picture())
    print("LIT", page.ask(LIT), page.ask("JSON.stringify(getComputedStyle(document.querySelector('p'), '::highlight(lectern-sentence)').backgroundColor)"))
