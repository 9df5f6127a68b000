"""Selected and copied text under a real Wayland compositor (sway, without a screen), through the real wl-paste."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from desktops import require, run_sway, running
from pytestqt.qtbot import QtBot

from desktop.platform.selection import SelectionReader, open_selection_reader
from desktop.platform.selection.reader import NOTHING_COPIED, NOTHING_SELECTED
from desktop.platform.selection.wayland import WaylandSelection


@pytest.fixture
def sway(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for program in ("wl-copy", "wl-paste"):
        require(program, "wl-clipboard")
    with run_sway() as display:
        monkeypatch.setenv("WAYLAND_DISPLAY", display)
        yield


@pytest.fixture
def reader(qtbot: QtBot, sway: None) -> Iterator[SelectionReader]:  # noqa: ARG001
    reader = open_selection_reader()
    assert isinstance(reader, WaylandSelection)
    yield reader
    reader.close()


@contextmanager
def owned(text: str, *arguments: str) -> Iterator[None]:
    """A program has `text` copied, or selected with "--primary"."""
    with running("wl-copy", "--foreground", *arguments, stdin=subprocess.PIPE) as program:
        assert program.stdin is not None
        program.stdin.write(text.encode())
        program.stdin.close()
        yield


def answer(qtbot: QtBot, reader: SelectionReader, read: Callable[[], None]) -> tuple[str, str]:
    """(text, "") or ("", reason)."""
    answers: list[tuple[str, str]] = []
    for signal, pair in (
        (reader.text_read, lambda text: (text, "")),
        (reader.nothing_read, lambda reason: ("", reason)),
    ):
        signal.connect(lambda words, pair=pair: answers.append(pair(words)))
    read()
    qtbot.waitUntil(lambda: bool(answers))
    return answers[0]


def test_selected_and_copied_text_is_read_and_left_alone(qtbot: QtBot, reader: SelectionReader) -> None:
    selected, copied = "Déjà vu,\n🎧 selected.  ", "漢字 " * 100_000
    with owned(selected, "--primary"), owned(copied):
        for text, read in 2 * ((selected, reader.read_selection), (copied, reader.read_clipboard)):
            # wl-copy does not say when the text is its own
            qtbot.waitUntil(lambda text=text, read=read: answer(qtbot, reader, read) == (text, ""))


def test_where_nothing_is_selected(qtbot: QtBot, reader: SelectionReader) -> None:
    assert answer(qtbot, reader, reader.read_selection) == ("", NOTHING_SELECTED)
    assert answer(qtbot, reader, reader.read_clipboard) == ("", NOTHING_COPIED)
