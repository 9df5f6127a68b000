"""The login dialog as a person uses it: the whole application, a hub on loopback, and a picture of every state."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mock_hub import TOKEN, Answer, Flip, Hold, MockHub
from PySide6.QtCore import QObject, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QFileDialog, QWidget
from pytestqt.qtbot import QtBot
from waiting import LIMIT_MS

import engine
import engine.weights
from desktop.app import App
from desktop.common.download_state import DownloadPhase
from desktop.common.messages import MODEL_PAGE
from desktop.common.paths import data_folder, settings_path
from desktop.common.settings import load_settings
from desktop.common.state import EnginePhase
from desktop.platform.single_instance import SingleInstance

START_LIMIT_MS = 180_000
P = DownloadPhase
ROOM = "This computer's NVIDIA GeForce RTX 3060 with 12 GB has room for it."
TINY = Path(__file__).parents[1] / "golden" / "tiny_s1" / "checkpoint"
BIG = "codec.pth"
HALF = (TINY / BIG).stat().st_size // 2


class Browser(QObject):
    """Takes the pages that are opened."""

    def __init__(self) -> None:
        super().__init__()
        self.pages: list[str] = []
        for scheme in ("http", "https"):
            QDesktopServices.setUrlHandler(scheme, self, "open")  # type: ignore[arg-type]  (the stub says bytes)

    @Slot(QUrl)
    def open(self, url: QUrl) -> None:
        self.pages.append(url.toString())

    def close(self) -> None:
        for scheme in ("http", "https"):
            QDesktopServices.unsetUrlHandler(scheme)


class Person:
    """Looks at the dialog and presses what is there."""

    def __init__(self, app: App, browser: Browser, pictures: Path, qtbot: QtBot) -> None:
        self.app, self.browser, self._pictures, self._qtbot = app, browser, pictures, qtbot
        self.dialog = app.s1.dialog
        self.taken: dict[str, bytes] = {}

    def until(self, is_so: Callable[[], bool], limit_ms: int = LIMIT_MS) -> None:
        self._qtbot.waitUntil(is_so, timeout=limit_ms)

    def until_phase(self, phase: DownloadPhase) -> None:
        self.until(lambda: self.app.controller.state.download.phase is phase)

    def look(self, name: str) -> None:
        """Take a picture, which is like none before."""
        path = self._pictures / f"{name}.png"
        assert self.dialog.grab().save(str(path))
        self.taken[name] = path.read_bytes()
        assert len(set(self.taken.values())) == len(self.taken), name

    def press(self, words: str, inside: QWidget | None = None) -> None:
        buttons = (inside or self.dialog).findChildren(QAbstractButton)
        (button,) = [b for b in buttons if b.isVisible() and b.text().replace("&", "") == words]
        assert button.isEnabled(), words
        button.click()

    def choose_folder(self, folder: Path) -> None:
        (chooser,) = [c for c in self.dialog.findChildren(QFileDialog) if c.isVisible()]
        chooser.selectFile(str(folder))
        chooser.accept()

    def tray_entry(self) -> str:
        entry = self.app.tray.get_s1
        return entry.text().replace("&", "") if entry.isVisible() else ""


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MockHub]:
    with MockHub(TINY) as hub:
        hub.enter(monkeypatch, tmp_path / "hub-home")
        yield hub


@pytest.fixture
def person(
    hub: MockHub,  # noqa: ARG001  (the environment names it)
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    qtbot: QtBot,
) -> Iterator[Person]:
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text(json.dumps({"version": 1, "device": "cpu"}))
    driver = tmp_path / "bin" / "nvidia-smi"
    driver.parent.mkdir()
    driver.write_text("#!/bin/sh\necho NVIDIA GeForce RTX 3060, 12288\n")
    driver.chmod(0o755)
    monkeypatch.setenv("PATH", str(driver.parent), prepend=os.pathsep)
    instance, browser = SingleInstance(), Browser()
    assert instance.claim()
    app = App(instance, is_background=False)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    yield Person(app, browser, pictures, qtbot)
    app.shut_down()
    browser.close()


@pytest.mark.slow
def test_from_the_first_card_to_a_voice(person: Person, hub: MockHub) -> None:
    card = person.app.window.card
    person.until(lambda: card.accessibleDescription().endswith(ROOM))
    person.press("Get S1 Mini…", card)
    assert person.dialog.isVisible()
    assert not person.app.window.card.isVisible()
    assert person.dialog.about.text().endswith(ROOM)
    person.look("checking")
    person.until_phase(P.OFFERED)
    person.look("offered")
    _log_in(person, hub)
    _download(person, hub)
    person.until(lambda: person.app.controller.state.engine.phase is EnginePhase.READY, START_LIMIT_MS)
    person.look("ready")
    assert person.tray_entry() == ""
    person.press("Hear it")
    person.until(lambda: person.app.controller.state.reading.speaker == "S1 Mini")


def _log_in(person: Person, hub: MockHub) -> None:
    """A wrong token, the browser given up and taken, the right token without a licence."""
    person.dialog.account.token.setText("hf_wrong")
    person.press("Check")
    person.until(lambda: person.dialog.notice.isVisible())
    person.look("bad token")
    person.press("Enter token again")
    hub.browser.pending = 1_000_000
    person.press("Log in through the browser")
    person.until(lambda: person.dialog.account.code.text() == hub.browser.user_code)
    person.look("browser")
    assert len(person.browser.pages) == 1
    person.press("Cancel")
    hub.browser.pending = 0
    person.press("Log in through the browser")
    person.until_phase(P.KNOWN)
    person.press("Another account")
    hub.licence_accepted = False
    QGuiApplication.clipboard().setText(TOKEN)
    person.press("Paste")
    person.press("Check")
    person.until(lambda: person.dialog.notice.isVisible())
    person.look("licence")
    person.press("Open licence page", person.dialog.notice)
    assert person.browser.pages[-1] == MODEL_PAGE
    hub.licence_accepted = True


def _download(person: Person, hub: MockHub) -> None:
    """Paused, closed, waiting for the hub, damaged on the way, whole."""
    hub.fail(BIG, Hold(HALF))
    person.press("Download 3.6 GB")
    person.look("asking")
    hub.wait_until_sent(BIG, HALF)
    person.until(lambda: person.app.controller.state.download.fraction not in (None, 0.0, 1.0))
    person.look("downloading")
    assert person.tray_entry().startswith("Downloading S1 Mini ")
    person.press("Close")
    assert not person.dialog.isVisible()
    person.app.tray.get_s1.trigger()
    assert person.dialog.isVisible()
    person.press("Pause")
    person.look("paused")
    assert person.tray_entry().startswith("Download of S1 Mini paused at ")
    hub.fail(BIG, Answer(503, {"Retry-After": "600"}))
    person.press("Resume")
    person.until(lambda: person.dialog.notice.isVisible())
    person.look("waiting")
    _give_up(person)
    hub.fail(BIG, *[Flip(HALF + 1000)] * 2)
    person.press("Download 3.6 GB")
    person.until_phase(P.FAILED)
    person.look("failed")
    person.press("Try again", person.dialog.notice)
    person.until_phase(P.READY)
    person.look("loading")
    assert engine.weights.find_checkpoint(None, data_folder()) == engine.weights.download_folder(data_folder())


def _give_up(person: Person) -> None:
    """What is there stays, until it is deleted."""
    person.press("Cancel")
    assert person.app.controller.state.download.phase is P.KNOWN
    own = engine.weights.download_folder(data_folder())
    person.until(
        lambda: person.app.controller.state.download.left == engine.weights.unfinished_download(own) is not None
    )
    person.look("given up")
    assert list(own.glob("*.part"))
    person.press("Delete")
    person.until(lambda: person.app.controller.state.download.left is None)
    assert not own.exists()


def test_a_wrong_token_in_the_environment(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The saved one is good, and is used from then on; the window says so."""
    engine.weights.log_in(TOKEN)
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    person.press("Get S1 Mini…", person.app.window.card)
    person.until(lambda: person.dialog.notice.isVisible())
    person.look("environment")
    assert "HF_TOKEN" in person.dialog.notice.accessibleName()
    person.press("Use the saved one", person.dialog.notice)
    person.until_phase(P.KNOWN)
    person.look("known")
    assert person.dialog.account.account.text().endswith("HF_TOKEN is not used; the saved token is.")
    person.until(lambda: load_settings(settings_path())[0].prefer_saved_token)


def test_a_folder_that_a_person_has(person: Person, tmp_path: Path) -> None:
    damaged, good = tmp_path / "damaged", tmp_path / "good"
    for folder in (damaged, good):
        shutil.copytree(TINY, folder)
    (damaged / BIG).unlink()
    person.app.tray.get_s1.trigger()
    person.until_phase(P.OFFERED)
    person.press("I have the files…")
    person.choose_folder(damaged)
    person.until(lambda: person.dialog.notice.isVisible())
    person.look("bad folder")
    person.press("Choose another folder…", person.dialog.notice)
    person.choose_folder(good)
    person.look("inspecting")
    assert person.app.controller.state.download.phase is P.INSPECTING
    person.until_phase(P.READY)
    person.until(lambda: load_settings(settings_path())[0].checkpoint_folder == str(good))
    person.until(lambda: person.app.controller.state.engine.phase in (EnginePhase.STARTING, EnginePhase.READY))


def test_what_nobody_sees_is_told_by_a_notification(person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(person.app.notices.notifier, "notify", lambda _, body: told.append(body))
    person.app.window.hide()
    person.app.s1.download.restore("running")  # with nobody logged in
    person.until(lambda: len(told) == 1)
    assert "logged in" in told[0]
    assert load_settings(settings_path())[0].s1_download == ""
    person.app.s1.download.use_folder(TINY)
    person.until(lambda: len(told) == 2)
    assert told[1].startswith("S1 Mini is here")


def test_later(person: Person) -> None:
    person.press("Get S1 Mini…", person.app.window.card)
    person.press("Later: use the built-in voice")
    assert not person.dialog.isVisible()
    person.until(lambda: load_settings(settings_path())[0].offered_s1)
