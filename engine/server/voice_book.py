"""The voices that clients may name, bring along, add, rename and remove."""

from __future__ import annotations

import hashlib
import io
import secrets
import shutil
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from engine.audio import decode_audio
from engine.choice import BUILT_IN, is_built_in
from engine.errors import VoiceError
from engine.server.forms import OPENAI_VOICES, REFERENCE_ID, Recording, VoiceWish
from engine.server.replies import RequestError
from engine.server.settings import ServerLimits
from engine.types import AudioCodec, Reference, SpeechEngine, Voice, codec_of
from engine.voice_library.library import VoiceLibrary
from engine.voice_library.shelf import VoiceShelf
from engine.voice_library.turns import turn_in
from engine.voice_library.values import VoiceInfo

MAX_CACHED = 64  # recordings whose codes are kept: some 20 kB each
_ENDINGS = {b"RIFF": ".wav", b"fLaC": ".flac", b"OggS": ".ogg", b"ID3": ".mp3", b"\xff\xfb": ".mp3"}
_LEGAL = "letters, digits, spaces, hyphens and underscores, at most 255"


class VoiceBook:
    """The voices of a library, by their ids. Changing it is safe from any thread."""

    def __init__(self, folder: Path, limits: ServerLimits) -> None:
        self._folder, self._limits = folder, limits
        self._library = VoiceLibrary(folder)
        self._codes: OrderedDict[str, np.ndarray] = OrderedDict()  # of recordings, by digest; the worker's alone
        self._shelf = VoiceShelf(self._library)

    # --- to speak with

    def find(self, engine: SpeechEngine, wish: VoiceWish) -> Voice:
        """What to speak with; called in the thread that owns `engine`. Raises `VoiceError`, `AudioFileError`.

        The built-in voice cannot imitate: it takes recordings, and speaks as itself.
        """
        name, codec = wish.name, codec_of(engine)
        is_stored = bool(REFERENCE_ID.fullmatch(name)) and self._library.has(name)
        if is_built_in(name) or not (name or wish.recordings) or (name in OPENAI_VOICES and not is_stored):
            return Voice(name) if is_built_in(name) and codec is None else self._usual(name)
        if name and not is_stored:
            raise VoiceError("unknown", name, known=self.names())
        if codec is None:
            for number, recording in enumerate(wish.recordings, 1):
                self._decode(recording, number, None)
            return Voice()
        if name:
            return self._shelf.load(name, codec.encode, codec.n_codebooks, is_cached=wish.is_cached)
        return Voice("", tuple(self._encode(r, n, codec, wish.is_cached) for n, r in enumerate(wish.recordings, 1)))

    def _usual(self, name: str) -> Voice:
        if is_built_in(name):
            raise VoiceError("unknown", name, known=self.names())
        return Voice()

    def _encode(self, recording: Recording, number: int, codec: AudioCodec, is_cached: bool) -> Reference:
        digest = hashlib.sha256(recording.audio).hexdigest()
        codes = self._codes.get(digest) if is_cached else None
        if codes is None:
            codes = codec.encode(self._decode(recording, number, codec.sample_rate))
        if is_cached:
            self._codes[digest] = codes
            self._codes.move_to_end(digest)
            if len(self._codes) > MAX_CACHED:
                self._codes.popitem(last=False)
        return Reference(recording.text, codes)

    def _decode(self, recording: Recording, number: int, rate_hz: int | None) -> np.ndarray:
        name = Path(f"number {number} of the references")
        return decode_audio(io.BytesIO(recording.audio), name, rate_hz, self._limits.max_reference_s)

    # --- to look after

    def infos(self) -> list[VoiceInfo]:
        """Of those that can be used."""
        return [info for info in self._library.infos() if not info.problem]

    def names(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(sorted(info.id for info in self.infos()))

    def add(self, name: str, recording: Recording) -> None:
        """Raises `RequestError` 400 or 409, and `AudioFileError`."""
        target = self._checked(name)
        decode_audio(io.BytesIO(recording.audio), Path("audio"), None, self._limits.max_reference_s)
        ending = next((e for begin, e in _ENDINGS.items() if recording.audio.startswith(begin)), ".audio")
        self._folder.mkdir(parents=True, exist_ok=True)
        beside = self._folder / f".adding-{secrets.token_hex(8)}"
        beside.mkdir()
        try:
            (beside / "sample.lab").write_text(recording.text, encoding="utf-8")
            (beside / f"sample{ending}").write_bytes(recording.audio)
            with turn_in(self._folder):
                if target.exists() or self._library.has(name):
                    raise RequestError(409, f"There is a voice {name} already.")
                beside.rename(target)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise

    def remove(self, name: str) -> None:
        """Raises `RequestError` 400 or 404."""
        self._checked(name)
        with _as_request_error():
            self._library.remove(name)

    def rename(self, old: str, new: str) -> None:
        """Raises `RequestError` 400, 404 or 409."""
        self._checked(old)
        self._checked(new)
        with _as_request_error():
            self._library.rename(old, new)

    def _checked(self, name: str) -> Path:
        if not REFERENCE_ID.fullmatch(name) or name == BUILT_IN or name != name.strip():
            raise RequestError(400, f"A voice's name has {_LEGAL}.")
        return self._folder / name


@contextmanager
def _as_request_error() -> Iterator[None]:
    try:
        yield
    except VoiceError as error:
        match error.problem:
            case "unknown":
                raise RequestError(404, f"There is no voice {error.name}.") from error
            case "taken":
                raise RequestError(409, f"There is a voice {error.name} already.") from error
            case "name":
                raise RequestError(400, f"A voice's name has {_LEGAL}.") from error
        raise
