"""From a voice's file to the references that the model is given; what is not encoded yet is encoded, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from engine.audio.codes import read_codes
from engine.errors import OutputError, VoiceError
from engine.files.disk import turn_in
from engine.types import Reference, Voice
from engine.voice_library.folders import list_recordings, read_folder
from engine.voice_library.values import StoredVoice, VoiceRecording
from engine.voice_library.voice_file import read_voice_file, write_voice_file

Encode = Callable[[np.ndarray], np.ndarray]
"""float32 mono 44.1 kHz `(n_samples,)` -> codes int64 `(n_codebooks, n_frames)`"""


def load_path(path: Path, encode: Encode, n_codebooks: int) -> Voice:
    """Load the references of a voice's file or folder. Codes that a file lacks are made and kept in it.

    Raises `VoiceError`, `AudioFileError`, `CodesFileError`.
    """
    if path.is_dir():
        return Voice(path.name, tuple(_folder_references(path, encode, n_codebooks)))
    voice = read_voice_file(path)
    encoded = tuple(_encoded(voice.name, recording, encode, n_codebooks) for recording in voice.recordings)
    if any(new is not old for new, old in zip(encoded, voice.recordings, strict=True)):
        _keep_codes(path, voice, encoded)
    return Voice(voice.name, tuple(Reference(r.text, r.codes) for r in encoded if r.codes is not None))


def read_voice(path: Path) -> StoredVoice:
    """Read a voice's file, or a folder. Raises `VoiceError`, `AudioFileError`, `CodesFileError`."""
    return read_folder(path, path.name) if path.is_dir() else read_voice_file(path)


def encode_voice(voice: StoredVoice, encode: Encode, n_codebooks: int) -> StoredVoice:
    """Return `voice` with codes for all its recordings. Raises `VoiceError`, `AudioFileError`."""
    return replace(voice, recordings=tuple(_encoded(voice.name, r, encode, n_codebooks) for r in voice.recordings))


def _encoded(name: str, recording: VoiceRecording, encode: Encode, n_codebooks: int) -> VoiceRecording:
    """Itself where it has the codes that this codec makes."""
    if recording.codes is not None and recording.codes.shape[0] == n_codebooks:
        return recording
    if recording.flac is None:
        assert recording.codes is not None
        raise VoiceError("codes_shape", name, detail=f"{recording.codes.shape[0]} codebooks, not {n_codebooks}")
    from engine.voice_library.sound import from_flac

    samples, _ = from_flac(recording.flac, name)
    return replace(recording, codes=encode(samples))


def _keep_codes(path: Path, voice: StoredVoice, encoded: tuple[VoiceRecording, ...]) -> None:
    """Write them, unless the file has become another meanwhile, or may not be written: then they are made again."""
    try:
        with turn_in(path.parent):
            now = read_voice_file(path)
            if [(r.text, r.flac) for r in now.recordings] == [(r.text, r.flac) for r in voice.recordings]:
                write_voice_file(path, replace(now, recordings=encoded))
    except (OSError, OutputError, VoiceError):
        return


def _folder_references(folder: Path, encode: Callable[[np.ndarray], np.ndarray], n_codebooks: int) -> list[Reference]:
    from engine.audio.decoding import read_audio

    references: list[Reference] = []
    for found in list_recordings(folder, folder.name):
        if found.codes_file is not None:
            references.append(Reference(found.text, read_codes(found.codes_file, n_codebooks)))
        else:
            assert found.sound_file is not None
            references.append(Reference(found.text, encode(read_audio(found.sound_file))))
    return references
