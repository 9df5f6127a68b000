"""What helps to read along, on the reader's window with real keys: the page's look, finding, following, sleeping."""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any

import pytest
from front import bring_to_front
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QGuiApplication, QPalette, QTextBlock, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot
from waiting import LIMIT_MS

from desktop.about.keys_dialog import KeysDialog, keys_of
from desktop.common.settings import Settings
from desktop.common.state import AppState, Phase, ReadingView, Span
from desktop.reader.book import Book, make_book
from desktop.reader.finding import MAX_FOUND, Searcher, fold
from desktop.reader.grounds import parts_of
from desktop.reader.page import Page, page_of, page_settings
from desktop.reader.sleep_timer import FADE_S, SleepAt, SleepTimer
from desktop.reader.window import ReaderWindow
from engine import CancelToken
from engine.narration import read_document

HTML = """<h1>One</h1><p>The <i>élan</i> of a <b>lamp</b>, a\\_b.</p><ul><li>tea</li></ul>
<p><img alt="A rose"/></p><pre>x = 1</pre><p>مرحبا بكم في PDF اليوم.</p>
<h1>Two</h1><p>A second ELAN is here. 😀 And there.</p>"""


@pytest.fixture
def window(qtbot: QtBot) -> ReaderWindow:
    window = ReaderWindow()
    qtbot.addWidget(window)
    bring_to_front(qtbot, window)
    return window


@pytest.fixture
def book(tmp_path: Path) -> Book:
    path = tmp_path / "book.html"
    path.write_text(f"<html><body>{HTML}</body></html>", encoding="utf-8")
    return make_book("key", path, read_document(path))


def speaking(text: str, sentence: Span, phase: Phase = Phase.SPEAKING) -> AppState:
    return AppState(phase, reading=ReadingView(text, sentence))


def block_with(window: ReaderWindow, words: str) -> QTextBlock:
    block = window.books.view.document().begin()
    while words not in block.text():
        block = block.next()
    return block


# --- the page


def test_a_book_shows_its_structure_and_keeps_every_place(window: ReaderWindow, book: Book) -> None:
    window.open_book(book)
    view = window.books.view
    assert view.text() == book.parts[0].text
    view.grab()
    heights = {}
    for words in ("One", "élan", "tea", "x = 1"):
        block = block_with(window, words)
        heights[words] = block.layout().lineAt(0).height()
        formats = block.layout().formats()
        assert bool(formats) == (words != "tea")
    assert heights["One"] > 1.3 * heights["élan"]
    assert block_with(window, "tea").layout().lineAt(0).x() > block_with(window, "élan").layout().lineAt(0).x()
    room = view.blockBoundingGeometry(block_with(window, "x = 1")).height()
    assert room > view.blockBoundingGeometry(block_with(window, "tea")).height() * 1.5  # for what the picture shows
    line = block_with(window, "مرحبا").layout().lineAt(0)
    assert line.naturalTextRect().left() > line.width() / 3
    escape = block_with(window, "élan").text().index("\\")
    line = block_with(window, "élan").layout().lineAt(0)
    places: list[Any] = [line.cursorToX(escape + n) for n in (0, 1)]  # pairs, which PySide's stubs do not know
    before, after = (place[0] for place in places)
    assert abs(after - before) < 1.5, "a backslash that only says that a sign is one is not seen"
    text = view.text()
    start = text.index("The")
    window.books.read(0)
    window.render(speaking(text, (start, start + 8)))
    assert [s.cursor.selectedText() for s in view.extraSelections()] == ["The élan"]  # type: ignore[attr-defined]


def test_the_page_is_chosen_by_keys_the_wheel_and_the_panel(qtbot: QtBot, window: ReaderWindow) -> None:
    pages: list[Page] = []
    window.aids.page.changed.connect(pages.append)
    window.set_text("One line. " * 200)
    usual = window.draft.font().pointSizeF()
    QTest.keyClick(window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert pages[-1].zoom == 110
    assert window.draft.font().pointSizeF() == window.texts.foreign.font().pointSizeF() == pytest.approx(usual * 1.1)
    for _ in range(2):
        QTest.keyClick(window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert window.draft.font().pointSizeF() == pytest.approx(usual * 0.9)
    at = QPointF(200, 200)
    for turn in (60, 60, 240, -120):
        wheel = QWheelEvent(
            *(at, window.draft.viewport().mapToGlobal(at), QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton),
            *(Qt.KeyboardModifier.ControlModifier, Qt.ScrollPhase.NoScrollPhase, False),
        )
        QApplication.sendEvent(window.draft.viewport(), wheel)
    assert pages[-1].zoom == 110  # half steps count together
    QTest.keyClick(window, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert pages[-1] == Page()
    QTest.keyClick(window, Qt.Key.Key_F8)
    panel = window.aids.page.panel
    qtbot.waitUntil(panel.isVisible, timeout=LIMIT_MS)
    QTest.keyClick(panel.focusWidget(), Qt.Key.Key_Space)
    assert pages[-1].zoom == 110
    for name, n, value in (("theme", 2, "sepia"), ("column", 1, 95), ("spacing", 1, 1.9), ("typeface", 1, "serif")):
        for _ in range(n):
            QTest.keyClick(panel.fields[name], Qt.Key.Key_Down)
        assert getattr(pages[-1], name) == value
    assert window.draft.palette().color(QPalette.ColorRole.Base).name() == "#f6ecd8"
    QTest.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert page_of(Settings(**page_settings(pages[-1]))) == pages[-1]  # type: ignore[arg-type]


def test_the_first_line_stays_when_the_size_changes(window: ReaderWindow) -> None:
    window.set_text("".join(f"This is paragraph number {n} of them all.\n" for n in range(300)))
    bar = window.draft.verticalScrollBar()
    bar.setValue(150)
    first = window.draft.firstVisibleBlock().blockNumber()
    window.aids.page.zoom(3)
    assert abs(window.draft.firstVisibleBlock().blockNumber() - first) <= 1


# --- finding


def test_words_are_found_whatever_their_case_and_accents(qtbot: QtBot, window: ReaderWindow) -> None:
    window.set_text("An Élève, another eleve; no ELEVES\nand e\u0301le\u0300ve.")
    stopped: list[bool] = []
    window.stop_requested.connect(lambda: stopped.append(True))
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar = window.aids.find_bar
    assert bar.isVisible()
    assert bar.field.hasFocus()
    QGuiApplication.clipboard().setText("élève")
    bar.field.paste()
    qtbot.waitUntil(lambda: bar.count.text() == "1 of 4", timeout=LIMIT_MS)
    assert window.draft.selected_part() == ("Élève", 3)
    seen = []
    for _ in range(4):
        QTest.keyClick(bar.field, Qt.Key.Key_Return)
        seen.append((bar.count.text(), window.draft.selected_part()[0]))
    assert seen == [("2 of 4", "eleve"), ("3 of 4", "ELEVE"), ("4 of 4", "e\u0301le\u0300ve"), ("1 of 4", "Élève")]
    QTest.keyClick(bar.field, Qt.Key.Key_F3, Qt.KeyboardModifier.ShiftModifier)
    assert bar.count.text() == "4 of 4"
    bar.field.selectAll()
    QTest.keyClicks(bar.field, "zebra")
    qtbot.waitUntil(lambda: bar.count.text() == "Nothing found", timeout=LIMIT_MS)
    assert not bar.after.isEnabled()
    QTest.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert window.draft.hasFocus()
    assert not stopped  # Esc was the bar's
    QTest.keyClick(window.draft, Qt.Key.Key_Escape)
    assert stopped


def test_a_whole_book_is_searched(qtbot: QtBot, window: ReaderWindow, book: Book) -> None:
    window.open_book(book)
    window.books.read(0)
    window.render(speaking(book.parts[0].text, (0, 3)))
    bar = window.aids.find_bar
    bar.open("elan")
    qtbot.waitUntil(lambda: bar.count.text() == "2 found", timeout=LIMIT_MS)
    bar.go(1)
    assert window.books.view.selected_part()[0] == "élan"
    with qtbot.waitSignal(window.stop_requested, timeout=LIMIT_MS):  # the chapter that is read is another
        bar.go(1)
    assert window.books.part is book.parts[1]
    assert (bar.count.text(), window.books.view.selected_part()[0]) == ("2 of 2", "ELAN")


def test_what_was_found_follows_the_text(qtbot: QtBot, window: ReaderWindow) -> None:
    window.set_text("tea and tea")
    bar = window.aids.find_bar
    bar.open("tea")
    qtbot.waitUntil(lambda: bar.count.text() == "2 found", timeout=LIMIT_MS)
    window.draft.setFocus()
    window.draft.selectAll()
    QTest.keyClicks(window.draft, "no")
    qtbot.waitUntil(lambda: bar.count.text() == "Nothing found", timeout=LIMIT_MS)


@pytest.mark.parametrize(
    ("words", "texts", "found"),
    [
        ("strasse", ["Die Straße", " STRASSE"], ["Straße", "STRASSE"]),
        ("fi", ["\ufb01n", "oﬃce"], ["\ufb01", "ﬃ"]),
        ("it's", ["It’s it's"], ["It’s", "it's"]),
        ("a b", ["a\nb A\u00a0b"], ["a\nb", "A\u00a0b"]),
        ("احمد", ["أَحْمَد"], ["أَحْمَد"]),
        ("か", ["が か"], ["か"]),
        ("coop", ["co\u00adop"], ["co\u00adop"]),
        ("", ["x"], []),
        ("\u0301", ["e\u0301"], []),
    ],
)
def test_folding_finds_what_a_person_means(words: str, texts: list[str], found: list[str]) -> None:
    whole = "".join(texts)
    assert [whole[a:b] for a, b in Searcher().search(texts, words, CancelToken())] == found
    assert fold(fold(words)) == fold(words)


@pytest.mark.slow
def test_five_million_signs_are_searched_beside_the_window(qtbot: QtBot, window: ReaderWindow) -> None:
    text = "Sie hörten den Märchen zu, und niemand wußte, was kam. " * 91_000
    searched = window.aids.find_bar._searched()
    searched.texts = lambda: [text]  # type: ignore[method-assign]
    searched.go_to_found = lambda _: None  # type: ignore[method-assign]
    beats: list[float] = []
    heart = QTimer(window, interval=2)
    heart.timeout.connect(lambda: beats.append(time.thread_time()))
    heart.start()
    window.aids.find_bar.open("MARCHEN")
    qtbot.waitUntil(lambda: window.aids.find_bar.count.text() == f"{MAX_FOUND}+ found", timeout=LIMIT_MS)
    assert max(later - earlier for earlier, later in itertools.pairwise(beats)) < 0.05


# --- following


def test_whoever_scrolls_is_left_alone_and_led_back(qtbot: QtBot, window: ReaderWindow) -> None:
    sentences = [f"This is sentence number {n} of them all.\n" for n in range(300)]
    text = "".join(sentences)
    window.set_text(text)
    window.reader_actions.speak.trigger()

    def hear(n: int) -> None:
        start = len("".join(sentences[:n]))
        window.render(speaking(text, (start, start + len(sentences[n]) - 1)))

    view = window.draft
    hear(100)
    top = view._line_rect(len("".join(sentences[:100])))
    assert top is not None
    assert abs(top.top() - view.viewport().height() / 3) < 2 * view._lines.pitch
    assert not view.back_button.isVisible()
    for key in (Qt.Key.Key_Up, None):
        view.verticalScrollBar().triggerAction(view.verticalScrollBar().SliderAction.SliderToMinimum)
        assert view.back_button.isVisible()
        hear(101)
        assert view.verticalScrollBar().value() == 0
        if key is None:
            QTest.mouseClick(view.back_button, Qt.MouseButton.LeftButton)
        else:
            QTest.keyClick(window, key, Qt.KeyboardModifier.AltModifier)
        qtbot.waitUntil(lambda: view.verticalScrollBar().value() > 80, timeout=LIMIT_MS)
        assert not view.back_button.isVisible()
    view.verticalScrollBar().triggerAction(view.verticalScrollBar().SliderAction.SliderToMinimum)
    window.render(AppState())
    assert not view.back_button.isVisible()  # nothing is heard


def test_the_context_menu_speaks_from_the_place_and_the_selection(window: ReaderWindow) -> None:
    window.set_text("One is first. Two is second.")
    asked: list[tuple[str, int]] = []
    window.speak_requested.connect(lambda text, place: asked.append((text, place)))

    def menu(reason: QContextMenuEvent.Reason, at: QPoint) -> QMenu:
        event = QContextMenuEvent(reason, at, window.draft.viewport().mapToGlobal(at))
        QApplication.sendEvent(window.draft.viewport(), event)
        found = QApplication.activePopupWidget()
        assert isinstance(found, QMenu)
        return found

    def press(menu: QMenu, words: str) -> None:
        action = next(action for action in menu.actions() if action.text().replace("&", "") == words)
        QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())

    cursor = window.draft.textCursor()
    cursor.setPosition(16)
    place = window.draft.cursorRect(cursor).center()
    press(menu(QContextMenuEvent.Reason.Mouse, place), "Speak from here")
    assert asked.pop() == ("One is first. Two is second.", 16)
    cursor.setPosition(0)
    cursor.setPosition(3, cursor.MoveMode.KeepAnchor)
    window.draft.setTextCursor(cursor)
    found = menu(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5))
    assert any("Copy" in action.text() for action in found.actions())
    press(found, "Speak the selection")
    assert asked.pop() == ("One", 0)


# --- sleeping


class Clock:
    def __init__(self) -> None:
        self.s = 0.0

    def __call__(self) -> float:
        return self.s


def test_the_sleep_timer_fades_and_pauses() -> None:
    clock = Clock()
    timer = SleepTimer(None, clock)
    words: list[str] = []
    loudness: list[float] = []
    pauses: list[float] = []
    timer.changed.connect(words.append)
    timer.loudness_changed.connect(loudness.append)
    timer.pause_requested.connect(lambda: pauses.append(clock.s))
    timer.start(5)
    assert words == ["5:00 left"]
    clock.s = 299
    timer.tick()
    assert (words[-1], loudness) == ("0:01 left", [pytest.approx(1 / FADE_S)])
    clock.s = 300
    timer.tick()
    assert (pauses, words[-1], loudness[-1]) == ([300], "", 1.0)
    timer.start(5)
    clock.s = 599
    timer.tick()
    timer.stop()
    assert (len(pauses), words[-1], loudness[-1]) == (1, "", 1.0)


@pytest.mark.parametrize(("end", "n_heard"), [(SleepAt.SENTENCE, 2), (SleepAt.PARAGRAPH, 3), (SleepAt.CHAPTER, 4)])
def test_the_sleep_timer_waits_for_an_end(window: ReaderWindow, end: SleepAt, n_heard: int) -> None:
    text, following = "One. Two.\nThree.", "Four."
    pauses: list[bool] = []
    jumps: list[int] = []
    window.pause_requested.connect(lambda: pauses.append(True))
    window.jump_requested.connect(jumps.append)
    heard = [speaking(text, (0, 4)), speaking(text, (5, 9)), speaking(text, (10, 16)), speaking(following, (0, 5))]
    action = next(a for a in window.aids.sleep_menu.actions() if a.text() == str(end))
    action.trigger()
    assert str(end) in window.aids.buttons[0].text()
    n = next(n for n, state in enumerate(heard, 1) if (window.render(state), pauses)[1])
    assert n == n_heard
    assert jumps == ([] if end is SleepAt.CHAPTER else [heard[n - 1].reading.sentence[0]])  # type: ignore[index]
    assert not window.aids.buttons[0].isVisible()


# --- help


def test_the_list_of_keys_is_that_of_the_actions(window: ReaderWindow, qtbot: QtBot) -> None:
    listed = keys_of(window.actions())
    dialog = KeysDialog(lambda: [("In the reader", listed)], window)
    dialog.show()
    cells = [dialog.table.item(row, 1) for row in range(1, dialog.table.rowCount())]
    shown = {cell.text() for cell in cells if cell is not None}
    keys = [key.toString() for action in window.actions() for key in action.shortcuts() if not key.isEmpty()]
    assert len(keys) == len(set(keys)), "one key, one thing"
    assert set(", ".join(shown).split(", ")) == set(keys)
    assert {"F1", "F3", "F8", "Ctrl+F", "Ctrl+0", "Alt+Up"} <= set(keys)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    bring_to_front(qtbot, window)
    with qtbot.waitSignal(window.show_keys_requested, timeout=LIMIT_MS):
        QTest.keyClick(window, Qt.Key.Key_F1)


def test_a_span_of_a_line_that_runs_both_ways_is_lit_where_its_signs_stand(window: ReaderWindow) -> None:
    text = "مرحبا بكم PDF reader اليوم في البيت"
    window.set_text(text)
    window.draft.grab()
    line = window.draft.document().firstBlock().layout().lineAt(0)
    n = len(text)
    alone = {at: parts_of(line, at, at + 1) for at in range(n) if text[at] != " "}
    start, end = text.index("PDF"), text.index("reader") + 3  # of one direction: in one piece
    assert len(parts_of(line, start, end)) == 1
    start, end = text.index("بكم"), text.index("reader")  # the end of one, the beginning of the other: in two
    lit = parts_of(line, start, end)
    assert len(lit) == 2
    for at, places in alone.items():
        middle = sum(places[0]) / 2
        is_lit = any(left <= middle <= right for left, right in lit)
        assert is_lit == (start <= at < end), text[at]


def test_the_sentence_stands_at_a_third_whatever_is_above_it(window: ReaderWindow) -> None:
    paragraph = "A sentence that is of some length, as they are in books. " * 12
    text = "\n\n".join([paragraph] * 40)
    window.set_text(text)
    window.reader_actions.speak.trigger()
    view = window.draft
    for n in (3, 17, 30, 5, 31):
        start = text.index(paragraph) + n * (len(paragraph) + 2) + 57 * 7
        window.render(speaking(text, (start, start + 56)))
        view._scrolling.setCurrentTime(view._scrolling.duration())
        view.grab()
        line = view._line_rect(start)
        assert line is not None
        assert abs(line.center().y() - view.viewport().height() / 3) < 1.5 * view._lines.pitch
