"""Narration in the running application: the queue goes on behind everything else, and through whatever ends it."""

from __future__ import annotations

import json
import logging
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desktops import require
from long_book import pages
from mock_hub import MockHub
from narrators import ToneEngine

import engine
import engine.audio
import engine.narration
from desktop.common.protocol import CommandName
from desktop.narration.book_player import BookPlayer
from desktop.narration.playlist import Entry, Playlist
from desktop.narration.values import Playing
from desktop.playback.listening import Listener
from engine.registry import always_there
from tests.real.test_app import App, app, hub, pytestmark  # noqa: F401  the fixtures, and where they are made

LOG = logging.getLogger(__name__)
OF_A_LOCALE = (
    *("IDENTIFICATION", "CTYPE", "COLLATE", "MONETARY", "NUMERIC", "TIME", "MESSAGES"),
    *("PAPER", "NAME", "ADDRESS", "TELEPHONE", "MEASUREMENT"),
)


def queue_book(app: App, text: str, phase: str) -> tuple[Path, Path]:  # noqa: F811
    """A book in the application's queue, as it would have left it: its project and where the audiobook goes."""
    folder = Path(app.environment["XDG_DATA_HOME"]) / "lectern" / "narration"
    project, target = folder / "book", app.home / "book.flac"
    document = engine.narration.Document("A Book", "", "en", (engine.narration.Chapter("One", text),))
    engine.narration.Project.create(
        project, document, app.home / "book.txt", engine.narration.NarrationSettings(format="flac", language="en")
    ).close()
    book = {"folder": str(project), "target": str(target), "phase": phase, "identity": ""}
    (folder / "queue.json").write_text(json.dumps({"books": [book]}))
    return project, target


def n_sounds(project: Path) -> int:
    return len(list((project / "audio").rglob("*.wav")))


def phase_of(project: Path) -> str:
    return json.loads((project.parent / "queue.json").read_text())["books"][0]["phase"]


@pytest.fixture
def german(tmp_path: Path) -> dict[str, str]:
    """The environment of a computer that writes 1,5. Qt takes that on for the whole process. Its order of letters takes
    a second of a processor, and nobody asks for it."""
    folder = tmp_path / "locale"
    folder.mkdir()
    parts = [f'LC_{part}\ncopy "{"POSIX" if part == "COLLATE" else "de_DE"}"\nEND LC_{part}\n' for part in OF_A_LOCALE]
    (folder / "source").write_text("".join(parts))
    made = [require("localedef", "libc-bin"), "-i", folder / "source", "-f", "UTF-8", folder / "de_DE.UTF-8"]
    done = subprocess.run(made, capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, f"{done.stderr}\ninstall the Debian package locales"
    return {"LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8"}


def test_a_book_goes_on_after_a_kill_and_reading_aloud_comes_first(app: App, german: dict[str, str]) -> None:  # noqa: F811
    """Where numbers have a comma: FFmpeg resamples, changes the speed and measures the loudness all the same."""
    app.environment |= german
    app.keep_settings(speed=1.5)
    project, target = queue_book(app, pages(2, 1), "waiting")
    with app.run_anew("--background") as process:
        app.until(lambda: n_sounds(project) > 5)
        process.send_signal(signal.SIGKILL)
        process.wait()
    n_before = n_sounds(project)
    with app.run_anew("--background") as process:
        app.until(lambda: n_sounds(project) > n_before)
        with app.sound.monitor.hearing():
            reply = app.tell(CommandName.READ, "Now I read this to you.")
            assert reply is not None
            assert reply.ok
        LOG.info("first sound while a book is narrated: %.0f ms", app.status()["first_sound_ms"])
        app.until(target.exists, 150)
        assert app.quit(process) == 0
    assert phase_of(project) == "done"
    with engine.narration.Project(project) as narration:
        report = engine.narration.report_on_narration(
            narration, engine.narration.engine_identity(always_there(), _STATUS, None), engine.Voice("built-in")
        )
        assert report.adds_up
        assert report.n_spoken == report.n_sentences
    audio = engine.audio.read_audio(target)
    assert audio.size > 60 * engine.SAMPLE_RATE_HZ


_STATUS = engine.EngineStatus("", "", "")


def test_what_was_paused_stays_paused(app: App, hub: MockHub) -> None:  # noqa: F811
    """A book, and the download of S1 Mini."""
    app.keep_settings(s1_download="paused")
    project, target = queue_book(app, pages(2, 1), "paused")
    with app.run("--background") as process:
        app.read_to_the_end("Something else is read.")
        assert app.status()["download"] == "paused"
        assert app.quit(process) == 0
    assert hub.requests == []
    assert app.kept_settings()["s1_download"] == "paused"
    assert phase_of(project) == "paused"
    assert n_sounds(project) == 0
    assert not target.exists()


@pytest.fixture
def player(sound_server: Any, monkeypatch: pytest.MonkeyPatch, qapp: Any) -> Iterator[BookPlayer]:  # noqa: ARG001
    for name, value in sound_server.environment.items():
        monkeypatch.setenv(name, value)
    player = BookPlayer(Listener())
    yield player
    player.close()


def test_finished_sentences_are_heard_while_others_are_still_spoken(
    player: BookPlayer, qtbot: Any, sound_server: Any, tmp_path: Path
) -> None:
    document = engine.narration.Document(
        "A", "", "en", (engine.narration.Chapter("One", "One is here. Two is here. Three is here."),)
    )
    with engine.narration.Project.create(
        tmp_path / "p", document, Path("a.txt"), engine.narration.NarrationSettings()
    ) as project:
        voice = engine.Voice("x")
        list(engine.narration.narrate(project, ToneEngine(), "tones", voice, engine.CancelToken()))
        sentences = project.sentences()
        first, second, third = engine.narration.narrated_paths(project, "tones", voice, sentences)
    playlist = Playlist([Entry(0, 0, 100, first), Entry(0, 1, 100), Entry(0, 2, 100, third)])
    seen: list[Playing] = []
    player.changed.connect(seen.append)
    player.play("job", playlist, 0)
    qtbot.waitUntil(lambda: player.playing.index == 0)
    sound_server.monitor.wait_for_sound()
    qtbot.waitUntil(lambda: player.playing.is_waiting)  # the second is not spoken yet
    playlist.set_path(0, 1, second)
    qtbot.waitUntil(lambda: player.playing.index == 2)
    qtbot.waitUntil(lambda: player.playing == Playing())
    assert [playing.index for playing in seen if playing.index >= 0] == sorted(
        playing.index for playing in seen if playing.index >= 0
    )
    player.play("job", playlist, 1, n=1)
    qtbot.waitUntil(lambda: player.playing.index == 1)
    qtbot.waitUntil(lambda: player.playing == Playing())
    assert np.abs(engine.audio.read_audio(second or Path())).max() > 0.1
