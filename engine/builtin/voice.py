"""The speech engine that is always there: English by the natural voice, all else by espeak-ng.

espeak-ng is plain, but clear, and its first audio comes in about 7 ms. Its limits: it reads kana, and Japanese comes
to it in them (`kana.py`); Chinese characters in any other language but Chinese are called "Chinese letter". Korean
hangul and all alphabets are read.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Iterator, Sequence

from engine.builtin.catalogue import Catalogue, Variant
from engine.builtin.mixing import mixed_sounds
from engine.builtin.names import BUILT_IN, DISPLAY_NAME
from engine.builtin.neural.model import Network, open_network
from engine.builtin.phonemes import GivenPhonemes
from engine.builtin.shaping import Sound, shaped
from engine.builtin.speaking import speak_request
from engine.builtin.synthesis import spoken_blocks
from engine.builtin.versions import natural_version
from engine.errors import BuiltInVoiceError, VoiceError
from engine.types import CancelToken, EngineStatus, Segment, SpeechEvent, SpeechRequest

NATURAL_LANGUAGE = "en"
_OF_GENDERS = {"female": "f2", "male": "m3"}


class BuiltInVoice:
    """Speaks as a `SpeechEngine`. Any number may exist and speak from any thread: with espeak-ng they take turns by
    segment.

    The natural voice is loaded when there is English to speak. Where it cannot be used, espeak-ng speaks, and the
    status says why. Raises `BuiltInVoiceError` when espeak-ng cannot be used.
    """

    def __init__(self) -> None:
        self._catalogue = Catalogue()
        self._network: Network | None = None
        self._failure: BuiltInVoiceError | None = None
        self._opening = threading.Lock()
        self._closed = False

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        """Speak `request`, voice "" or "built-in", or "built-in/NAME" with a name of `variants()` in any case.

        Of the options, the language, the cleaning and `max_frames` apply. Raises `VoiceError` here, and
        `TextError` and `BuiltInVoiceError` when iterated.
        """
        if self._closed:
            raise BuiltInVoiceError("the built-in voice was closed")
        variant = self._catalogue.variant(request.voice.name)

        def speaker(
            text: str,
            given: Sequence[GivenPhonemes],
            segment: Segment,
            pause_ms: int,
            is_cancelled: Callable[[], bool],
        ) -> Generator[Sound]:
            its_own = self._asked_for(segment.delivery.manner.voice) or variant
            return self._sounds(text, given, segment.language, its_own, pause_ms, is_cancelled)

        return speak_request(request, speaker, cancel)

    def prepare(self) -> None:
        """Load the natural voice, so that the first sentence need not wait for it."""
        self._natural()

    def status(self) -> EngineStatus:
        espeak = f"espeak-ng {self._catalogue.version}"
        if self._failure is not None:
            return EngineStatus(DISPLAY_NAME, "CPU", espeak, how=f"without the natural voice: {self._failure.detail}")
        return EngineStatus(DISPLAY_NAME, "CPU", f"hibari {natural_version()}, {espeak}")

    def close(self) -> None:
        """Speak no more, and give the natural voice's memory back."""
        self._closed, self._network = True, None

    def _sounds(
        self,
        text: str,
        given: Sequence[GivenPhonemes],
        language: str,
        variant: Variant,
        pause_ms: int,
        is_cancelled: Callable[[], bool],
    ) -> Generator[Sound]:
        network = self._natural() if variant.is_natural and language == NATURAL_LANGUAGE else None
        if network is not None:
            return mixed_sounds(network, text, given, pause_ms, is_cancelled, self._note)
        return shaped(spoken_blocks(text, variant.espeak_voice(language), is_cancelled, given), pause_ms)

    def _asked_for(self, voice: str) -> Variant | None:
        """Find the voice that a note asks for, with or without "built-in/"; None for one that is not here."""
        if not voice:
            return None
        name = f"{BUILT_IN}/{_OF_GENDERS.get(voice, voice.removeprefix(f'{BUILT_IN}/'))}"
        try:
            return self._catalogue.variant(BUILT_IN if voice == BUILT_IN else name)
        except VoiceError:
            return None

    def _natural(self) -> Network | None:
        """Open the natural voice once; None where that failed, and it is not tried again."""
        with self._opening:
            if self._network is None and self._failure is None and not self._closed:
                try:
                    self._network = open_network()
                except BuiltInVoiceError as error:
                    self._note(error)
            return self._network

    def _note(self, error: BuiltInVoiceError) -> None:
        self._failure = error
