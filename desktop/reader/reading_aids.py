"""What helps a person to read along: the look of the page, words found, the way back to the voice, a sleep timer."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QStackedWidget, QToolButton

from desktop.common.state import AppState
from desktop.reader.book_reader import BookReader
from desktop.reader.find_bar import FindBar, Searched
from desktop.reader.page_panel import PageChoice
from desktop.reader.searched import SearchedBook, SearchedText
from desktop.reader.sleep_timer import SleepButton, SleepMenu, SleepTimer
from desktop.reader.text_view import BACK_KEYS, TextView


class ReadingAids(QObject):
    """Owns them, and their actions, which the window puts into its menu and its bar."""

    def __init__(
        self, window: QMainWindow, stack: QStackedWidget, views: Sequence[TextView], books: BookReader
    ) -> None:
        super().__init__(window)
        self._window, self._stack = window, stack
        self._searched: dict[TextView, Searched] = {view: SearchedText(view) for view in views}
        self._searched[books.view] = SearchedBook(books)
        self.page = PageChoice(window, views)
        self.find_bar = FindBar(self._searched_now)
        self.sleep = SleepTimer(self)
        self.sleep_menu = SleepMenu(self.sleep, window)
        self.buttons: list[QToolButton] = [SleepButton(self.sleep, self.sleep_menu), self.page.button]
        self.find_action = self._action("&Find…", QKeySequence.StandardKey.Find, self._find)
        self._action("Find the next", "F3", lambda: self._go(1))
        self._action("Find the one before", "Shift+F3", lambda: self._go(-1))
        self.back_action = self._action("Back to what is &heard", BACK_KEYS, lambda: self._view.follow_again())
        stack.currentChanged.connect(lambda _: self.find_bar.look_again())
        for view in views:
            view.text_edited.connect(self.find_bar.look_again)

    @property
    def menu(self) -> list[QAction]:
        """What the window's menu has of it."""
        return [self.find_action, self.back_action, self.page.show_action, self.sleep_menu.menuAction()]

    def render(self, state: AppState) -> None:
        """Take what is heard."""
        self.back_action.setEnabled(state.is_active)
        self.sleep.follow(state)

    @property
    def _view(self) -> TextView:
        view = self._stack.currentWidget()
        assert isinstance(view, TextView)
        return view

    def _searched_now(self) -> Searched:
        return self._searched[self._view]

    def _find(self) -> None:
        """Look for what is selected, where that is a few words."""
        selected, _ = self._view.selected_part()
        self.find_bar.open(selected if 0 < len(selected) <= 100 and "\n" not in selected else "")

    def _go(self, step: int) -> None:
        if self.find_bar.isVisible():
            self.find_bar.go(step)
        else:
            self._find()

    def _action(self, words: str, keys: str | QKeySequence.StandardKey, do: Callable[[], object]) -> QAction:
        action = QAction(words, self._window)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(lambda _=False: do())
        self._window.addAction(action)
        return action
