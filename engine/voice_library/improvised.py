"""A voice that the model has just made up, caught from a reading's events so that it can be kept."""

from __future__ import annotations

import numpy as np

from engine.errors import VoiceError
from engine.text import acted_text
from engine.types import PcmChunk, Reference, Segment, SegmentDone, SpeechEvent, Voice, WholeSegments
from engine.voice_library.values import StoredVoice, VoiceRecording, codes_s


class ImprovisedVoice:
    """Collect a voice from the events of one request, or of several that go on with each other's voice.

    It holds the sound of the sentences that became references, 30 seconds at most, and not what was said since.
    """

    def __init__(self) -> None:
        self._voice = Voice()
        self._language = ""
        self._segments = WholeSegments()
        self._sounds: dict[str, np.ndarray] = {}  # by a reference's text
        self._rate_hz = 0

    @property
    def is_there(self) -> bool:
        """Return whether a voice was improvised: neither the built-in voice's, nor one that was chosen by name."""
        return bool(self._voice.references) and not self._voice.name

    def copy(self) -> ImprovisedVoice:
        """Copy it as it is now, for another thread."""
        copied = ImprovisedVoice()
        copied._voice, copied._language, copied._rate_hz = self._voice, self._language, self._rate_hz
        copied._sounds = dict(self._sounds)
        return copied

    def take(self, event: SpeechEvent) -> None:
        """Take the next event of a request."""
        sound = self._segments.take(event)
        if isinstance(event, PcmChunk):
            self._rate_hz = event.sample_rate
        elif isinstance(event, SegmentDone) and event.voice is not None:
            self._learn(event.voice, event.segment, sound)

    def stored(self, name: str, notes: str = "") -> StoredVoice:
        """Make it a voice to be kept as `name`: codes, and how they sound. Takes 10 ms a second of sound.

        Raises `VoiceError` "not_improvised" where there is none.
        """
        if not self.is_there:
            raise VoiceError("not_improvised", name)
        return StoredVoice(name, tuple(map(self._recording, self._voice.references)), self._language, notes)

    def _learn(self, voice: Voice, segment: Segment, sound: list[np.ndarray]) -> None:
        self._language = self._language or segment.language
        for reference in voice.references[len(self._voice.references) :]:
            if reference.text == acted_text(segment) and sound:
                # A reference may be the beginning of its sentence only.
                n_samples = round(codes_s(reference.codes) * self._rate_hz)
                self._sounds[reference.text] = np.concatenate(sound)[:n_samples]
        self._voice = voice

    def _recording(self, reference: Reference) -> VoiceRecording:
        from engine.voice_library.sound import to_flac

        samples = self._sounds.get(reference.text)
        flac = None if samples is None else to_flac(samples, self._rate_hz)
        return VoiceRecording(reference.text, codes_s(reference.codes), reference.codes, flac)
