"""Walks through the whole application as a demanding person would: presses all that can be pressed, wherever it is.

A program of its own, started by tests/real/test_walk.py: `python tests/walk.py REPORT PLACE…`, in a home with voices
and books. It is Lectern as `lectern` starts it, and beside it a pair of eyes and a hand: each window's buttons, fields
that choose, tabs and menus are looked for (nothing is listed here, so that what is new is found by itself), pressed
with real events, and what is seen before and after is compared. What opens is answered or closed. It goes from place to
place in the order in which they are named. Told as JSON: what was pressed, what changed nothing, what was never to be
pressed, and which signals nobody hears.
"""

from __future__ import annotations

import argparse
import faulthandler
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from eyes import (
    SAID,
    can_be_pressed,
    click,
    ends,
    entries,
    focus_and_key,
    is_in_front,
    is_inner,
    is_shown,
    is_tab,
    key_of,
    label_of,
    menu_of,
    note_press,
    plain,
    press_keys,
    scene,
    unheard_signals,
)
from mock_hub import TOKEN
from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QMessageBox,
    QSlider,
    QTabBar,
    QTableWidget,
    QWidget,
)

from desktop import app as desktop_app
from desktop.app import App
from desktop.common.download_state import DownloadPhase
from desktop.common.state import Phase
from desktop.narration.values import WORKING
from desktop.voices.state import RecordingPhase

TICK_MS = 50
SEEN_S = 15.0
"""So long a press may take to be seen: a file is read, an engine is started."""
STILL_S = 0.15
PATIENCE_S = 2.0
START_S = 60.0
END_S = 60.0
HANGS_AFTER_S = 300.0  # in one place
MAX_PRESSES = 60  # in one place
LATE = (
    *("record", "paste", "check", "resume", "cancel", "delete", "download", "another account", "try again", "revert"),
    *("save changes", "remove", "tick none", "later:", "not now", "do not keep it", "close", "i have the files"),
)
"""What takes other things away is pressed after them, in this order."""
Step = Iterator[None]

# What a press need not change anything for, and why; a key is "window: label".
QUIET = {
    "ReaderWindow: Stop": "it stops what ends by itself, and may come too late",
    "ReaderWindow: key Usual size of the text": "a step up and a step down before it have led there",
    "ReaderWindow: key Find the next": "nothing has been typed that could be found",
    "ReaderWindow: key Find the one before": "nothing has been typed that could be found",
    "ReaderWindow: Next sentence": "after the last sentence there is none",
}
WORDS = "Walking is good. It is quiet here. The rain has stopped. We go on to the end of the road, and then back again."


class Walk(QObject):
    """The hand. Everything is asked of Qt, nothing of Lectern, but which windows there are and how they are opened."""

    def __init__(self, lectern: App, home: Path, places: Sequence[str]) -> None:
        super().__init__()
        self.app, self.home, self.places = lectern, home, places
        self.pressed: list[str] = []
        self.dead: list[str] = []
        self.missed: list[str] = []
        self._missed: list[str] = []  # in the place where it is
        self.told: dict[str, list[str]] = {}
        self.opened: set[str] = set()
        self.unheard = unheard_signals(lectern)
        self._steps = self._everything()
        self._until: Callable[[], bool] | None = None
        self._deadline = 0.0
        self._was_seen = False
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    # --- time: a step waits for something, and goes on when it is so or too long has passed

    def _tick(self) -> None:
        is_late = time.monotonic() >= self._deadline  # before it is looked: what comes with the last moment counts
        self._was_seen = self._until is None or self._until()
        if not self._was_seen and not is_late:
            return
        self._until = None
        self._timer.stop()
        try:
            if next(self._steps, self) is self:
                QApplication.quit()
                return
        except BaseException:
            QApplication.exit(1)
            raise
        self._timer.start()

    def _wait(self, condition: Callable[[], bool], limit_s: float = SEEN_S) -> Step:
        self._until, self._deadline = condition, time.monotonic() + limit_s
        yield

    def _still(self, seconds: float = STILL_S) -> Step:
        yield from self._wait(lambda: False, seconds)

    # --- the way

    def _everything(self) -> Step:
        a = self.app
        yield from self._wait(lambda: a.voices.controller.state.is_read and bool(a.narration.window.job), START_S)
        for place in self.places:
            faulthandler.dump_traceback_later(HANGS_AFTER_S, exit=True, file=SAID)  # so that it tells where it hangs
            note_press(f"place: {place}")
            yield from self._walk(place)
            a.controller.stop()
            yield from self._tidy(None)

    def _walk(self, place: str) -> Step:
        a = self.app
        match place:
            case "first minute":
                yield from self._first_minute()
            case "nothing can be kept":
                yield from self._nothing_kept()
            case "a removed voice":
                yield from self._removed_voice()
            case "reader":
                yield from self._place(lambda: a.window, a.show_window)
            case "voices":
                yield from self._place(lambda: a.voices.dialog, a.show_voices)
            case "narration":
                yield from self._place(lambda: a.narration.window, a.show_narration)
            case "doctor":
                yield from self._place(lambda: a.help.doctor, a.help.show_doctor, is_costly=True)
            case "login":
                yield from self._place(lambda: a.s1.dialog, a.show_login)
            case "settings":
                yield from self._place(lambda: a.settings_window.dialog, a.show_settings)
            case "dictionary":
                yield from self._place(self._dictionary, lambda: a.dictionary.show_dialog(a.window).show())
            case "strip":
                yield from self._strip()
            case "tray":
                yield from self._tray_menu()
            case "quit by key":
                yield from self._quit_by_key()
            case "quit by the tray":
                yield from self._quit_by_the_tray()

    def _dictionary(self) -> QWidget | None:
        return next((w for w in QApplication.topLevelWidgets() if type(w).__name__ == "DictionaryDialog"), None)

    def _place(
        self, window_of: Callable[[], QWidget | None], show: Callable[[], object], *, is_costly: bool = False
    ) -> Step:
        """Press what there is in one window, until nothing new is found. What computes for seconds whenever it is shown
        `is_costly`: it is opened once, and nothing comes later."""
        was_there = False
        for _ in range(MAX_PRESSES):
            yield from self._tidy(window_of())
            window = window_of()
            if is_costly and was_there and not is_shown(window):
                break
            was_there = True
            if window is None or not window.isVisible() or not window.isActiveWindow():
                show()
                yield from self._wait(lambda: is_in_front(window_of()))  # before that, its keys do nothing
                yield from self._still()
                window = window_of()
            assert window is not None
            self._look_at(window)
            yield from self._prepare(window)
            if not (is_costly or self._has_early(window)):  # something may be on its way
                yield from self._wait(partial(self._has_early, window), PATIENCE_S)
            control = next(iter(self._new_in(window)), None)
            if control is None and not self._turn_page(window):
                break
            if control is not None:
                yield from self._press(window, control)
        window = window_of()
        if window is not None:
            self._look_at(window)
            window.close()
        self.missed += self._missed
        yield from self._still()

    def _prepare(self, window: QWidget) -> Step:
        """What the person has: a text, words in the fields, something chosen in the lists."""
        a = self.app
        if window is a.window:
            QGuiApplication.clipboard().setText(WORDS)
            if len(a.window.text()) < len(WORDS):
                a.window.draft.setFocus()
                a.window.draft.selectAll()
                QTest.keyClick(a.window.draft, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
                yield from self._still()
            names = ("Previous sentence", "Next sentence", "Stop")
            needs = (f"ReaderWindow: {key}{name}" for key in ("", "key ") for name in names)
            if not a.controller.state.is_active and any(key not in self.pressed for key in needs):
                a.window.draft.moveCursor(a.window.draft.textCursor().MoveOperation.Start)
                QTest.keyClick(a.window.draft, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
                yield from self._wait(lambda: a.controller.state.phase is Phase.SPEAKING, 20)
        if window is a.s1.dialog:
            QGuiApplication.clipboard().setText(TOKEN)
            busy = [DownloadPhase.CHECKING, DownloadPhase.INSPECTING]
            if {"LoginDialog: Copy code", "LoginDialog: Open page again"} <= set(self.pressed):
                busy.append(DownloadPhase.BROWSER)  # until somebody has logged in there
            yield from self._wait(lambda: a.controller.state.download.phase not in busy, 20)
        if window is a.narration.window and "NarrationWindow: Go on" in self.pressed:
            yield from self._wait(lambda: (job := a.narration.window.job) is None or job.phase not in WORKING, 60)
        if window is a.voices.dialog:
            yield from self._wait(lambda: a.voices.recording.state.now.phase is not RecordingPhase.READING, 20)
            if a.voices.dialog.mine.notes.isVisible():
                QTest.keyClicks(a.voices.dialog.mine.notes, "x")  # something to keep, or to take back
        if window is a.help.doctor and "DoctorDialog: Copy report" not in self.pressed:  # the next are broken off
            yield from self._wait(a.help.doctor.again.isEnabled, 120)  # its checks are through, one of which compiles
        for field in window.findChildren(QLineEdit):
            is_free = field.isVisible() and field.isEnabled() and not field.isReadOnly() and not field.text()
            if is_free and not isinstance(field.parent(), QAbstractSpinBox | QComboBox):
                words = TOKEN if field.accessibleName() == "Token" else f"walk{len(self.pressed)}"
                if field.accessibleName() in (
                    "Token",
                    "Name",
                    "Name for the voice",
                    "Text to try",
                    "A sentence to try",
                ):
                    field.setText(words)
        for table in window.findChildren(QTableWidget):
            if table.isVisible() and table.currentRow() < 0 and table.rowCount():
                table.selectRow(0)
        yield from self._still(0.05)

    # --- what there is

    def _new_in(self, window: QWidget) -> list[QObject]:
        """What can be pressed in `window` now and was not, in the order in which it is to be."""
        found: list[QObject] = []
        for kind in (QAbstractButton, QTabBar, QComboBox, QSlider):
            found += [w for w in window.findChildren(kind) if can_be_pressed(w, window) and not is_inner(w)]
        found += [a for a in window.actions() if a.isEnabled() and not a.shortcut().isEmpty() and not ends(a)]
        new = [one for one in found if self._is_new(window, one)]
        return sorted(new, key=lambda one: (is_tab(one), 0 if is_tab(one) else _lateness(label_of(one).lower())))

    def _is_new(self, window: QWidget, control: QObject) -> bool:
        if isinstance(control, QTabBar):
            return any(self._tab_key(window, control, i) not in self.pressed for i in range(control.count()))
        if (menu := menu_of(control)) is not None:
            paths = (f"{key_of(window, control)} > {path}" for path, _ in entries(menu))
            return any(path not in self.pressed for path in paths) or key_of(window, control) not in self.pressed
        return key_of(window, control) not in self.pressed

    def _has_early(self, window: QWidget) -> bool:
        """Whether something is there that takes nothing away."""
        first = next(iter(self._new_in(window)), None)
        return first is not None and not is_tab(first) and _lateness(label_of(first).lower()) == 0

    def _turn_page(self, window: QWidget) -> bool:
        """Back to a page on which something has come since; whether there is one."""
        for bar in window.findChildren(QTabBar):
            for index in range(bar.count()):
                bar.setCurrentIndex(index)
                if self._new_in(window):
                    return True
        return False

    def _tab_key(self, window: QWidget, bar: QTabBar, index: int) -> str:
        return f"{type(window).__name__}: tab {plain(bar.tabText(index)).split(' (')[0]}"

    # --- pressing

    def _press(self, window: QWidget, control: QObject) -> Step:
        if isinstance(control, QTabBar):
            index = next(i for i in range(control.count()) if self._tab_key(window, control, i) not in self.pressed)
            key = self._tab_key(window, control, index)
            is_there = control.currentIndex() == index
            yield from self._do(key, lambda: click(control, control.tabRect(index).center()), may_be_quiet=is_there)
            return
        key = key_of(window, control)
        control.setProperty("walked", True)
        if isinstance(control, QAction):
            yield from self._do(key, lambda: press_keys(window, control))
            return
        assert isinstance(control, QWidget)
        if (menu := menu_of(control)) is not None:
            yield from self._menu(key, menu, lambda: click(control))
        elif isinstance(control, QComboBox):
            keys = Qt.Key.Key_Up if control.currentIndex() == control.count() - 1 else Qt.Key.Key_Down
            yield from self._do(key, lambda: focus_and_key(control, keys), may_be_quiet=control.count() < 2)
        elif isinstance(control, QSlider):
            keys = Qt.Key.Key_Left if control.value() == control.maximum() else Qt.Key.Key_Right
            yield from self._do(key, lambda: focus_and_key(control, keys))
        else:
            yield from self._do(key, lambda: click(control))

    def _menu(self, key: str, menu: QMenu, open_it: Callable[[], object]) -> Step:
        """One entry that was not chosen yet; a menu with none is only opened."""
        path, chain = next(
            ((p, c) for p, c in entries(menu) if f"{key} > {p}" not in self.pressed),
            ("", []),
        )
        yield from self._open(key, menu, open_it)
        if not chain:
            menu.close()
            return
        shown = menu
        for action in chain[:-1]:
            inner = action.menu()
            assert isinstance(inner, QMenu)
            QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=shown.actionGeometry(action).center())
            yield from self._wait(inner.isVisible)
            shown = inner
        last = chain[-1]
        last.setProperty("walked", True)
        is_checked = last.isCheckable() and last.isChecked()
        place = shown.actionGeometry(last).center()
        click_it = lambda: QTest.mouseClick(shown, Qt.MouseButton.LeftButton, pos=place)  # noqa: E731
        yield from self._do(f"{key} > {path}", click_it, may_be_quiet=is_checked, ignores_menus=True)

    def _open(self, key: str, menu: QMenu, open_it: Callable[[], object]) -> Step:
        """As a person does it, who tries again when a window that comes up late has closed it."""
        for is_last in (False, False, True):
            yield from self._do(key, open_it, seen=menu.isVisible, may_be_quiet=not is_last, limit_s=SEEN_S)
            if menu.isVisible():
                return

    def _do(
        self,
        key: str,
        act: Callable[[], object],
        *,
        seen: Callable[[], bool] | None = None,
        may_be_quiet: bool = False,
        ignores_menus: bool = False,
        limit_s: float | None = None,
    ) -> Step:
        """Press, and look whether anything is another."""
        sys.stderr.flush()
        before = scene(self.app, ignores_menus)
        note_press(key)
        QTimer.singleShot(0, act)  # it may wait in a loop of its own, as a menu does
        may_be_quiet |= key in QUIET
        limit_s = limit_s or (PATIENCE_S if may_be_quiet else SEEN_S)
        yield from self._wait(seen or (lambda: scene(self.app, ignores_menus) != before), limit_s)
        if key not in self.pressed:
            self.pressed.append(key)
        if not self._was_seen and not may_be_quiet:
            self.dead.append(key)
        yield from self._still()

    # --- what opens

    def _tidy(self, place: QWidget | None) -> Step:
        """Answer what asks for a file, and close what else has opened."""
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
            yield from self._still(0.05)
        for window in QApplication.topLevelWidgets():
            if not is_shown(window) or window is place or window.windowType() is Qt.WindowType.ToolTip:
                continue
            if isinstance(window, QFileDialog):
                yield from self._answer(window)
            elif isinstance(window, QMessageBox):
                QTest.keyClick(window, Qt.Key.Key_Return)
            elif window is not self.app.strip and not isinstance(window, QMenu) and window is not self.app.window:
                self.opened.add(type(window).__name__)
                window.close()
        yield from self._still(0.05)

    def _answer(self, dialog: QFileDialog) -> Step:
        """With a file of the kind that is asked for; then something must be another than before it was asked for."""
        title = dialog.windowTitle()
        name = next(field for field in dialog.findChildren(QLineEdit) if field.objectName() == "fileNameEdit")
        if dialog.acceptMode() is QFileDialog.AcceptMode.AcceptSave:
            QTest.keyClick(name, Qt.Key.Key_Home)
            name.setText(str(self.home / f"{len(self.pressed)}-{Path(name.text()).name}"))
        elif dialog.fileMode() is QFileDialog.FileMode.Directory:
            name.setText(str(self.home / ("references" if "voices" in title else "checkpoint")))
        else:
            kinds = {"voice": "walker.voice", "recording": "talk.wav", "Books": "short.txt", "text": "notes.txt"}
            name.setText(str(self.home / next(file for word, file in kinds.items() if word in title)))
        before = scene(self.app, False)
        note_press(f"file chosen: {title}")
        for _ in range(2):  # the first Enter may only go into a folder
            if dialog.isVisible():
                QTest.keyClick(name, Qt.Key.Key_Return)
        yield from self._wait(lambda: not is_shown(dialog))
        dialog_free = lambda: scene(self.app, False) != before  # noqa: E731
        yield from self._wait(dialog_free)
        self.pressed.append(f"file chosen: {title}")
        if not self._was_seen:
            self.dead.append(f"file chosen: {title}")

    # --- strip and tray

    def _strip(self) -> Step:
        """It is there while a text from elsewhere is read and the window is hidden."""
        a = self.app
        for _ in range(MAX_PRESSES):
            a.window.hide()
            if not a.controller.state.is_active:
                a.controller.speak(WORDS, from_window=False)
            yield from self._wait(lambda: a.strip.isVisible() and a.controller.state.phase is Phase.SPEAKING, 20)
            yield from self._still()
            new = self._new_in(a.strip)
            if not new:
                break
            yield from self._press(a.strip, new[0])
        a.controller.stop()
        yield from self._wait(lambda: not a.strip.isVisible())

    def _tray_menu(self) -> Step:
        """Opened as the desktop does it for a click on the icon. Quit is a place of its own, the last."""
        menu, a = self.app.tray.menu, self.app
        for _ in range(MAX_PRESSES):
            yield from self._tidy(a.window)
            a.window.hide()
            QGuiApplication.clipboard().setText(WORDS)
            if not a.controller.state.is_active:
                a.controller.speak(WORDS, from_window=False)
                yield from self._wait(lambda: a.controller.state.phase is Phase.SPEAKING, 20)
            left = [path for path, chain in entries(menu) if f"tray > {path}" not in self.pressed]
            if not left:
                break
            yield from self._menu("tray", menu, lambda: menu.popup(QPoint(40, 40)))

    # --- the end: the application ends while it is waited for

    def _quit_by_the_tray(self) -> Step:
        menu = self.app.tray.menu
        leave = next(filter(ends, menu.actions()))
        menu.popup(QPoint(40, 40))
        yield from self._wait(menu.isVisible)
        QTimer.singleShot(0, lambda: click(menu, menu.actionGeometry(leave).center()))
        yield from self._wait(lambda: False, END_S)
        self.dead.append("tray > Quit")

    def _quit_by_key(self) -> Step:
        window = self.app.window
        self.app.show_window()
        yield from self._wait(window.isActiveWindow)
        QTimer.singleShot(0, lambda: press_keys(window, next(filter(ends, window.actions()))))
        yield from self._wait(lambda: False, END_S)
        self.dead.append("Quit")

    # --- stories

    def _first_minute(self) -> Step:
        """A person hears the welcome, pastes a text while it is said, and has that read."""
        a = self.app
        yield from self._wait(lambda: a.controller.state.phase is Phase.SPEAKING, START_S)
        told = [a.controller.state.reading.text, a.window.draft.accessibleDescription(), a.window.text()]
        QGuiApplication.clipboard().setText(WORDS)
        a.window.draft.setFocus()
        QTest.keyClick(a.window.draft, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        yield from self._wait(lambda: not a.controller.state.is_active)
        told.append(a.window.text())
        click(a.window.transport.play)
        yield from self._wait(lambda: a.controller.state.phase is Phase.SPEAKING, START_S)
        self.told["first minute"] = [*told, a.controller.state.reading.text]

    def _nothing_kept(self) -> Step:
        a = self.app
        a.window.draft.setFocus()
        QTest.keyClicks(a.window.draft, "Words.")
        yield from self._wait(a.window.notices.request.isVisible, START_S)
        self.told["nothing can be kept"] = [a.window.notices.request.accessibleName()]

    def _removed_voice(self) -> Step:
        """One that is in use is removed, and comes back."""
        a = self.app
        mine, dialog = a.voices.dialog.mine, a.voices.dialog
        a.show_voices()
        yield from self._wait(mine.use.isVisible)
        mine.select("Berta")
        click(mine.use)
        yield from self._wait(lambda: a.controller.state.voice == "Berta")
        click(mine.remove)
        yield from self._wait(lambda: a.controller.state.voice == "")
        told = [a.controller.state.voice, a.window.notices.request.accessibleName()]
        undo = next(b for b in dialog.note.findChildren(QAbstractButton) if plain(b.text()) == "Undo")
        yield from self._wait(undo.isVisible)
        click(undo)
        yield from self._wait(lambda: a.controller.state.voice == "Berta")
        self.told["a removed voice"] = [*told, a.controller.state.voice]

    # --- afterwards

    def _look_at(self, window: QWidget) -> None:
        """What is there and was not to be pressed yet."""
        controls: list[QObject] = [w for w in window.findChildren(QAbstractButton) if not is_inner(w)]
        controls = [one for one in controls if label_of(one) != type(one).__name__]
        keys = [key_of(window, one) for one in controls if not one.property("walked")]
        for one in controls:
            actions = [action for action in menu.actions() if plain(action.text())] if (menu := menu_of(one)) else []
            left = [action for action in actions if not (action.property("walked") or action.menu() or ends(action))]
            keys += [f"{key_of(window, one)} > {plain(action.text())}" for action in left]
        self._missed = [key for key in keys if key not in self.pressed]  # a window may be made anew each time


def _lateness(label: str) -> int:
    return next((place for place, word in enumerate(LATE, 1) if label.startswith(word)), 0)


def main(report: Path, places: Sequence[str]) -> int:
    walks: list[Walk] = []
    faulthandler.dump_traceback_later(HANGS_AFTER_S, exit=True, file=SAID)

    class WalkedApp(App):
        def __init__(self, *arguments: Any, **more: Any) -> None:
            super().__init__(*arguments, **more)
            walks.append(Walk(self, Path.home(), places))

    desktop_app.App = WalkedApp  # type: ignore[misc]
    code = desktop_app.run(argparse.Namespace(background=False, files=[]))
    (walk,) = walks
    told = {name: getattr(walk, name) for name in ("pressed", "dead", "missed", "unheard", "told")}
    report.write_text(json.dumps(told | {"opened": sorted(walk.opened)}, indent=1), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
