"""`lectern FILE`, as another program or a person starts it; and Lectern killed while it reads a book."""

from __future__ import annotations

import json
import signal
import subprocess
from functools import partial
from pathlib import Path
from typing import Any

from alice import TITLE
from desktops import require
from long_book import pages
from ready import Ready

from tests.real.conftest import Lectern
from tests.real.test_app import App, app, pytestmark  # noqa: F401  the fixture, and where it is made
from tests.real.test_books import three_chapters

S_PER_CHAR = 0.07


def shelf_on_disk(app: App) -> list[dict[str, Any]]:  # noqa: F811
    path = Path(app.environment["XDG_CONFIG_HOME"]) / "lectern" / "books.json"
    return json.loads(path.read_text())["books"] if path.exists() else []


def press_keys(app: App, keys: str) -> None:  # noqa: F811
    xdotool = require("xdotool", "xdotool")
    search = [xdotool, "search", "--onlyvisible", "--name", "^Lectern$", "windowactivate", "--sync"]
    for words in (search, [xdotool, "key", keys]):
        press = partial(subprocess.run, words, env=app.environment, capture_output=True, check=False)
        app.until(lambda do=press: do().returncode == 0)


def test_killed_in_mid_chapter_it_knows_where_it_was_and_others_files_open_in_it(
    app: App,  # noqa: F811
    tmp_path: Path,
    ready: Ready,
) -> None:
    lectern = Lectern(tmp_path, app.environment, ready)
    book, other = three_chapters(tmp_path / "a book.epub"), tmp_path / "other.html"
    text = pages(3, 1)
    other.write_text("".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n\n")))
    app.keep_settings(speed=3.0)
    with app.run(str(other)) as process:
        app.until(lambda: bool(shelf_on_disk(app)))
        press_keys(app, "ctrl+Return")
        app.until_phase("speaking")
        app.until(lambda: shelf_on_disk(app)[0]["place"] > 400)
        heard_s = app.status()["heard_s"]
        process.send_signal(signal.SIGKILL)
        process.wait()
        kept = shelf_on_disk(app)[0]
        assert kept["place"] * S_PER_CHAR > heard_s - 25, "a sentence, and a few seconds at 3x"
    with app.run("--background") as process:
        assert lectern(book.name).returncode == 0
        app.until(lambda: shelf_on_disk(app)[0]["title"] == TITLE)
        assert [Path(kept["path"]) for kept in shelf_on_disk(app)] == [book, other]
        press_keys(app, "ctrl+Next")
        press_keys(app, "ctrl+Return")
        app.until(lambda: shelf_on_disk(app)[0]["heard"][1] == 100)
        missing = lectern("no.epub")
        assert (missing.returncode, b"no.epub" in missing.stderr) == (2, True)
        assert app.quit(process) == 0
