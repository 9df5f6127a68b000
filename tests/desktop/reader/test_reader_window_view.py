"""The reader window, fed with states: what it shows and what it requests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from books import docx_files, epub_files, page, paragraph, write_zip
from choosing import choose, open_file_dialog
from front import bring_to_front, focus
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QSlider
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from desktop.common.messages import Message, explain
from desktop.common.state import AppState, EnginePhase, EngineView, Phase, ReadingView
from desktop.reader.window import ReaderWindow
from engine import CheckpointError

TEXT = "😀 One is first. Two is second. Three is third."
TWO = (TEXT.index("Two"), TEXT.index("Three") - 1)


def state(phase: Phase = Phase.SPEAKING, text: str = TEXT, **changes: object) -> AppState:
    reading = ReadingView(text, TWO, None, 3.0, 7.0, "built-in voice", 40.0)
    return replace(AppState(phase, reading=reading), **changes)  # type: ignore[arg-type]


@pytest.fixture
def window(qtbot: QtBot) -> ReaderWindow:
    window = ReaderWindow()
    qtbot.addWidget(window)
    focus(qtbot, window.draft)
    return window


# --- requests


def test_ctrl_enter_speaks_from_the_cursor_in_code_points(qtbot: QtBot, window: ReaderWindow) -> None:
    window.set_text(TEXT, TWO[0])
    with qtbot.waitSignal(window.speak_requested) as requested:
        QTest.keyClick(window.draft, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert requested.args == [TEXT, TWO[0]]
    assert window.text() == TEXT


def test_from_the_end_it_speaks_from_the_beginning(qtbot: QtBot, window: ReaderWindow) -> None:
    window.set_text(TEXT + "\n", len(TEXT))
    with qtbot.waitSignal(window.speak_requested) as requested:
        window.transport.play.click()
    assert requested.args == [TEXT + "\n", 0]


@pytest.mark.parametrize(
    ("key", "modifier", "signal"),
    [
        (Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier, "stop_requested"),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier, "previous_requested"),
        (Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier, "next_requested"),
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, "pause_requested"),
        (Qt.Key.Key_Q, Qt.KeyboardModifier.ControlModifier, "quit_requested"),
    ],
)
def test_keys_while_speaking(
    qtbot: QtBot, window: ReaderWindow, key: Qt.Key, modifier: Qt.KeyboardModifier, signal: str
) -> None:
    window.set_text(TEXT)
    window.render(state())
    with qtbot.waitSignal(getattr(window, signal)):
        QTest.keyClick(window.draft, key, modifier)


def test_space_resumes_when_paused_and_types_when_idle(qtbot: QtBot, window: ReaderWindow) -> None:
    window.set_text(TEXT)
    window.render(state(Phase.PAUSED))
    with qtbot.waitSignal(window.resume_requested):
        QTest.keyClick(window.draft, Qt.Key.Key_Space)
    window.render(state(Phase.IDLE))
    QTest.keyClick(window.draft, Qt.Key.Key_Space)
    assert len(window.text()) == len(TEXT) + 1


def select(window: ReaderWindow, words: str) -> None:
    """With the keyboard, as a person selects."""
    window.set_text(TEXT, TEXT.index(words))
    for _ in words:
        QTest.keyClick(window.draft, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)


def test_ctrl_enter_speaks_what_is_selected_and_lights_it_where_it_stands(qtbot: QtBot, window: ReaderWindow) -> None:
    select(window, "Two is second.")
    with qtbot.waitSignal(window.speak_requested) as requested:
        QTest.keyClick(window.draft, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert requested.args == ["Two is second.", 0]
    reading = ReadingView("Two is second.", (0, 14), None, 0.5, 1.0, "built-in voice", 40.0)
    window.render(AppState(Phase.SPEAKING, reading=reading))
    assert window.texts.stack.currentWidget() is window.draft
    assert not window.texts.elsewhere.isVisible()
    (lit,) = window.draft.extraSelections()
    assert lit.cursor.selectedText() == "Two is second."  # type: ignore[attr-defined]
    with qtbot.waitSignal(window.jump_requested) as jumped:
        click_on(window, "second")
    assert jumped.args is not None
    assert 4 <= jumped.args[0] <= 13  # of the reading
    with qtbot.waitSignal(window.speak_requested) as outside:
        click_on(window, "Three")
    assert outside.args is not None
    assert outside.args[0] == TEXT
    assert outside.args[1] >= TEXT.index("Three")


def click_on(window: ReaderWindow, word: str) -> None:
    cursor = window.draft.textCursor()
    cursor.setPosition(TEXT.index(word) + 1 + 2)  # the first sign has two units
    QTest.mouseClick(window.draft.viewport(), Qt.MouseButton.LeftButton, pos=window.draft.cursorRect(cursor).center())


def test_the_welcome_is_a_hint_that_gives_way_to_the_first_paste(qtbot: QtBot, window: ReaderWindow) -> None:
    window.set_hotkey("Meta+Ctrl+R")
    window.welcome("This is the built-in voice.", "Hello, paste a text.")
    hint = window.draft.accessibleDescription()
    assert "This is the built-in voice." in hint
    assert "Meta+Ctrl+R" in hint
    reading = ReadingView("Hello, paste a text.", (0, 20), None, 0.5, 1.0, "built-in voice", 40.0)
    window.render(AppState(Phase.SPEAKING, reading=reading))
    assert window.text() == ""
    assert window.texts.stack.currentWidget() is window.draft
    QGuiApplication.clipboard().setText("My own words.")
    with qtbot.waitSignal(window.stop_requested):
        QTest.keyClick(window.draft, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert window.text() == "My own words."
    window.set_text("")
    assert "built-in voice" not in window.draft.accessibleDescription()


def test_what_is_typed_into_a_text_that_is_spoken_is_answered(window: ReaderWindow) -> None:
    window.set_text(TEXT)
    window.render(state())
    QTest.keyClick(window.draft, Qt.Key.Key_Right)
    assert not window.notices.request.isVisible()
    QTest.keyClick(window.draft, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert "stays as it is while it is read" in window.notices.request.accessibleName()
    assert window.text() == TEXT


def test_who_speaks_in_place_of_the_voice_is_said_at_the_voice(qtbot: QtBot, window: ReaderWindow) -> None:
    window.render(AppState(voice="Anna", voices=("Anna",)))
    assert "Anna needs S1 Mini" in window.notices.voice.accessibleName()
    (get,) = [b for b in window.notices.voice.findChildren(QAbstractButton) if b.isVisible() and b.text()]
    with qtbot.waitSignal(window.show_login_requested):
        QTest.mouseClick(get, Qt.MouseButton.LeftButton)
    ready = EngineView(EnginePhase.READY, device="cpu")
    window.render(AppState(voice="Anna", voices=("Anna",), engine=ready))
    assert not window.notices.voice.isVisible()
    window.render(state(voice="Anna", voices=("Anna",), engine=ready))  # begun before S1 Mini was ready
    assert "until S1 Mini is ready" in window.notices.voice.accessibleName()
    window.render(AppState(voice="built-in/f2"))
    assert not window.notices.voice.isVisible()


def test_paragraphs_written_from_the_right_begin_there(window: ReaderWindow) -> None:
    window.set_text("English.\nمرحبا بكم.\nשלום עולם.\nEnglish again.")
    window.draft.grab()  # laid out
    sides = []
    block = window.draft.document().firstBlock()
    while block.isValid():
        line = block.layout().lineAt(0)
        natural = line.naturalTextRect()
        sides.append("left" if natural.left() < line.width() - natural.right() else "right")
        block = block.next()
    assert sides == ["left", "right", "right", "left"]


def test_ctrl_l_pastes_and_speaks_and_undo_brings_the_old_text_back(qtbot: QtBot, window: ReaderWindow) -> None:
    window.set_text("mine")
    QGuiApplication.clipboard().setText("theirs 😀")
    with qtbot.waitSignal(window.speak_requested) as requested:
        QTest.keyClick(window.draft, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert requested.args == ["theirs 😀", 0]
    assert window.text() == "theirs 😀"
    window.draft.undo()
    assert window.text() == "mine"


def test_an_empty_clipboard_is_told_quietly(qtbot: QtBot, window: ReaderWindow) -> None:
    QGuiApplication.clipboard().clear()
    with qtbot.assertNotEmitted(window.speak_requested):
        window.reader_actions.paste.trigger()
    assert window.notices.request.isVisible()
    assert "no text on the clipboard" in window.notices.request.accessibleName()


def test_a_click_while_speaking_requests_a_jump(qtbot: QtBot, window: ReaderWindow) -> None:
    window.set_text(TEXT)
    window.render(state())
    with qtbot.waitSignal(window.jump_requested) as requested:
        QTest.mouseClick(window.draft.viewport(), Qt.MouseButton.LeftButton, pos=window.draft.cursorRect().center())
    assert requested.args == [0]


@pytest.mark.parametrize("to", [0.2, 0.8])
def test_the_progress_is_taken_elsewhere_by_click_and_by_drag(qtbot: QtBot, window: ReaderWindow, to: float) -> None:
    window.render(state())
    bar = window.transport.progress
    place = QPoint(round(to * bar.width()), bar.height() // 2)
    for start in (place, bar.rect().center()):
        with qtbot.waitSignal(window.go_to_part_requested) as requested:
            QTest.mousePress(bar, Qt.MouseButton.LeftButton, pos=start)
            QTest.mouseMove(bar, place)
            window.render(state())  # what is heard meanwhile does not take the handle away
            QTest.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=place)
        assert _told(requested) == pytest.approx(to, abs=0.03)


def test_the_progress_is_moved_by_keys_and_only_while_something_is_read(qtbot: QtBot, window: ReaderWindow) -> None:
    window.render(state())
    with qtbot.waitSignal(window.go_to_part_requested) as requested:
        QTest.keyClick(window.transport.progress, Qt.Key.Key_PageUp)
    assert _told(requested) == pytest.approx(0.4)
    window.render(state(Phase.IDLE))
    assert not window.transport.progress.isEnabled()


def test_stop_ends_a_saving_too(qtbot: QtBot, window: ReaderWindow) -> None:
    window.render(state(Phase.IDLE))
    assert not window.transport.stop.isEnabled()
    window.render(state(Phase.IDLE, is_saving=True))
    with qtbot.waitSignal(window.stop_requested):
        window.transport.stop.click()


def test_voice_speed_and_volume_are_requested(qtbot: QtBot, window: ReaderWindow) -> None:
    window.render(replace(AppState(), voices=("Anna", "Ben"), voice="Ben", speed=1.3))
    assert window.top_bar.voice.currentText() == "Ben"
    assert window.top_bar.speed.currentText() == "1.3×"
    with qtbot.waitSignal(window.set_voice_requested) as voice:
        _choose(window.top_bar.voice, "Anna")
    with qtbot.waitSignal(window.set_speed_requested) as speed:
        _choose(window.top_bar.speed, "2×")
    with qtbot.waitSignal(window.set_volume_requested) as volume:
        window.transport.volume.setValue(40)
    assert (voice.args, speed.args, volume.args) == (["Anna"], [2.0], [0.4])


def _choose(box: QComboBox, words: str) -> None:
    index = box.findText(words)
    box.setCurrentIndex(index)
    box.activated.emit(index)


def test_rendering_requests_nothing(qtbot: QtBot, window: ReaderWindow) -> None:
    window.set_text(TEXT)
    with qtbot.assertNotEmitted(window.set_volume_requested), qtbot.assertNotEmitted(window.set_speed_requested):
        for volume in (0.2, 0.9):
            window.render(state(volume=volume, speed=1 + volume))


def test_markers_go_in_at_the_cursor(window: ReaderWindow) -> None:
    window.set_text(TEXT, TWO[0])
    menus = [action.menu() for action in window.top_bar.markers.menu().actions()]
    titles = [menu.title() for menu in menus]  # type: ignore[union-attr]
    assert titles == ["Basic emotions", "Advanced emotions", "Tones", "Effects"]
    action = next(action for action in menus[2].actions() if action.text() == "whispering")  # type: ignore[union-attr]
    action.trigger()
    assert window.text() == TEXT.replace("Two", "(whispering) Two")


# --- what is shown


def test_the_heard_sentence_is_lit_and_the_time_told(window: ReaderWindow) -> None:
    window.set_text(TEXT)
    window.render(state())
    (selection,) = window.draft.extraSelections()
    assert selection.cursor.selectedText() == "Two is second."  # type: ignore[attr-defined]
    assert window.transport.time.text() == "0:03 / 0:10"
    assert window.transport.progress.value() == 300
    assert window.transport.status.text() == "Speaking with the built-in voice · first sound 0.0 s"
    window.render(state(Phase.IDLE))
    assert window.draft.extraSelections() == []


def test_after_stop_the_cursor_is_where_the_voice_was(window: ReaderWindow) -> None:
    window.set_text(TEXT)
    window.render(state())
    window.render(state(Phase.IDLE))
    assert window.position() == TWO[0]


def test_edits_in_a_pause_keep_light_and_jump_in_place(window: ReaderWindow) -> None:
    window.set_text(TEXT)
    window.render(state(Phase.PAUSED))
    window.draft.textCursor().insertText("New. ")
    window.render(state())
    (selection,) = window.draft.extraSelections()
    assert selection.cursor.selectedText() == "Two is second."  # type: ignore[attr-defined]


def test_a_text_from_elsewhere_leaves_mine_alone(window: ReaderWindow) -> None:
    window.set_text("mine")
    elsewhere = state(reading=ReadingView(TEXT, TWO, from_window=False))
    window.render(elsewhere)
    assert window.texts.stack.currentWidget() is window.texts.foreign
    assert window.texts.foreign.isReadOnly()
    assert window.text() == "mine"
    window.texts.elsewhere.declined.emit()
    assert window.texts.stack.currentWidget() is window.draft
    window.render(replace(elsewhere, speed=2.0))
    assert window.texts.stack.currentWidget() is window.draft  # it was sent away
    window.texts.elsewhere.accepted.emit()
    assert window.text() == TEXT
    (selection,) = window.draft.extraSelections()
    assert selection.cursor.selectedText() == "Two is second."  # type: ignore[attr-defined]
    window.draft.undo()
    assert window.text() == "mine"


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (EngineView(), "Built-in voice"),
        (EngineView(EnginePhase.UNLOADED), "S1 Mini · not loaded"),
        (EngineView(EnginePhase.STARTING, 0.4), "S1 Mini · starting 40 %"),
        (EngineView(EnginePhase.STARTING, 0.4, left_s=20.0), "S1 Mini · starting 40 %, about 20 s"),
        (EngineView(EnginePhase.STARTING), "S1 Mini · starting"),
        (EngineView(EnginePhase.READY, device="cuda", memory_bytes=2_300_000_000), "S1 Mini · ready · 2.3 GB"),
        (EngineView(EnginePhase.READY, device="CPU", peak_memory_bytes=1), "S1 Mini · ready · on the CPU"),
        (EngineView(EnginePhase.FAILED), "S1 Mini · not working"),
    ],
)
def test_every_state_of_the_engine_has_its_sentence(window: ReaderWindow, view: EngineView, words: str) -> None:
    window.render(AppState(engine=view))
    assert window.transport.status.text() == words


def test_a_problem_is_shown_until_dismissed_and_again_when_new(qtbot: QtBot, window: ReaderWindow) -> None:
    wrong = AppState(engine=EngineView(EnginePhase.FAILED, problem=Message("The GPU is full.", "Close programs.")))
    window.render(wrong)
    assert window.notices.problem.isVisible()
    with qtbot.waitSignal(window.show_doctor_requested):
        window.notices.problem.accepted.emit()
    window.notices.problem.declined.emit()
    window.render(replace(wrong, speed=2.0))
    assert not window.notices.problem.isVisible()
    window.render(AppState(problem=Message("No sound.")))
    assert window.notices.problem.isVisible()
    window.render(AppState())
    assert not window.notices.problem.isVisible()


def test_the_card_offers_s1_with_its_costs(qtbot: QtBot, window: ReaderWindow) -> None:
    window.render(AppState(offers_s1=True, computer="This computer's GPU is enough."))
    words = window.card.accessibleDescription()
    assert window.card.isVisible()
    assert all(part in words for part in ("3.6 GB", "free account", "non-commercial", "GPU is enough"))
    buttons = {button.text(): button for button in window.card.findChildren(QAbstractButton) if button.isVisible()}
    with qtbot.waitSignal(window.show_login_requested):
        buttons["Get S1 Mini…"].click()
    with qtbot.waitSignal(window.dismiss_offer_requested):
        buttons["Not now"].click()
    window.render(AppState())
    assert not window.card.isVisible()


def test_files_that_are_no_good_lead_to_others(qtbot: QtBot, window: ReaderWindow) -> None:
    damaged = explain(CheckpointError("unreadable", Path("model.pth")))
    window.render(AppState(engine=EngineView(EnginePhase.FAILED, problem=damaged)))
    buttons = {button.text(): button for button in window.notices.problem.findChildren(QAbstractButton)}
    with qtbot.waitSignal(window.show_login_requested), qtbot.assertNotEmitted(window.show_doctor_requested):
        buttons["Get S1 Mini…"].click()
    window.render(AppState(engine=EngineView(EnginePhase.FAILED, problem=Message("It failed."))))
    with qtbot.waitSignal(window.show_doctor_requested), qtbot.assertNotEmitted(window.show_login_requested):
        buttons["Get S1 Mini…"].click()  # which says "Find out why…" now


# --- files


def test_a_dropped_file_is_read_and_stops_the_reading_of_mine(
    qtbot: QtBot, window: ReaderWindow, tmp_path: Path
) -> None:
    book = tmp_path / "book.txt"
    book.write_text("A book. 漢字", encoding="utf-16")
    window.set_text(TEXT)
    window.render(state())
    with qtbot.waitSignal(window.stop_requested):
        window.draft.files_dropped.emit([book])
    qtbot.waitUntil(lambda: window.text() == "A book. 漢字")


@pytest.mark.parametrize(
    ("content", "words"), [(b"\xff\xfe\x00", "is not a text"), (b"a\x00b", "is not a text"), (b"  ", "no text")]
)
def test_a_file_that_is_no_text_is_told_quietly(
    qtbot: QtBot, window: ReaderWindow, tmp_path: Path, content: bytes, words: str
) -> None:
    (tmp_path / "odd").write_bytes(content)
    window.set_text("mine")
    window.draft.files_dropped.emit([tmp_path / "odd"])
    qtbot.waitUntil(window.notices.request.isVisible)
    assert window.text() == "mine"
    assert words in window.notices.request.accessibleName()


@pytest.mark.parametrize("name", ["a.epub", "a.docx", "a.html", "old.txt"])
def test_a_document_dropped_on_the_window_is_read(
    qtbot: QtBot, window: ReaderWindow, tmp_path: Path, name: str
) -> None:
    """As a person drops it, with the events of a drag."""
    words = "Déjà vu, ça va. Une deuxième phrase suit."
    path = tmp_path / name
    match path.suffix:
        case ".epub":
            write_zip(path, epub_files(3, {"c.xhtml": page(f"<p>{words}</p>")}))
        case ".docx":
            write_zip(path, docx_files(paragraph(words)))
        case ".html":
            path.write_text(f"<p>{words}</p>", encoding="utf-8")
        case _:
            path.write_bytes(words.encode("latin-1"))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at, copy = QPointF(20, 20), Qt.DropAction.CopyAction
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entered = QDragEnterEvent(at.toPoint(), copy, data, buttons, keys)
    QGuiApplication.sendEvent(window, entered)
    assert entered.isAccepted()
    QGuiApplication.sendEvent(window, QDropEvent(at, copy, data, buttons, keys))
    view = window.draft if path.suffix == ".txt" else window.books.view  # short plain texts are there to be edited
    qtbot.waitUntil(lambda: view.text() == words)
    assert window.texts.stack.currentWidget() is view


def test_save_asks_without_stopping_anything_and_requests_with_an_ending(
    qtbot: QtBot, window: ReaderWindow, tmp_path: Path
) -> None:
    window.set_text(TEXT)
    window.render(AppState())
    with qtbot.assertNotEmitted(window.stop_requested):
        QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(window.save_requested) as requested:
        choose(qtbot, tmp_path / "out.mp3")
    assert requested.args == [TEXT, str(tmp_path / "out.mp3")]


def test_a_sound_file_has_a_name_proposed_which_follows_its_format(
    qtbot: QtBot, window: ReaderWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    window.set_text("A walk: by the river / and back.")
    window.render(AppState())
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    dialog = open_file_dialog()
    assert dialog is not None
    (kinds,) = [box for box in dialog.findChildren(QComboBox) if box.objectName() == "fileTypeCombo"]
    kinds.setFocus()
    while dialog.selectedNameFilter() != "FLAC (*.flac)":
        QTest.keyClick(kinds, Qt.Key.Key_Down)
    (name,) = [field for field in dialog.findChildren(QLineEdit) if field.objectName() == "fileNameEdit"]
    with qtbot.waitSignal(window.save_requested) as requested:
        QTest.keyClick(name, Qt.Key.Key_Return)
    assert requested.args is not None
    assert requested.args[1] == str(tmp_path / "A walk by the river and back.flac")


def test_the_name_of_the_file_that_was_opened_is_proposed(qtbot: QtBot, window: ReaderWindow, tmp_path: Path) -> None:
    (tmp_path / "My diary.txt").write_text("Words.")
    QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    choose(qtbot, tmp_path / "My diary.txt")
    qtbot.waitUntil(lambda: window.text() == "Words.")
    bring_to_front(qtbot, window)
    QTest.keyClick(window, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    dialog = open_file_dialog()
    assert dialog is not None
    assert [Path(path).name for path in dialog.selectedFiles()] == ["My diary.mp3"]
    dialog.close()


def test_what_went_wrong_with_a_file_is_over_when_another_is_opened(
    qtbot: QtBot, window: ReaderWindow, tmp_path: Path
) -> None:
    for name, content in (("bad", b"a\x00b"), ("good", b"Good words.")):
        (tmp_path / name).write_bytes(content)
        bring_to_front(qtbot, window)
        QTest.keyClick(window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
        choose(qtbot, tmp_path / name)
        qtbot.waitUntil(lambda name=name: window.notices.request.isVisible() is (name == "bad"))
    qtbot.waitUntil(lambda: window.text() == "Good words.")
    assert not window.notices.request.isVisible()


# --- for everyone


def test_everything_that_can_be_reached_has_a_name(window: ReaderWindow) -> None:
    for kind in (QAbstractButton, QComboBox, QSlider):
        for widget in window.findChildren(kind):
            if widget.isVisible() and widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                assert widget.accessibleName() or getattr(widget, "text", str)(), widget


def test_tab_goes_from_the_text_through_every_control(window: ReaderWindow) -> None:
    window.set_text(TEXT)
    window.render(state())
    seen = []
    for _ in range(13):
        QTest.keyClick(window, Qt.Key.Key_Tab)
        seen.append(QGuiApplication.focusObject())
    bar, transport = window.top_bar, window.transport
    wanted = [transport.previous, transport.play, transport.next, transport.stop, transport.progress, transport.volume]
    page = window.aids.page.button
    assert seen[:12] == [*wanted, bar.voice, bar.voice_menu, bar.speed, page, bar.markers, bar.more]


def test_the_hotkey_is_told_where_there_is_no_text(window: ReaderWindow) -> None:
    window.set_hotkey("Meta+Ctrl+R")
    assert "Meta+Ctrl+R" in window.draft.accessibleDescription()
    assert not window.transport.play.isEnabled()


def test_geometry_comes_back(qtbot: QtBot, window: ReaderWindow) -> None:
    window.resize(700, 555)
    text = window.geometry_text()
    other = ReaderWindow()
    qtbot.addWidget(other)
    other.restore_geometry_text(text)
    assert (other.width(), other.height()) == (700, 555)
    other.restore_geometry_text("not base 64 😀")


def _told(blocker: SignalBlocker) -> Any:
    """What the awaited signal carried."""
    assert blocker.args is not None
    return blocker.args[0]
