"""From recordings and what is said in them to a voice, checked on the way. Importing this loads PyAV, not PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.errors import VoiceError
from engine.text import detect_language
from engine.voice_library.checks import check_recording
from engine.voice_library.folders import TRANSCRIPT_ENDINGS, read_transcript
from engine.voice_library.sound import Sound, from_flac, keepable, read_recording, to_flac
from engine.voice_library.values import MAX_TRANSCRIPT_CHARS, RecordingCheck, StoredVoice, VoiceRecording


def check_recording_file(path: Path, text: str = "", language: str = "") -> tuple[Sound, RecordingCheck]:
    """Read the recording `path`, and measure it; `text` is its transcript. Raises `AudioFileError`."""
    sound = read_recording(path)
    return sound, check_recording(sound.samples, sound.rate_hz, text, language)


def sound_of_samples(samples: np.ndarray, rate_hz: int) -> Sound:
    """Make a sound of what a microphone gave, float32 `(n_samples,)`."""
    samples, rate_hz = keepable(samples, rate_hz)
    return Sound(samples, rate_hz, to_flac(samples, rate_hz))


def make_voice(name: str, sounds: Sequence[tuple[Sound, str]], language: str = "", notes: str = "") -> StoredVoice:
    """Make a voice of sounds with their transcripts; nothing is encoded yet. `language` "" is that of the transcripts.

    Raises `VoiceError` "no_transcript".
    """
    recordings = [VoiceRecording(_checked_text(name, text), sound.seconds, None, sound.flac) for sound, text in sounds]
    language = language or detect_language("\n".join(recording.text for recording in recordings))
    return StoredVoice(name, tuple(recordings), language, notes)


def transcript_beside(path: Path) -> str:
    """Read the text in `NAME.lab` or `NAME.txt` beside the recording `NAME.wav`; "" where there is none.

    Raises `VoiceError` "no_transcript" where it cannot be read.
    """
    for ending in TRANSCRIPT_ENDINGS:
        if (beside := path.with_suffix(ending)).is_file():
            return read_transcript(path.stem, beside)
    return ""


def check_voice(voice: StoredVoice) -> list[RecordingCheck | None]:
    """Measure each recording of a voice; None for one whose sound is not kept. Raises `AudioFileError`."""
    checks: list[RecordingCheck | None] = []
    for recording in voice.recordings:
        if recording.flac is None:
            checks.append(None)
            continue
        samples, rate_hz = from_flac(recording.flac, voice.name, None)
        checks.append(check_recording(samples, rate_hz, recording.text, voice.language))
    return checks


def sound_of_voice(voice: StoredVoice) -> tuple[np.ndarray, int] | None:
    """Return the sound of a voice's first recording, float32 `(n_samples,)`, and its rate; None where only codes are
    kept.

    Raises `AudioFileError`.
    """
    flac = next((recording.flac for recording in voice.recordings if recording.flac is not None), None)
    return None if flac is None else from_flac(flac, voice.name, None)


def _checked_text(name: str, text: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise VoiceError("no_transcript", name)
    if len(text) > MAX_TRANSCRIPT_CHARS:
        raise VoiceError("no_transcript", name, detail=f"it has {len(text):,} characters")
    return text
