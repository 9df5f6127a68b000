"""An audiobook in one file: sound with chapters, a cover and tags, in the format of its ending."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.stream import Disposition

from engine.audio.encoding import SeekableFile
from engine.audio.resampling import to_frame
from engine.audio.writing import replacing
from engine.errors import OutputError
from engine.files.disk import as_output_error
from engine.narration.picture import Picture
from engine.types import SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class _Format:
    container: str
    codec: str
    sample_format: str
    rate_hz: int = SAMPLE_RATE_HZ
    bits_per_s: int | None = None
    options: dict[str, str] = field(default_factory=dict)
    holds_picture: bool = True


_FORMATS = {
    # "mp4" and not "ipod", which takes no pictures; the brand is what players take as a sign that it is an audiobook.
    ".m4b": _Format("mp4", "aac", "fltp", bits_per_s=64_000, options={"brand": "M4B "}),
    ".mp3": _Format("mp3", "libmp3lame", "fltp", bits_per_s=96_000, options={"id3v2_version": "3"}),
    ".opus": _Format("ogg", "libopus", "flt", rate_hz=48_000, bits_per_s=40_000, holds_picture=False),
    ".flac": _Format("flac", "flac", "s16"),
    ".wav": _Format("wav", "pcm_s16le", "s16", options={"rf64": "auto"}, holds_picture=False),
}
BOOK_ENDINGS = tuple(_FORMATS)


@dataclass(frozen=True, slots=True)
class ChapterMark:
    """Mark a chapter in an audiobook: `start` and `end` are samples at 44.1 kHz."""

    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tags:
    """Hold what players show of a file; empty fields are left out."""

    title: str
    author: str = ""
    album: str = ""
    track: int = 0
    n_tracks: int = 0
    language: str = ""

    def as_metadata(self) -> dict[str, str]:
        """Return the tags by the names that FFmpeg has for them."""
        tags = {
            "title": self.title,
            "artist": self.author,
            "album_artist": self.author,
            "album": self.album or self.title,
            "genre": "Audiobook",
            "language": self.language,
        }
        if self.track:
            tags["track"] = f"{self.track}/{self.n_tracks}" if self.n_tracks else str(self.track)
        return {name: value for name, value in tags.items() if value}


class BookWriter:
    """Write float32 mono at 44.1 kHz into an open container. Made by `writing_book`."""

    def __init__(
        self, file: SeekableFile, spec: _Format, tags: Tags, chapters: Sequence[ChapterMark], cover: Picture | None
    ) -> None:
        self._file = file
        self._container = av.open(file, "w", format=spec.container, options={"fflags": "+bitexact", **spec.options})
        self._container.metadata.update(tags.as_metadata())
        if chapters:
            self._container.set_chapters([_chapter(i, mark) for i, mark in enumerate(chapters)])
        stream = self._container.add_stream(spec.codec, rate=spec.rate_hz, layout="mono")
        assert isinstance(stream, AudioStream)
        stream.codec_context.format = spec.sample_format
        if spec.bits_per_s:
            stream.bit_rate = spec.bits_per_s
        if spec.container in ("ogg", "mp4") and tags.language:
            stream.metadata["language"] = tags.language
        self._stream = stream
        self._to_codec = AudioResampler(format=spec.sample_format, layout="mono", rate=spec.rate_hz)
        self._n_samples = 0
        if cover:
            self._add_cover(cover, as_tag=not spec.holds_picture, container=spec.container)

    def write(self, samples: np.ndarray) -> None:
        """Append float32 `(n,)`."""
        frame = to_frame(samples, SAMPLE_RATE_HZ)
        frame.pts, frame.time_base = self._n_samples, Fraction(1, SAMPLE_RATE_HZ)
        self._n_samples += len(samples)
        for made in self._to_codec.resample(frame):
            self._container.mux(list(self._stream.encode(made)))
        self._file.check()

    def finish(self) -> None:
        """Encode what is left, and complete the file. Raises OSError and FFmpegError."""
        for made in (*self._to_codec.resample(None), None):
            self._container.mux(list(self._stream.encode(made)))
        self._container.close()
        self._file.check()

    def discard(self) -> None:
        """Close the container instead of `finish`, whatever becomes of the file."""
        with contextlib.suppress(OSError, ValueError, FFmpegError):
            self._container.close()

    def _add_cover(self, cover: Picture, *, as_tag: bool, container: str) -> None:
        if as_tag:
            if container == "ogg":
                self._stream.metadata["METADATA_BLOCK_PICTURE"] = cover.as_block()
            return
        with av.open(io.BytesIO(cover.data), "r") as source:
            stream = self._container.add_stream_from_template(source.streams.video[0])
            stream.disposition = Disposition.attached_pic
            packet = next(source.demux(source.streams.video[0]))
            packet.stream = stream
            packet.pts = packet.dts = 0
            self._container.start_encoding()
            self._container.mux(packet)


@contextlib.contextmanager
def writing_book(
    path: Path, tags: Tags, chapters: Sequence[ChapterMark] = (), cover: Picture | None = None
) -> Iterator[BookWriter]:
    """Write the audiobook `path`, which is there, whole, once the block ends, and as it was before when the block
    raises.

    Raises `OutputError`.
    """
    spec = _FORMATS.get(path.suffix.lower())
    if spec is None:
        raise OutputError("format", path, detail=path.suffix)
    with replacing(path) as file, _as_output_error(path):
        writer = BookWriter(SeekableFile(file), spec, tags, chapters, cover)
        try:
            yield writer
            writer.finish()
        except BaseException:
            writer.discard()
            raise


@contextlib.contextmanager
def _as_output_error(path: Path) -> Iterator[None]:
    with as_output_error(path):
        try:
            yield
        except FFmpegError as error:
            if isinstance(error, OSError):
                raise
            raise OutputError("failed", path, str(error)) from error


def _chapter(number: int, mark: ChapterMark) -> Any:
    rate = SAMPLE_RATE_HZ
    return {
        "id": number,
        # Milliseconds: what every container can hold.
        "start": round(1000 * mark.start / rate),
        "end": round(1000 * mark.end / rate),
        "time_base": Fraction(1, 1000),
        "metadata": {"title": mark.title},
    }
