"""The natural voice as a speech engine of its own: it reads whatever is in Latin letters as English."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence

from engine.builtin.mixing import mixed_sounds
from engine.builtin.names import NATURAL, NATURAL_DISPLAY_NAME
from engine.builtin.neural.model import Network, open_network
from engine.builtin.phonemes import GivenPhonemes
from engine.builtin.shaping import Sound
from engine.builtin.speaking import speak_request
from engine.builtin.versions import natural_version
from engine.errors import BuiltInVoiceError, VoiceError
from engine.types import CancelToken, EngineStatus, Segment, SpeechEvent, SpeechRequest


class NaturalVoice:
    """Speaks as a `SpeechEngine`; words in other scripts are said by espeak-ng. Any number may exist and speak from any
    thread.

    Raises `BuiltInVoiceError` when it cannot be used.
    """

    def __init__(self) -> None:
        try:
            self._network: Network | None = open_network()
        except BuiltInVoiceError as error:
            raise BuiltInVoiceError(f"the natural voice: {error.detail}", error.problem) from error
        self._failure: BuiltInVoiceError | None = None

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        """Speak `request`, voice "" or "natural".

        Of the options, the cleaning and `max_frames` apply. Raises `VoiceError` here, and `TextError` and
        `BuiltInVoiceError` when iterated.
        """
        network = self._network
        if network is None:
            raise BuiltInVoiceError("the natural voice was closed")
        if request.voice.name not in ("", NATURAL):
            raise VoiceError("unknown", request.voice.name, known=(NATURAL,))

        def speaker(
            text: str,
            given: Sequence[GivenPhonemes],
            _segment: Segment,
            pause_ms: int,
            is_cancelled: Callable[[], bool],
        ) -> Generator[Sound]:
            return mixed_sounds(network, text, given, pause_ms, is_cancelled, self._note)

        return speak_request(request, speaker, cancel)

    def status(self) -> EngineStatus:
        how = "" if self._failure is None else f"in parts by espeak-ng: {self._failure.detail}"
        return EngineStatus(NATURAL_DISPLAY_NAME, "CPU", f"hibari {natural_version()}", how=how)

    def close(self) -> None:
        """Give the memory back."""
        self._network = None

    def _note(self, error: BuiltInVoiceError) -> None:
        self._failure = error
