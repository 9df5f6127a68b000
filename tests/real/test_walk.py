"""The whole application walked through by tests/walk.py: nothing that can be pressed is dead, and nothing warns."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from addresses import free_address
from desktops import require, running
from kept_voices import recorded
from long_book import pages
from mock_hub import Hold, MockHub

import engine
import engine.audio
import engine.narration
import engine.voice_library
from tests.real.test_app import TINY, App, app  # noqa: F401  the fixture

PLACE_LIMIT_S = 300
TALK = Path(__file__).parents[2] / "resources" / "samples" / "english-natural.opus"
TALK_SAMPLES = 4 * engine.SAMPLE_RATE_HZ
NEW = ("first minute", "reader", "a removed voice", "dictionary", "strip", "tray", "voices", "quit by the tray")
"""Of a person who starts for the first time."""
AT_HOME = ("settings", "narration", "doctor", "login", "quit by key")
"""Of one who has settings, which let other programs in."""
_ELSEWHERE = "shown while a text from elsewhere is read; pressed in tests/desktop/test_reader_window_view.py"
_NO_BOOK = "shown while a book is open; pressed in tests/desktop/reader/test_books_view.py"
_READING_ALONG = "shown while it is of use; pressed in tests/desktop/reader/test_reading_aids.py"
_NO_S1 = "S1 Mini would have to be loaded, which takes a GPU"
_ONE_OF_TWO = "the card has two buttons, and goes with the first that is pressed"
_NOTHING_WRONG = "shown where something went wrong, which it does not here"
_NO_DOUBTS = "no sentence of these books is doubtful; pressed in tests/desktop/test_narration_window_view.py"
EXPECTED = ("[", "ALSA lib", "Failed to load cookie file")
"""What it pressed, and what the libraries of sound say of a busy computer and of a home that cannot be written."""
_NO_BROWSER = "shown while a browser extension asks; pressed in tests/real/test_browser.py"
_HAS_PYTORCH = "shown where PyTorch is missing; tests/real/test_without_pytorch.py presses it"
NEVER = {
    "ReaderWindow: Back": _ELSEWHERE,
    "ReaderWindow: Edit this text": _ELSEWHERE,
    "ReaderWindow: Contents": _NO_BOOK,
    "ReaderWindow: Back a chapter": _NO_BOOK,
    "ReaderWindow: Forward a chapter": _NO_BOOK,
    "ReaderWindow: Bookmark": _NO_BOOK,
    "ReaderWindow: Close the book": _NO_BOOK,
    "ReaderWindow: Remove": _NO_BOOK,
    "ReaderWindow: Remove from the list": _NO_BOOK,
    "ReaderWindow: Close": _NO_BOOK,
    "ReaderWindow: Cancel": _NO_BOOK,
    "ReaderWindow: Back to what is heard": _READING_ALONG,
    "ReaderWindow: Find the next": _READING_ALONG,
    "ReaderWindow: Find the one before": _READING_ALONG,
    "ReaderWindow: +": _READING_ALONG,
    "ReaderWindow: 100 %": _READING_ALONG,
    "ReaderWindow: −": _READING_ALONG,
    "ReaderWindow: Keep": _NO_S1,
    "ReaderWindow: Do not keep it": _NO_S1,
    "ReaderWindow: More about voices > Keep this voice…": _NO_S1,
    "ReaderWindow: Copy": "can be pressed a moment later, when the report is there",
    "ReaderWindow: Not now": _ONE_OF_TWO,
    "ReaderWindow: Get S1 Mini…": _ONE_OF_TWO,
    "ReaderWindow: Find out why…": _NOTHING_WRONG,
    "ReaderWindow: Close this notice": _NOTHING_WRONG,
    "ReaderWindow: Allow": _NO_BROWSER,
    "ReaderWindow: Refuse": _NO_BROWSER,
    "SettingsDialog: Allow": _NO_BROWSER,
    "SettingsDialog: Refuse": _NO_BROWSER,
    "SettingsDialog: Close this notice": _NO_BROWSER,
    "LoginDialog: Install PyTorch": _HAS_PYTORCH,
    "LoginDialog: Stop installing": _HAS_PYTORCH,
    "NarrationWindow: Add a book…": "shown while there is no book at all",
    "NarrationWindow: Get S1 Mini…": "shown for a book whose voice needs it, which is not offered without it",
    "NarrationWindow: Try again": _NOTHING_WRONG,
    "NarrationWindow: Close this notice": _NOTHING_WRONG,
    "NarrationWindow: Hear": _NO_DOUBTS,
    "NarrationWindow: Speak again": _NO_DOUBTS,
    "NarrationWindow: Use these words": _NO_DOUBTS,
    "VoicesDialog: Read with it": _NO_S1,
    "VoicesDialog: Make voices": _NO_S1,
    "VoicesDialog: Stop": _NO_S1,
    "VoicesDialog: Undo": "there for the voice that was removed last, as long as nothing else is told",
    "LoginDialog: Hear it": _NO_S1,
    "LoginDialog: Try again": _NOTHING_WRONG,
    "LoginDialog: Close this notice": _NOTHING_WRONG,
}
"""What may not be there to be pressed on a walk, and why: "window: label". All else must have been."""


def prepare_home(app: App) -> None:  # noqa: F811
    """A person who has two voices, two books, a few files, and a browser that notes what it is asked to open."""
    home, data = app.home, Path(app.environment["XDG_DATA_HOME"]) / "lectern"
    voices = engine.voice_library.VoiceLibrary(data / "voices")
    for name in ("Anna", "Berta", "Clara"):
        voices.add(recorded(name))
    voices.export("Clara", home / "walker.voice")
    voices.remove("Clara")
    talk = home / "references" / "narrator" / "sample.wav"
    talk.parent.mkdir(parents=True)
    for path in (talk, home / "talk.wav"):
        with engine.audio.AudioWriter(path) as writer:
            writer.write(engine.audio.read_audio(TALK)[:TALK_SAMPLES])
        path.with_suffix(".lab").write_text("Yes.")
    shutil.copytree(TINY, home / "checkpoint")
    (home / "notes.txt").write_text("Some notes. They are short.")
    (home / "short.txt").write_text(pages(1, 1)[:300])
    folder = data / "narration"
    books = []
    for name, phase in (("First", "ready"), ("Second", "ready")):
        document = engine.narration.Document(
            name, "", "en", tuple(engine.narration.Chapter(c, "It rains. It stops.") for c in "ABC")
        )
        settings = engine.narration.NarrationSettings(format="flac")
        engine.narration.Project.create(folder / name, document, home / f"{name}.txt", settings).close()
        target = str(home / f"{name}.flac")
        books.append({"folder": str(folder / name), "target": target, "phase": phase, "identity": ""})
    (folder / "queue.json").write_text(json.dumps({"books": books}))
    programs = home / "bin"
    programs.mkdir()
    for name in ("xdg-open", "x-www-browser"):
        (programs / name).write_text(f'#!/bin/sh\necho "$1" >> {home}/opened\n')
        (programs / name).chmod(0o755)
    app.environment["PATH"] = f"{programs}{os.pathsep}{app.environment['PATH']}"
    app.environment["BROWSER"] = "x-www-browser"


def walk(app: App, tmp_path: Path, *places: str) -> dict[str, Any]:  # noqa: F811
    """What tests/walk.py tells of `places`, after it has ended well and printed nothing but what it pressed."""
    report, log = tmp_path / "report.json", app.home / "walk.log"
    walker = [sys.executable, str(Path(__file__).parents[1] / "walk.py"), str(report), *places]
    limit_s = PLACE_LIMIT_S * (1 + len(places))
    with log.open("w") as words:
        code = subprocess.run(walker, env=app.environment, cwd=app.home, stderr=words, timeout=limit_s, check=False)
    said = log.read_text()
    assert code.returncode == 0, said
    assert [line for line in said.splitlines() if not line.startswith(EXPECTED)] == [], said
    return json.loads(report.read_text())


@contextmanager
def with_hub_and_tray(app: App) -> Iterator[None]:  # noqa: F811
    (app.home / "hub").mkdir()
    panel = (require("trayer", "trayer"), "--edge", "top", "--align", "left", "--height", "24")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with MockHub(TINY) as hub, running(*panel, env=app.environment, **quiet):
        hub.fail("codec.pth", *[Hold(len(hub.files["codec.pth"]) // 2)] * 4)  # so that it can be paused
        hub.browser.pending = 100  # 5 s, so that all of the wait can be pressed
        app.environment |= {"HF_ENDPOINT": hub.url, "HF_HOME": str(app.home / "hub")}
        yield


@pytest.mark.slow
@pytest.mark.parametrize("places", [NEW, AT_HOME], ids=["new", "at home"])
def test_all_that_can_be_pressed_does_something_and_nothing_warns(
    app: App,  # noqa: F811
    tmp_path: Path,
    places: tuple[str, ...],
) -> None:
    prepare_home(app)
    if places is AT_HOME:
        app.keep_settings(serve_address=free_address())
    with with_hub_and_tray(app):
        told = walk(app, tmp_path, *places)
    assert told["dead"] == []
    assert told["unheard"] == []
    assert set(told["missed"]) <= set(NEVER), sorted(set(told["missed"]) - set(NEVER))
    if places is NEW:
        check_first_minute(*told["told"]["first minute"])
        assert told["told"]["a removed voice"] == ["", "The voice Berta is not there any more.", "Berta"]


@pytest.mark.slow
def test_where_s1_mini_is_here_already_nobody_is_told_to_get_it(app: App, tmp_path: Path) -> None:  # noqa: F811
    prepare_home(app)
    app.environment["LECTERN_CHECKPOINT"] = str(TINY)
    with with_hub_and_tray(app):
        told = walk(app, tmp_path, "first minute")
    check_first_minute(*told["told"]["first minute"], hello="S1 Mini reads as soon as it is ready.")


NO_S1 = "Other languages sound synthetic until you get S1 Mini."


def check_first_minute(spoken: str, hint: str, text: str, pasted: str, read: str, hello: str = NO_S1) -> None:
    """The welcome is a hint that names the key, and no text: what is pasted meanwhile is all there is, and is read."""
    assert spoken.startswith(f"This is a natural English voice. {hello}")
    assert hello in hint
    assert "press Meta Ctrl R" in spoken
    assert "press Meta+Ctrl+R" in hint.replace("\n", " ")
    assert text == ""
    assert pasted == read
    assert pasted.startswith("Walking is good.")


def test_a_home_that_cannot_be_written_is_told_in_the_window(app: App, tmp_path: Path) -> None:  # noqa: F811
    prepare_home(app)
    (tmp_path / "file").write_text("in the way")
    app.environment |= {f"XDG_{name}_HOME": str(tmp_path / "file" / name) for name in ("CONFIG", "STATE")}
    (told,) = walk(app, tmp_path, "nothing can be kept")["told"]["nothing can be kept"]
    assert told.startswith("Your text, books and settings are not kept.")
