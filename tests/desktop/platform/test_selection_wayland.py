"""The Wayland reader's side of wl-paste, with small programs in wl-paste's place: its own compositor is not here."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disturbance import undisturbed
from pytestqt.qtbot import QtBot

from desktop.platform.selection import SelectionReader, open_selection_reader
from desktop.platform.selection.wayland import WaylandSelection

Write = Callable[[str], None]


@pytest.fixture
def wl_paste(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """`wl_paste(script)` puts a shell script in wl-paste's place."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def write(script: str) -> None:
        program = folder / "wl-paste"
        program.write_text(f"#!/bin/sh\nPATH=/usr/bin:/bin\n{script}\n", encoding="utf-8")
        program.chmod(0o755)

    return write


@pytest.fixture
def reader(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[SelectionReader]:  # noqa: ARG001
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-9")
    reader = open_selection_reader()
    assert isinstance(reader, WaylandSelection)
    yield reader
    reader.close()


@pytest.fixture
def answers(reader: SelectionReader) -> list[tuple[str, str]]:
    """(text, "") or ("", reason), as they come."""
    answers: list[tuple[str, str]] = []
    reader.text_read.connect(lambda text: answers.append((text, "")))
    reader.nothing_read.connect(lambda reason: answers.append(("", reason)))
    return answers


Answers = list[tuple[str, str]]


def wait_for(qtbot: QtBot, answers: Answers, n: int = 1) -> Answers:
    qtbot.waitUntil(lambda: len(answers) >= n)
    return answers


def test_it_asks_wl_paste_in_order(qtbot: QtBot, reader: SelectionReader, answers: Answers, wl_paste: Write) -> None:
    wl_paste('printf "%s" "$*"')
    reader.read_selection()
    reader.read_clipboard()
    reader.read_selection()
    selection, clipboard = "--primary --no-newline --type text", "--no-newline --type text"
    assert wait_for(qtbot, answers, 3) == [(selection, ""), (clipboard, ""), (selection, "")]


def test_two_megabytes_arrive_whole(
    qtbot: QtBot, reader: SelectionReader, answers: Answers, wl_paste: Write, tmp_path: Path
) -> None:
    text = "déjà vu 🎧\n" * 150_000
    (tmp_path / "text").write_text(text, encoding="utf-8")
    wl_paste(f"cat {tmp_path / 'text'}")
    reader.read_clipboard()
    ((read, reason),) = wait_for(qtbot, answers)
    assert not reason
    assert len(read) == len(text)
    is_whole = read == text  # or a failure prints both
    assert is_whole


@undisturbed
def test_one_that_hangs_ends_in_a_second(
    qtbot: QtBot, reader: SelectionReader, answers: Answers, wl_paste: Write
) -> None:
    answers.clear()
    wl_paste("exec sleep 60")
    start = time.perf_counter()
    reader.read_selection()
    assert wait_for(qtbot, answers) == [
        ("", "The program that has the text does not answer. Copy the text, or try again.")
    ]
    assert 0.9 < time.perf_counter() - start < 1.5
    wl_paste("echo again")
    reader.read_selection()
    assert wait_for(qtbot, answers, 2)[1] == ("again\n", "")


def test_a_missing_wl_paste_names_its_package(
    qtbot: QtBot, reader: SelectionReader, answers: Answers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", os.fspath(tmp_path))
    reader.read_selection()
    reader.read_clipboard()
    sentence = "Lectern reads selected text with wl-paste, which is missing. Install wl-clipboard."
    assert wait_for(qtbot, answers, 2) == [("", sentence)] * 2


@pytest.mark.parametrize(
    ("complaint", "reason"),
    [
        ("Nothing is copied", "No text is selected."),
        ("No suitable type of content copied", "No text is selected."),
        (
            "Compositor does not support primary selection",
            "This desktop does not let wl-paste read the text (Compositor does not support primary selection).",
        ),
    ],
)
def test_what_wl_paste_complains_of(
    qtbot: QtBot, reader: SelectionReader, answers: Answers, wl_paste: Write, complaint: str, reason: str
) -> None:
    wl_paste(f"echo '{complaint}' >&2; exit 1")
    reader.read_selection()
    assert wait_for(qtbot, answers) == [("", reason)]


def test_nothing_comes_after_close(qtbot: QtBot, wl_paste: Write, reader: SelectionReader, answers: Answers) -> None:
    wl_paste("exec sleep 60")
    reader.read_selection()
    reader.close()
    qtbot.wait(10)
    assert answers == []
