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

from engine.audio.decoding import decode_audio
from engine.errors import VoiceError
from engine.files.disk import move, turn_in
from engine.registry import EngineEntry, engine_of_voice
from engine.server.forms import KOKORO_VOICE, OPENAI_VOICES, REFERENCE_ID, SHOWN_NAME, Recording, VoiceChoice
from engine.server.replies import RequestError
from engine.server.settings import ServerSettings
from engine.types import AudioCodec, Reference, SpeechEngine, Voice, codec_of
from engine.voice_library.library import VoiceLibrary
from engine.voice_library.loading import VoiceCache
from engine.voice_library.values import VoiceInfo

MAX_CACHED = 64  # recordings whose codes are kept: some 20 kB each
_ENDINGS = {b"RIFF": ".wav", b"fLaC": ".flac", b"OggS": ".ogg", b"ID3": ".mp3", b"\xff\xfb": ".mp3"}
_LEGAL = "letters, digits, spaces, hyphens and underscores, at most 255"


def seed_of(name: str) -> int:
    """Choose the seed by which a voice that has a name alone always speaks, in every process."""
    digest = hashlib.blake2b((name or "default").encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


class VoiceBook:
    """Find and change the voices of a library by their ids. Changing it is safe from any thread."""

    def __init__(self, settings: ServerSettings) -> None:
        self._folder, self._limits, self._settings = settings.voices_folder, settings.limits, settings
        self._library = VoiceLibrary(self._folder)
        self._codes: OrderedDict[str, np.ndarray] = OrderedDict()  # of recordings, by digest; the worker's alone
        self._cache = VoiceCache(self._library)

    # --- to speak with

    def check_usual(self) -> None:
        """Check that the voice that speaks by default is there. Raises `VoiceError` "unknown"."""
        name = self._settings.voice
        owner = engine_of_voice(name)
        if name and owner is None and not self._is_nobodys(name) and not self._library.has(name):
            raise self._unknown(name)
        if owner is not None and not self._is_spoken(name, owner, None):
            raise self._unknown(name)

    def find(self, engine: SpeechEngine, choice: VoiceChoice) -> tuple[Voice, int | None]:
        """Find the voice to speak with, and the seed of one that has no more than a name, so that a text which is sent
        sentence by sentence keeps one speaker.

        Called in the thread that owns `engine`. One that cannot imitate takes recordings, and speaks as itself.
        Raises `VoiceError`, `AudioFileError`.
        """
        codec = codec_of(engine)
        if choice.recordings and not choice.name:
            return self._imitated(choice, codec), None
        try:
            return self._named(choice.name, choice, codec)
        except VoiceError as error:
            if error.problem != "unknown" or not self._settings.unknown_is_default:
                raise
        return self._named("", choice, codec) if self._settings.voice else (Voice(), seed_of(choice.name))

    def _named(self, name: str, choice: VoiceChoice, codec: AudioCodec | None) -> tuple[Voice, int | None]:
        if self._settings.voice and (not name or self._is_nobodys(name)):
            name = self._settings.voice
        if not name or self._is_nobodys(name):
            return Voice(), seed_of(name)
        if (owner := engine_of_voice(name)) is not None:
            if not self._is_spoken(name, owner, codec):
                raise self._unknown(name)
            return Voice(name), None
        if not self._library.has(name):
            raise self._unknown(name)
        if codec is None:
            return Voice(), None
        return self._cache.load(name, codec.encode, codec.n_codebooks, is_cached=choice.is_cached), None

    def _imitated(self, choice: VoiceChoice, codec: AudioCodec | None) -> Voice:
        recordings = list(enumerate(choice.recordings, 1))
        if codec is None:
            for number, recording in recordings:
                self._decode(recording, number, None)
            return Voice()
        return Voice("", tuple(self._encode(r, n, codec, choice.is_cached) for n, r in recordings))

    def _is_nobodys(self, name: str) -> bool:
        """Return whether clients send `name` when nobody chose a voice, and nobody here has given it to one."""
        is_theirs = name in OPENAI_VOICES or KOKORO_VOICE.fullmatch(name) is not None
        return is_theirs and not self._library.has(name)

    def _is_spoken(self, name: str, owner: EngineEntry, codec: AudioCodec | None) -> bool:
        """Whether the engine, whose codec this is, speaks with the voice `name` of `owner`'s. Where nobody said which
        voices it has, one that clones has those of its own alone, and another any."""
        voices = {voice.casefold() for voice in self._settings.engine_voices}
        if not voices:
            return codec is None or owner.capabilities.clones
        own = {voice for voice in voices if owner.has_voice(voice)}
        return name.removesuffix("/").casefold() in own | {owner.name for _ in own}

    def _unknown(self, name: str) -> VoiceError:
        return VoiceError("unknown", name, known=("default", *self.names(), *self._settings.engine_voices))

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
        """Describe the voices that can be used."""
        return [info for info in self._library.infos() if not info.problem]

    def names(self) -> tuple[str, ...]:
        """List the ids of the voices that can be used, sorted."""
        return tuple(sorted(info.id for info in self.infos()))

    def add(self, name: str, recording: Recording) -> None:
        """Store a voice of one recording. Raises `RequestError` 400 or 409, and `AudioFileError`."""
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
                move(beside, target)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise

    def remove(self, name: str) -> None:
        """Delete a voice. Raises `RequestError` 400 or 404."""
        self._check_existing(name)
        with _as_request_error():
            self._library.remove(name)

    def rename(self, old: str, new: str) -> None:
        """Rename a voice. Raises `RequestError` 400, 404 or 409."""
        self._check_existing(old)
        self._checked(new)
        if old == new:
            raise RequestError(400, f"The voice is called {new} already.")
        with _as_request_error():
            self._library.rename(old, new)

    def _check_existing(self, name: str) -> None:
        """Check that there is such a voice, by what people call it too."""
        if not (SHOWN_NAME.fullmatch(name) and self._library.has(name)):
            self._checked(name)

    def _checked(self, name: str) -> Path:
        if not REFERENCE_ID.fullmatch(name) or engine_of_voice(name) is not None or name != name.strip():
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
