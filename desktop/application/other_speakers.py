"""Whoever else speaks with Lectern's voices: the socket for screen readers, and the words for who waits."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

import engine
import engine.text
from desktop.common.settings import Settings
from desktop.common.speech_protocol import SoundRequest
from desktop.common.state import AppState, Phase
from desktop.speech.clients import SharedEngine
from desktop.speech.controller import Controller
from desktop.speech.engine_thread import EngineThread
from desktop.speech.speech_socket import SpeechSocket
from desktop.speech.turns import Turn, waiting_words


class OtherSpeakers(QObject):
    """Keeps to the order that `desktop/speech/turns.py` tells, and has the controller show who waits."""

    _busy = Signal(int)
    """From the socket's thread: how many requests of screen readers there are."""

    def __init__(
        self,
        engine_thread: EngineThread,
        controller: Controller,
        settings: Callable[[], Settings],
        pronunciations: Callable[[], tuple[engine.Pronunciation, ...]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._controller, self._settings, self._pronunciations = controller, settings, pronunciations
        self._waiting: tuple[Turn, ...] = ()
        self._n_requests = 0
        self._is_held = False
        self._socket = SpeechSocket(
            lambda: SharedEngine(engine_thread, Turn.SCREEN_READER), self._make_request, self._busy.emit
        )
        self._busy.connect(self._take_busy)
        engine_thread.waiting_changed.connect(self._take_waiting)
        controller.state_changed.connect(self._take_state)

    def start(self) -> None:
        """Let screen readers in; there is no speech-dispatcher on Windows."""
        if sys.platform != "win32":
            self._socket.start()

    def close(self) -> None:
        self._socket.close()

    def _make_request(self, wanted: SoundRequest) -> engine.SpeechRequest:
        """In the request's thread. Nothing is left out of what a screen reader says, and no word of it acted out."""
        settings = self._settings()
        options = engine.SpeechOptions(
            language=wanted.language or settings.language or None,
            clean=False,
            normalise=settings.normalise_text,
            markers=False,
            pronunciations=self._pronunciations(),
            live=True,
        )
        voice = engine.Voice(wanted.voice or settings.voice)
        if not wanted.is_ssml:
            return engine.SpeechRequest(wanted.text, voice, options)
        marked = engine.text.read_ssml(wanted.text)
        return engine.SpeechRequest(marked.text, voice, options, marked.notes)

    def _take_state(self, state: AppState) -> None:
        self._is_held = state.phase in (Phase.PREPARING, Phase.SPEAKING)
        self._socket.hold(self._is_held)
        self._show()

    def _take_busy(self, n_requests: int) -> None:
        self._n_requests = n_requests
        self._show()

    def _take_waiting(self, turns: tuple[Turn, ...]) -> None:
        self._waiting = turns
        self._show()

    def _show(self) -> None:
        waiting = self._waiting
        if self._is_held and self._n_requests and Turn.SCREEN_READER not in waiting:
            waiting = (Turn.SCREEN_READER, *waiting)
        self._controller.show_waiting(waiting_words(waiting))
