"""Selected and copied text under a real X server, from real programs that own it."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise

import pytest
from desktops import own_by_xclip, running, text_by_xclip
from disturbance import undisturbed
from PySide6.QtCore import QTimer
from pytestqt.qtbot import QtBot

from desktop.platform.selection import SelectionReader, open_selection_reader
from desktop.platform.selection.x11 import X11Selection

SILENT = "The program that has the text does not answer. Copy the text, or try again."

# Owns a selection. `silent` never answers; `stalls` begins to send in pieces and stops; `latin` knows only STRING;
# `picture` knows no text.
OWNER = """
import sys
from Xlib import X, Xatom, display
from Xlib.protocol.event import SelectionNotify
selection, way = sys.argv[1:]
d = display.Display()
window = d.screen().root.create_window(0, 0, 1, 1, 0, X.CopyFromParent)
window.set_selection_owner(d.intern_atom(selection), X.CurrentTime)
d.sync()
print("owned", flush=True)
while True:
    event = d.next_event()
    if event.type != X.SelectionRequest or way == "silent":
        continue
    place = event.property
    if way == "stalls":
        event.requestor.change_property(place, d.intern_atom("INCR"), 32, [1000])
    elif way == "latin" and event.target == Xatom.STRING:
        event.requestor.change_property(place, Xatom.STRING, 8, "déjà vu".encode("latin-1"))
    else:
        place = X.NONE
    event.requestor.send_event(SelectionNotify(
        time=event.time, requestor=event.requestor, selection=event.selection, target=event.target, property=place))
    d.flush()
"""


@contextmanager
def owner(way: str, selection: str = "PRIMARY") -> Iterator[None]:
    with running(sys.executable, "-c", OWNER, selection, way, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"owned\n"
        yield


@pytest.fixture
def reader(qtbot: QtBot, x_display: str) -> Iterator[SelectionReader]:  # noqa: ARG001
    reader = open_selection_reader()
    assert isinstance(reader, X11Selection)
    yield reader
    reader.close()


Answer = Callable[[Callable[[], None]], tuple[str, str]]


@pytest.fixture
def answer(qtbot: QtBot, reader: SelectionReader) -> Answer:
    """`answer(read)` -> (text, "") or ("", reason)."""

    answers: list[tuple[str, str]] = []
    reader.text_read.connect(lambda text: answers.append((text, "")))
    reader.nothing_read.connect(lambda reason: answers.append(("", reason)))

    def wait_for_answer(read: Callable[[], None]) -> tuple[str, str]:
        read()
        qtbot.waitUntil(lambda: bool(answers))
        return answers.pop()

    return wait_for_answer


def test_another_programs_selection_arrives_and_stays_its_own(reader: SelectionReader, answer: Answer) -> None:
    text = "Grüße, мир, 世界 🎧\nand a second line."
    own_by_xclip("primary", text)
    assert answer(reader.read_selection) == (text, "")
    assert text_by_xclip("primary") == text


def test_the_clipboard_is_read_and_never_changed(reader: SelectionReader, answer: Answer) -> None:
    own_by_xclip("clipboard", "Copied.")
    own_by_xclip("primary", "Selected.")
    assert answer(reader.read_clipboard) == ("Copied.", "")
    assert answer(reader.read_selection) == ("Selected.", "")
    assert text_by_xclip("clipboard") == "Copied."


def test_answers_come_in_the_order_of_the_questions(qtbot: QtBot, reader: SelectionReader) -> None:
    own_by_xclip("clipboard", "Copied.")
    own_by_xclip("primary", "Selected.")
    answers: list[str] = []
    reader.text_read.connect(answers.append)
    for _ in range(5):
        reader.read_selection()
        reader.read_clipboard()
    qtbot.waitUntil(lambda: len(answers) == 10)
    assert answers == ["Selected.", "Copied."] * 5


def test_two_megabytes_arrive_whole(reader: SelectionReader, answer: Answer) -> None:
    """xclip sends what is longer than a request in pieces (INCR)."""
    text = "".join(f"Line {n}: déjà vu 🎧.\n" for n in range(80_000))
    assert len(text.encode()) > 2_000_000
    own_by_xclip("primary", text)
    read, reason = answer(reader.read_selection)
    assert not reason
    assert len(read) == len(text)
    is_whole = read == text  # or a failure prints both
    assert is_whole


@pytest.mark.parametrize("way", ["silent", "stalls"])
@undisturbed
def test_a_silent_owner_ends_in_a_second_and_holds_up_nothing(
    reader: SelectionReader, answer: Answer, way: str
) -> None:
    beats: list[float] = []
    timer = QTimer()
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start(5)
    with owner(way):
        start = time.perf_counter()
        assert answer(reader.read_selection) == ("", SILENT)
        assert 0.9 < time.perf_counter() - start < 1.5
    timer.stop()
    assert max(after - before for before, after in pairwise(beats)) < 0.1
    own_by_xclip("primary", "It works again.")
    assert answer(reader.read_selection) == ("It works again.", "")


def test_an_owner_that_knows_only_latin_1(reader: SelectionReader, answer: Answer) -> None:
    with owner("latin"):
        assert answer(reader.read_selection) == ("déjà vu", "")


def test_a_picture_is_no_text(reader: SelectionReader, answer: Answer) -> None:
    with owner("picture", "CLIPBOARD"):
        assert answer(reader.read_clipboard) == ("", "There is no text in the clipboard.")


def test_nothing_selected(reader: SelectionReader, answer: Answer) -> None:
    with owner("silent"):  # takes the selection from whoever has it, and ends
        pass
    assert answer(reader.read_selection) == ("", "No text is selected.")


def test_an_empty_selection_is_nothing(reader: SelectionReader, answer: Answer) -> None:
    own_by_xclip("primary", " \n ")
    assert answer(reader.read_selection) == ("", "No text is selected.")


@pytest.mark.filterwarnings("ignore:unclosed <socket:ResourceWarning")  # python-xlib's, on which it tried
def test_an_x_server_that_is_gone_is_a_reason(
    reader: SelectionReader, answer: Answer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISPLAY", ":999")
    text, reason = answer(reader.read_selection)
    assert not text
    assert reason.startswith("The X server cannot be reached: ")
    gc.collect()  # within reach of the mark above


def test_nothing_comes_after_close(qtbot: QtBot, x_display: str) -> None:  # noqa: ARG001
    reader = open_selection_reader()
    own_by_xclip("primary", "Too late.")
    with qtbot.assertNotEmitted(reader.text_read, wait=50):
        reader.read_selection()
        reader.close()
