"""The voices that an engine has in use."""

from __future__ import annotations

from pathlib import Path

from engine.types import Voice
from engine.voice_library.library import VoiceLibrary
from engine.voice_library.references import Encode


class VoiceShelf:
    """The voices of a library as an engine needs them: loaded once, and again when their file has changed. For one
    thread, that of the engine."""

    def __init__(self, library: VoiceLibrary) -> None:
        self._library = library
        self._loaded: dict[tuple[Path, int], tuple[object, Voice]] = {}

    def load(self, name: str, encode: Encode, n_codebooks: int, *, is_cached: bool = True) -> Voice:
        """As `VoiceLibrary.load`; `encode` makes the codes that are not kept. Raises `VoiceError`, `AudioFileError`,
        `CodesFileError`."""
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
