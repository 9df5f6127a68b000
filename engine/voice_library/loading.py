"""A voice's name becomes references: those in a folder of voices, or of a file or folder anywhere."""

from __future__ import annotations

from pathlib import Path

from engine.errors import VoiceError
from engine.types import Voice
from engine.voice_library.library import VoiceLibrary
from engine.voice_library.references import Encode, load_path


def load_voice(name: str, voices_folder: Path, encode: Encode, n_codebooks: int) -> Voice:
    """Load the voice `name`, by its name or id in `voices_folder`, or by the path of a voice's file or folder anywhere.

    `encode` makes codes int64 `(n_codebooks, n_frames)` of float32 mono 44.1 kHz; it is called for the recordings that
    have none, and a voice's file keeps them. Raises `VoiceError`, `AudioFileError`, `CodesFileError`.
    """
    library = VoiceLibrary(voices_folder)
    if "/" in name or "\\" in name:
        path = Path(name).expanduser()
        if not _exists(path):
            raise VoiceError("unknown", name, known=library.names())
        return load_path(path.resolve(), encode, n_codebooks)
    return library.load(name, encode, n_codebooks)


def list_voices(voices_folder: Path) -> tuple[str, ...]:
    """List the names of the voices in `voices_folder`, sorted; none when it does not exist."""
    return VoiceLibrary(voices_folder).names()


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long for a path, or with a NUL byte in it
        return False


class VoiceCache:
    """Load the voices of a library once, and again when their file has changed. For one thread, that of the engine."""

    def __init__(self, library: VoiceLibrary) -> None:
        self._library = library
        self._loaded: dict[tuple[Path, int], tuple[object, Voice]] = {}

    def load(self, name: str, encode: Encode, n_codebooks: int, *, is_cached: bool = True) -> Voice:
        """Load a voice as `VoiceLibrary.load` does, or return it as it was loaded before, where `is_cached`.

        Raises `VoiceError`, `AudioFileError`, `CodesFileError`.
        """
        path = self._library.find(name).path
        known = self._loaded.get((path, n_codebooks))
        if known is not None and is_cached and known[0] == _stamp(path):
            return known[1]
        voice = self._library.load(name, encode, n_codebooks)
        self._loaded[path, n_codebooks] = _stamp(path), voice  # after loading, which may have put codes into the file
        return voice


def _stamp(path: Path) -> object:
    """Another whenever the voice is."""
    facts = path.stat()
    inside = max((file.stat().st_mtime_ns for file in path.iterdir()), default=0) if path.is_dir() else 0
    return facts.st_mtime_ns, facts.st_ino, facts.st_size, inside
