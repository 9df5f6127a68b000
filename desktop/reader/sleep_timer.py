"""Has the reading pause after a while or at the end of something, softly, so that nobody is woken by silence."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from desktop.common.state import AppState, Phase, Span
from desktop.common.status_words import clock

MINUTES = (5, 15, 30, 45, 60)
FADE_S = 10.0
TICK_MS = 250


class SleepAt(StrEnum):
    """Names the ends at which a reading may pause."""

    SENTENCE = "End of the sentence"
    PARAGRAPH = "End of the paragraph"
    CHAPTER = "End of the chapter"


class SleepTimer(QObject):
    """Asks for the pause. The place is kept, as with any pause. `now` is a clock in seconds."""

    pause_requested = Signal()
    jump_requested = Signal(int)
    """To the sentence that has begun meanwhile, by its place in the reading: it is to be heard from its beginning."""
    loudness_changed = Signal(float)
    """The share of the volume that is wanted, 1 when it is over."""
    changed = Signal(str)
    """What is left, in a few words; "" when there is nothing to wait for."""

    def __init__(self, parent: QObject | None = None, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(parent)
        self._now = now
        self._until: float | None = None
        self._at: SleepAt | None = None
        self._text: str | None = None  # of the reading, when an end of it was asked for
        self._sentence: Span | None = None
        self._loudness = 1.0
        self._words = ""
        self._timer = QTimer(self, interval=TICK_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def words(self) -> str:
        """What is left."""
        return self._words

    def start(self, minutes: float) -> None:
        """Pause in so many minutes."""
        self.stop()
        self._until = self._now() + 60 * minutes
        self._timer.start()
        self.tick()

    def start_at(self, end: SleepAt) -> None:
        """Pause at the next `end`."""
        self.stop()
        self._at, self._text, self._sentence = end, None, None
        self._say(str(end))

    def stop(self) -> None:
        """Pause at nothing any more."""
        self._until, self._at = None, None
        self._timer.stop()
        self._set_loudness(1.0)
        self._say("")

    def follow(self, state: AppState) -> None:
        """Take what is heard: an end may have come."""
        if self._at is None or not state.is_active:
            return
        text, sentence = state.reading.text, state.reading.sentence
        if self._text is None:
            self._text = text
        was, self._sentence = self._sentence, sentence
        if text is not self._text and text != self._text:  # a chapter ended, and the next was begun
            self._end(None)
        elif was is not None and sentence is not None and sentence[0] > was[0] and state.phase is Phase.SPEAKING:
            between = text[was[1] - 1 : sentence[0]]
            if self._at is SleepAt.SENTENCE or (self._at is SleepAt.PARAGRAPH and "\n" in between):
                self._end(sentence)

    def tick(self) -> None:
        """Look at the clock."""
        if self._until is None:
            return
        left_s = self._until - self._now()
        if left_s <= 0:
            self._end(None)
            return
        self._set_loudness(min(1.0, left_s / FADE_S))
        self._say(f"{clock(left_s)} left")

    def _end(self, begun: Span | None) -> None:
        if begun is not None:
            self.jump_requested.emit(begun[0])
        self.pause_requested.emit()
        self.stop()

    def _set_loudness(self, share: float) -> None:
        if share != self._loudness:
            self._loudness = share
            self.loudness_changed.emit(share)

    def _say(self, words: str) -> None:
        if words != self._words:
            self._words = words
            self.changed.emit(words)


class SleepMenu(QMenu):
    """Offers when to pause."""

    def __init__(self, timer: SleepTimer, parent: QWidget) -> None:
        super().__init__("Sleep &timer", parent)
        self._timer = timer
        self._group = QActionGroup(self)
        self._off = self._add("&Off", timer.stop)
        self._off.setChecked(True)
        self.addSeparator()
        for minutes in MINUTES:
            self._add(f"{minutes} minutes", lambda minutes=minutes: timer.start(minutes))
        self.addSeparator()
        for end in SleepAt:
            self._add(str(end), lambda end=end: timer.start_at(end))
        timer.changed.connect(self._render)

    def _add(self, words: str, do: Callable[[], object]) -> QAction:
        action = self.addAction(words)
        action.setCheckable(True)
        action.triggered.connect(lambda _=False: do())
        self._group.addAction(action)
        return action

    def _render(self, words: str) -> None:
        if not words:
            self._off.setChecked(True)


class SleepButton(QToolButton):
    """Shows what is left while a sleep timer runs, and its menu."""

    def __init__(self, timer: SleepTimer, menu: SleepMenu, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._menu = menu
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Sleep timer")
        self._render(timer.words)
        timer.changed.connect(self._render)

    def _render(self, words: str) -> None:
        self.setText(f"☾ {words}")
        self.setAccessibleName(f"Sleep timer: {words}")
        self.setMenu(self._menu if words else None)  # type: ignore[arg-type]  (Qt takes None)
        self.setVisible(bool(words))
