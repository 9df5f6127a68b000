"""The narration window: what it shows of each state, and the requests that leave it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from front import bring_to_front, focus
from PySide6.QtCore import QItemSelectionModel, QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QLineEdit
from pytestqt.qtbot import QtBot

import engine
import engine.narration
from desktop.common.messages import Message
from desktop.narration.parts.chapter_table import SENTENCES
from desktop.narration.parts.divide_dialog import DivideDialog
from desktop.narration.values import ChapterRow, ChapterSentence, ChapterText, JobPhase, JobView, Playing, WarningRow
from desktop.narration.window import NarrationWindow
from desktop.narration.words import MAX_NOTES
from engine.narration import Piece

CHAPTERS = (
    ChapterRow((Piece(0, 0, 500),), "One", True, 10, 10, 60, (0, 0)),
    ChapterRow((Piece(1, 0, 900),), "Two", True, 20, 3, 90, (1, 0)),
    ChapterRow((Piece(2, 0, 200),), "Three", False, 5, 0, 30, (2, 0)),
)
WARNINGS = (
    WarningRow(0, 4, "It rang.", "One", "too short"),
    WarningRow(1, 2, "Nobody came.", "Two", "silent", has_sound=False),
)
JOB = JobView(
    "a", "A Book", "Some Body", JobPhase.PAUSED, 0.4, "Paused at 40 %", CHAPTERS, WARNINGS, target=Path("/b/a.m4b")
)


@pytest.fixture
def window(qtbot: QtBot) -> NarrationWindow:
    window = NarrationWindow()
    qtbot.addWidget(window)
    window.show()
    window.render_jobs((JOB,))
    return window


def requests(signal: Any) -> list[Any]:
    """What `signal` brings from now on."""
    made: list[Any] = []
    signal.connect(lambda *values: made.append(values))
    return made


def test_nothing_in_the_queue_invites_to_add_a_book(window: NarrationWindow) -> None:
    window.render_jobs(())
    assert window.pages.currentIndex() == 0
    assert window.add_first.isVisible()
    assert not window.queue.isVisible()


def test_files_that_are_dropped_are_added(window: NarrationWindow) -> None:
    made = requests(window.add_requested)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile("/b/x.epub"), QUrl.fromLocalFile("/b/y.pdf"), QUrl("https://example.org")])
    drop = QDropEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    window.dropEvent(drop)
    assert made == [([Path("/b/x.epub"), Path("/b/y.pdf")],)]


@pytest.mark.parametrize(
    ("phase", "words", "signal"),
    [
        (JobPhase.READY, "Start", "narrate_requested"),
        (JobPhase.PAUSED, "Go on", "narrate_requested"),
        (JobPhase.NARRATING, "Pause", "pause_requested"),
        (JobPhase.WAITING, "Pause", "pause_requested"),
        (JobPhase.WRITING, "Pause", "pause_requested"),
        (JobPhase.DONE, "Start", "narrate_requested"),
        (JobPhase.FAILED, "Start", "narrate_requested"),
    ],
)
def test_one_button_starts_and_pauses(window: NarrationWindow, phase: JobPhase, words: str, signal: str) -> None:
    window.render_jobs((replace(JOB, phase=phase),))
    assert window.start.text().replace("&", "") == words
    made = requests(getattr(window, signal))
    window.start.click()
    assert made == [("a",)]


def test_a_book_that_is_being_read_cannot_be_changed_yet(window: NarrationWindow) -> None:
    window.render_jobs((replace(JOB, phase=JobPhase.READING, chapters=()),))
    for part in (window.start, window.preview, window.chapters, window.form, window.warnings):
        assert not part.isEnabled()


def test_progress_and_problems_stand_in_their_place(window: NarrationWindow) -> None:
    assert window.title.text() == "A Book"
    assert window.progress.text() == "Paused at 40 %"
    assert window.bar.value() == 400
    assert not window.notice.isVisible()
    problem = Message("The disk is full.", "Free some space.")
    window.render_jobs((replace(JOB, phase=JobPhase.FAILED, problem=problem),))
    assert window.notice.isVisible()
    assert window.notice.accessibleName() == "The disk is full."
    made = requests(window.narrate_requested)
    window.notice.accepted.emit()
    assert made == [("a",)]


def test_what_should_be_known_of_a_book_stands_under_its_name(window: NarrationWindow) -> None:
    window.render_jobs((JOB,))
    assert not window.notes.isVisibleTo(window)
    notes = tuple(f"Page {i} has two columns." for i in range(1, MAX_NOTES + 3))
    window.render_jobs((replace(JOB, notes=notes),))
    assert window.notes.isVisibleTo(window)
    lines = window.notes.text().splitlines()
    assert lines == [*notes[:MAX_NOTES], "and 2 more, which the report lists"]


def test_chapters_are_ticked_renamed_and_moved(window: NarrationWindow) -> None:
    made = requests(window.set_chapters_requested)
    table = window.chapters.table
    item = table.item(2, 0)
    assert item is not None
    item.setCheckState(Qt.CheckState.Checked)
    name, rows = made[-1]
    assert name == "a"
    assert [row.is_included for row in rows] == [True, True, True]
    first = table.item(0, 0)
    assert first is not None
    first.setText("  Beginning ")
    assert made[-1][1][0].title == "Beginning"
    table.setCurrentCell(0, 0)
    window.chapters.later.click()
    assert [row.pieces[0].chapter for row in made[-1][1]] == [1, 0, 2]
    assert table.currentRow() == 1
    window.chapters.none.click()
    assert not any(row.is_included for row in made[-1][1])
    left_out = table.item(0, SENTENCES)
    assert left_out is not None
    assert left_out.text() == "left out"
    n_told = len(made)
    window.render_jobs((replace(JOB, chapters=tuple(made[-1][1])),))
    assert len(made) == n_told  # what is rendered is no request


def pieces_of(rows: Sequence[ChapterRow]) -> list[tuple[Piece, ...]]:
    return [row.pieces for row in rows]


def choose(window: NarrationWindow, *places: int) -> None:
    """Whatever keys an earlier test has left pressed."""
    model = window.chapters.table.selectionModel()
    model.clearSelection()
    for place in places:
        index = window.chapters.table.model().index(place, 0)
        model.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows)


def test_a_chapter_is_joined_with_the_next_and_that_is_undone(window: NarrationWindow, qtbot: QtBot) -> None:
    made = requests(window.set_chapters_requested)
    table = window.chapters.table
    focus(qtbot, table)
    choose(window, 1)
    qtbot.keyClick(table, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier)
    name, rows = made[-1]
    assert name == "a"
    assert rows == (
        CHAPTERS[0],
        ChapterRow((Piece(1, 0, 900), Piece(2, 0, 200)), "Two", True, 25, 3, 120, (1, 0)),
    )
    assert table.currentRow() == 1
    assert not window.chapters.join.isEnabled()  # there is no next one
    qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert made[-1][1] == CHAPTERS
    assert not window.chapters.undo.isEnabled()


def test_chosen_chapters_are_joined_wherever_they_stand(window: NarrationWindow) -> None:
    made = requests(window.set_chapters_requested)
    choose(window, 0, 2)
    assert window.chapters.join.text() == "&Join these 2 chapters"
    assert not window.chapters.divide_here.isEnabled()
    progressed = (CHAPTERS[0], replace(CHAPTERS[1], n_spoken=9), CHAPTERS[2])
    window.render_jobs((replace(JOB, chapters=progressed),))  # what is chosen stays so while it is narrated
    window.chapters.join.trigger()
    assert pieces_of(made[-1][1]) == [(Piece(0, 0, 500), Piece(2, 0, 200)), (Piece(1, 0, 900),)]
    assert made[-1][1][0].title == "One"


def test_every_change_is_undone_in_turn_and_each_book_has_its_own(window: NarrationWindow) -> None:
    made = requests(window.set_chapters_requested)
    read = requests(window.restore_chapters_requested)
    chapters = window.chapters
    choose(window, 0)
    chapters.later.click()
    chapters.none.click()
    chapters.as_read.trigger()
    assert read == [("a",)]
    window.render_jobs((JOB,))  # as the book has them
    other = replace(JOB, name="b", title="Another")
    window.render_jobs((JOB, other))
    assert window.queue.chosen_name == "b"
    assert not chapters.undo.isEnabled()
    window.queue.list.setCurrentRow(0)
    for expected in ((False, False, False), (True, True, False), (True, True, False)):
        chapters.undo.trigger()
        assert tuple(row.is_included for row in made[-1][1]) == expected
    assert made[-1][1] == CHAPTERS
    assert not chapters.undo.isEnabled()


def test_nothing_is_undone_of_a_book_that_was_read_anew(window: NarrationWindow) -> None:
    window.chapters.none.click()
    made = requests(window.set_chapters_requested)
    longer = (*CHAPTERS[:2], replace(CHAPTERS[2], pieces=(Piece(2, 0, 300),)))
    window.render_jobs((replace(JOB, chapters=longer),))
    window.chapters.undo.trigger()
    assert made == []
    assert not window.chapters.undo.isEnabled()


TEXT = ChapterText(
    "a",
    CHAPTERS[1].pieces,
    (
        ChapterSentence(1, 0, 0, "Two", begins_paragraph=True, is_alone=True, is_spoken=True),
        ChapterSentence(1, 1, 5, "It rained.", begins_paragraph=True, is_alone=False, is_spoken=True),
        ChapterSentence(1, 2, 16, "Nobody came.", begins_paragraph=False, is_alone=False),
        ChapterSentence(1, 3, 30, "The Telephone", begins_paragraph=True, is_alone=True),
        ChapterSentence(1, 4, 45, "Then it rang in the rain.", begins_paragraph=True, is_alone=True),
    ),
)


def divide_dialog(window: NarrationWindow) -> DivideDialog:
    (dialog,) = (dialog for dialog in window.findChildren(DivideDialog) if dialog.isVisible())
    return dialog


def test_a_chapter_is_divided_at_a_sentence_that_is_chosen_in_its_text(window: NarrationWindow, qtbot: QtBot) -> None:
    asked, made = requests(window.read_chapter_requested), requests(window.set_chapters_requested)
    table = window.chapters.table
    focus(qtbot, table)
    choose(window, 1)
    qtbot.keyClick(table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert asked == [("a", CHAPTERS[1].pieces)]
    dialog = divide_dialog(window)
    assert not dialog.isModal()
    assert not dialog.divide.isEnabled()
    window.render_chapter_text(replace(TEXT, job="b"))  # an answer to something else
    assert dialog.list.count() == 0
    window.render_chapter_text(TEXT)
    assert [dialog.list.item(i).text() for i in range(5)] == [sentence.text for sentence in TEXT.sentences]
    assert dialog.list.currentRow() == 1  # the first paragraph that is not the beginning
    assert dialog.name.text() == "Two (2)"
    qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.name.text() == "The Telephone"
    qtbot.keyClick(dialog.list, Qt.Key.Key_Up)
    dialog.name.selectAll()
    qtbot.keyClicks(dialog.name, " Rain ")
    qtbot.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.name.text() == " Rain "  # what was typed stays
    dialog.divide.click()
    rows = made[-1][1]
    assert pieces_of(rows) == [(Piece(0, 0, 500),), (Piece(1, 0, 30),), (Piece(1, 30, 900),), (Piece(2, 0, 200),)]
    assert [(row.title, row.n_sentences, row.n_spoken, row.begins) for row in rows[1:3]] == [
        ("Two", 3, 2, (1, 0)),
        ("Rain", 2, 0, (1, 3)),
    ]
    assert rows[1].seconds + rows[2].seconds == pytest.approx(90)
    assert table.currentRow() == 2
    qtbot.waitUntil(lambda: not window.findChildren(DivideDialog))
    window.chapters.undo.trigger()
    assert made[-1][1] == CHAPTERS


def test_words_are_found_in_the_chapter_and_enter_divides_nothing(window: NarrationWindow, qtbot: QtBot) -> None:
    made = requests(window.set_chapters_requested)
    choose(window, 1)
    window.chapters.divide_here.trigger()
    window.render_chapter_text(TEXT)
    dialog = divide_dialog(window)
    qtbot.keyClicks(dialog.search, "RAIN")
    assert dialog.list.currentRow() == 1
    found = []
    for _ in range(2):
        qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
        found.append(dialog.list.currentRow())
    assert found == [4, 1]
    dialog.search.setText("two")
    qtbot.keyClick(dialog.search, Qt.Key.Key_Return)
    assert dialog.list.currentRow() == 1  # where the chapter begins it is not divided
    assert made == []


def test_the_text_goes_when_its_chapter_does(window: NarrationWindow, qtbot: QtBot) -> None:
    for jobs in ((replace(JOB, chapters=CHAPTERS[:1]),), (), (JOB, replace(JOB, name="b"))):
        window.render_jobs((JOB,))
        choose(window, 1)
        window.chapters.divide_here.trigger()
        window.render_chapter_text(ChapterText("a", CHAPTERS[1].pieces))
        dialog = divide_dialog(window)
        assert "cannot be read" in dialog.hint.text()
        assert not dialog.divide.isEnabled()
        window.render_jobs(jobs)
        qtbot.waitUntil(lambda: not window.findChildren(DivideDialog))


def test_a_chapter_of_one_sentence_cannot_be_divided(window: NarrationWindow) -> None:
    window.render_jobs((replace(JOB, chapters=(replace(CHAPTERS[0], n_sentences=1),)),))
    assert not window.chapters.divide_here.isEnabled()


def test_a_name_that_is_being_typed_survives_progress(window: NarrationWindow, qtbot: QtBot) -> None:
    table = window.chapters.table
    item = table.item(1, 0)
    assert item is not None
    table.editItem(item)
    editor = table.viewport().findChild(QLineEdit)
    assert isinstance(editor, QLineEdit)
    qtbot.keyClicks(editor, "New")
    rows = (CHAPTERS[0], replace(CHAPTERS[1], n_spoken=4), CHAPTERS[2])
    window.render_jobs((replace(JOB, chapters=rows),))
    made = requests(window.set_chapters_requested)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(made))
    assert made[-1][1][1].title == "New"
    count = table.item(1, SENTENCES)
    assert count is not None
    assert count.text() == "4 of 20"


def test_settings_hold_at_once_and_the_file_follows_its_format(window: NarrationWindow) -> None:
    made = requests(window.set_settings_requested)
    form = window.form
    window.set_voices(("Anna", "Bert"))
    form.voice.setCurrentIndex(form.voice.findData("Bert"))
    form.voice.activated.emit(form.voice.currentIndex())
    assert made[-1][1].voice == "Bert"
    form.format.setCurrentIndex(form.format.findData("opus"))
    form.format.activated.emit(form.format.currentIndex())
    assert (made[-1][1].format, made[-1][2]) == ("opus", Path("/b/a.opus"))
    form.markers.setChecked(True)
    assert made[-1][1].markers
    form.per_chapter.setChecked(True)
    assert made[-1][2] == Path("/b/a")
    form.per_chapter.setChecked(False)
    assert made[-1][2] == Path("/b/a.opus")
    assert not form.by_word.isEnabled()
    form.subtitles["vtt"].setChecked(True)
    form.by_word.click()
    assert made[-1][1].by_word
    form.levels.setChecked(False)
    form.pauses["chapter_ms"].setValue(3.25)
    settings = made[-1][1]
    assert (settings.subtitles, settings.loudness_lufs, settings.pauses.chapter_ms) == (("vtt",), None, 3250)
    form.subtitles["json"].setChecked(True)
    form.subtitles["vtt"].setChecked(False)
    assert made[-1][1].subtitles == ("json",)
    assert not form.by_word.isEnabled()
    form.levels.setChecked(True)
    assert made[-1][1].loudness_lufs == -18.0
    form.use_place(Path("/c/other"))
    assert made[-1][2] == Path("/c/other.opus")
    assert form.place.text() == "/c/other.opus"


def test_only_voices_that_can_narrate_are_offered_and_another_is_explained(
    qtbot: QtBot, window: NarrationWindow
) -> None:
    form = window.form
    window.tabs.setCurrentWidget(form)

    def offered() -> list[str]:
        return [form.voice.itemData(i) for i in range(form.voice.count())]

    window.set_voices(("built-in",), ("Anna",), can_clone=True)
    assert offered() == ["", "built-in", "Anna"]
    window.set_voices(("built-in",), ("Anna",), can_clone=False)
    assert offered() == ["", "built-in"]
    window.render_jobs((replace(JOB, settings=engine.narration.NarrationSettings(voice="Anna")),))
    assert form.voice_note.isVisible()
    assert "Anna needs S1 Mini" in form.voice_note.text()
    with qtbot.waitSignal(window.show_login_requested):
        QTest.mouseClick(form.get_s1, Qt.MouseButton.LeftButton)
    window.render_jobs((replace(JOB, settings=engine.narration.NarrationSettings(voice="Gone")),))
    assert "Gone is not there any more" in form.voice_note.text()
    assert not form.get_s1.isVisible()


def test_a_finished_book_is_played_and_shown_where_it_lies(qtbot: QtBot, window: NarrationWindow) -> None:
    assert not window.result.isVisible()
    written = Path("/b/a.m4b")
    window.render_jobs((replace(JOB, phase=JobPhase.DONE, target=written, written=written),))
    assert window.file.text() == "/b/a.m4b"
    with qtbot.waitSignal(window.play_file_requested) as played:
        QTest.mouseClick(window.play, Qt.MouseButton.LeftButton)
    with qtbot.waitSignal(window.show_folder_requested) as shown:
        QTest.mouseClick(window.folder, Qt.MouseButton.LeftButton)
    assert (played.args, shown.args) == ([JOB.name, written], [written])
    window.render_jobs((replace(JOB, phase=JobPhase.DONE, target=written),))
    assert "not there any more" in window.file.text()
    assert not window.play.isEnabled()


@pytest.mark.parametrize("part", ["queue.list", "chapters.table", "start"])
def test_esc_closes_the_window_wherever_the_keyboard_is(qtbot: QtBot, window: NarrationWindow, part: str) -> None:
    widget = attrgetter(part)(window)
    focus(qtbot, widget)
    QTest.keyClick(widget, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isVisible())


def test_a_voice_that_is_gone_is_still_what_was_chosen(window: NarrationWindow) -> None:
    made = requests(window.set_settings_requested)
    window.render_jobs((replace(JOB, settings=engine.narration.NarrationSettings(voice="Gone")),))
    assert window.form.voice.currentData() == "Gone"
    assert made == []


def test_doubtful_sentences_are_heard_edited_and_redone(window: NarrationWindow) -> None:
    assert window.tabs.tabText(2) == "&Doubtful (2)"
    panel = window.warnings
    heard, redone, edited = (
        requests(signal) for signal in (window.hear_requested, window.redo_requested, window.edit_requested)
    )
    panel.hear.click()
    panel.redo.click()
    assert (heard, redone) == ([("a", 0, 4)], [("a", 0, 4)])
    assert not panel.edit.isEnabled()
    panel.editor.setPlainText("It rang out.")
    panel.edit.click()
    assert edited == [("a", 0, 4, "It rang out.")]
    panel.list.setCurrentRow(1)
    assert panel.editor.toPlainText() == "Nobody came."
    assert not panel.hear.isEnabled()
    window.render_jobs((replace(JOB, warnings=()),))
    assert not panel.list.isVisibleTo(panel)
    assert panel.nothing.isVisibleTo(panel)


def test_listening_starts_and_stops(window: NarrationWindow) -> None:
    listened, stopped = requests(window.listen_requested), requests(window.stop_listening_requested)
    window.listen.click()
    assert listened == [("a", None)]
    window.render_playing(Playing("a", 0, 3))
    window.listen.click()
    assert stopped == [()]
    window.render_playing(Playing())
    window.chapters.table.setCurrentCell(1, 0)
    window.chapters.listen.click()
    assert listened[-1] == ("a", (1, 0))
    window.render_playing(Playing(problem=Message("There is no sound output device.", "Connect one.")))
    assert window.notice.isVisible()


def test_the_queue_is_chosen_from_moved_and_removed(window: NarrationWindow) -> None:
    other = replace(JOB, name="b", title="Another", phase=JobPhase.WAITING)
    window.render_jobs((JOB, other))
    assert window.queue.chosen_name == "b"  # it has just come
    window.queue.list.setCurrentRow(0)
    assert window.title.text() == "A Book"
    window.render_jobs((other, JOB))
    assert window.queue.chosen_name == "a"  # it was looked at, and is
    removed = requests(window.remove_requested)
    window.queue.remove.click()
    assert removed == [("a",)]
    assert window.queue.list.item(0).text() == "Another\nWaiting for its turn"


def test_everything_has_a_name_and_can_be_reached_by_keys(window: NarrationWindow) -> None:
    for button in window.findChildren(QAbstractButton):
        if button.isVisibleTo(window) and button.focusPolicy() is not Qt.FocusPolicy.NoFocus:
            assert button.text() or button.accessibleName(), button
    for view in (window.queue.list, window.chapters.table, window.warnings.list, window.warnings.editor, window.bar):
        assert view.accessibleName()
    shown = [b.text() for b in window.findChildren(QAbstractButton) if b.isVisible() and "&" in b.text()]
    keys = [words[words.index("&") + 1].lower() for words in shown]
    keys += [window.tabs.tabText(i)[window.tabs.tabText(i).index("&") + 1].lower() for i in range(3)]
    assert len(keys) == len(set(keys)), sorted(keys)


def test_escape_closes_the_window(window: NarrationWindow, qtbot: QtBot) -> None:
    bring_to_front(qtbot, window)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.isVisible())


def test_a_title_turns_no_words_around(window: NarrationWindow) -> None:
    turned = "A \u202eBook"  # as a file may have it
    warning = WarningRow(0, 3, "It is.", turned, "a reason")
    window.render_jobs((replace(JOB, title=turned, author=turned, warnings=(warning,)),))
    for shown in (window.title.text(), window.author.text(), window.queue.list.item(0).text()):
        assert "A \ufffdBook" in shown
    assert "A \ufffdBook" in window.warnings.list.item(0).text()
