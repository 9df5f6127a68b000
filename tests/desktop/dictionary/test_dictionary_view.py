"""The dictionary's dialog and its controller: edits hold at once, mistakes show in their row, sentences are tried."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QTableWidgetItem
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

import engine
import engine.text
from desktop.dictionary.controller import DictionaryController
from desktop.dictionary.dialog import LANGUAGE, PATTERN, SAID, SOUND, WRITTEN, DictionaryDialog
from desktop.worker import Worker
from engine import Pronunciation

ENTRIES = (Pronunciation("GIF", "jif", ipa="dʒɪf"), Pronunciation(r"\bv(\d+)", r"version \1", "en", True, True))


def cell(dialog: DictionaryDialog, row: int, column: int) -> QTableWidgetItem:
    item = dialog.table.item(row, column)
    assert item is not None
    return item


def args(told: SignalBlocker) -> list[Any]:
    assert told.args is not None
    return told.args


@pytest.fixture
def dialog(qtbot: QtBot) -> DictionaryDialog:
    dialog = DictionaryDialog(ENTRIES)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


@pytest.fixture
def controller(qtbot: QtBot, tmp_path: Path) -> Iterator[DictionaryController]:
    path = tmp_path / "dictionary.json"
    engine.text.write_dictionary(path, ENTRIES)
    with closing(Worker("test")) as worker:
        controller = DictionaryController(path, worker, lambda: "en")
        with qtbot.waitSignal(controller.changed):
            controller.load()
        yield controller


def opened(controller: DictionaryController, qtbot: QtBot) -> DictionaryDialog:
    dialog = controller.show_dialog(None)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_entries_are_rows_and_rows_entries(dialog: DictionaryDialog) -> None:
    assert dialog.entries() == tuple(enumerate(ENTRIES))


def test_each_edit_is_told_at_once(dialog: DictionaryDialog, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.keep_requested) as told:
        cell(dialog, 0, SAID).setText("ghif")
    assert args(told) == [((0, replace(ENTRIES[0], spoken="ghif")), (1, ENTRIES[1]))]
    with qtbot.waitSignal(dialog.keep_requested) as told:
        cell(dialog, 0, PATTERN).setCheckState(Qt.CheckState.Checked)
    assert args(told)[0][0][1].is_pattern
    with qtbot.waitSignal(dialog.keep_requested) as told:
        cell(dialog, 0, SOUND).setText(" dʒɪf ")
    assert args(told)[0][0][1].ipa == "dʒɪf"
    languages = dialog.table.cellWidget(0, LANGUAGE)
    assert isinstance(languages, QComboBox)
    with qtbot.waitSignal(dialog.keep_requested) as told:
        languages.setCurrentIndex(languages.findData("de"))
    assert args(told)[0][0][1].language == "de"


def test_a_new_row_counts_when_something_is_written(dialog: DictionaryDialog, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(dialog.keep_requested):
        dialog.add.click()
    assert len(dialog.entries()) == 2
    with qtbot.waitSignal(dialog.keep_requested) as told:
        cell(dialog, 2, WRITTEN).setText("SQL")
    assert args(told)[0][2] == (2, Pronunciation("SQL", ""))


def test_rows_are_removed(dialog: DictionaryDialog, qtbot: QtBot) -> None:
    assert not dialog.remove.isEnabled()
    dialog.table.selectRow(0)
    with qtbot.waitSignal(dialog.keep_requested) as told:
        dialog.remove.click()
    assert args(told) == [((0, ENTRIES[1]),)]


def test_an_edit_is_kept_and_used(controller: DictionaryController, qtbot: QtBot, tmp_path: Path) -> None:
    dialog = opened(controller, qtbot)
    with qtbot.waitSignal(controller.changed) as told:
        cell(dialog, 0, SAID).setText("ghif")
    assert args(told) == [(replace(ENTRIES[0], spoken="ghif"), ENTRIES[1])]
    assert engine.text.read_dictionary(tmp_path / "dictionary.json") == args(told)[0]


def test_a_mistake_is_told_in_its_row_and_the_rest_is_kept(
    controller: DictionaryController, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = opened(controller, qtbot)
    with qtbot.waitSignal(controller.changed) as told:
        cell(dialog, 1, WRITTEN).setText("(")
    assert args(told) == [(ENTRIES[0],)]
    qtbot.waitUntil(dialog.problem.isVisible)
    assert "The regular expression ( has a mistake" in dialog.problem.text()
    assert not cell(dialog, 1, WRITTEN).icon().isNull()
    assert cell(dialog, 0, WRITTEN).icon().isNull()
    assert engine.text.read_dictionary(tmp_path / "dictionary.json") == (ENTRIES[0],)
    with qtbot.waitSignal(controller.changed):
        cell(dialog, 1, WRITTEN).setText("(x)")
    qtbot.waitUntil(dialog.problem.isHidden)
    assert cell(dialog, 1, WRITTEN).icon().isNull()


def test_a_sentence_is_tried_while_it_is_typed(controller: DictionaryController, qtbot: QtBot) -> None:
    dialog = opened(controller, qtbot)
    dialog.text.setText("The GIF of v2. It is 5 km long.")
    qtbot.waitUntil(lambda: dialog.said.text() == "The jif /dʒɪf/ of version 2.\nIt is 5 kilometres long.")
    dialog.text.setText("  ")
    qtbot.waitUntil(lambda: dialog.said.text() == "")


def test_a_sound_is_typed_checked_kept_and_heard(
    controller: DictionaryController, qtbot: QtBot, tmp_path: Path
) -> None:
    dialog = opened(controller, qtbot)
    assert not dialog.hear.isEnabled()
    qtbot.keyClicks(dialog.text, "Mr Nguyen sent a GIF.")
    qtbot.mouseClick(dialog.add, Qt.MouseButton.LeftButton)
    cell(dialog, 2, WRITTEN).setText("Nguyen")
    with qtbot.waitSignal(controller.changed):
        cell(dialog, 2, SOUND).setText("ŋ7")
    qtbot.waitUntil(dialog.problem.isVisible)
    assert "The sound of Nguyen holds “7”, which is no sign of the International" in dialog.problem.text()
    assert not cell(dialog, 2, WRITTEN).icon().isNull()
    with qtbot.waitSignal(controller.hear_requested) as told:
        cell(dialog, 2, SOUND).setText("/nʊˈjɛn/")
        qtbot.mouseClick(dialog.hear, Qt.MouseButton.LeftButton)
    assert args(told) == ["Mr Nguyen sent a GIF."]
    assert controller.entries[-1] == Pronunciation("Nguyen", "", ipa="/nʊˈjɛn/")
    assert engine.text.read_dictionary(tmp_path / "dictionary.json") == controller.entries
    qtbot.waitUntil(lambda: dialog.said.text() == "Mr Nguyen /nʊˈjɛn/ sent a jif /dʒɪf/.")
    assert dialog.problem.isHidden()


def test_a_damaged_dictionary_is_told_and_left_as_it_is(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "dictionary.json"
    path.write_text(json.dumps({"entries": 3}))
    with closing(Worker("test")) as worker:
        controller = DictionaryController(path, worker, lambda: "")
        with qtbot.waitSignal(controller.problem) as told:
            controller.load()
        assert "is damaged" in str(args(told)[0])
        dialog = opened(controller, qtbot)
        assert not dialog.table.isEnabled()
        assert "is damaged" in dialog.problem.text()
    assert json.loads(path.read_text()) == {"entries": 3}
