"""The folder of a person's voices: listed, found by name, added, renamed, set aside, given away.

Each is a file `ID.voice`, or a folder in the original server's layout. Methods wait for the disk; any thread may call
them, and other programs may change the folder meanwhile.
"""

from __future__ import annotations

import re
import secrets
import shutil
import time
from dataclasses import replace
from pathlib import Path

from engine.errors import VoiceError
from engine.files.disk import as_output_error, move, turn_in
from engine.types import LANGUAGES, Voice
from engine.voice_library.folders import find_transcripts, read_folder
from engine.voice_library.names import VOICE_ID, checked_name, id_of, same_name
from engine.voice_library.references import Encode, load_path, read_voice
from engine.voice_library.values import ENDING, MAX_NOTES_CHARS, MAX_RECORDINGS, RemovedVoice, StoredVoice, VoiceInfo
from engine.voice_library.voice_file import CODE_LIMIT, read_voice_file, read_voice_info, write_voice_file

_LEFTOVER = re.compile(r"\.(?:removing|removed|adding)-.+|.+\.voice-[a-z0-9_]{8}")
LEFTOVER_S = 24 * 3600.0
GIVEN_MODE = 0o644
"""Of a file that is to be given away."""


class VoiceLibrary:
    """Look after the voices in a folder. Any thread may call it, and other programs may change the folder meanwhile."""

    def __init__(self, folder: Path) -> None:
        """`folder` is made when the first voice is added."""
        self.folder = folder

    # --- to look at

    def infos(self) -> list[VoiceInfo]:
        """Describe each voice, sorted by name. One that cannot be read has a `problem`, and is there to be removed."""
        return sorted(map(_info_of, self._paths()), key=lambda info: (info.name.casefold(), info.id))

    def names(self) -> tuple[str, ...]:
        """List the names of the voices that can be used, sorted."""
        return tuple(info.name for info in self.infos() if not info.problem)

    def ids(self) -> tuple[str, ...]:
        """List the ids of all voices, sorted."""
        return tuple(sorted(_id_of_path(path) for path in self._paths()))

    def find(self, name: str) -> VoiceInfo:
        """Find a voice by its id, else by its name. Raises `VoiceError` "unknown"."""
        if VOICE_ID.fullmatch(name):
            for path in (self.folder / f"{name}{ENDING}", self.folder / name):
                if path in self._paths_named(path.name):
                    return _info_of(path)
        for info in self.infos():
            if same_name(info.name, name):
                return info
        raise VoiceError("unknown", name, known=self.names())

    def has(self, name: str) -> bool:
        """Return whether a voice has this id or name."""
        try:
            self.find(name)
        except VoiceError:
            return False
        return True

    def read(self, name: str) -> StoredVoice:
        """Read all of a voice. Raises `VoiceError`, `AudioFileError`, `CodesFileError`."""
        return read_voice(self.find(name).path)

    def check_new(self, name: str) -> None:
        """Raise `VoiceError` "name" or "taken" where no new voice can be called so; to ask before long work."""
        self._free_id(checked_name(name))

    # --- to change

    def add(self, voice: StoredVoice) -> VoiceInfo:
        """Keep `voice`. Raises `VoiceError` "name" and "taken", `OutputError`."""
        voice = _checked(voice)
        with as_output_error(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with as_output_error(self.folder), turn_in(self.folder):
            path = self.folder / f"{self._free_id(voice.name)}{ENDING}"
            write_voice_file(path, voice)
        return read_voice_info(path)

    def rename(self, old: str, new: str) -> VoiceInfo:
        """Rename a voice; a folder stays a folder where its name can hold the new one.

        Raises `VoiceError` "unknown", "name", "taken", `OutputError`.
        """
        new = checked_name(new)
        with as_output_error(self.folder), turn_in(self._existing()):
            info = self.find(old)
            if new == info.name:
                return info
            new_id = self._free_id(new, besides=info)
            if info.is_folder and new_id == new:
                target = self.folder / new
                _check_free(target, info.path, new)
                return _info_of(move(info.path, target))
            voice = replace(read_voice(info.path), name=new)
            target = self.folder / f"{new_id}{ENDING}"
            _check_free(target, info.path, new)
            if info.is_folder:
                write_voice_file(target, voice)
                _delete(info.path)
            else:  # first the name inside, by which it is found, then the file's
                write_voice_file(info.path, voice)
                move(info.path, target)
        return _info_of(target)

    def describe(self, name: str, *, language: str | None = None, notes: str | None = None) -> VoiceInfo:
        """Change a voice's language or notes; None leaves them. A folder becomes a file, which can hold both.

        Raises `VoiceError`, `OutputError`.
        """
        with as_output_error(self.folder), turn_in(self._existing()):
            info = self.find(name)
            voice = read_voice(info.path)
            language = voice.language if language is None else language
            voice = _checked(replace(voice, language=language, notes=voice.notes if notes is None else notes))
            kept_id = info.id if VOICE_ID.fullmatch(info.id) else self._free_id(info.name, besides=info)
            path = self.folder / f"{kept_id}{ENDING}"
            write_voice_file(path, voice)
            if info.is_folder:
                _delete(info.path)
        return read_voice_info(path)

    def set_aside(self, name: str) -> RemovedVoice:
        """Take a voice out of the list, and keep it for `restore`. Raises `VoiceError` "unknown", `OutputError`."""
        with as_output_error(self.folder), turn_in(self._existing()):
            info = self.find(name)
            kept_name = info.path.name.encode("utf-8", "ignore")[:220].decode("utf-8", "ignore")
            aside = self.folder / f".removed-{secrets.token_hex(8)}-{kept_name}"
            move(info.path, aside)
        return RemovedVoice(info.name, info.path, aside)

    def restore(self, removed: RemovedVoice) -> VoiceInfo:
        """Put a voice back that was set aside. Raises `VoiceError` "taken" where its name was given to another,
        `OutputError`."""
        with as_output_error(self.folder), turn_in(self._existing()):
            if removed.was.exists() or self.has(removed.name):
                raise VoiceError("taken", removed.name)
            move(removed.now, removed.was)
        return _info_of(removed.was)

    def discard(self, removed: RemovedVoice) -> None:
        """Delete what was set aside. Raises `OutputError`."""
        with as_output_error(removed.now):
            _delete(removed.now)

    def remove(self, name: str) -> None:
        """Delete a voice for good. Raises `VoiceError` "unknown", `OutputError`."""
        self.discard(self.set_aside(name))

    def tidy(self) -> None:
        """Delete what killed programs have left, once it is a day old."""
        if not self.folder.is_dir():
            return
        for path in self.folder.iterdir():
            if _LEFTOVER.fullmatch(path.name):
                with as_output_error(path):
                    if time.time() - path.lstat().st_ctime > LEFTOVER_S:
                        _delete(path)

    # --- from elsewhere and to elsewhere

    def import_file(self, path: Path, name: str = "") -> VoiceInfo:
        """Add the voice in the file `path`, under `name` or its own. Raises `VoiceError`, `OutputError`."""
        voice = read_voice_file(path)
        return self.add(replace(voice, name=name or voice.name))

    def import_folder(self, folder: Path, name: str = "") -> VoiceInfo:
        """Add the voice in `folder`, which has the original server's layout, under `name` or the folder's.

        Raises `VoiceError`, `AudioFileError`, `CodesFileError`, `OutputError`.
        """
        name = checked_name(name or folder.resolve().name)
        if self.has(name):  # before its recordings are read
            raise VoiceError("taken", name)
        return self.add(read_folder(folder, name))

    def export(self, name: str, target: Path, *, with_sound: bool = True) -> None:
        """Write a voice to the file `target`, whole or not at all; without sound it holds codes alone.

        Raises `VoiceError` ("not_encoded" where it has no codes yet), `OutputError`.
        """
        voice = self.read(name)
        if not with_sound:
            if any(recording.codes is None for recording in voice.recordings):
                raise VoiceError("not_encoded", voice.name)
            voice = replace(voice, recordings=tuple(replace(r, flac=None) for r in voice.recordings))
        write_voice_file(target, _checked(voice), mode=GIVEN_MODE)

    # --- to speak with

    def load(self, name: str, encode: Encode, n_codebooks: int) -> Voice:
        """Load a voice's references; `encode` makes the codes that are not kept.

        Raises `VoiceError`, `AudioFileError`, `CodesFileError`.
        """
        info = self.find(name)
        if info.problem:
            raise VoiceError("damaged", info.name, detail=info.problem)
        return load_path(info.path, encode, n_codebooks)

    # --- inside

    def _paths(self) -> list[Path]:
        if not self.folder.is_dir():
            return []
        return [path for path in self.folder.iterdir() if _is_voice(path)]

    def _paths_named(self, name: str) -> list[Path]:
        """List the paths that the folder spells so: on Windows and macOS another spelling opens them too."""
        return [path for path in self._paths() if path.name == name]

    def _existing(self) -> Path:
        """The folder, for a turn. Without one there is nothing to change, which `find` says."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.folder

    def _free_id(self, name: str, besides: VoiceInfo | None = None) -> str:
        """An id for `name` that no other voice has. Raises `VoiceError` "taken" where one has the name itself."""
        others = [info for info in self.infos() if besides is None or info.path != besides.path]
        if any(same_name(info.name, name) or same_name(info.id, name) for info in others):
            raise VoiceError("taken", name)
        taken, plain_id = {info.id.casefold() for info in others}, id_of(name)
        numbers = (f"{plain_id} {number}" for number in range(2, len(taken) + 3))
        return next(candidate for candidate in (plain_id, *numbers) if candidate.casefold() not in taken)


def _is_voice(path: Path) -> bool:
    if path.suffix == ENDING:
        return bool(VOICE_ID.fullmatch(path.stem)) and path.is_file()
    return path.is_dir() and (bool(VOICE_ID.fullmatch(path.name)) or _is_named_folder(path))


def _is_named_folder(path: Path) -> bool:
    """Return whether somebody has put a voice there under a name that is no id, such as 女声: it is found by that
    name."""
    try:
        return same_name(checked_name(path.name), path.name) and bool(find_transcripts(path))
    except (VoiceError, OSError):
        return False


def _id_of_path(path: Path) -> str:
    return path.stem if path.suffix == ENDING else path.name


def _info_of(path: Path) -> VoiceInfo:
    if path.is_dir():
        return _folder_info(path)
    try:
        return read_voice_info(path)
    except VoiceError as error:
        return VoiceInfo(path.stem, path.stem, path, problem=error.detail or error.problem)


def _folder_info(path: Path) -> VoiceInfo:
    try:
        transcripts = find_transcripts(path)
    except OSError as error:
        return VoiceInfo(path.name, path.name, path, is_folder=True, problem=error.strerror or "it cannot be read")
    codes = [transcript.with_suffix(".npy").is_file() for transcript in transcripts]
    return VoiceInfo(
        id=path.name,
        name=path.name,
        path=path,
        n_recordings=len(transcripts),
        is_encoded=bool(codes) and all(codes),
        has_sound=bool(transcripts),
        is_folder=True,
    )


def _checked(voice: StoredVoice) -> StoredVoice:
    """Return `voice` as it can be kept. Raises `VoiceError` "name", "no_recording", "too_many", "no_transcript",
    "codes_shape"."""
    name = checked_name(voice.name)
    if not voice.recordings:
        raise VoiceError("no_recording", name)
    if len(voice.recordings) > MAX_RECORDINGS:
        raise VoiceError("too_many", name, detail=str(len(voice.recordings)))
    for recording in voice.recordings:
        if not recording.text.strip():
            raise VoiceError("no_transcript", name)
        codes = recording.codes
        if codes is not None and (codes.size == 0 or codes.min() < 0 or codes.max() >= CODE_LIMIT):
            raise VoiceError("codes_shape", name, detail=f"codes outside 0 to {CODE_LIMIT - 1}")
    assert voice.language in ("", *LANGUAGES)
    return replace(voice, name=name, notes=voice.notes[:MAX_NOTES_CHARS])


def _check_free(target: Path, source: Path, name: str) -> None:
    """Raises `VoiceError` "taken" where `target` is another file than `source`."""
    if target.exists() and not target.samefile(source):
        raise VoiceError("taken", name)


def _delete(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
