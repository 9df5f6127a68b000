"""Audio files: any recording read as float32 mono, and speech written as WAV, FLAC, MP3 or Opus.

Importing this loads PyAV.
"""

from __future__ import annotations

import contextlib
import io
import math
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.error import FFmpegError

from engine.audio.resampling import resample, to_frame
from engine.errors import AudioFileError, OutputError
from engine.files.disk import OUTPUT_PROBLEMS
from engine.files.foreign import Library, faults_of
from engine.types import MAX_RATE_HZ, MIN_RATE_HZ, SAMPLE_RATE_HZ

MAX_CHANNELS = 64
"""What libswresample can take."""


def read_audio(path: Path, sample_rate_hz: int = SAMPLE_RATE_HZ) -> np.ndarray:
    """The first audio track of any file FFmpeg reads: float32 `(n_samples,)`, channels averaged.

    Raises `AudioFileError`.
    """
    with open_recording(path) as file:
        return decode_audio(file, path, sample_rate_hz)


@contextlib.contextmanager
def open_recording(path: Path) -> Iterator[IO[bytes]]:
    """A recording's file, open. Raises `AudioFileError`."""
    try:
        if path.exists() and not path.is_file():
            raise AudioFileError("unreadable", path, "it is no regular file")
        if path.stat().st_size == 0:
            raise AudioFileError("empty", path)
        with path.open("rb") as file:
            yield file
    except FileNotFoundError as error:
        raise AudioFileError("missing", path) from error
    except OSError as error:
        raise AudioFileError("unreadable", path, _reason(error)) from error


def decode_audio(
    file: IO[bytes], name: Path, sample_rate_hz: int | None = SAMPLE_RATE_HZ, max_s: float = math.inf
) -> np.ndarray:
    """The same of an open file, which errors call `name`; `sample_rate_hz` None leaves the rate as it is.

    Raises `AudioFileError`; of what lasts longer than `max_s` no more than that is ever in memory.
    """
    samples, rate_hz = decode_with_rate(file, name, max_s)
    return resample(samples, rate_hz, sample_rate_hz or rate_hz)


def decode_with_rate(file: IO[bytes], name: Path, max_s: float = math.inf) -> tuple[np.ndarray, int]:
    """The same at its own rate, which comes with it, from `MIN_RATE_HZ` to `MAX_RATE_HZ`. Raises `AudioFileError`."""
    try:
        # An open file and no protocol: a playlist in a recording's clothes reaches no other file and no network.
        with av.open(file, "r", options={"protocol_whitelist": "none"}) as container:
            if not container.streams.audio:
                raise AudioFileError("no_audio", name)
            pieces, rate_hz = _decode_mono(container, name, max_s)
    except faults_of(Library.SOUND) as error:
        raise AudioFileError("unreadable", name, _reason(error)) from error
    if not pieces:
        raise AudioFileError("empty", name)
    return np.concatenate(pieces), rate_hz


def _decode_mono(container: InputContainer, name: Path, max_s: float) -> tuple[list[np.ndarray], int]:
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise AudioFileError("unreadable", name, "its codec is not known")
    # WORKAROUND: PyAV 18 frees the list of a frame's channels with the frame and again after it, where a file has them
    # in an order of its own (AIFF, CAF, MOV). Only how many there are matters here; read once, before the first frame.
    if n_channels := stream.codec_context.layout.nb_channels:
        stream.codec_context.layout = f"{n_channels} channels"
    # WORKAROUND: packed, never planar: PyAV 18 reads past the eight planes that a frame has pointers for.
    to_packed = AudioResampler(format="flt")
    pieces: list[np.ndarray] = []
    length_s = 0.0
    # The codec's word on the rate can differ from the frames' (HE-AAC): the frames are right.
    rate_hz = stream.rate
    for frame in container.decode(stream):
        rate_hz, n_channels = frame.sample_rate, frame.layout.nb_channels
        if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
            raise AudioFileError("rate", name, f"{rate_hz:,} Hz")
        if n_channels > MAX_CHANNELS:
            raise AudioFileError("channels", name, str(n_channels))
        length_s += frame.samples / rate_hz
        if length_s > max_s:
            raise AudioFileError("too_long", name, f"at most {max_s:g} seconds")
        # Averaged here: swresample sums float channels at 0.71 each, which can exceed 1.
        packed = (piece.to_ndarray().reshape(-1, n_channels) for piece in to_packed.resample(frame))
        pieces.extend(samples.mean(axis=1, dtype=np.float32) for samples in packed)
    return [piece for piece in pieces if piece.size], rate_hz


@dataclass(frozen=True, slots=True)
class _Format:
    """How a file ending is written. `rate_hz` None keeps the samples' own, `block_samples` None the codec's blocks."""

    container: str
    codec: str
    sample_format: str
    rate_hz: int | None = None
    bits_per_s: int | None = None
    block_samples: int | None = None
    options: dict[str, str] = field(default_factory=dict)


# rf64: a WAV of more than 4 GiB (13.5 hours) stays readable.
_WAV = _Format("wav", "pcm_s16le", "s16", options={"rf64": "auto"})
_WAV_STREAM = _Format("wav", "pcm_s16le", "s16")
_OPUS = _Format("ogg", "libopus", "flt", rate_hz=48_000, bits_per_s=64_000)
_FORMATS = {
    ".wav": _WAV,
    ".flac": _Format("flac", "flac", "s16"),
    ".mp3": _Format("mp3", "libmp3lame", "fltp", bits_per_s=128_000),
    ".opus": _OPUS,
    ".ogg": _OPUS,
}
OUTPUT_ENDINGS = tuple(_FORMATS)


class _Pipe:
    """A file for PyAV to write to. It keeps the first error for `check` and swallows what comes after.

    An exception inside a callback of FFmpeg is raised late, and a second one is printed with its traceback.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._error: OSError | None = None

    def write(self, data: bytes) -> int:
        if self._error is None:
            try:
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                self._error = error
        return len(data)

    def check(self) -> None:
        """Raise what went wrong."""
        if self._error is not None:
            raise self._error


class SeekableFile(_Pipe):
    """The same for a file on a disk, in which FFmpeg goes back to complete the header."""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        # After an error, a seek would try to write again what could not be written.
        return self._file.seek(offset, whence) if self._error is None else 0

    def tell(self) -> int:
        return self._file.tell()


class _Encoder:
    """float32 mono chunks into one container on an open file; holds at most one codec frame of samples.

    The conversion to 16 bits is swresample's: it rounds, and limits what is outside [-1, 1].
    """

    def __init__(self, file: _Pipe, spec: _Format, sample_rate_hz: int) -> None:
        rate_hz = spec.rate_hz or sample_rate_hz
        # bitexact: the same samples give the same bytes (no version tags, no random Ogg serial number).
        self._container = av.open(file, "w", format=spec.container, options={"fflags": "+bitexact", **spec.options})
        stream = self._container.add_stream(spec.codec, rate=rate_hz, layout="mono")
        assert isinstance(stream, AudioStream)
        self._stream = stream
        self._stream.codec_context.format = spec.sample_format
        if spec.bits_per_s:
            self._stream.bit_rate = spec.bits_per_s
        if spec.block_samples:
            self._stream.codec_context.options = {"frame_size": str(spec.block_samples)}
        self._file = file
        self._sample_rate_hz = sample_rate_hz
        self._n_samples = 0
        self._to_codec = AudioResampler(format=spec.sample_format, layout="mono", rate=rate_hz)

    def write(self, samples: np.ndarray) -> None:
        frame = to_frame(samples, self._sample_rate_hz)
        frame.pts, frame.time_base = self._n_samples, Fraction(1, self._sample_rate_hz)
        self._n_samples += samples.size
        self._encode(self._to_codec.resample(frame))

    def finish(self) -> None:
        self._container.start_encoding()  # a header even when there was not one sample
        if self._n_samples:
            self._encode([*self._to_codec.resample(None), None])
        self._container.close()
        self._file.check()

    def discard(self) -> None:
        with contextlib.suppress(OSError, ValueError, FFmpegError):
            self._container.close()

    def _encode(self, frames: list[AudioFrame] | list[AudioFrame | None]) -> None:
        for frame in frames:
            self._container.mux(list(self._stream.encode(frame)))
        self._file.check()


class AudioWriter:
    """Writes float32 mono chunks to `path`, in the format of its ending, beside it and then in its place.

    A context manager: the file is there, whole and on the disk, once the block ends; when the block raises,
    nothing is left and a file that was there before is as it was. Entering it checks all that can be
    checked, so enter it before the long work. Raises `OutputError`, from entering, writing and leaving.

    Sample counts are exact for WAV and FLAC; MP3 and Opus carry their encoder's delay and padding in the
    file, so that players which know the format's gapless header give back the exact count too.
    """

    def __init__(self, path: Path, sample_rate_hz: int = SAMPLE_RATE_HZ) -> None:
        self.path = path
        self._sample_rate_hz = sample_rate_hz

    def __enter__(self) -> Self:
        spec = _FORMATS.get(self.path.suffix.lower())
        if spec is None:
            raise OutputError("format", self.path, detail=self.path.suffix)
        with _as_output_error(self.path):
            self._target = _replaceable(self.path)
            self._file = _Beside(self._target)
            try:
                self._encoder = _Encoder(SeekableFile(self._file.file), spec, self._sample_rate_hz)
            except BaseException:
                self._file.discard()
                raise
        return self

    def write(self, samples: np.ndarray) -> None:
        """Append float32 `(n_samples,)`; values outside [-1, 1] are limited."""
        if samples.size:
            with _as_output_error(self.path):
                self._encoder.write(samples)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        done = False
        try:
            if kind is None:
                with _as_output_error(self.path):
                    self._encoder.finish()
                    self._file.keep()
                done = True
        finally:
            if not done:
                self._encoder.discard()
                self._file.discard()


class WavStream:
    """Writes 16-bit WAV to an open binary file that cannot seek, such as a pipe; its header states no length.

    `name` is what an `OutputError` calls it. BrokenPipeError, when the reader is gone, stays what it is.
    """

    def __init__(self, file: IO[bytes], name: str, sample_rate_hz: int = SAMPLE_RATE_HZ) -> None:
        self._name = Path(name)
        self._encoder = _Encoder(_Pipe(file), _WAV_STREAM, sample_rate_hz)

    def __enter__(self) -> Self:
        return self

    def write(self, samples: np.ndarray) -> None:
        """Append float32 `(n_samples,)`. Raises `OutputError`, BrokenPipeError."""
        if samples.size:
            with _as_output_error(self._name):
                self._encoder.write(samples)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            with _as_output_error(self._name):
                self._encoder.finish()
        else:
            self._encoder.discard()


# What is sent while it is made: no header is completed at the end, and nothing waits in a buffer.
_AT_ONCE = {"flush_packets": "1"}
_STREAM_FORMATS = {
    "wav": replace(_WAV_STREAM, options=_AT_ONCE),
    "pcm": _Format("s16le", "pcm_s16le", "s16", options=_AT_ONCE),
    "flac": replace(_FORMATS[".flac"], block_samples=1152, options=_AT_ONCE),  # 26 ms; else 104 wait to be sent
    "mp3": replace(_FORMATS[".mp3"], options={**_AT_ONCE, "write_xing": "0", "id3v2_version": "0"}),
    "opus": replace(_OPUS, options={**_AT_ONCE, "page_duration": "40000"}),  # us; else an Ogg page holds 1 s
    "aac": _Format("adts", "aac", "fltp", bits_per_s=128_000, options=_AT_ONCE),
}
_WHOLE_FORMATS = {
    **{name: _FORMATS[f".{name}"] for name in ("flac", "mp3", "opus")},
    "wav": _WAV_STREAM,  # in memory it is far from 4 GiB
    "pcm": _STREAM_FORMATS["pcm"],
    "aac": _STREAM_FORMATS["aac"],
}
STREAM_FORMATS = tuple(_STREAM_FORMATS)
_MPEG_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_MAX_ANY_FLAC_HZ = 65_535  # above it FLAC counts in tens
_FORMAT_RATES_HZ = {"mp3": _MPEG_RATES_HZ, "aac": _MPEG_RATES_HZ, "opus": (8000, 12000, 16000, 24000, 48000)}


def nearest_rate_hz(format_name: str, wished_hz: int) -> int:
    """The rate nearest to `wished_hz` that a format of `STREAM_FORMATS` can have."""
    if format_name == "flac" and wished_hz > _MAX_ANY_FLAC_HZ:
        return round(wished_hz, -1)
    rates_hz = _FORMAT_RATES_HZ.get(format_name)
    return min(rates_hz, key=lambda rate: abs(rate - wished_hz)) if rates_hz else wished_hz


class StreamEncoder:
    """float32 mono chunks to the bytes of a file of one of `STREAM_FORMATS`, to be sent as they come.

    WAV and FLAC then state no length. With `whole`, all bytes come from `finish`, and state what can be known at
    the end. `rate_hz` and `bits_per_s` None leave them to the format. Raises `OutputError`.
    """

    def __init__(
        self,
        format_name: str,
        sample_rate_hz: int = SAMPLE_RATE_HZ,
        *,
        rate_hz: int | None = None,
        bits_per_s: int | None = None,
        whole: bool = False,
    ) -> None:
        spec = (_WHOLE_FORMATS if whole else _STREAM_FORMATS)[format_name]
        if rate_hz:
            spec = replace(spec, rate_hz=nearest_rate_hz(format_name, rate_hz))
        if bits_per_s and spec.bits_per_s:
            spec = replace(spec, bits_per_s=bits_per_s)
        self._name = Path(f"audio.{format_name}")
        self._whole = whole
        self._bytes = io.BytesIO()
        with _as_output_error(self._name):
            self._encoder = _Encoder((SeekableFile if whole else _Pipe)(self._bytes), spec, sample_rate_hz)

    def write(self, samples: np.ndarray) -> bytes:
        """float32 `(n_samples,)` in, what is ready to be sent out."""
        if samples.size:
            with _as_output_error(self._name):
                self._encoder.write(samples)
        return b"" if self._whole else self._take()

    def finish(self) -> bytes:
        """The rest; it is not used afterwards."""
        with _as_output_error(self._name):
            self._encoder.finish()
        return self._take()

    def discard(self) -> None:
        """Instead of `finish`, when nobody wants the rest."""
        self._encoder.discard()

    def _take(self) -> bytes:
        made = self._bytes.getvalue()
        self._bytes.seek(0)
        self._bytes.truncate()
        return made


class _Beside:
    """A temporary file in the folder of `target` that takes its place (`keep`) or goes (`discard`)."""

    def __init__(self, target: Path) -> None:
        self._target = target
        # Not tempfile: its files are private (0600), these get what the umask says.
        self._path = target.with_name(f".lectern-{secrets.token_hex(8)}.part")
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        self.file: IO[bytes] = os.fdopen(os.open(self._path, flags, 0o666), "w+b")

    def keep(self) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())  # before the rename, or a power cut may leave an empty file by its name
        self.file.close()
        self._path.replace(self._target)

    def discard(self) -> None:
        with contextlib.suppress(
            OSError
        ):  # a full disk lets the last flush fail; the descriptor is closed all the same
            self.file.close()
        self._path.unlink(missing_ok=True)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """An open file beside `path` that takes its place when the block ends well, and goes when it raises.

    Raises `OutputError` for what goes wrong with the file.
    """
    with _as_output_error(path):
        beside = _Beside(_replaceable(path))
        try:
            yield beside.file
            beside.keep()
        except BaseException:
            beside.discard()
            raise


def check_output(path: Path) -> None:
    """Raise `OutputError` when a file `path` cannot be made or replaced, as far as can be known without doing it."""
    with _as_output_error(path):
        target = _replaceable(path)
    if not os.access(target.parent, os.W_OK):
        raise OutputError("not_allowed", path, detail="its folder is write-protected")


def _replaceable(path: Path) -> Path:
    """The file that `path` leads to, through links, once it is certain that it may be written."""
    target = path.resolve()
    try:
        target.lstat()
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise OutputError("folder_missing", path, detail=str(target.parent)) from None
        return target
    if target.is_dir():
        raise OutputError("is_folder", path)
    if not target.is_file():
        raise OutputError("not_allowed", path, detail="it is no regular file")
    if not os.access(target, os.W_OK):
        raise OutputError("not_allowed", path, detail="it is write-protected")
    return target


@contextlib.contextmanager
def _as_output_error(path: Path) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, FFmpegError) as error:
        number = error.errno if isinstance(error, OSError) else None
        raise OutputError(OUTPUT_PROBLEMS.get(number or 0, "failed"), path, _reason(error)) from error


def _reason(error: BaseException) -> str:
    """What the system or FFmpeg said, without the path and the number."""
    return getattr(error, "strerror", None) or str(error)
