"""Voices in folders: recordings with their exact transcripts beside them.

The layout is the original server's: `NAME/sample.wav` and `NAME/sample.lab`. The recording may have any
audio format, the transcript may be a `.txt`, and `sample.npy`, when there, holds the recording's codes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np

from engine.codes import read_codes
from engine.errors import VoiceError
from engine.types import Reference, Voice

VOICE_NAME = re.compile(r"[a-zA-Z0-9\-_ ]{1,255}")  # no dot and no slash: a name cannot leave the folder
_TRANSCRIPTS = (".lab", ".txt")
_CODES = ".npy"
_NO_RECORDINGS = frozenset({*_TRANSCRIPTS, _CODES, ".json", ".md"})


def load_voice(name: str, voices_folder: Path, encode: Callable[[np.ndarray], np.ndarray], n_codebooks: int) -> Voice:
    """The voice `name`: a folder in `voices_folder`, or the path of a folder anywhere.

    `encode` makes codes int64 `(n_codebooks, n_frames)` of float32 mono 44.1 kHz; it is called for the
    recordings that have no `.npy`. Raises `VoiceError`, `AudioFileError`, `CodesFileError`.
    """
    folder = _find_folder(name, voices_folder)
    transcripts = sorted(file for file in folder.iterdir() if file.suffix.lower() in _TRANSCRIPTS and file.is_file())
    if not transcripts:
        raise VoiceError("no_transcript", name, detail=str(folder))
    return Voice(folder.name, tuple(_load_reference(name, file, encode, n_codebooks) for file in transcripts))


def list_voices(voices_folder: Path) -> tuple[str, ...]:
    """The names in `voices_folder`, sorted; none when it does not exist."""
    if not voices_folder.is_dir():
        return ()
    return tuple(sorted(f.name for f in voices_folder.iterdir() if VOICE_NAME.fullmatch(f.name) and f.is_dir()))


def _find_folder(name: str, voices_folder: Path) -> Path:
    if VOICE_NAME.fullmatch(name) and (voices_folder / name).is_dir():
        return voices_folder / name
    if "/" in name or "\\" in name:
        folder = Path(name).expanduser()
        if folder.is_dir():
            return folder.resolve()
    raise VoiceError("unknown", name, known=list_voices(voices_folder))


def _load_reference(
    name: str, transcript: Path, encode: Callable[[np.ndarray], np.ndarray], n_codebooks: int
) -> Reference:
    try:
        text = transcript.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise VoiceError("no_transcript", name, detail=str(transcript)) from error
    if not text:
        raise VoiceError("no_transcript", name, detail=str(transcript))
    codes_file = transcript.with_suffix(_CODES)
    if codes_file.is_file():
        return Reference(text, read_codes(codes_file, n_codebooks))
    from engine.audio import read_audio

    return Reference(text, encode(read_audio(_find_recording(name, transcript))))


def _find_recording(name: str, transcript: Path) -> Path:
    beside = sorted(file for file in transcript.parent.iterdir() if file.stem == transcript.stem and file.is_file())
    for file in beside:
        if file.suffix.lower() not in _NO_RECORDINGS:
            return file
    raise VoiceError("no_recording", name, detail=str(transcript))
