"""Books in the reader's window: opened, damaged, gone, never answered; chapters, bookmarks and the list by keyboard."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from books import epub_files, page, write_zip
from choosing import press
from front import bring_to_front
from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QMenu, QWidget
from pytestqt.qtbot import QtBot

from desktop.common.passage import Passage
from desktop.common.state import AppState, Phase, ReadingView
from desktop.reader.shelf import Shelf
from desktop.reader.window import ReaderWindow

CTRL = Qt.KeyboardModifier.ControlModifier
TEXTS = ("One begins. It goes on.", "שלום עולם. זה ספר.", "吾輩は猫である。名前はまだ無い。")
ENGLISH = (
    "This is the first of the parts, and it goes on.",
    "This is the second, which was not there before.",
    "And this is the last that they have.",
)
"""Its words tell the language, and no statistics, which take a process half a second to load."""


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ReaderWindow:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    window = ReaderWindow()
    qtbot.addWidget(window)
    bring_to_front(qtbot, window)
    return window


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return three_chapters(tmp_path / "book.epub", TEXTS)


@pytest.fixture
def english(tmp_path: Path) -> Path:
    return three_chapters(tmp_path / "book.epub")


def three_chapters(path: Path, texts: tuple[str, ...] = ENGLISH) -> Path:
    pages = {f"c{i}.xhtml": page(f"<h1>Part {i + 1}</h1><p>{text}</p>") for i, text in enumerate(texts)}
    return write_zip(path, epub_files(3, pages, [(f"Part {i + 1}", name) for i, name in enumerate(pages)]))


def open_book(qtbot: QtBot, window: ReaderWindow, path: Path) -> None:
    with qtbot.waitSignal(window.books.opened):
        window.draft.files_dropped.emit([path])


def said(window: ReaderWindow) -> str:
    shown = (window.notices.request, window.opening.gone, window.opening.busy)
    return " ".join(f"{n.accessibleName()} {n.accessibleDescription()}" for n in shown if n.isVisible())


def button(inside: QWidget, words: str) -> QAbstractButton:
    buttons = inside.findChildren(QAbstractButton)
    return next(b for b in buttons if b.isVisible() and words in (b.text().replace("&", ""), b.accessibleName()))


def test_chapters_bookmarks_and_contents_by_keyboard(qtbot: QtBot, window: ReaderWindow, book: Path) -> None:
    open_book(qtbot, window, book)
    books, panel = window.books, window.books.contents
    assert window.focusWidget() is books.view
    QTest.keyClick(books.view, Qt.Key.Key_PageDown, CTRL)
    assert books.view.text() == f"Part 2\n\n{TEXTS[1]}"
    QTest.keyClick(books.view, Qt.Key.Key_PageDown, CTRL)
    QTest.keyClick(books.view, Qt.Key.Key_PageDown, CTRL)  # there is none
    QTest.keyClick(books.view, Qt.Key.Key_End, CTRL)
    QTest.keyClick(books.view, Qt.Key.Key_PageUp, CTRL)  # to the beginning of this one
    assert (books.view.text(), books.view.cursor_place()) == (f"Part 3\n\n{TEXTS[2]}", 0)
    for _ in range(2):
        QTest.keyClick(books.view, Qt.Key.Key_Down)
    QTest.keyClick(books.view, Qt.Key.Key_D, CTRL)
    (mark,) = window.shelf().books[0].bookmarks
    assert mark.quote == TEXTS[2]
    QTest.keyClick(books.view, Qt.Key.Key_F9)
    assert not panel.isVisible()
    QTest.keyClick(books.view, Qt.Key.Key_F9)
    assert window.focusWidget() is panel.chapters
    assert panel.chapters.accessibleName() == "Contents"
    QTest.keyClick(panel.chapters, Qt.Key.Key_Home)
    QTest.keyClick(panel.chapters, Qt.Key.Key_Return)
    assert books.part.title == "Part 1"
    panel.tabs.setCurrentIndex(1)
    panel.bookmarks.setFocus()
    QTest.keyClick(panel.bookmarks, Qt.Key.Key_Home)
    QTest.keyClick(panel.bookmarks, Qt.Key.Key_Return)
    assert books.part.title == "Part 3"
    assert books.view.text()[books.view.cursor_place() :] == TEXTS[2]
    panel.bookmarks.setFocus()
    QTest.keyClick(panel.bookmarks, Qt.Key.Key_Delete)
    assert window.shelf().books[0].bookmarks == ()
    buttons = books.bar.buttons
    press(buttons["bookmark"])
    assert len(window.shelf().books[0].bookmarks) == 1
    panel.bookmarks.setCurrentRow(0)
    press(button(panel, "Remove"))
    assert window.shelf().books[0].bookmarks == ()
    press(buttons["back"])
    press(buttons["back"])
    assert books.part.title == "Part 2"
    press(buttons["forward"])
    assert books.part.title == "Part 3"
    for is_shown in (False, True):
        press(buttons["contents"])
        assert panel.isVisible() is is_shown
    panel.tabs.setCurrentIndex(0)
    row = panel.chapters.visualRect(panel.chapters.model().index(1, 0)).center()
    QTest.mouseClick(panel.chapters.viewport(), Qt.MouseButton.LeftButton, pos=row)
    assert books.part.title == "Part 2"
    window.resize(500, 600)
    assert not panel.isVisible()
    window.resize(900, 600)
    assert panel.isVisible()
    QTest.keyClick(books.view, Qt.Key.Key_W, CTRL)
    assert window.texts.stack.currentWidget() is window.draft
    assert window.empty.recent.isVisible()


def test_each_chapter_is_read_with_what_its_file_declares_and_the_next_follows(
    qtbot: QtBot, window: ReaderWindow, book: Path
) -> None:
    open_book(qtbot, window, book)
    asked: list[Passage] = []
    window.read_requested.connect(asked.append)
    QTest.keyClick(window.books.view, Qt.Key.Key_Return, CTRL)
    first = asked[-1]
    assert (first.text, first.place, first.goes_on) == (f"Part 1\n\n{TEXTS[0]}", 0, False)
    (declared,) = first.languages
    assert (declared.start, declared.end, declared.code) == (0, len(first.text), "ja")  # as most of it is
    at = first.text.index("It goes")
    heard = ReadingView(first.text, (at, len(first.text)), None, 3.0, 1.0, "built-in voice")
    window.render(AppState(Phase.SPEAKING, reading=heard))
    assert window.shelf().books[0].place == at
    window.go_on()
    assert (asked[-1].text, asked[-1].goes_on) == (f"Part 2\n\n{TEXTS[1]}", True)
    assert window.shelf().books[0].heard == (100, 0, 0)
    text = asked[-1].text
    hebrew = (text.index("זה"), len(text))
    window.render(AppState(Phase.SPEAKING, reading=replace(heard, text=text, sentence=hebrew)))
    (lit,) = window.books.view.extraSelections()
    assert lit.cursor.selectedText() == "זה ספר."  # type: ignore[attr-defined]
    QTest.keyClick(window.books.view, Qt.Key.Key_PageDown, CTRL)  # while it is read: it goes on there
    assert (asked[-1].text, asked[-1].goes_on) == (f"Part 3\n\n{TEXTS[2]}", False)
    window.render(AppState(Phase.SPEAKING, reading=replace(heard, text=asked[-1].text, sentence=(8, 15))))
    window.render(AppState())
    n = len(asked)
    window.go_on()
    assert len(asked) == n, "the last chapter is the end"
    assert window.shelf().books[0].part_read == 1.0


def test_the_same_book_twice_and_two_at_once(qtbot: QtBot, window: ReaderWindow, english: Path, tmp_path: Path) -> None:
    open_book(qtbot, window, english)
    window.books.go_to_part(1)
    other = three_chapters(tmp_path / "other.epub", ENGLISH[::-1])
    with qtbot.waitSignal(window.books.opened):
        window.draft.files_dropped.emit([other, english])
    assert "Only other.epub was opened" in said(window)
    open_book(qtbot, window, english)
    assert window.books.part.title == "Part 2"
    assert [Path(kept.path).name for kept in window.shelf().books] == ["book.epub", "other.epub"]
    assert "Only" not in said(window)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: path.write_bytes(b"PK\x03\x04 no zip"), "damaged"),
        (lambda path: write_zip(path, epub_files(3, {"c.xhtml": page("<p> </p>")}, [])), "no text"),
        (str, "There is no"),
        (lambda path: path.mkdir(), "is a folder"),
    ],
    ids=["damaged", "no text", "gone", "folder"],
)
def test_what_cannot_be_opened_is_told_and_changes_nothing(
    qtbot: QtBot, window: ReaderWindow, english: Path, tmp_path: Path, make: object, words: str
) -> None:
    open_book(qtbot, window, english)
    bad = tmp_path / "bad.epub"
    make(bad)  # type: ignore[operator]
    window.draft.files_dropped.emit([bad])
    qtbot.waitUntil(lambda: words in said(window))
    assert window.books.view.text() == f"Part 1\n\n{ENGLISH[0]}"
    assert len(window.shelf().books) == 1


def test_a_file_that_never_ends_is_given_up(qtbot: QtBot, window: ReaderWindow, english: Path, tmp_path: Path) -> None:
    never = tmp_path / "never.epub"
    os.mkfifo(never)
    window.draft.files_dropped.emit([never])
    qtbot.waitUntil(lambda: "Opening never.epub" in said(window))
    press(button(window.opening.busy, "Cancel"))
    assert said(window) == ""
    window.draft.files_dropped.emit([never])
    open_book(qtbot, window, english)  # without waiting for the other
    assert window.books.view.text().startswith("Part 1")
    never.unlink()


def test_a_book_that_is_gone_or_changed(qtbot: QtBot, window: ReaderWindow, english: Path, tmp_path: Path) -> None:
    open_book(qtbot, window, english)
    window.books.go_to_part(2)
    QTest.keyClick(window.books.view, Qt.Key.Key_W, CTRL)
    item = window.empty.recent.list.item(0)
    assert "left" in item.text()
    moved = english.rename(tmp_path / "elsewhere.epub")
    place = window.empty.recent.list.visualItemRect(item).center()
    QTest.mouseClick(window.empty.recent.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(window.opening.gone.isVisible)
    assert str(english) in said(window)
    open_book(qtbot, window, moved)  # by hand: its place is kept
    assert window.books.part.title == "Part 3"
    assert not window.opening.gone.isVisible()
    press(window.books.bar.buttons["close"])
    three_chapters(moved, tuple(f"Now it is new. {text}" for text in ENGLISH))
    with qtbot.waitSignal(window.books.opened):
        QTest.keyClick(window.empty.recent.list, Qt.Key.Key_Return)
    assert "has changed since" in said(window)
    assert window.books.part.title == "Part 1"
    assert len(window.shelf().books) == 2
    window.books.close()
    moved.unlink()
    window.empty.recent.list.setCurrentRow(1)
    QTest.keyClick(window.empty.recent.list, Qt.Key.Key_Return)
    qtbot.waitUntil(window.opening.gone.isVisible)
    press(button(window.opening.gone, "Remove from the list"))
    assert len(window.shelf().books) == 1
    window.empty.recent.list.setCurrentRow(0)
    QTest.keyClick(window.empty.recent.list, Qt.Key.Key_Delete)
    assert window.shelf() == Shelf()
    assert not window.empty.recent.isVisible()


def test_the_menus_of_books(qtbot: QtBot, window: ReaderWindow, english: Path) -> None:
    assert not window.reader_actions.book_menu.menuAction().isEnabled()
    open_book(qtbot, window, english)
    assert window.reader_actions.book_menu.menuAction().isEnabled()
    with qtbot.waitSignal(window.narrate_requested) as narrated:
        choose(window.reader_actions.book_menu, "Narrate this book…")
    assert narrated.args == [english]
    choose(window.reader_actions.book_menu, "Edit this chapter as my text")
    assert window.text() == f"Part 1\n\n{ENGLISH[0]}"
    assert window.texts.stack.currentWidget() is window.draft
    window.draft.undo()
    assert window.text() == ""
    window.reader_actions.recent_menu.popup(QPoint(0, 0))
    with qtbot.waitSignal(window.books.opened):
        window.reader_actions.recent_menu.actions()[0].trigger()
    window.reader_actions.recent_menu.close()


def choose(menu: QMenu, words: str) -> None:
    next(action for action in menu.actions() if action.text().replace("&", "") == words).trigger()


PAGE = (
    "<html><body><nav><a href='/'>Home</a> <a href='/b'>Shop</a></nav><article><h1>The lamp</h1>"
    "<p>It had been burning since <b>noon</b>, x &lt; y.</p><p>Nobody dared to turn it off.</p></article></body></html>"
)
READABLE = "The lamp\n\nIt had been burning since noon, x < y.\n\nNobody dared to turn it off."


def test_a_page_from_a_browser_is_pasted_as_what_there_is_to_read(qtbot: QtBot, window: ReaderWindow) -> None:
    copied = QMimeData()
    copied.setHtml(PAGE)
    copied.setText("Home Shop The lamp …")
    QGuiApplication.clipboard().setMimeData(copied)
    window.draft.setFocus()
    QTest.keyClick(window.draft, Qt.Key.Key_V, CTRL)
    qtbot.waitUntil(lambda: window.text() == READABLE)
    with qtbot.waitSignal(window.speak_requested) as spoken:
        QTest.keyClick(window.draft, Qt.Key.Key_L, CTRL)
    assert spoken.args == [READABLE, 0]
    empty = QMimeData()
    empty.setHtml("<p> </p><img src='a.png'>")
    empty.setText("a.png")
    QGuiApplication.clipboard().setMimeData(empty)
    with qtbot.waitSignal(window.speak_requested) as spoken:
        QTest.keyClick(window.draft, Qt.Key.Key_L, CTRL)
    assert spoken.args == ["a.png", 0]
