"""Chapters joined and divided in the window, with the narrator's thread and a real book behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import pytest
from front import focus
from narrators import ToneEngine
from PySide6.QtCore import QItemSelectionModel, Qt
from pytestqt.qtbot import QtBot

from desktop.narration.parts.divide_dialog import DivideDialog
from desktop.narration.setup import NarrationSetup
from desktop.narration.values import JobPhase, Speaker

TEXT = (
    "# Chapter 1\n\nThe first sentence is here. A second one follows.\n\nThe Interlude\n\nIt is a short one.\n\n"
    "# Chapter 2\n\nThen it goes on.\n\n# Chapter 3\n\nAnd it ends."
)


@pytest.fixture
def tones() -> ToneEngine:
    return ToneEngine()


@pytest.fixture
def setup(
    qtbot: QtBot, tones: ToneEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sound_server: Any
) -> Iterator[NarrationSetup]:
    for name in ("HOME", "XDG_RUNTIME_DIR"):  # its player looks for devices
        monkeypatch.setenv(name, sound_server.environment[name])
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    setup = NarrationSetup(tones)
    qtbot.addWidget(setup.window)
    setup.use_speaker(Speaker(voices_folder=tmp_path / "voices"))
    setup.window.show()
    yield setup
    setup.close()


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.md"
    path.write_text(TEXT, encoding="utf-8")
    return path


def titles(setup: NarrationSetup) -> list[tuple[str, int, int]]:
    job = setup.window.job
    return [] if job is None else [(row.title, row.n_sentences, row.n_spoken) for row in job.chapters]


def choose(setup: NarrationSetup, place: int) -> None:
    model = setup.window.chapters.table.selectionModel()
    index = setup.window.chapters.table.model().index(place, 0)
    model.setCurrentIndex(
        index, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
    )


def narrate(setup: NarrationSetup, qtbot: QtBot) -> None:
    with qtbot.waitSignal(setup.narrator.book_finished):
        setup.window.start.click()
    qtbot.waitUntil(lambda: setup.window.job is not None and setup.window.job.phase is JobPhase.DONE)


def marks(path: Path) -> list[str]:
    with av.open(str(path)) as file:
        return [chapter["metadata"]["title"] for chapter in file.chapters()]


def test_chapters_are_divided_joined_and_restored_and_nothing_is_spoken_again(
    setup: NarrationSetup, tones: ToneEngine, book: Path, qtbot: QtBot
) -> None:
    window = setup.window
    window.add_requested.emit([book])
    as_read = [("Chapter 1", 5, 0), ("Chapter 2", 2, 0), ("Chapter 3", 2, 0)]
    qtbot.waitUntil(lambda: titles(setup) == as_read)
    narrate(setup, qtbot)
    spoken = [(title, n, n) for title, n, _ in as_read]
    qtbot.waitUntil(lambda: titles(setup) == spoken)
    target = book.with_suffix(".m4b")
    assert marks(target) == ["Chapter 1", "Chapter 2", "Chapter 3"]
    tones.requests.clear()

    choose(setup, 0)
    table = window.chapters.table
    focus(qtbot, table)
    qtbot.keyClick(table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    dialog = window.findChild(DivideDialog)
    assert isinstance(dialog, DivideDialog)
    qtbot.waitUntil(lambda: dialog.list.count() == 5)  # from the narrator's thread
    dialog.list.setCurrentRow(3)
    assert dialog.name.text() == "The Interlude"
    qtbot.keyClick(dialog.list, Qt.Key.Key_Return)
    divided = [("Chapter 1", 3, 3), ("The Interlude", 2, 2), ("Chapter 2", 2, 2), ("Chapter 3", 2, 2)]
    assert titles(setup) == spoken  # not yet: the window shows it before the narrator has done it
    assert [row.title for row in window.chapters._rows] == [title for title, _, _ in divided]
    qtbot.waitUntil(lambda: titles(setup) == divided)
    choose(setup, 2)
    focus(qtbot, table)
    qtbot.keyClick(table, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    joined = [("Chapter 1", 3, 3), ("The Interlude", 2, 2), ("Chapter 2", 4, 4)]
    qtbot.waitUntil(lambda: titles(setup) == joined)
    narrate(setup, qtbot)
    assert marks(target) == ["Chapter 1", "The Interlude", "Chapter 2"]
    assert [request.text for request in tones.requests if request.text != "Yes."] == []

    focus(qtbot, table)
    qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: titles(setup) == divided)
    window.chapters.as_read.trigger()
    qtbot.waitUntil(lambda: titles(setup) == spoken)
    window.chapters.undo.trigger()
    qtbot.waitUntil(lambda: titles(setup) == divided)


def test_a_chapter_that_was_divided_off_is_left_out_alone_and_heard_from_its_beginning(
    setup: NarrationSetup, tones: ToneEngine, book: Path, qtbot: QtBot
) -> None:
    window = setup.window
    window.add_requested.emit([book])
    qtbot.waitUntil(lambda: len(titles(setup)) == 3)
    choose(setup, 0)
    window.chapters.divide_here.trigger()
    dialog = window.findChild(DivideDialog)
    assert isinstance(dialog, DivideDialog)
    qtbot.waitUntil(lambda: dialog.list.count() == 5)
    dialog.list.setCurrentRow(1)
    dialog.name.clear()
    qtbot.keyClicks(dialog.name, "All the rest")
    dialog.divide.click()
    qtbot.waitUntil(lambda: len(titles(setup)) == 4)
    first = window.chapters.table.item(0, 0)
    assert first is not None
    first.setCheckState(Qt.CheckState.Unchecked)
    narrate(setup, qtbot)
    assert "Chapter 1" not in [request.text for request in tones.requests]
    assert marks(book.with_suffix(".m4b")) == ["All the rest", "Chapter 2", "Chapter 3"]
    job = window.job
    assert job is not None
    assert job.chapters[1].begins == (0, 1)
    playlist = setup.narrator.playlist(job.name)
    assert playlist is not None
    assert playlist.place(0, 1) == 0
    assert playlist.place(0, 0) is None
