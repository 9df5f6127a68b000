"""Which engine speaks: the best that has what it needs here. S1 Mini's files are followed as they come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

import engine
import engine.registry
from desktop.application.notices import Notices
from desktop.common.download_state import REMEMBERED, DownloadState
from desktop.common.messages import Mend, Message, explain
from desktop.common.paths import cache_folder, voices_folder
from desktop.common.settings import Settings
from desktop.common.state import AppState, EnginePhase
from desktop.common.status_words import processor_words
from desktop.narration.values import Speaker
from desktop.s1.checkpoint_choice import explain_passed_over, find_checkpoint
from desktop.s1.setup import S1Setup
from desktop.speech.controller import Controller
from desktop.speech.engine_thread import EngineThread
from desktop.speech.slots import EngineSpec


class EngineChoice(QObject):
    """Loads the engine, and offers S1 Mini where a lesser one speaks. Lives in the GUI thread."""

    offered = Signal()
    """S1 Mini is offered: it is worth knowing what this computer could do with it."""
    speaker_changed = Signal(object)
    """The `Speaker` for books, before the engine thread has the engine."""
    checkpoint_taken = Signal()
    """S1 Mini's files have come, or others were chosen, and are being loaded."""

    def __init__(
        self,
        s1: S1Setup,
        engine_thread: EngineThread,
        controller: Controller,
        notices: Notices,
        settings: Callable[[], Settings],
        keep: Callable[..., None],
        parent: QObject | None = None,
    ) -> None:
        """`keep` changes settings by their names."""
        super().__init__(parent)
        self._s1, self._engine_thread, self._controller, self._notices = s1, engine_thread, controller, notices
        self._settings, self._keep = settings, keep
        self._shows_speed = False  # of S1 Mini, which has just come, once it is ready
        self.name = engine.registry.always_there().name
        """Of the engine: this one as long as there is no better one here."""
        s1.state_changed.connect(self._take_download)
        s1.download.checkpoint_found.connect(self._use_checkpoint)
        s1.pytorch_came.connect(lambda: self.load(self._settings(), is_start=False))
        s1.download.saved_token_preferred.connect(lambda is_so: self._keep(prefer_saved_token=is_so))

    def use(self, settings: Settings, before: Settings | None) -> None:
        """Load the engine anew where `settings` differ in what it is loaded with; `before` is None at the start."""
        if before is None or _engine_settings(before) != _engine_settings(settings):
            self.load(settings, is_start=before is None)

    def load(self, settings: Settings, is_start: bool) -> None:
        """Find the best engine, and have it loaded: at a start only where the person wants it then."""
        checkpoint = self._find_checkpoint(settings)
        self._s1.download.set_checkpoint(checkpoint)
        best = engine.registry.best_engine(lambda entry: checkpoint is not None or not entry.needs.checkpoint)
        self.name = best.name
        if best != engine.registry.best_engine() and not settings.offered_s1:
            self._controller.offer_s1()
            self.offered.emit()
        setup = engine.EngineSetup(
            checkpoint,
            settings.device,
            settings.precision,
            voices_folder(),
            cache_folder() if settings.compile else None,
        )
        spec = EngineSpec(best.name, setup, settings.idle_minutes, settings.built_in_meanwhile)
        # first: what it is speaking is void
        self.speaker_changed.emit(Speaker(best.name, checkpoint, voices_folder()))
        self._engine_thread.load(spec, start=not is_start or settings.load_at_start)

    def follow(self, state: AppState) -> None:
        """Say once what computes S1 Mini, when it has come and is ready."""
        if self._shows_speed and state.engine.phase is EnginePhase.READY:
            self._shows_speed = False
            if words := processor_words(state.engine):
                self._notices.tell(Message(words, "Choose what computes it in the settings.", Mend.SET_S1))

    def _take_download(self, download: DownloadState) -> None:
        """Show it, and keep what the next start must know."""
        self._controller.show_download(download)
        if (remembered := REMEMBERED.get(download.phase, "")) != self._settings().s1_download:
            self._keep(s1_download=remembered)

    def _use_checkpoint(self, folder: Path, is_chosen: bool) -> None:
        """It has just come, or was chosen: load it at once."""
        self._keep(checkpoint_folder=str(folder) if is_chosen else "")
        self._controller.dismiss_offer()
        self._shows_speed = True
        self.load(self._settings(), is_start=False)
        self.checkpoint_taken.emit()
        if not self._s1.dialog.isVisible():
            self._notices.tell_outside("S1 Mini is here, and is getting ready to read.")

    def _find_checkpoint(self, settings: Settings) -> Path | None:
        """A named one that is not whole is reported."""
        try:
            found = find_checkpoint(None, settings.checkpoint_folder)
        except engine.CheckpointError as error:
            self._controller.report(explain(error))
            return None
        if found.problem is not None:
            self._controller.report(explain_passed_over(found.problem))
        return found.folder


def _engine_settings(settings: Settings) -> tuple[object, ...]:
    return (
        settings.device,
        settings.precision,
        settings.compile,
        settings.idle_minutes,
        settings.built_in_meanwhile,
    )
