"""Says in the reader what is wrong or not as chosen, with a button to where that can be put right."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from desktop.common.message import MEND_WORDS, Mend, Message
from desktop.common.state import AppState, EnginePhase
from desktop.common.status_words import problem, voice_note
from desktop.widgets.notice import Notice

_PAGES = {Mend.SET_HOTKEYS: "hotkeys", Mend.SET_READING: "reading", Mend.SET_S1: "s1"}
_MENDED_HERE = (Mend.FIND_OUT, Mend.GET_S1, Mend.INSTALL_PYTORCH, *_PAGES)


class ReaderNotices(QObject):
    """Owns three notices, which the window lays out: who speaks in place of the chosen voice, what is wrong in the
    state, and what went wrong with something that was asked for. What was dismissed stays away until it is another."""

    show_settings_page_requested = Signal(str)
    show_login_requested = Signal()
    show_doctor_requested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.voice = Notice("voice", MEND_WORDS[Mend.GET_S1])
        self.problem = Notice("problem", MEND_WORDS[Mend.FIND_OUT])
        self.request = Notice("problem")
        self._state = AppState()
        self._dismissed_voice = ""
        self._dismissed_problem: Message | None = None
        self._requested: Message | None = None
        self.voice.accepted.connect(lambda: self._mend(voice_note(self._state)))
        self.voice.declined.connect(self._dismiss_voice)
        self.problem.accepted.connect(lambda: self._mend(problem(self._state)))
        self.problem.declined.connect(self._dismiss_problem)
        self.request.accepted.connect(lambda: self._mend(self._requested))
        self.request.declined.connect(self.clear)

    def show(self, message: Message) -> None:
        """Say quietly what went wrong with something that was asked for."""
        self._requested = message
        self.request.set_accept(_words_of(message, ""))
        self.request.show_words(message.sentence, message.remedy, message.mend in _PAGES)

    def clear(self) -> None:
        """Say no more what `show` said."""
        self.request.show_words("")

    def render_state(self, state: AppState) -> None:
        """Show what `state` has to say."""
        self._state = state
        self._show_voice()
        self._show_problem()

    def _show_voice(self) -> None:
        """At the voice's place: who speaks instead of it."""
        note = voice_note(self._state)
        words = "" if note is None else note.sentence
        if not words:
            self._dismissed_voice = ""
        self.voice.set_accept(_words_of(note, MEND_WORDS[Mend.FIND_OUT]))
        has_mend = self._state.engine.phase in (EnginePhase.ABSENT, EnginePhase.FAILED)
        self.voice.show_words("" if words == self._dismissed_voice else words, has_accept=has_mend)

    def _dismiss_voice(self) -> None:
        note = voice_note(self._state)
        self._dismissed_voice = "" if note is None else note.sentence
        self.voice.show_words("")

    def _show_problem(self) -> None:
        message = problem(self._state)
        if message is None:
            self._dismissed_problem = None
        if message is None or message == self._dismissed_problem:
            self.problem.show_words("")
            return
        self.problem.set_accept(_words_of(message, MEND_WORDS[Mend.FIND_OUT]))
        has_accept = message.mend is not Mend.FIND_OUT or self._state.engine.phase is EnginePhase.FAILED
        self.problem.show_words(message.sentence, message.remedy, has_accept)

    def _dismiss_problem(self) -> None:
        self._dismissed_problem = problem(self._state)
        self.problem.show_words("")

    def _mend(self, message: Message | None) -> None:
        """Go where what is wrong with `message` can be put right."""
        mend = Mend.FIND_OUT if message is None else message.mend
        if mend in _PAGES:
            self.show_settings_page_requested.emit(_PAGES[mend])
        elif mend in (Mend.GET_S1, Mend.INSTALL_PYTORCH):
            self.show_login_requested.emit()
        else:
            self.show_doctor_requested.emit()


def _words_of(message: Message | None, otherwise: str) -> str:
    """What the button under `message` is called, where it can be mended from the reader."""
    mend = Mend.FIND_OUT if message is None else message.mend
    return MEND_WORDS[mend] if mend in _MENDED_HERE else otherwise
