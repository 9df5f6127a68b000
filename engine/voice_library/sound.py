"""A recording's sound as a voice keeps it: FLAC, mono, at the rate it came with. Importing this loads PyAV."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.audio.decoding import decode_with_rate, open_recording
from engine.audio.encoding import StreamEncoder, nearest_rate_hz
from engine.audio.resampling import resample
from engine.types import SAMPLE_RATE_HZ
from engine.voice_library.values import MAX_RECORDING_S

SLACK_S = 30.0
"""What is a little too long is read all the same, to say how long it is."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Hold samples float32 `(n_samples,)` mono in [-1, 1] at `rate_hz`, and the same as FLAC."""

    samples: np.ndarray = field(repr=False)
    rate_hz: int
    flac: bytes = field(repr=False)

    @property
    def seconds(self) -> float:
        """Return its length in seconds."""
        return self.samples.size / self.rate_hz


def read_recording(path: Path) -> Sound:
    """Read any audio file at its own rate; it is resampled once, when it is encoded. Raises `AudioFileError`."""
    with open_recording(path) as file:
        samples, rate_hz = keepable(*decode_with_rate(file, path, MAX_RECORDING_S + SLACK_S))
    return Sound(samples, rate_hz, to_flac(samples, rate_hz))


def to_flac(samples: np.ndarray, rate_hz: int) -> bytes:
    """Encode float32 `(n_samples,)` mono, at a `keepable` rate, as the bytes of a 16-bit FLAC file."""
    encoder = StreamEncoder("flac", rate_hz, whole=True)
    return encoder.write(samples) + encoder.finish()


def keepable(samples: np.ndarray, rate_hz: int) -> tuple[np.ndarray, int]:
    """Return the samples, float32 `(n_samples,)`, at a rate that FLAC can hold, and that rate: 99 991 Hz become 99 990
    Hz."""
    flac_hz = nearest_rate_hz("flac", rate_hz)
    return resample(samples, rate_hz, flac_hz), flac_hz


def from_flac(flac: bytes, name: str, rate_hz: int | None = SAMPLE_RATE_HZ) -> tuple[np.ndarray, int]:
    """Decode the bytes of a FLAC file: samples float32 `(n_samples,)`, and their rate; `rate_hz` None keeps the file's
    own.

    Raises `AudioFileError`, which calls the file `name`.
    """
    samples, own_hz = decode_with_rate(io.BytesIO(flac), Path(name), MAX_RECORDING_S + SLACK_S)
    if rate_hz is None:
        return samples, own_hz
    return resample(samples, own_hz, rate_hz), rate_hz
