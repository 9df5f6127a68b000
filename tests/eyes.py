"""Eyes and a hand for tests/walk.py: what there is to press in a window, what a person sees and hears, real presses."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QMenu,
    QMessageBox,
    QPlainTextEdit,
    QPushButton,
    QSlider,
    QTabBar,
    QTableWidget,
    QToolButton,
    QWidget,
)

from desktop.app import App

SAID = os.dup(2)
"""Standard error as it was: while a sound device is opened, the application has it lead nowhere."""
N_ALIKE = 3
"""Of more entries in a menu within a menu, which are alike, the first two and the last stand for all."""


def plain(words: str) -> str:
    return words.replace("&", "").strip()


def label_of(control: QObject) -> str:
    if isinstance(control, QAction):
        return plain(control.text())
    assert isinstance(control, QWidget)
    words = plain(control.text()) if isinstance(control, QAbstractButton) else ""
    return words or control.accessibleName() or _buddy_of(control) or control.toolTip() or type(control).__name__


def _buddy_of(control: QWidget) -> str:
    """What a label says that leads to it."""
    labels = (label for label in control.window().findChildren(QLabel) if label.buddy() is control)
    return next(filter(None, (plain(label.text()) for label in labels)), "")


def key_of(window: QWidget, control: QObject) -> str:
    kind = "key " if isinstance(control, QAction) else ""
    return f"{type(window).__name__}: {kind}{label_of(control)}"


def ends(action: QAction) -> bool:
    """Pressed last."""
    return plain(action.text()) == "Quit"


def is_tab(control: QObject) -> bool:
    return isinstance(control, QTabBar)


def is_shown(window: QWidget | None) -> bool:
    try:
        return window is not None and window.isVisible()
    except RuntimeError:  # deleted when it was closed
        return False


def is_in_front(window: QWidget | None) -> bool:
    return window is not None and is_shown(window) and window.isActiveWindow()


def is_inner(control: QWidget) -> bool:
    """A part of one of Qt's own widgets, such as an arrow beside tabs."""
    if isinstance(control, QTabBar):
        return False
    parent = control.parent()
    of_qt = isinstance(parent, QTabBar | QLineEdit | QAbstractSpinBox | QFileDialog | QMessageBox | QTableWidget)
    return of_qt or isinstance(control.window(), QFileDialog) or control.objectName().startswith("qt_")


def can_be_pressed(control: QWidget, window: QWidget) -> bool:
    if not (control.isVisibleTo(window) and control.isEnabled() and control.window() is window):
        return False
    if control.visibleRegion().isEmpty():
        return False
    center = control.mapTo(window, control.rect().center())
    there = window.childAt(center)
    return there is not None and (there is control or control.isAncestorOf(there))


def menu_of(control: QObject) -> QMenu | None:
    """What a button opens."""
    menu = control.menu() if isinstance(control, QToolButton | QPushButton) else None
    return menu if isinstance(menu, QMenu) else None


def entries(menu: QMenu) -> list[tuple[str, list[QAction]]]:
    """All that can be chosen in a menu and the menus in it: its path in words, and the actions on the way."""
    found: list[tuple[str, list[QAction]]] = []
    for action in menu.actions():
        inner = action.menu()
        if action.isSeparator() or not action.isEnabled() or not action.isVisible() or ends(action):
            continue
        if isinstance(inner, QMenu):
            deep = [(f"{plain(action.text())} > {path}", [action, *rest]) for path, rest in entries(inner)]
            found += deep if len(deep) <= N_ALIKE else [*deep[:2], deep[-1]]
        else:
            found.append((plain(action.text()), [action]))
    return found


def scene(lectern: App, ignores_menus: bool) -> object:
    """What a person sees, hears and can paste, as one value. Not what changes by itself: times, and status lines."""
    seen: list[Any] = []
    for window in QApplication.topLevelWidgets():
        if not window.isVisible() or (isinstance(window, QMenu) and ignores_menus):
            continue
        seen.append((type(window).__name__, window.windowTitle(), QRect(window.geometry()).size().toTuple()))
        seen += [look_of(widget) for widget in window.findChildren(QWidget) if widget.isVisible()]
    state = lectern.controller.state
    focus = QApplication.focusWidget()
    heard = (state.phase, state.reading.text, state.reading.sentence, state.speed, state.volume, state.voice)
    more = (state.file_note, state.problem, state.offers_s1, state.download.phase, state.engine.phase)
    files = (lectern.narration.player.playing.job, lectern.voices.player is None, outside())
    return seen, heard, more, files, QGuiApplication.clipboard().text(), label_of(focus) if focus is not None else ""


def look_of(widget: QWidget) -> object:
    match widget:
        case QAbstractButton():
            return widget.text(), widget.isChecked(), widget.isEnabled(), widget.accessibleName()
        case QComboBox():
            return widget.currentIndex(), widget.count()
        case QSlider():
            return widget.value()
        case QLineEdit():
            return widget.text()
        case QPlainTextEdit():
            return widget.toPlainText(), widget.textCursor().position(), widget.font().pointSizeF()
        case QTableWidget():
            rows = range(widget.rowCount())
            first = [widget.item(row, 0) for row in rows]
            return [(one.text(), one.checkState()) for one in first if one is not None], widget.currentRow()
    return type(widget).__name__


def outside() -> str:
    """What the desktop's own programs were asked to open."""
    log = Path.home() / "opened"
    return log.read_text() if log.exists() else ""


def note_press(key: str) -> None:
    """So that what goes wrong is known by what was pressed before."""
    os.write(SAID, f"[{key}]\n".encode())


# --- hand


def click(control: QWidget, place: QPoint | None = None) -> None:
    if place is None:  # a check box is hit at its box
        place = QPoint(min(10, control.width() // 2), control.height() // 2)
    QTest.mouseClick(control, Qt.MouseButton.LeftButton, pos=place)


def focus_and_key(control: QWidget, key: Qt.Key) -> None:
    control.setFocus()
    QTest.keyClick(control, key)


def press_keys(window: QWidget, action: QAction) -> None:
    combination = action.shortcut()[0]  # pyright: ignore[reportIndexIssue]
    QTest.keyClick(window.focusWidget() or window, combination.key(), combination.keyboardModifiers())


def unheard_signals(lectern: App) -> list[str]:
    """Requests of windows and parts of windows that nothing is connected to: pressed, they would do nothing."""
    unheard = []
    roots: list[QObject] = [lectern, lectern.tray, lectern.strip, lectern.window, lectern.media_keys]
    roots += [lectern.voices.dialog, lectern.narration.window, lectern.s1.dialog, lectern.help.doctor]
    for root in roots:
        for one in (root, *root.findChildren(QObject)):
            if not type(one).__module__.startswith("desktop"):
                continue
            meta = one.metaObject()
            for i in range(meta.methodOffset(), meta.methodCount()):
                method = meta.method(i)
                if method.methodType() != method.MethodType.Signal:
                    continue
                signature = bytes(method.methodSignature().data()).decode()
                if signature.startswith("_") or "requested" not in signature:
                    continue
                if one.receivers(f"2{signature}") == 0:
                    unheard.append(f"{type(one).__name__}.{signature}")
    return sorted(set(unheard))
