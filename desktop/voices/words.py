"""Describes voices and their recordings in words for people. No Qt here."""

from __future__ import annotations

import engine
import engine.voice_library
from desktop.common.language_words import LANGUAGE_WORDS
from desktop.common.messages import Message
from desktop.voices.state import RecordingPhase, RecordingState
from engine.voice_library import RecordingCheck, RecordingDoubt, VoiceInfo

_DOUBTS = {
    RecordingDoubt.SILENT: ("Nobody is heard speaking.", "Check the microphone, or choose another recording."),
    RecordingDoubt.TOO_SHORT: (
        "It lasts only {c.seconds:.1f} seconds.",
        "Record {low:.0f} to {high:.0f} seconds.",
    ),
    RecordingDoubt.TOO_LONG: (
        "It lasts longer than {longest:.0f} seconds, which is more than the model can take.",
        "Cut out {low:.0f} to {high:.0f} good seconds.",
    ),
    RecordingDoubt.SHORT: (
        "It lasts {c.seconds:.1f} seconds.",
        "From {low:.0f} to {high:.0f} seconds the voice is more like the person's.",
    ),
    RecordingDoubt.LONG: (
        "It lasts {c.seconds:.0f} seconds.",
        "More than {high:.0f} seconds make speaking slower, and the voice no better.",
    ),
    RecordingDoubt.CLIPPED: (
        "Its loudest moments are cut off.",
        "Turn the microphone down, or move away from it a little.",
    ),
    RecordingDoubt.QUIET: (
        "It is very quiet ({c.level_db:.0f} dB).",
        "Turn the microphone up, or move closer to it.",
    ),
    RecordingDoubt.NOISY: (
        "There is noise behind the voice, which S1 Mini would imitate too.",
        "Record in a quieter room, close to the microphone.",
    ),
    RecordingDoubt.PAUSES: (
        "There is a pause of {c.longest_pause_s:.1f} seconds in it.",
        "Cut it out: the voice would pause as long.",
    ),
    RecordingDoubt.TEXT_SHORT: (
        "More seems to be said than the transcript has.",
        "Write down every word, as it is spoken.",
    ),
    RecordingDoubt.TEXT_LONG: (
        "The transcript seems to have more than is said.",
        "Leave out what is not spoken.",
    ),
    RecordingDoubt.SEVERAL_SPEAKERS: (
        "Two people may be speaking: there is a voice around {low_hz:.0f} Hz and one around {high_hz:.0f} Hz.",
        "If so, cut out one of them. If one person acts both, all is well.",
    ),
}


def explain_recording_warning(doubt: RecordingDoubt, check: RecordingCheck) -> Message:
    """Explain what may be wrong with a recording, and what helps."""
    sentence, remedy = _DOUBTS[doubt]
    low_hz, high_hz = check.pitches_hz or (0.0, 0.0)
    fields = {
        "c": check,
        "low": engine.voice_library.MIN_ADVISED_S,
        "high": engine.voice_library.MAX_ADVISED_S,
        "longest": engine.voice_library.MAX_RECORDING_S,
        "low_hz": low_hz,
        "high_hz": high_hz,
    }
    return Message(sentence.format(**fields), remedy.format(**fields))


def recording_line(recording: RecordingState) -> str:
    """Describe a recording of a new voice in one line: "talk.mp3 · 16 s · Good"."""
    match recording.phase:
        case RecordingPhase.EMPTY:
            return "Nothing recorded yet"
        case RecordingPhase.COUNTDOWN | RecordingPhase.RECORDING:
            return "Recording …"
        case RecordingPhase.READING:
            return f"Reading {recording.name or 'the recording'} …"
    check = recording.check
    if check is not None and not check.is_usable:
        words = verdict_of(check)
    elif not recording.text:
        words = "What is said in it is missing"
    else:
        words = verdict_of(check) if check is not None and check.doubts else "Good"
    return f"{recording.name} · {recording.seconds:.0f} s · {words}"


def verdict_of(check: RecordingCheck) -> str:
    """Judge a recording in one line, which stands before its warnings."""
    if not check.is_usable:
        return "No voice can be made of this recording."
    if check.doubts:
        return "Usable, with a doubt." if len(check.doubts) == 1 else "Usable, with some doubts."
    return f"Good: {check.seconds:.0f} seconds of clear speech."


def language_words(code: str) -> str:
    return LANGUAGE_WORDS.get(code, "")


def length_words(info: VoiceInfo) -> str:
    """Say how much of the voice there is: "14 s", or "14 s in 2 recordings"; empty where it is not known."""
    words = "" if info.seconds is None else f"{info.seconds:.0f} s"
    if info.n_recordings > 1:
        words = f"{words} in {info.n_recordings} recordings" if words else f"{info.n_recordings} recordings"
    return words


def state_words(info: VoiceInfo) -> str:
    """Say what is to be known before it is used; empty where there is nothing."""
    if info.problem:
        return "damaged"
    if info.is_folder:
        return "a folder"
    return "" if info.is_encoded else "prepared at its first use"


def voice_line(info: VoiceInfo) -> str:
    """Describe a voice by language, length, state and notes, as far as they are known: "German · 14 s · from the radio
    play"."""
    parts = (language_words(info.language), length_words(info), state_words(info), " ".join(info.notes.split()))
    return " · ".join(part for part in parts if part)
