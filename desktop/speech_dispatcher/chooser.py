"""Decides who says a message: espeak-ng at once, or the voice that is chosen in Lectern, which is started for it."""

from __future__ import annotations

import logging
import threading
import time
import unicodedata
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import engine
import engine.registry
import engine.voice_library
from desktop.common.errors import DesktopError
from desktop.common.paths import settings_path, voices_folder
from desktop.common.settings import Settings, load_settings
from desktop.common.speech_protocol import SoundRequest
from desktop.platform.remote import start_tray
from desktop.speech_dispatcher.lectern_sound import LecternSound
from desktop.speech_dispatcher.prosody import CHOSEN, Prosody, is_spoken_by_lectern
from desktop.speech_dispatcher.sound_icons import icon_sound
from desktop.speech_dispatcher.voices import Kind, Message, Said, Stop, said_by_lectern, said_here

SHORT_CHARS = 32
"""The longest text that counts as short: an entry of a menu, the name of a field."""

START_AGAIN_S = 60.0
"""After a start of Lectern that failed, the next is tried so much later."""

_SENTENCE_ENDS = (".", "!", "?", "。", "！", "？", "؟", "।")

log = logging.getLogger(__name__)


class Chooser:
    """Knows the settings, which may change at any time, and whether Lectern runs."""

    def __init__(self, settings_file: Path | None = None) -> None:
        self._settings_file = settings_file or settings_path()
        self._read_at: int | None = None
        self._settings = Settings()
        self._starting = threading.Lock()
        self._start_after_s = 0.0

    def said(self, message: Message, stop: Stop) -> Generator[Said]:
        """Say `message` by whoever is to say it. Raises `engine.BuiltInVoiceError`."""
        settings = self.settings()
        prosody = message.prosody
        if not prosody.language and settings.language:
            prosody = replace(prosody, language=settings.language)
        message = replace(message, prosody=prosody)
        if message.kind is Kind.ICON and (sound := icon_sound(message.text.text, prosody.gain)) is not None:
            yield sound
            return
        if is_said_at_once(message, settings.say_at_once) or not is_spoken_by_lectern(prosody):
            yield from said_here(message, stop)
            return
        try:
            sound = LecternSound(_request(message))
        except OSError:
            self._start_lectern()
            yield from said_here(message, stop)
            return
        yield from said_by_lectern(message, stop, sound)

    def settings(self) -> Settings:
        """Return the settings as they are in the file now; the last good ones while it cannot be read."""
        try:
            read_at = self._settings_file.stat().st_mtime_ns
        except OSError:
            return self._settings
        if read_at != self._read_at:
            self._read_at = read_at
            self._settings, problem = load_settings(self._settings_file)
            if problem is not None:
                log.warning("%s", problem)
        return self._settings

    def voices(self) -> list[tuple[str, str, str]]:
        """List the voice that is chosen in Lectern, those that its windows offer, and the person's own; each for every
        language."""
        names = [CHOSEN, *engine.registry.offered_voices()]
        try:
            names += engine.voice_library.VoiceLibrary(voices_folder()).names()
        except (engine.EngineError, OSError) as error:
            log.warning("the person's own voices cannot be listed: %s", error)
        return [(name, language, "none") for language in engine.LANGUAGES for name in names]

    def _start_lectern(self) -> None:
        """In the background, once; until it is there, espeak-ng speaks."""
        if time.monotonic() < self._start_after_s or not self._starting.acquire(blocking=False):
            return

        def start() -> None:
            try:
                start_tray()
            except (DesktopError, OSError) as error:
                log.warning("Lectern could not be started: %r", error)
                self._start_after_s = time.monotonic() + START_AGAIN_S
            finally:
                self._starting.release()

        threading.Thread(target=start, name="start-lectern", daemon=True).start()


def is_said_at_once(message: Message, what: str) -> bool:
    """Say whether espeak-ng says `message`: where signs are asked for by name, and else as the setting `say_at_once`
    has it: "short" texts with letters and keys, "keys" (and letters), or "nothing"."""
    if message.prosody.is_exact(message.text.text):
        return True
    if message.kind is not Kind.TEXT:
        return what != "nothing"
    return what == "short" and is_short(message.text.text)


def is_short(text: str) -> bool:
    """Say whether `text` is what one wants to hear at once: a few words that are no sentence."""
    words = text.strip()
    if "\n" in words:
        return False
    width = sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in words)
    is_sentence = words.endswith(_SENTENCE_ENDS) and not words.endswith("...")  # as in "Save as..."
    return width <= SHORT_CHARS and not is_sentence


def _request(message: Message) -> SoundRequest:
    prosody: Prosody = message.prosody
    text = message.text.text.replace("_", " ") if message.kind is Kind.KEY else message.text.text
    is_ssml = bool(message.text.ssml)
    return SoundRequest(
        message.text.ssml if is_ssml else text,
        prosody.language_code,
        prosody.voice,
        prosody.speed,
        prosody.pitch_factor,
        prosody.gain,
        () if is_ssml else message.text.marks,
        is_ssml,
    )
