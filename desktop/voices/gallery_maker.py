"""Has S1 Mini improvise voices, one after the other, through the engine thread that also reads aloud."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

import engine
import engine.registry
from desktop.common.messages import Message, explain, explain_warning
from desktop.common.state import EnginePhase, EngineView
from desktop.speech.engine_thread import EngineThread
from desktop.voices.state import CandidateView, GalleryPhase, GalleryState
from engine.voice_library import Audition, Candidate

MAX_SEED = 2**31


class GalleryMaker(QObject):
    """Improvises voices. Lives in the GUI thread. Whatever else is to be spoken comes first: then this stops, and keeps
    what it has."""

    state_changed = Signal(object)
    """`GalleryState`; `state` is the last."""
    engine_wanted = Signal()
    """Whatever is read should stop."""

    def __init__(
        self, engine_thread: EngineThread, next_epoch: Callable[[], int], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.state = GalleryState()
        self.candidates: list[Candidate] = []
        self._engine, self._next_epoch = engine_thread, next_epoch
        self._view = EngineView()
        self._audition: Audition | None = None
        self._epoch = 0
        self._language = ""
        self._first_seed = 0
        engine_thread.event_made.connect(self._take_event)
        engine_thread.reading_began.connect(self._take_speaker)
        engine_thread.reading_ended.connect(self._take_end)
        engine_thread.reading_failed.connect(self._take_failure)
        engine_thread.engine_changed.connect(self._take_engine)

    # --- requests

    def make(self, n: int, language: str, seed: int | None = None) -> None:
        """Improvise `n` new ones, instead of those there are."""
        self.stop()
        self.engine_wanted.emit()
        self.candidates = []
        self._language = language
        self._first_seed = secrets.randbelow(MAX_SEED) if seed is None else seed
        self._set(GalleryState(GalleryPhase.MAKING, n))
        self._go_on()

    def stop(self) -> None:
        """Stop improvising; the voices that are there stay."""
        if self.state.phase is not GalleryPhase.IDLE:
            self._give_up()
            self._set(replace(self.state, phase=GalleryPhase.IDLE))

    def mark_kept(self, index: int, name: str) -> None:
        """Show under which name a candidate was kept."""
        views = list(self.state.candidates)
        if index < len(views):
            views[index] = replace(views[index], kept_as=name)
            self._set(replace(self.state, candidates=tuple(views)))

    # --- what comes from the engine

    def _take_engine(self, view: EngineView) -> None:
        self._view = view
        if self.state.phase is not GalleryPhase.WAITING:
            return
        if view.phase is EnginePhase.READY:
            self._set(replace(self.state, phase=GalleryPhase.MAKING))
            self._go_on()
        elif view.phase in (EnginePhase.FAILED, EnginePhase.ABSENT):
            self._fail(view.problem or explain(engine.VoiceError("not_improvised", "")))

    def _take_speaker(self, epoch: int, speaker: str) -> None:
        entry = engine.registry.engine_displayed(speaker)
        improvises = entry is None or entry.capabilities.improvises
        if epoch == self._epoch and self._audition is not None and not improvises:
            self._give_up()
            if self._view.phase in (EnginePhase.STARTING, EnginePhase.UNLOADED):
                self._set(replace(self.state, phase=GalleryPhase.WAITING))
            else:
                self._fail(explain(engine.VoiceError("not_improvised", "")))

    def _take_event(self, epoch: int, event: engine.SpeechEvent) -> None:
        if epoch == self._epoch and self._audition is not None:
            self._audition.take(event)

    def _take_end(self, epoch: int) -> None:
        if epoch != self._epoch or self._audition is None:
            return
        try:
            candidate = self._audition.candidate()
        except engine.VoiceError as error:
            self._fail(explain(error))
            return
        self._audition = None
        self.candidates.append(candidate)
        warning = candidate.problem and explain_warning(candidate.problem, candidate.text).sentence
        view = CandidateView(candidate.seed, candidate.seconds, warning or "")
        self._set(replace(self.state, candidates=(*self.state.candidates, view)))
        self._go_on()

    def _take_failure(self, epoch: int, error: engine.EngineError) -> None:
        if epoch == self._epoch and self._audition is not None:
            self._fail(explain(error))

    # --- inside

    def _go_on(self) -> None:
        n_made = len(self.candidates)
        if n_made == self.state.n_requested:
            self._set(replace(self.state, phase=GalleryPhase.IDLE))
            return
        self._audition = Audition(self._first_seed + n_made, self._language)
        self._epoch = self._next_epoch()
        self._engine.speak(self._epoch, self._audition.request)

    def _give_up(self) -> None:
        if self._audition is not None:
            self._engine.cancel(self._epoch)
            self._audition = None

    def _fail(self, problem: Message) -> None:
        self._give_up()
        self._set(replace(self.state, phase=GalleryPhase.IDLE, problem=problem))

    def _set(self, state: GalleryState) -> None:
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)
