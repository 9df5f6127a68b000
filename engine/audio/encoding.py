"""Speech as the bytes of a file, as it is made: WAV, FLAC, MP3, Opus, AAC or bare PCM. Importing this loads PyAV."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import IO, Protocol

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.error import FFmpegError

from engine.audio.resampling import to_frame
from engine.errors import OutputError
from engine.files.disk import OUTPUT_PROBLEMS
from engine.files.foreign import words_of
from engine.types import SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """Describe how sound is encoded. `rate_hz` None keeps the samples' own, `block_samples` None the codec's blocks."""

    container: str
    codec: str
    sample_format: str
    rate_hz: int | None = None
    bits_per_s: int | None = None
    block_samples: int | None = None
    options: dict[str, str] = field(default_factory=dict)


# rf64: a WAV of more than 4 GiB (13.5 hours) stays readable.
_WAV = AudioFormat("wav", "pcm_s16le", "s16", options={"rf64": "auto"})
WAV_STREAM = AudioFormat("wav", "pcm_s16le", "s16")
_OPUS = AudioFormat("ogg", "libopus", "flt", rate_hz=48_000, bits_per_s=64_000)
FILE_FORMATS = {
    ".wav": _WAV,
    ".flac": AudioFormat("flac", "flac", "s16"),
    ".mp3": AudioFormat("mp3", "libmp3lame", "fltp", bits_per_s=128_000),
    ".opus": _OPUS,
    ".ogg": _OPUS,
}
OUTPUT_ENDINGS = tuple(FILE_FORMATS)


class Sink(Protocol):
    """What bytes can be written to."""

    def write(self, data: bytes, /) -> int: ...

    def flush(self) -> object: ...


class PipeFile:
    """Give PyAV a file to write to; keep the first error for `check`, and swallow what comes after.

    An exception inside a callback of FFmpeg is raised late, and a second one is printed with its traceback.
    """

    def __init__(self, file: Sink) -> None:
        self._file = file
        self._error: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write `data`, unless there was an error; return its length, whatever happened."""
        if self._error is None:
            try:
                self._file.write(data)
                self._file.flush()
            except OSError as error:
                self._error = error
        return len(data)

    def check(self) -> None:
        """Raise the first error, if there was one."""
        if self._error is not None:
            raise self._error


class SeekableFile(PipeFile):
    """Give PyAV a file on a disk, in which FFmpeg goes back to complete the header."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__(file)
        self._on_disk = file

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        # After an error, a seek would try to write again what could not be written.
        """Go to `offset`, and return the new place."""
        return self._on_disk.seek(offset, whence) if self._error is None else 0

    def tell(self) -> int:
        """Return the place in the file."""
        return self._on_disk.tell()


class Encoder:
    """Encode float32 mono chunks into one container on an open file; holds at most one codec frame of samples.

    The conversion to 16 bits is swresample's: it rounds, and limits what is outside [-1, 1].
    """

    def __init__(self, file: PipeFile, spec: AudioFormat, sample_rate_hz: int) -> None:
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
        """Encode float32 `(n_samples,)`, at least one. Raises OSError and FFmpegError."""
        frame = to_frame(samples, self._sample_rate_hz)
        frame.pts, frame.time_base = self._n_samples, Fraction(1, self._sample_rate_hz)
        self._n_samples += samples.size
        self._encode(self._to_codec.resample(frame))

    def finish(self) -> None:
        """Encode what is left, complete the header, and close the container. Raises OSError and FFmpegError."""
        self._container.start_encoding()  # a header even when there was not one sample
        if self._n_samples:
            self._encode([*self._to_codec.resample(None), None])
        self._container.close()
        self._file.check()

    def discard(self) -> None:
        """Close the container instead of `finish`, whatever becomes of the file."""
        with contextlib.suppress(OSError, ValueError, FFmpegError):
            self._container.close()

    def _encode(self, frames: list[AudioFrame] | list[AudioFrame | None]) -> None:
        for frame in frames:
            self._container.mux(list(self._stream.encode(frame)))
        self._file.check()


# What is sent while it is made: no header is completed at the end, and nothing waits in a buffer.
_AT_ONCE = {"flush_packets": "1"}
_STREAM_FORMATS = {
    "wav": replace(WAV_STREAM, options=_AT_ONCE),
    "pcm": AudioFormat("s16le", "pcm_s16le", "s16", options=_AT_ONCE),
    "flac": replace(FILE_FORMATS[".flac"], block_samples=1152, options=_AT_ONCE),  # 26 ms; else 104 wait to be sent
    "mp3": replace(FILE_FORMATS[".mp3"], options={**_AT_ONCE, "write_xing": "0", "id3v2_version": "0"}),
    "opus": replace(_OPUS, options={**_AT_ONCE, "page_duration": "40000"}),  # us; else an Ogg page holds 1 s
    "aac": AudioFormat("adts", "aac", "fltp", bits_per_s=128_000, options=_AT_ONCE),
}
_WHOLE_FORMATS = {
    **{name: FILE_FORMATS[f".{name}"] for name in ("flac", "mp3", "opus")},
    "wav": WAV_STREAM,  # in memory it is far from 4 GiB
    "pcm": _STREAM_FORMATS["pcm"],
    "aac": _STREAM_FORMATS["aac"],
}
STREAM_FORMATS = tuple(_STREAM_FORMATS)
_UNTOLD_DELAY_SAMPLES = {"mp3": 1105, "aac": 1024}
"""What a decoder plays before the sound begins, where no header says how much that is (measured)."""
_MPEG_RATES_HZ = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_MAX_ANY_FLAC_HZ = 65_535  # above it FLAC counts in tens
_FORMAT_RATES_HZ = {"mp3": _MPEG_RATES_HZ, "aac": _MPEG_RATES_HZ, "opus": (8000, 12000, 16000, 24000, 48000)}


def nearest_rate_hz(format_name: str, asked_hz: int) -> int:
    """Find the rate nearest to `asked_hz` that a format of `STREAM_FORMATS` can have."""
    if format_name == "flac" and asked_hz > _MAX_ANY_FLAC_HZ:
        return round(asked_hz, -1)
    rates_hz = _FORMAT_RATES_HZ.get(format_name)
    return min(rates_hz, key=lambda rate: abs(rate - asked_hz)) if rates_hz else asked_hz


class StreamEncoder:
    """Encode float32 mono chunks as the bytes of a file of one of `STREAM_FORMATS`, to be sent as they come.

    WAV and FLAC then state no length. With `whole`, all bytes come from `finish`, and state what can be known at the
    end. `rate_hz` and `bits_per_s` None leave them to the format. Raises `OutputError`.
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
        is_told = whole and format_name == "mp3"  # in its Xing header
        delay_samples = 0 if is_told else _UNTOLD_DELAY_SAMPLES.get(format_name, 0)
        self.delay_s = delay_samples / (spec.rate_hz or sample_rate_hz)
        """How much later the sound is heard than it was written, in whatever plays the bytes."""
        self._name = Path(f"audio.{format_name}")
        self._whole = whole
        self._bytes = io.BytesIO()
        with output_errors(self._name):
            self._encoder = Encoder((SeekableFile if whole else PipeFile)(self._bytes), spec, sample_rate_hz)

    def write(self, samples: np.ndarray) -> bytes:
        """Encode float32 `(n_samples,)`, and return the bytes that are ready to be sent, maybe none."""
        if samples.size:
            with output_errors(self._name):
                self._encoder.write(samples)
        return b"" if self._whole else self._take()

    def finish(self) -> bytes:
        """Return the rest of the bytes; the encoder is not used afterwards."""
        with output_errors(self._name):
            self._encoder.finish()
        return self._take()

    def discard(self) -> None:
        """Close the encoder instead of `finish`, when nobody wants the rest."""
        self._encoder.discard()

    def _take(self) -> bytes:
        made = self._bytes.getvalue()
        self._bytes.seek(0)
        self._bytes.truncate()
        return made


@contextlib.contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn what the system or FFmpeg raises in the block into an `OutputError` about `path`, but for
    BrokenPipeError."""
    try:
        yield
    except BrokenPipeError:
        raise
    except (OSError, FFmpegError) as error:
        number = error.errno if isinstance(error, OSError) else None
        raise OutputError(OUTPUT_PROBLEMS.get(number or 0, "failed"), path, words_of(error)) from error
