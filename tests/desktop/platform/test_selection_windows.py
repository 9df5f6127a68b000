"""The selection on Windows, over a clipboard and keys that behave as Windows': the clipboard holds afterwards, byte for
byte, what it held."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot
from windows_desktop import (
    ACCESS_DENIED,
    CF_DIB,
    CF_ENHMETAFILE,
    CF_METAFILEPICT,
    CF_OWNERDISPLAY,
    CF_UNICODETEXT,
    VK_C,
    VK_CONTROL,
    VK_INSERT,
    WindowsDesktop,
)

from desktop.platform.selection import windows, windows_keyboard
from desktop.platform.selection.reader import NOTHING_SELECTED
from desktop.platform.selection.windows import NO_ANSWER, OUT_OF_REACH, WindowsSelection
from desktop.platform.selection.windows_clipboard import CHROMIUM_FORMAT, CHROMIUM_MARK, Clipboard
from desktop.platform.selection.windows_keyboard import CTRL_C_ENDS_PROGRAMS, VK_LMENU, VK_RMENU, Keyboard

LIMIT_MS = 120_000
HTML, PRIVATE = 0xC0F0, 0x210
KEPT = {
    CF_UNICODETEXT: "what I had copied\0".encode("utf-16-le"),
    HTML: b"<b>what\0 I had</b>",
    CF_DIB: bytes(range(256)),
}


def in_utf16(text: str) -> dict[int, bytes]:
    return {CF_UNICODETEXT: f"{text}\0".encode("utf-16-le")}


@pytest.fixture
def desktop() -> WindowsDesktop:
    desktop = WindowsDesktop()
    desktop.copy(KEPT)
    return desktop


@pytest.fixture
def selection(desktop: WindowsDesktop, monkeypatch: pytest.MonkeyPatch) -> Iterator[WindowsSelection]:
    monkeypatch.setattr(windows_keyboard, "_last_error", lambda: ACCESS_DENIED)
    selection = reader(desktop)
    yield selection
    selection.close()


def reader(desktop: WindowsDesktop, ask: object = lambda: None) -> WindowsSelection:
    clipboard = Clipboard(desktop.user32, desktop.kernel32, desktop.gdi32)
    return WindowsSelection(None, clipboard, Keyboard(desktop.user32, desktop.kernel32), ask)  # type: ignore[arg-type]


def read(qtbot: QtBot, selection: WindowsSelection) -> str:
    with qtbot.waitSignal(selection.text_read, timeout=LIMIT_MS) as answer:
        selection.read_selection()
    assert answer.args
    return answer.args[0]


def why_not(qtbot: QtBot, selection: WindowsSelection) -> str:
    with qtbot.waitSignal(selection.nothing_read, timeout=LIMIT_MS) as answer:
        selection.read_selection()
    assert answer.args
    return answer.args[0]


def test_what_is_selected_is_read_and_the_clipboard_is_as_it_was(
    qtbot: QtBot, desktop: WindowsDesktop, selection: WindowsSelection
) -> None:
    desktop.on_key = lambda key: desktop.copy(in_utf16("selected")) if key == VK_INSERT else None
    assert read(qtbot, selection) == "selected"
    assert desktop.contents == KEPT
    assert list(desktop.contents) == list(KEPT), "the first format is the one that its owner prefers"
    assert VK_C not in {key for key, _, _ in desktop.sent}


def test_a_program_that_knows_only_ctrl_c_is_read_too(
    qtbot: QtBot, desktop: WindowsDesktop, selection: WindowsSelection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "COPY_LIMIT_S", 0.05)
    desktop.on_key = lambda key: desktop.copy(in_utf16("selected")) if key == VK_C else None
    assert read(qtbot, selection) == "selected"
    assert desktop.contents == KEPT


@pytest.mark.parametrize("name", [*CTRL_C_ENDS_PROGRAMS, "Chrome_WidgetWin_1"])
def test_no_terminal_gets_ctrl_c(
    qtbot: QtBot, desktop: WindowsDesktop, selection: WindowsSelection, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(windows, "COPY_LIMIT_S", 0.02)
    desktop.window_class = name
    assert why_not(qtbot, selection) == NOTHING_SELECTED
    assert {key for key, _, _ in desktop.sent} == {VK_CONTROL, VK_INSERT}
    assert desktop.contents == KEPT


@pytest.mark.parametrize(("said", "is_read"), [("selected", True), ("", False)])
def test_a_control_that_knows_its_selection_gets_no_key(
    qtbot: QtBot, desktop: WindowsDesktop, said: str, is_read: bool
) -> None:
    selection = reader(desktop, lambda: said)
    assert read(qtbot, selection) == "selected" if is_read else why_not(qtbot, selection) == NOTHING_SELECTED
    assert desktop.sent == []
    selection.close()


def test_a_program_that_hangs_is_not_waited_for(
    qtbot: QtBot, desktop: WindowsDesktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "AUTOMATION_LIMIT_S", 0.05)
    goes_on = threading.Event()
    selection = reader(desktop, lambda: str(goes_on.wait(LIMIT_MS)))
    assert why_not(qtbot, selection) == NO_ANSWER
    assert desktop.sent == []
    goes_on.set()
    selection.close()


def test_a_program_that_takes_its_time_with_the_clipboard_does_not_cost_what_it_held(
    qtbot: QtBot, desktop: WindowsDesktop, selection: WindowsSelection
) -> None:
    """It empties it, is seen to, and puts its text there 200 ms later: the number grows in between."""

    def begin(_: int) -> None:
        desktop.contents, desktop.owner = {}, 77
        desktop.number += 1
        desktop.n_closed, desktop.when_closed = 20, lambda: desktop.copy(in_utf16("selected"))

    desktop.on_key = begin
    assert read(qtbot, selection) == "selected"
    assert desktop.contents == KEPT


def test_a_program_that_empties_lets_go_and_comes_back_is_waited_for(
    qtbot: QtBot, desktop: WindowsDesktop, selection: WindowsSelection
) -> None:
    n_asked = 0

    def number_of() -> int:
        nonlocal n_asked
        n_asked += 1
        if n_asked == 5:
            desktop.copy(in_utf16("selected"))
        return desktop.number

    def begin(_: int) -> None:
        desktop.copy({})
        desktop.user32._functions["GetClipboardSequenceNumber"]._do = number_of

    desktop.on_key = begin
    assert read(qtbot, selection) == "selected"
    assert desktop.contents == KEPT


def test_windows_clipboard_history_does_not_cost_what_it_held_and_the_persons_own_copy_stays(
    qtbot: QtBot, desktop: WindowsDesktop
) -> None:
    clipboard = Clipboard(desktop.user32, desktop.kernel32, desktop.gdi32)
    kept = clipboard.save()
    desktop.copy(in_utf16("selected"))
    copied = clipboard.copied()
    desktop.number += 3  # it asks the owner for more formats
    clipboard.restore(kept, copied)
    assert desktop.contents == KEPT
    desktop.copy(in_utf16("selected"))
    copied = clipboard.copied()
    desktop.copy(in_utf16("copied by the person"), owner=88)
    clipboard.restore(kept, copied)
    assert desktop.contents == in_utf16("copied by the person")
    qtbot.wait(0)


def test_pictures_that_are_no_memory_hinder_nothing(
    qtbot: QtBot, desktop: WindowsDesktop, selection: WindowsSelection
) -> None:
    others = {CF_METAFILEPICT: b"made by Windows", CF_OWNERDISPLAY: b"", PRIVATE: b"a handle", 0x310: b"a brush"}
    chart = {**KEPT, CF_ENHMETAFILE: b" EMF picture", 0xC111: b""}
    desktop.copy(chart | others)
    desktop.on_key = lambda _: desktop.copy(in_utf16("selected"))
    assert read(qtbot, selection) == "selected"
    assert {number: data for number, data in desktop.contents.items() if number != 0xC111} == {
        number: data for number, data in chart.items() if number != 0xC111
    }


def test_a_line_that_an_editor_copies_without_a_selection_is_none(
    qtbot: QtBot, desktop: WindowsDesktop, selection: WindowsSelection
) -> None:
    marks = {
        "MSDEVLineSelect": b"",
        "VisualStudioEditorOperationsLineCutCopyClipboardTag": b"\0",
        CHROMIUM_FORMAT: f'{{"version":1,{CHROMIUM_MARK}}}'.encode("utf-16-le"),
    }
    for name, data in marks.items():
        desktop.names = {0xC200: name}
        desktop.on_key = lambda _, data=data: desktop.copy({**in_utf16("a whole line\r\n"), 0xC200: data})
        assert why_not(qtbot, selection) == NOTHING_SELECTED
        assert desktop.contents == KEPT
    desktop.names = {0xC200: CHROMIUM_FORMAT}
    desktop.on_key = lambda _: desktop.copy(
        {**in_utf16("part"), 0xC200: CHROMIUM_MARK.replace("true", "false").encode()}
    )
    assert read(qtbot, selection) == "part"


def test_both_alts_are_let_go_each_as_itself(
    qtbot: QtBot, desktop: WindowsDesktop, selection: WindowsSelection
) -> None:
    desktop.held = {VK_RMENU, VK_LMENU}
    desktop.on_key = lambda _: desktop.copy(in_utf16("selected"))
    assert read(qtbot, selection) == "selected"
    ups = {(key, is_extended) for key, is_up, is_extended in desktop.sent if is_up}
    assert {(VK_RMENU, True), (VK_LMENU, False)} <= ups
    assert desktop.sent[0] == (VK_CONTROL, False, False), "an Alt that is let go of alone opens a menu"


def test_a_window_of_an_administrators_is_named(
    qtbot: QtBot, desktop: WindowsDesktop, selection: WindowsSelection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "COPY_LIMIT_S", 0.02)
    desktop.is_elevated = True
    assert why_not(qtbot, selection) == OUT_OF_REACH
    assert desktop.contents == KEPT
