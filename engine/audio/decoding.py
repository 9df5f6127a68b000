"""Recordings: the first track of any file that FFmpeg reads, as float32 mono. Importing this loads PyAV."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import av
import numpy as np
from av.audio.resampler import AudioResampler
from av.container import InputContainer

from engine.audio.resampling import resample
from engine.errors import AudioFileError
from engine.files.foreign import Library, faults_of, words_of
from engine.types import MAX_RATE_HZ, MIN_RATE_HZ, SAMPLE_RATE_HZ

MAX_CHANNELS = 64
"""What libswresample can take."""


def read_audio(path: Path, sample_rate_hz: int = SAMPLE_RATE_HZ) -> np.ndarray:
    """Read the first audio track of any file that FFmpeg reads: float32 `(n_samples,)`, channels averaged.

    Raises `AudioFileError`.
    """
    with open_recording(path) as file:
        return decode_audio(file, path, sample_rate_hz)


@contextlib.contextmanager
def open_recording(path: Path) -> Iterator[IO[bytes]]:
    """Open a recording's file. Raises `AudioFileError`."""
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
        raise AudioFileError("unreadable", path, words_of(error)) from error


def decode_audio(
    file: IO[bytes], name: Path, sample_rate_hz: int | None = SAMPLE_RATE_HZ, max_s: float = math.inf
) -> np.ndarray:
    """Decode the first audio track of an open file, float32 `(n_samples,)`; `sample_rate_hz` None leaves its rate as it
    is.

    Errors call the file `name`. Of what lasts longer than `max_s` no more than that is ever in memory. Raises
    `AudioFileError`.
    """
    samples, rate_hz = decode_with_rate(file, name, max_s)
    return resample(samples, rate_hz, sample_rate_hz or rate_hz)


def decode_with_rate(file: IO[bytes], name: Path, max_s: float = math.inf) -> tuple[np.ndarray, int]:
    """Decode an open file as `decode_audio` does, and return its own rate too, from `MIN_RATE_HZ` to `MAX_RATE_HZ`.

    Raises `AudioFileError`.
    """
    try:
        # An open file and no protocol: a playlist in a recording's clothes reaches no other file and no network.
        with av.open(file, "r", options={"protocol_whitelist": "none"}) as container:
            if not container.streams.audio:
                raise AudioFileError("no_audio", name)
            pieces, rate_hz = _decode_mono(container, name, max_s)
    except faults_of(Library.SOUND) as error:
        raise AudioFileError("unreadable", name, words_of(error)) from error
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
