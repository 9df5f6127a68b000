"""Books in the reader of the whole application: opened, heard from chapter to chapter, left and gone on with."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from books import epub_files, page, write_zip
from front import bring_to_front, focus
from PySide6.QtCore import QBuffer, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from desktop.app import App
from desktop.common.paths import books_path, settings_path
from desktop.common.protocol import Command, CommandName, Reply
from desktop.common.state import Phase
from desktop.narration.values import JobPhase
from desktop.platform.single_instance import SingleInstance

LOG = logging.getLogger(__name__)
CTRL = Qt.KeyboardModifier.ControlModifier
CHAPTERS = ("One begins. It goes on.", "Two is here. It is short.", "Three is the last. It ends here.")


class Reader:
    """The application, in its own process's GUI thread, and a hand."""

    def __init__(self, app: App, qtbot: QtBot) -> None:
        self.app, self.window, self.books, self.qtbot = app, app.window, app.window.books, qtbot

    def until(self, is_so: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(is_so)

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """On whatever has the focus."""
        target = QApplication.focusWidget() or self.window
        QTest.keyClick(target, key, modifiers)

    def key_to(
        self, widget: QWidget, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
    ) -> None:
        """On `widget`, in whose window a person clicks first."""
        focus(self.qtbot, widget)
        QTest.keyClick(widget, key, modifiers)

    def drop(self, *paths: Path) -> None:
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        at, copy = QPointF(20, 20), Qt.DropAction.CopyAction
        QGuiApplication.sendEvent(self.window, QDragEnterEvent(at.toPoint(), copy, data, buttons, keys))
        QGuiApplication.sendEvent(self.window, QDropEvent(at, copy, data, buttons, keys))

    def open(self, path: Path) -> None:
        with self.qtbot.waitSignal(self.books.opened):
            self.drop(path)

    def press(self, words: str, inside: QWidget | None = None) -> None:
        buttons = (inside or self.window).findChildren(QAbstractButton)
        (button,) = [b for b in buttons if b.isVisible() and b.text().replace("&", "") == words]
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    @property
    def phase(self) -> Phase:
        return self.app.controller.state.phase

    @property
    def said(self) -> str:
        """What the window has to tell."""
        return self.window.notices.request.accessibleName() if self.window.notices.request.isVisible() else ""

    def settle(self) -> None:
        QApplication.processEvents()


@pytest.fixture
def start(sound_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot) -> Callable[[], Any]:
    """A function that starts the application, for as long as a block lasts."""
    for name, value in sound_server.environment.items():
        monkeypatch.setenv(name, value)
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    settings_path().parent.mkdir(parents=True)
    settings_path().write_text(json.dumps({"version": 1, "offered_s1": True, "speed": 2.0}))

    @contextmanager
    def run() -> Iterator[Reader]:
        instance = SingleInstance()
        assert instance.claim()
        app = App(instance, is_background=False)
        try:
            reader = Reader(app, qtbot)
            bring_to_front(qtbot, app.window)
            yield reader
        finally:
            app.shut_down()

    return run


def menu(menu: QMenu, words: str) -> None:
    """Choose an entry that can be chosen."""
    (action,) = [action for action in menu.actions() if action.text().replace("&", "") == words]
    assert action.isEnabled()
    action.trigger()


def three_chapters(path: Path) -> Path:
    pages = {f"c{i}.xhtml": page(f"<h1>Chapter {i + 1}</h1><p>{text}</p>") for i, text in enumerate(CHAPTERS)}
    files = epub_files(3, pages, [(f"Chapter {i + 1}", f"c{i}.xhtml") for i in range(3)])
    return write_zip(path, files | {"OPS/cover.png": cover()})


def cover() -> bytes:
    image = QImage(200, 300, QImage.Format.Format_RGB32)
    image.fill(QColor("#7a3b2e"))
    data = QBuffer()
    image.save(data, "PNG")  # type: ignore[arg-type]  (the stub says bytes)
    return bytes(data.data().data())


def open_where_places_cannot_be_kept(reader: Reader, book: Path) -> None:
    """That is told once; they are kept as soon as they can be."""
    books_path().mkdir()
    (books_path() / "in the way").touch()
    reader.open(book)
    reader.until(lambda: "are not kept" in reader.said)
    reader.window.notices.clear()
    reader.key(Qt.Key.Key_PageDown, CTRL)
    (books_path() / "in the way").unlink()
    books_path().rmdir()
    reader.key(Qt.Key.Key_PageUp, CTRL)
    reader.until(books_path().is_file)
    assert reader.said == ""


def test_a_book_is_heard_from_chapter_to_chapter_and_gone_on_with(start: Any, tmp_path: Path) -> None:
    book = three_chapters(tmp_path / "book.epub")
    with start() as reader:
        open_where_places_cannot_be_kept(reader, book)
        assert reader.window.texts.stack.currentWidget() is reader.books.view
        assert reader.books.contents.chapters.model().rowCount() == 3
        shown: list[tuple[float, str, Phase]] = []
        reader.app.controller.state_changed.connect(
            lambda state: shown.append((time.monotonic(), state.reading.text, state.phase))
        )
        reader.key(Qt.Key.Key_PageDown, CTRL)
        assert reader.books.view.text().startswith("Chapter 2")
        reader.key(Qt.Key.Key_Return, CTRL)
        reader.until(lambda: reader.phase is Phase.SPEAKING)
        reader.until(lambda: reader.phase is Phase.IDLE)
        phases = [phase for _, _, phase in shown]
        assert Phase.IDLE not in phases[phases.index(Phase.PREPARING) : -1], "it stopped between two chapters"
        third = next(i for i, (_, text, _) in enumerate(shown) if text.startswith("Chapter 3"))
        begun = next(i for i in range(third, len(shown)) if shown[i][2] is Phase.SPEAKING)
        LOG.info("from the end of a chapter to the sound of the next: %.2f s", shown[begun][0] - shown[third][0])
        assert reader.books.view.text().startswith("Chapter 3")
        entry = reader.window.shelf().books[0]
        assert (entry.place, entry.heard) == (entry.n_chars, (0, 100, 100))
        reader.key(Qt.Key.Key_PageUp, CTRL)
        reader.key(Qt.Key.Key_PageUp, CTRL)
        reader.key(Qt.Key.Key_D, CTRL)
        assert [mark.quote for mark in reader.window.shelf().books[0].bookmarks] == ["Chapter 2"]
    moved = book.rename(tmp_path / "moved.epub")
    with start() as reader:
        assert reader.window.empty.recent.isVisible()
        reader.until(lambda: "not where it was" in reader.window.empty.recent.list.item(0).text())
        reader.open(moved)
        assert reader.books.view.text().startswith("Chapter 2")
        assert reader.books.contents.bookmarks.count() == 1
        assert len(reader.window.shelf().books) == 1


def test_a_narration_is_read_along_with_its_own_sound(start: Any, tmp_path: Path, sound_server: Any) -> None:
    book = three_chapters(tmp_path / "book.epub")
    with start() as reader:
        reader.open(book)
        menu(reader.window.reader_actions.book_menu, "Narrate this book…")
        narration = reader.app.narration.window
        reader.until(lambda: narration.job is not None and narration.job.is_changeable)
        assert narration.isVisible()
        reader.press("Start", narration)
        reader.until(lambda: narration.job is not None and narration.job.phase in (JobPhase.DONE, JobPhase.FAILED))
        assert narration.job is not None
        assert narration.job.phase is JobPhase.DONE, narration.job.problem
        reader.key_to(reader.books.view, Qt.Key.Key_W, CTRL)
        assert reader.books.book is None
        seen: list[tuple[str, str]] = []
        words: list[str] = []

        def note() -> None:
            shown = reader.app.narrated.over(reader.app.controller.state).reading
            words.extend([shown.text[slice(*shown.word)]] if shown.word is not None else [])
            lit = reader.books.view.extraSelections()
            seen.extend((reader.books.part.title, one.cursor.selectedText()) for one in lit)

        reader.app.narrated.changed.connect(note)
        with sound_server.monitor.hearing():
            reader.press("Listen", narration)
            reader.until(lambda: reader.window.transport.play.accessibleName() == "Pause")
        assert reader.books.book is not None
        assert reader.books.book.path == book.resolve()
        reader.until(lambda: reader.books.part.title == "Chapter 2")
        replies: list[Reply] = []
        reader.app.commands.obey(Command(CommandName.PAUSE), replies.append)
        assert replies[0].status["phase"] == "paused"
        reader.app.commands.obey(Command(CommandName.RESUME), replies.append)
        reader.key_to(reader.books.view, Qt.Key.Key_Space)
        reader.until(lambda: reader.window.transport.play.accessibleName() == "Resume")
        reader.key_to(reader.books.view, Qt.Key.Key_Space)
        reader.until(lambda: reader.window.transport.play.accessibleName() == "Speak")
        assert [words for title, words in dict.fromkeys(seen) if title == "Chapter 3"][-2:] == [
            "Three is the last.",
            "It ends here.",
        ]
        lit = [word for word, before in zip(words, ["", *words], strict=False) if word != before]
        # In order, each once, up to the last; on a busy computer a short one may be over before it can be lit.
        said = ["Three", "is", "the", "last", "It", "ends", "here"]
        last = lit[lit.index("Three") :]
        assert last == [word for word in said if word in last]
        assert last[-1] == said[-1]
        assert reader.phase is Phase.IDLE, "the voice did not speak"
        assert reader.window.shelf().books[0].heard[:2] == (100, 100)
