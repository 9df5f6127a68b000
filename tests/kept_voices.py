"""Voices to keep: with codes of two codebooks, with sound, and with both."""

from __future__ import annotations

import numpy as np

from engine.voice_library import StoredVoice, VoiceRecording, make_voice, sound_of_samples

CODES = np.arange(2 * 6, dtype=np.int64).reshape(2, 6)


def tone(seconds: float, hz: float = 220.0, rate_hz: int = 44_100) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate_hz)) / rate_hz)).astype(np.float32)


def coded(name: str, text: str = "So it sounds.") -> StoredVoice:
    return StoredVoice(name, (VoiceRecording(text, 0.279, CODES),), "en", "a note")


def recorded(name: str, seconds: float = 0.5, text: str = "What is said.") -> StoredVoice:
    return make_voice(name, [(sound_of_samples(tone(seconds), 44_100), text)], "de", "another note")


def encode(samples: np.ndarray) -> np.ndarray:
    """Stands for the codec: the number of samples, in two codebooks."""
    return np.array([[samples.size % 4096], [7]])
