"""The original server's layout: a folder per voice, `NAME/sample.wav` and `NAME/sample.lab`.

The recording may have any audio format, the transcript may be a `.txt`, and `sample.npy`, when there, holds the
recording's codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.errors import DocumentError, VoiceError
from engine.text.decoding import decode_text
from engine.voice_library.values import ENDING, StoredVoice, VoiceRecording, codes_s

TRANSCRIPT_ENDINGS = (".lab", ".txt")
MAX_TRANSCRIPT_BYTES = 1_000_000
_CODES = ".npy"
_NO_RECORDINGS = frozenset({*TRANSCRIPT_ENDINGS, _CODES, ".json", ".md"})


@dataclass(frozen=True, slots=True)
class FolderRecording:
    """Describe one recording of a folder: its transcript's text, and the files with its codes and its sound.

    The codes count where there are both.
    """

    text: str
    codes_file: Path | None
    sound_file: Path | None


def list_recordings(folder: Path, name: str) -> tuple[FolderRecording, ...]:
    """List the recordings of a voice's folder in the order of their names. Raises `VoiceError` "no_transcript",
    "no_recording"."""
    transcripts = find_transcripts(folder)
    if not transcripts:
        raise VoiceError("no_transcript", name, detail=str(folder))
    return tuple(_recording_of(name, transcript) for transcript in transcripts)


def find_transcripts(folder: Path) -> list[Path]:
    """List the transcripts in `folder`, sorted. Raises OSError."""
    return sorted(file for file in folder.iterdir() if file.suffix.lower() in TRANSCRIPT_ENDINGS and file.is_file())


def find_voice_folders(path: Path) -> list[Path]:
    """List the voices in `path`: itself where it is a voice's folder, else the folders and the .voice files in it."""
    if find_transcripts(path):
        return [path]
    inside = sorted(path.iterdir())
    return [
        one for one in inside if (one.is_dir() and find_transcripts(one)) or (one.is_file() and one.suffix == ENDING)
    ]


def read_transcript(name: str, transcript: Path) -> str:
    """Read what is said in a recording of the voice `name`. Raises `VoiceError` "no_transcript"."""
    try:
        data = transcript.read_bytes()
        text = decode_text(transcript, data)[0].strip() if len(data) <= MAX_TRANSCRIPT_BYTES else ""
    except (OSError, DocumentError) as error:
        raise VoiceError("no_transcript", name, detail=str(transcript)) from error
    if not text:
        raise VoiceError("no_transcript", name, detail=str(transcript))
    return text


def read_folder(folder: Path, name: str) -> StoredVoice:
    """Read a voice's folder as it would be in one file: sound as FLAC, codes as they are.

    Raises `VoiceError`, `AudioFileError`, `CodesFileError`.
    """
    from engine.audio.codes import read_codes
    from engine.voice_library.sound import read_recording

    recordings: list[VoiceRecording] = []
    for found in list_recordings(folder, name):
        codes = read_codes(found.codes_file, None) if found.codes_file else None
        if found.sound_file is not None:
            sound = read_recording(found.sound_file)
            recordings.append(VoiceRecording(found.text, sound.seconds, codes, sound.flac))
        else:
            assert codes is not None
            recordings.append(VoiceRecording(found.text, codes_s(codes), codes))
    return StoredVoice(name, tuple(recordings))


def _recording_of(name: str, transcript: Path) -> FolderRecording:
    text, codes_file = read_transcript(name, transcript), transcript.with_suffix(_CODES)
    beside = sorted(file for file in transcript.parent.iterdir() if file.stem == transcript.stem and file.is_file())
    sound_file = next((file for file in beside if file.suffix.lower() not in _NO_RECORDINGS), None)
    has_codes = codes_file.is_file()
    if not has_codes and sound_file is None:
        raise VoiceError("no_recording", name, detail=str(transcript))
    return FolderRecording(text, codes_file if has_codes else None, sound_file)
