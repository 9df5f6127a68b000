"""Checking a recording, and whether a voice can be made of it: simple measures, and the doubts they give."""

from __future__ import annotations

import numpy as np

from engine.text.detection import guess_language
from engine.text.languages import record_of
from engine.voice_library.pitch import track_pitch, two_pitches
from engine.voice_library.values import (
    MAX_ADVISED_S,
    MAX_RECORDING_S,
    MIN_ADVISED_S,
    MIN_RECORDING_S,
    RecordingCheck,
    RecordingDoubt,
)

PIECE_S = 0.02
SILENCE_DB = -60.0
"""Where even the loudest pieces are quieter than this, nobody speaks."""
BELOW_SPEECH_DB = 25.0
"""A piece this much quieter than the loud ones is a pause."""
QUIET_DB = -36.0
NOISE_BELOW_DB = 18.0
"""Pauses should be at least so much quieter than speech."""
MAX_PAUSE_S = 1.5
MIN_SPEECH_S = 0.5
CLIPPED_RUN, MIN_CLIPPED_RUNS = 3, 8
"""So many samples in a row at the very top, so many times: a loud voice touches the top, a clipped one stays there."""


def check_recording(samples: np.ndarray, rate_hz: int, text: str = "", language: str = "") -> RecordingCheck:
    """Measure a recording, float32 `(n,)` mono, and say whether a voice can be made of it.

    `text` is its transcript, where there is one. Takes 2 ms a second of sound.
    """
    seconds = samples.size / rate_hz
    levels = _levels_db(samples, rate_hz)
    loud_db = float(np.percentile(levels, 95)) if levels.size else -120.0
    is_speech = levels > max(loud_db - BELOW_SPEECH_DB, SILENCE_DB)
    speech_s = float(is_speech.sum()) * PIECE_S
    if loud_db < SILENCE_DB or speech_s < MIN_SPEECH_S:
        doubt = RecordingDoubt.TOO_SHORT if seconds < MIN_RECORDING_S else RecordingDoubt.SILENT
        return RecordingCheck(seconds, speech_s, seconds, loud_db, loud_db, 0.0, (doubt,))
    level_db = float(10 * np.log10(np.mean(10 ** (levels[is_speech] / 10))))
    pauses = levels[~is_speech]
    noise_db = float(np.median(pauses)) if pauses.size * PIECE_S >= 0.2 else -120.0
    longest_pause_s = _longest_run(~is_speech) * PIECE_S
    pitches_hz = track_pitch(samples, rate_hz, 10 ** ((loud_db - BELOW_SPEECH_DB) / 20))
    groups = two_pitches(pitches_hz)
    doubts: list[RecordingDoubt] = []
    if (of_length := _length_doubt(seconds)) is not None:
        doubts.append(of_length)
    for is_so, doubt in (
        (_is_clipped(samples), RecordingDoubt.CLIPPED),
        (level_db < QUIET_DB, RecordingDoubt.QUIET),
        (_is_noisy(levels, level_db), RecordingDoubt.NOISY),
        (longest_pause_s > MAX_PAUSE_S, RecordingDoubt.PAUSES),
        (groups is not None, RecordingDoubt.SEVERAL_SPEAKERS),
    ):
        if is_so:
            doubts.append(doubt)
    if text.strip() and (of_text := _text_doubt(text, language, speech_s)) is not None:
        doubts.append(of_text)
    pitch_hz = float(np.median(pitches_hz)) if pitches_hz.size else 0.0
    return RecordingCheck(seconds, speech_s, longest_pause_s, level_db, noise_db, pitch_hz, tuple(doubts), groups)


def _levels_db(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    size = max(1, int(PIECE_S * rate_hz))
    pieces = samples[: samples.size // size * size].reshape(-1, size).astype(np.float64)
    pieces -= pieces.mean(axis=1, keepdims=True)  # a microphone's constant offset is no sound
    return 10 * np.log10((pieces**2).mean(axis=1) + 1e-12)


def _length_doubt(seconds: float) -> RecordingDoubt | None:
    if seconds < MIN_RECORDING_S:
        return RecordingDoubt.TOO_SHORT
    if seconds > MAX_RECORDING_S:
        return RecordingDoubt.TOO_LONG
    if seconds < MIN_ADVISED_S:
        return RecordingDoubt.SHORT
    return RecordingDoubt.LONG if seconds > MAX_ADVISED_S else None


def _is_clipped(samples: np.ndarray) -> bool:
    peak = float(np.abs(samples).max())
    if peak < 0.5:
        return False
    at_top = np.abs(samples) >= 0.999 * peak
    starts = np.flatnonzero(np.diff(at_top.astype(np.int8), prepend=0, append=0))
    runs = starts[1::2] - starts[::2]
    return int((runs >= CLIPPED_RUN).sum()) >= MIN_CLIPPED_RUNS


def _is_noisy(levels: np.ndarray, level_db: float) -> bool:
    """Judge by the quietest tenth, which is pauses, breath and the ends of words: in a quiet room far below the
    speech."""
    return level_db - float(np.percentile(levels, 5)) < NOISE_BELOW_DB


def _longest_run(flags: np.ndarray) -> int:
    starts = np.flatnonzero(np.diff(flags.astype(np.int8), prepend=0, append=0))
    runs = starts[1::2] - starts[::2]
    return int(runs.max(initial=0))


def _text_doubt(text: str, language: str, speech_s: float) -> RecordingDoubt | None:
    n_letters = sum(map(str.isalnum, text))
    low, high = record_of(language or guess_language(text)).letters_per_s  # outside of these the text is another
    if n_letters < low * speech_s:
        return RecordingDoubt.TEXT_SHORT
    return RecordingDoubt.TEXT_LONG if n_letters > high * speech_s else None
