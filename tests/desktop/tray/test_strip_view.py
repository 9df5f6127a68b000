"""The strip on a real display with a window manager: seen, movable, gone by itself, never focused."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from front import focus
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from desktop.common.messages import Message
from desktop.common.state import AppState, Phase, ReadingView
from desktop.tray.strip import Strip
from desktop.tray.two_lines import fit_lines

TEXT = "Before. The sentence that is heard now. After."
SPAN = (8, 39)


def state(phase: Phase = Phase.SPEAKING, from_window: bool = False) -> AppState:
    return AppState(phase, reading=ReadingView(TEXT, SPAN, from_window=from_window))


@pytest.fixture
def strip(qtbot: QtBot) -> Strip:
    strip = Strip()
    qtbot.addWidget(strip)
    return strip


def test_it_comes_with_a_reading_from_elsewhere_and_goes_by_itself(qtbot: QtBot, strip: Strip) -> None:
    strip.render(state(from_window=True))
    assert not strip.isVisible()
    strip.render(state())
    assert strip.isVisible()
    assert strip.sentence.accessibleName() == TEXT[slice(*SPAN)]
    strip.render(state(Phase.IDLE))
    qtbot.waitUntil(lambda: not strip.isVisible())
    strip.render(state())
    assert strip.isVisible()
    assert strip.windowOpacity() == 1.0


def test_it_stays_away_where_it_is_not_allowed(qtbot: QtBot, strip: Strip) -> None:
    strip.set_allowed(False)
    strip.render(state())
    assert not strip.isVisible()
    strip.set_allowed(True)
    assert strip.isVisible()
    strip.set_allowed(False)
    qtbot.waitUntil(lambda: not strip.isVisible())


def test_it_never_takes_the_focus(qtbot: QtBot, strip: Strip) -> None:
    other = QLineEdit()
    qtbot.addWidget(other)
    focus(qtbot, other)
    with qtbot.waitExposed(strip):
        strip.render(state())
    with qtbot.waitSignal(strip.stop_requested):
        QTest.mouseClick(strip.stop, Qt.MouseButton.LeftButton)
    assert QGuiApplication.focusWindow() is other.windowHandle()
    assert other.isActiveWindow()


def test_buttons(qtbot: QtBot, strip: Strip) -> None:
    strip.render(state())
    with qtbot.waitSignal(strip.pause_requested):
        strip.pause.click()
    with qtbot.waitSignal(strip.next_requested):
        strip.next.click()
    strip.render(state(Phase.PAUSED))
    assert strip.pause.accessibleName() == "Resume"
    with qtbot.waitSignal(strip.resume_requested):
        strip.pause.click()


def test_dragging_moves_and_tells_the_place(qtbot: QtBot, strip: Strip) -> None:
    strip.render(state())
    begin = strip.pos()
    grip = QPoint(4, 4)
    QTest.mousePress(strip, Qt.MouseButton.LeftButton, pos=grip)
    QTest.mouseMove(strip, grip + QPoint(-60, -40))
    with qtbot.waitSignal(strip.moved) as moved:
        QTest.mouseRelease(strip, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert strip.pos() != begin
    assert moved.args == [strip.x(), strip.y()]


def test_the_place_is_remembered_unless_no_screen_has_it(qtbot: QtBot) -> None:
    for place, is_kept in (((120, 90), True), ((90_000, 90), False)):
        strip = Strip(place)
        qtbot.addWidget(strip)
        with qtbot.waitExposed(strip):
            strip.render(state())
        assert (strip.pos() == QPoint(*place)) is is_kept
        assert QGuiApplication.primaryScreen().geometry().contains(strip.frameGeometry())


def test_a_problem_that_ended_the_reading_is_read_in_the_strip(strip: Strip) -> None:
    strip.render(state())
    strip.render(replace(state(Phase.IDLE), problem=Message("There is no sound device.", "Connect one.")))
    assert strip.isVisible()
    assert strip.sentence.accessibleName() == "There is no sound device. Connect one."


@pytest.mark.parametrize("text", ["short", "word " * 60, "漢字" * 200, "a" * 5000, ""])
def test_two_lines_hold_what_fits(strip: Strip, text: str) -> None:
    metrics = strip.fontMetrics()
    lines = fit_lines(text, metrics, 200, 2)
    assert len(lines) <= 2
    assert all(metrics.horizontalAdvance(line) <= 200 for line in lines)
    is_whole = "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert is_whole or lines[-1].endswith("…")


def marked(strip: Strip) -> str:
    """What is lit, as the lines have it."""
    return "".join(strip.sentence.lines[line][slice(*span)] for line, span in strip.sentence.marked)


@pytest.mark.parametrize(
    "text",
    [
        "The sentence that is heard now.",
        "One  that\nhas blanks, and is so long that it needs " + "two lines of the strip, and then some " * 5,
        "مرحبا بالعالم هذه جملة طويلة من اليمين",
        "日本語の文です。" * 30,
        "𝄞 beyond the plane 𝄞𝄞 and after it",
    ],
    ids=["short", "long", "arabic", "japanese", "astral"],
)
def test_the_word_that_is_heard_is_lit_wherever_it_is_in_the_sentence(qtbot: QtBot, strip: Strip, text: str) -> None:
    """The lines go on where it is beyond them, and back where a listener goes back."""
    words = [found.span() for found in re.finditer(r"\w{1,9}", text)]
    whole = f"Before. {text} After."
    grounds: set[bytes] = set()
    for start, end in (*words, words[0]):
        reading = ReadingView(whole, (8, 8 + len(text)), (8 + start, 8 + end), from_window=False)
        strip.render(AppState(Phase.SPEAKING, reading=reading))
        assert marked(strip) == text[start:end]
        assert strip.sentence.accessibleName() == text
        image = strip.sentence.grab().toImage()
        grounds.add(bytes(image.constBits()))
    assert len(grounds) >= min(len(words), 5), "it is seen"
    strip.render(AppState(Phase.SPEAKING, reading=ReadingView(whole, (8, 8 + len(text)), from_window=False)))
    assert marked(strip) == ""
    strip.render(AppState(Phase.SPEAKING, reading=ReadingView(whole, (8, 8 + len(text)), (0, 6), from_window=False)))
    assert marked(strip) == "", "one of another sentence"
    qtbot.waitUntil(strip.isVisible)
