"""The voices there are to choose from, the engines' own and the person's, and what becomes of the one in use."""

from __future__ import annotations

from PySide6.QtCore import QObject

import engine.registry
from desktop.common.messages import Message
from desktop.narration.setup import NarrationSetup
from desktop.reader.window import ReaderWindow
from desktop.speech.controller import Controller
from desktop.voices.setup import VoicesSetup
from desktop.voices.state import LibraryState


class VoiceChoice(QObject):
    """Connects the window of the voices with the reading and with narration."""

    def __init__(
        self,
        voices: VoicesSetup,
        controller: Controller,
        narration: NarrationSetup,
        window: ReaderWindow,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._voices, self._controller, self._narration, self._window = voices, controller, narration, window
        self._lost_voice = ""  # the voice that was in use when it was removed
        c = controller
        voices.controller.names_changed.connect(self._use_voices)
        voices.controller.renamed.connect(lambda old, new: c.set_voice(new) if c.state.voice == old else None)
        voices.controller.state_changed.connect(self._show_notice)
        voices.set_voice_requested.connect(c.set_voice)
        voices.try_voice_requested.connect(c.try_voice)
        voices.pause_requested.connect(c.pause)
        voices.gallery.engine_wanted.connect(c.stop)
        c.engine_taken.connect(voices.gallery.stop)
        window.keep_voice_requested.connect(lambda name: voices.keep_voice(c.improvised, name))

    def _use_voices(self, names: tuple[str, ...]) -> None:
        """One that was in use and is no more gives way to the usual one, until it is back."""
        voice = self._controller.state.voice
        own = engine.registry.offered_voices()
        self._controller.set_voices((*own, *names))
        self._narration.set_voices(own, names)
        if voice and engine.registry.engine_of_voice(voice) is None and voice not in names:
            self._lost_voice = voice
            self._controller.set_voice("")
            self._window.show_notice(Message(f"The voice {voice} is not there any more.", "The usual one reads now."))
        elif self._lost_voice in names and not voice:
            self._controller.set_voice(self._lost_voice)
            self._lost_voice = ""

    def _show_notice(self, state: LibraryState) -> None:
        """Where the voices' own window does not: a voice is kept from the reader, too."""
        if not self._voices.dialog.isVisible() and (state.problem is not None or state.note):
            self._window.show_notice(state.problem or Message(state.note))
