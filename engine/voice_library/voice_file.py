"""A voice in one file, `NAME.voice`: a ZIP archive that holds

* `voice.json`: `{"format": "lectern voice", "version": 1, "name", "language", "notes", "recordings": [{"text",
  "seconds", "codes": "0.npy" or null, "sound": "0.flac" or null}, …]}`, in UTF-8;
* `N.npy`: the codes of recording N, integers `(n_codebooks, n_frames)` from 0 to 4095, NumPy's format 1.0;
* `N.flac`: its sound, mono, at the recording's own rate, for as long as it may have to be encoded.

A file may come from anywhere. So it is read strictly: a fixed set of names, sizes bounded before anything is unpacked,
no pickles. The same voice gives the same bytes.
"""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import VoiceError
from engine.files.disk import write_whole
from engine.files.foreign import Library, foreign
from engine.files.json_files import parse_json
from engine.types import LANGUAGES
from engine.voice_library.names import checked_name
from engine.voice_library.values import (
    MAX_NOTES_CHARS,
    MAX_RECORDINGS,
    MAX_TRANSCRIPT_CHARS,
    StoredVoice,
    VoiceInfo,
    VoiceRecording,
)

FORMAT, VERSION = "lectern voice", 1
HEADER = "voice.json"
CODE_LIMIT = 4096
MAX_FILE_BYTES = 256 * 2**20
_MAX_BYTES = {".json": 2**20, ".npy": 4 * 2**20, ".flac": 64 * 2**20}
_MAX_FRAMES, _MAX_CODEBOOKS = 20_000, 64  # 15 minutes
_PART = re.compile(r"(?:voice\.json|\d{1,2}\.(?:npy|flac))")
_NPY_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(..)\{'descr': '([<|][iu][1248])', 'fortran_order': False, "
    rb"'shape': \((\d{1,3}), (\d{1,6})\), \} *\n",
    re.DOTALL,
)
_EPOCH = (1980, 1, 1, 0, 0, 0)  # a ZIP's first day: when it was written is nobody's business


def read_voice_file(path: Path) -> StoredVoice:
    """Read all of a voice's file. Raises `VoiceError` "unknown", "damaged", "newer"."""
    with _opened(path) as archive:
        header = _read_header(path, archive)
        recordings = tuple(_read_recording(archive, values) for values in header["recordings"])
        return StoredVoice(header["name"], recordings, header["language"], header["notes"])


def read_voice_info(path: Path) -> VoiceInfo:
    """Read only the header of a voice's file. Raises as `read_voice_file`."""
    with _opened(path) as archive:
        header = _read_header(path, archive)
        recordings = header["recordings"]
        return VoiceInfo(
            id=path.stem,
            name=header["name"],
            path=path,
            language=header["language"],
            notes=header["notes"],
            n_recordings=len(recordings),
            seconds=sum(values["seconds"] for values in recordings),
            is_encoded=all(values["codes"] for values in recordings),
            has_sound=any(values["sound"] for values in recordings),
        )


def write_voice_file(path: Path, voice: StoredVoice, *, mode: int = 0o600) -> None:
    """Write a voice's file, whole or not at all: for the user alone, unless `mode` says otherwise. Raises
    `OutputError`."""
    write_whole(path, voice_bytes(voice), mode=mode)


def write_voice(path: Path, voice: StoredVoice) -> None:
    """Write a voice's file anywhere, for others to read too; whole or not at all. Raises `OutputError`."""
    write_voice_file(path, voice, mode=0o644)


def voice_bytes(voice: StoredVoice) -> bytes:
    """Make the bytes of a voice's file."""
    described: list[dict[str, Any]] = []
    parts: list[tuple[str, bytes]] = []
    for number, recording in enumerate(voice.recordings):
        codes_name = sound_name = None
        if recording.codes is not None:
            codes_name = f"{number}.npy"
            parts.append((codes_name, _codes_bytes(recording.codes)))
        if recording.flac is not None:
            sound_name = f"{number}.flac"
            parts.append((sound_name, recording.flac))
        seconds = round(recording.seconds, 3)
        described.append({"text": recording.text, "seconds": seconds, "codes": codes_name, "sound": sound_name})
    header = {"format": FORMAT, "version": VERSION, "name": voice.name, "language": voice.language}
    header |= {"notes": voice.notes, "recordings": described}
    text = json.dumps(header, ensure_ascii=False, indent=1)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in ((HEADER, text.encode("utf-8")), *parts):
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(".flac") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return content.getvalue()


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """The archive, once its table of contents is harmless. Whatever is found wrong in the block is the file's fault."""
    if not path.is_file():
        raise VoiceError("unknown", str(path))
    with foreign(Library.ZIP, lambda error: VoiceError("damaged", str(path), detail=_reason(error))):
        if path.stat().st_size > MAX_FILE_BYTES:
            raise VoiceError("damaged", str(path), detail="it is too large for a voice")
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if len(entries) > 1 + 2 * MAX_RECORDINGS or len({entry.filename for entry in entries}) != len(entries):
                raise ValueError("it holds too much")
            for entry in entries:
                if not _PART.fullmatch(entry.filename) or entry.file_size > _MAX_BYTES[Path(entry.filename).suffix]:
                    raise ValueError("it holds what a voice does not")
            yield archive


def _reason(error: BaseException) -> str:
    """Say what is wrong with a file."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, ValueError | NotImplementedError) and str(error):
        return str(error)
    return "it is cut off, or no voice at all"


def _read_part(archive: zipfile.ZipFile, name: str) -> bytes:
    limit = _MAX_BYTES[Path(name).suffix]
    with archive.open(name) as file:  # its true size may be another than the stated one
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"{name} is too large")
    return data


def _read_header(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    values = parse_json(_read_part(archive, HEADER).decode("utf-8"))
    if not isinstance(values, dict) or values.get("format") != FORMAT:
        raise ValueError("it is not a voice of Lectern's")
    version = values.get("version")
    if type(version) is not int or version < VERSION:
        raise ValueError("its version is none")
    if version > VERSION:
        raise VoiceError("newer", str(path))
    try:
        name = checked_name(_text(values, "name", 10_000))
    except VoiceError as error:
        raise ValueError(f"its name cannot be one: {error.detail}") from error
    language = _text(values, "language", 10)
    if language and language not in LANGUAGES:
        raise ValueError(f"its language is {language}")
    recordings = values.get("recordings")
    if not isinstance(recordings, list) or not 1 <= len(recordings) <= MAX_RECORDINGS:
        raise ValueError("it has no recordings, or too many")
    names = frozenset(archive.namelist())
    checked = [_check_recording(value, number, names) for number, value in enumerate(recordings)]
    return {"name": name, "language": language, "notes": _text(values, "notes", MAX_NOTES_CHARS), "recordings": checked}


def _check_recording(value: Any, number: int, names: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("a recording is none")
    text, seconds = _text(value, "text", MAX_TRANSCRIPT_CHARS).strip(), value.get("seconds")
    if not text:
        raise ValueError("a recording has no transcript")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 3600:
        raise ValueError("a recording's length is none")
    parts = {}
    for key, ending in (("codes", ".npy"), ("sound", ".flac")):
        name = value.get(key)
        if name is not None and (name != f"{number}{ending}" or name not in names):
            raise ValueError(f"{name} is not in it")
        parts[key] = name
    if not any(parts.values()):
        raise ValueError("a recording has neither codes nor sound")
    return {"text": text, "seconds": float(seconds), **parts}


def _text(values: dict[str, Any], key: str, max_chars: int) -> str:
    value = values.get(key, "")
    if not isinstance(value, str) or len(value) > max_chars or "\0" in value:
        raise ValueError(f"its {key} is no text, or too long")
    value.encode("utf-8")  # half of a sign is none
    return value


def _read_recording(archive: zipfile.ZipFile, values: dict[str, Any]) -> VoiceRecording:
    codes = values["codes"] and _read_codes(_read_part(archive, values["codes"]))
    flac = values["sound"] and _read_part(archive, values["sound"])
    if flac and not flac.startswith(b"fLaC"):
        raise ValueError("its sound is no FLAC")
    return VoiceRecording(values["text"], values["seconds"], codes, flac)


def _read_codes(data: bytes) -> np.ndarray:
    """int64 `(n_codebooks, n_frames)`. Stricter than NumPy, which evaluates the header and believes its shape."""
    head = _NPY_HEADER.match(data)
    if head is None:
        raise ValueError("its codes are no matrix of integers")
    dtype, shape = np.dtype(head[2].decode()), (int(head[3]), int(head[4]))
    content = data[head.end() :]
    if int.from_bytes(head[1], "little") != head.end() - 10 or math.prod(shape) * dtype.itemsize != len(content):
        raise ValueError("its codes are cut off")
    if not (1 <= shape[0] <= _MAX_CODEBOOKS and 1 <= shape[1] <= _MAX_FRAMES):
        raise ValueError(f"its codes are {shape}")
    codes = np.frombuffer(content, dtype).reshape(shape)
    if codes.min() < 0 or codes.max() >= CODE_LIMIT:
        raise ValueError(f"its codes are not from 0 to {CODE_LIMIT - 1}")
    return codes.astype(np.int64)


def _codes_bytes(codes: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, np.ascontiguousarray(codes, "<i2"), version=(1, 0), allow_pickle=False)
    return file.getvalue()
