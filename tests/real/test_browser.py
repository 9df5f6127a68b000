"""The browser extension in a real Chromium, beside the assembled application with a sound server: keys are pressed,
buttons clicked, and what is lit is what is heard."""

from __future__ import annotations

import io
import json
import shutil
import socket
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
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

BETWEEN_MS = 50
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
        self.send_header(
            "Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; sandbox allow-scripts"
        )
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
        found: list[Browser] = []

        def is_there() -> bool:  # a page that just opens has its address, then the blank page's, and then its own again
            found.extend(filter(None, [self.find(end_of_url)]))
            return bool(found)

        self._until(is_there)
        return found[0]

    def press(self, keys: str) -> None:
        """On the keyboard, while the browser's window has the focus."""
        xdotool = require("xdotool", "xdotool")
        window = subprocess.run(
            [xdotool, "search", "--onlyvisible", "--class", "chromium"],
            capture_output=True,
            encoding="utf-8",
            check=True,
        ).stdout.split()[0]
        subprocess.run([xdotool, "windowactivate", "--sync", window], check=True, timeout=20)
        subprocess.run([xdotool, "key", keys], check=True, timeout=20)


class Person:
    """Sits before both programs."""

    def __init__(self, app: App, qtbot: QtBot, sound: Any) -> None:
        self.app, self._qtbot, self.sound = app, qtbot, sound
        self.chromium: Chromium

    def until(self, is_so: Callable[[], Any]) -> None:
        """Ask until it is so, not too often: the browser answers each time."""

        def is_so_now() -> bool:
            if is_so():
                return True
            self._qtbot.wait(BETWEEN_MS)
            return False

        self._qtbot.waitUntil(is_so_now)

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
        return self.opened(state)

    def opened(self, state: str) -> Browser:
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
    program = next(filter(shutil.which, BROWSERS), BROWSERS[0])
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
def test_a_page_is_read_to_the_person_who_allowed_it_once(person: Person, tmp_path: Path) -> None:
    app, chromium = person.app, person.chromium
    page = chromium.wait_for("index.html")
    # not the blank page before it
    person.until(lambda: page.ask("document.readyState === 'complete' && document.title === 'Harbour'"))
    page.ask("globalThis.$$ = (selector) => document.querySelector(selector); 0")
    untouched = page.ask("document.documentElement.outerHTML")

    # Lectern does not answer yet, and the popup says what to do
    popup = person.popup("absent")
    (tmp_path / "absent.png").write_bytes(popup.picture())
    app.show_settings("programs")
    dialog = app.settings_window.dialog
    assert dialog is not None
    person.click(dialog.fields["serve_http"])
    person.until(lambda: app.servers.http.view.url)
    popup = person.popup("absent")
    popup.ask(f"$('address').value = '{app.servers.http.view.url}'; $('where').requestSubmit()")
    person.until_state(popup, "not_allowed")
    (tmp_path / "not-allowed.png").write_bytes(popup.picture())

    # the key that reads leads there, too
    chromium.press("Escape")
    person.until(lambda: chromium.find("popup.html") is None)
    chromium.press("alt+shift+l")
    popup = person.opened("not_allowed")
    assert popup.ask("$('problem').textContent") == ""
    badge = "chrome.action.getBadgeText({}).then((text) => text === '')"
    person.until(lambda: popup.ask(badge))

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
    text = app.controller.state.reading.text
    assert text.startswith("The boats\n\nThe harbour was quiet")
    assert text.endswith("woke up behind them."), "neither what is beside the text nor what is below it"
    keys = popup.ask("chrome.commands.getAll().then((all) => all.map((one) => one.shortcut))")
    assert all(keys), "one that the browser has itself is given to no extension"
    popup.click("pause")
    person.until(lambda: app.controller.state.phase is Phase.PAUSED)
    person.until(lambda: popup.ask("$('pause').title") == "Resume")
    popup.ask("$('speed').value = 1.5; $('speed').dispatchEvent(new Event('change')); 0")
    person.until(lambda: app.controller.state.speed == 1.5)
    popup.click("next")
    person.until(lambda: app.controller.state.phase is Phase.SPEAKING)
    chromium.press("Escape")
    person.until(lambda: chromium.find("popup.html") is None)

    # a click goes to a sentence, the key stops, and the page is as it was
    for words in ("When they had", "She did not look up \U0001f30a"):
        click_on(page, words)
        person.until(lambda words=words: person.sentence.startswith(words) and page.ask(LIT) == person.sentence)
    app.controller.pause()
    person.until(lambda: app.controller.state.phase is Phase.PAUSED)
    (tmp_path / "reading.png").write_bytes(page.picture())
    assert is_yellow(page)
    chromium.press("alt+shift+j")
    person.until(lambda: app.controller.state.phase is Phase.SPEAKING)
    chromium.press("alt+shift+l")
    person.until(lambda: not app.controller.state.is_active and page.ask("CSS.highlights.size") == 0)
    assert page.ask("document.documentElement.outerHTML") == untouched

    # what is selected is read, also after the page has put something else in its place
    page.ask("getSelection().setBaseAndExtent($$('b').firstChild, 2, $$('p:nth-of-type(3)').firstChild, 40); 0")
    chromium.press("alt+shift+l")
    person.until(lambda: app.controller.state.is_active and page.ask(LIT))
    assert app.controller.state.reading.text == (
        "ng stairs with a basket of nets. She did not look up \U0001f30a when the bell rang. Then she sat down on the "
        "wall, and waited for the others to come.\n\nIt took them a while. When they had come"
    )
    page.ask("$$('main').innerHTML = '<p>Something else.'; 0")
    person.until(lambda: person.sentence.startswith("She did") and page.ask(LIT) == "")

    # the person has something else read; an extension that is sent away falls silent
    app.controller.speak("Something of my own. It takes a while to say, so that there is time.")
    person.until(lambda: page.ask("CSS.highlights.size") == 0)
    popup = person.popup("other")
    popup.click("read")
    person.until(lambda: app.controller.state.reading.text == "Something else.")
    app.controller.pause()
    person.until_state(popup, "reading")
    app.show_settings("programs")
    dialog = app.settings_window.dialog
    assert dialog is not None

    # Lectern does not answer for a while: the page does not stay lit, and the popup says so
    person.click(dialog.fields["serve_http"])
    popup = person.popup("absent")
    person.until(lambda: page.ask("CSS.highlights.size") == 0)
    person.click(dialog.fields["serve_http"])
    popup = person.popup("reading")

    (remove,) = dialog.browsers.rows.values()
    person.click(remove)
    person.until(lambda: not app.controller.state.is_active)
    popup = person.popup("not_allowed")
    assert json.loads(kept.read_text())["paired"] == []

    # refused, it may ask, and nobody is asked
    popup.click("ask")
    person.until_state(popup, "asked")
    person.answer(dialog.browsers.question, "Refuse")
    popup = person.popup("not_allowed")
    person.until(lambda: "refused" in popup.ask("$('answer').textContent"))
    popup.click("ask")
    person.until(lambda: "has refused" in popup.ask("$('problem').textContent"))
    assert not app.window.browser_question.isVisible()
    assert not dialog.browsers.question.isVisible()


def click_on(page: Browser, words: str) -> None:
    """Where the last of `words` stands."""
    x, y = page.ask(f"""{{
        const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
        while (!walker.nextNode().data.includes({json.dumps(words)}));
        const end = walker.currentNode.data.indexOf({json.dumps(words)}) + {json.dumps(words)}.length;
        range.setStart(walker.currentNode, end - 1);
        range.setEnd(walker.currentNode, end);
        const box = range.getBoundingClientRect();
        [box.left + box.width / 2, box.top + box.height / 2]
    }}""")
    for kind in ("mousePressed", "mouseReleased"):
        page.tell("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)


def is_yellow(page: Browser) -> bool:
    """Whether there is a light on the page: computed styles say so of highlights that are not painted, too."""
    with av.open(io.BytesIO(page.picture()), "r") as picture:
        pixels = next(picture.decode(video=0)).to_ndarray(format="rgb24").astype(int)
    is_lit = (pixels[..., 0] > 240) & (pixels[..., 1] > 215) & (pixels[..., 2] < 170)
    return int(is_lit.sum()) > 2000
