"""The whole application walked through by tests/walk.py: nothing that can be pressed is dead, and nothing warns."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from desktops import require, running
from kept_voices import recorded
from long_book import pages
from mock_hub import MockHub

import engine
from tests.real.test_app import TINY, App, app  # noqa: F401  the fixture

LIMIT_S = 280
PLACES = ("reader", "voices", "narration", "doctor", "login", "settings", "dictionary", "strip", "tray")
NEVER = {}
"""What could not be pressed on this walk, and why: "window: label"."""


def prepare_home(app: App) -> None:  # noqa: F811
    """A person who has two voices, two books, a few files, and a browser that notes what it is asked to open."""
    home, data = app.home, Path(app.environment["XDG_DATA_HOME"]) / "lectern"
    voices = engine.open_voice_library(data / "voices")
    for name in ("Anna", "Berta", "Clara"):
        voices.add(recorded(name))
    voices.export("Clara", home / "walker.voice")
    voices.remove("Clara")
    talk = home / "references" / "narrator" / "sample.wav"
    talk.parent.mkdir(parents=True)
    engine.open_voice_library(home / "x")
    for path in (talk, home / "talk.wav"):
        with engine.write_audio(path) as writer:
            writer.write(engine.read_audio(make_talk(home)))
        path.with_suffix(".lab").write_text("Yes.")
    shutil.copytree(TINY, home / "checkpoint")
    (home / "notes.txt").write_text("Some notes. They are short.")
    (home / "short.txt").write_text(pages(1, 1)[:300])
    folder = data / "narration"
    books = []
    for name, phase in (("First", "ready"), ("Second", "ready")):
        document = engine.Document(name, "", "en", tuple(engine.Chapter(c, "It rains. It stops.") for c in "ABC"))
        settings = engine.NarrationSettings(format="flac")
        engine.create_narration(folder / name, document, home / f"{name}.txt", settings).close()
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


def make_talk(home: Path) -> Path:
    path = home / "made.wav"
    if not path.exists():
        with engine.write_audio(path) as writer:
            writer.write(__import__("served").spoken("Yes. This is what is said. It takes a while. "))
    return path


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
def test_all_that_can_be_pressed_does_something_and_nothing_warns(
    app: App,  # noqa: F811
    tmp_path: Path,
    place: str,
) -> None:
    prepare_home(app)
    panel = (require("trayer", "trayer"), "--edge", "top", "--align", "left", "--height", "24")
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    report = tmp_path / "report.json"
    with MockHub(TINY) as hub, running(*panel, env=app.environment, **quiet):
        hub_home = app.home / "hub"
        hub_home.mkdir()
        environment = {**app.environment, "HF_ENDPOINT": hub.url, "HF_HOME": str(hub_home)}
        walker = [sys.executable, str(Path(__file__).parents[1] / "walk.py"), place, str(report)]
        with (app.home / "walk.log").open("w") as log:
            code = subprocess.run(walker, env=environment, cwd=app.home, stderr=log, timeout=LIMIT_S, check=False)
    words = (app.home / "walk.log").read_text()
    assert code.returncode == 0, words
    assert [line for line in words.splitlines() if not line.startswith(("[", "ALSA lib"))] == [], words
    told = json.loads(report.read_text())
    assert told["dead"] == []
    assert told["unheard"] == []
    assert set(told["missed"]) <= set(NEVER), sorted(set(told["missed"]) - set(NEVER))
