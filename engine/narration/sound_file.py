"""A sentence's sound in a file: 16-bit WAV, mono, 44.1 kHz.

WAV and not FLAC: 3 ms instead of 13 ms for a sentence of 7 s (tests/bench/RESULTS.md), and any program plays it.
"""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np

from engine.files.disk import as_output_error, move
from engine.types import SAMPLE_RATE_HZ
from engine.words import AUDIBLE_PEAK

HEADER_BYTES = 44
PART = ".part"
"""What a file that is being written is called after its name; one that stays was never whole."""

LEAD_MS = 20
TAIL_MS = 40


def to_pcm(samples: np.ndarray) -> np.ndarray:
    """Convert float32 `(n,)` to int16, rounded, limited to what fits."""
    return np.rint(np.clip(samples, -1.0, 1.0) * 32767.0).astype("<i2")


def audible_part(samples: np.ndarray) -> tuple[int, int]:
    """Find what is left of float32 `(n,)` without the silence at its ends: `[first, last)`, empty where nothing in it
    is audible. Pauses are the narration's own."""
    audible = np.flatnonzero(np.abs(samples) > AUDIBLE_PEAK)
    if not len(audible):
        return 0, 0
    first = max(0, int(audible[0]) - LEAD_MS * SAMPLE_RATE_HZ // 1000)
    last = int(audible[-1]) + 1 + TAIL_MS * SAMPLE_RATE_HZ // 1000
    return first, min(last, len(samples))


def checksum(pcm: np.ndarray) -> int:
    """Compute the CRC-32 of int16 `(n,)`."""
    return zlib.crc32(pcm.tobytes())


def write_sound(path: Path, pcm: np.ndarray) -> None:
    """Write int16 `(n,)` beside `path` and then in its place. `sync_file` makes sure that it is on the disk.

    Raises `OutputError`; nothing is left then.
    """
    data = pcm.tobytes()
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(data), b"WAVE", b"fmt ", 16, 1, 1),
        *(SAMPLE_RATE_HZ, 2 * SAMPLE_RATE_HZ, 2, 16, b"data", len(data)),
    )
    beside = path.with_name(path.name + PART)
    with as_output_error(path):
        try:
            with beside.open("wb", buffering=0) as file:
                for piece in (header, data):
                    view = memoryview(piece)
                    while view:  # a full disk takes a part, and says so at the next call
                        view = view[file.write(view) :]
            move(beside, path)
        except OSError:
            beside.unlink(missing_ok=True)
            raise


def sync_file(path: Path) -> None:
    """Return when `path` is on the disk; nothing happens where it is gone. Raises `OutputError`."""
    with as_output_error(path):
        try:
            descriptor = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            return
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def read_sound(path: Path) -> np.ndarray:
    """Read int16 `(n,)` of a file by `write_sound`. Raises OSError."""
    with path.open("rb") as file:
        file.seek(HEADER_BYTES)
        return np.frombuffer(file.read(), dtype="<i2")
