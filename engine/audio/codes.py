"""Codes in a `.npy` file: int `(n_codebooks, n_frames)`, as `lectern codec` and voices keep them."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path
from typing import IO

import numpy as np

from engine.errors import CodesFileError
from engine.files.foreign import Library, foreign, reason_of

MAX_FILE_BYTES = 64 * 2**20
"""Hours of codes."""
_HEADERS: dict[tuple[int, int], Callable[[IO[bytes]], tuple[tuple[int, ...], bool, np.dtype]]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


def read_codes(path: Path, n_codebooks: int | None) -> np.ndarray:
    """Read the codes in `path`, int64 `(n_codebooks, n_frames)` with at least one frame; `n_codebooks` None takes any
    number.

    Whether each code lies within its codebook is checked by the codec. Raises `CodesFileError`.
    """
    if not path.is_file():
        raise CodesFileError("unreadable" if path.exists() else "missing", path, found="it is no file")
    with foreign(Library.NUMPY, lambda error: CodesFileError("unreadable", path, found=reason_of(error))):
        if path.stat().st_size > MAX_FILE_BYTES:
            raise CodesFileError("unreadable", path, found="it is too large")
        codes = read_array(path.read_bytes())
    if codes.dtype.kind not in "iu":
        raise CodesFileError("dtype", path, found=str(codes.dtype), expected="integers")
    if codes.ndim != 2 or codes.shape[0] != (n_codebooks or codes.shape[0]) or codes.size == 0:
        raise CodesFileError("shape", path, found=str(codes.shape), expected=f"({n_codebooks or 10}, at least 1)")
    return codes.astype(np.int64)


def read_array(data: bytes) -> np.ndarray:
    """Read the array of a `.npy` file without trusting it: no pickle, and no more than the file holds, whatever its
    header promises. Raises ValueError, and what NumPy does."""
    file = io.BytesIO(data)
    version = np.lib.format.read_magic(file)
    if version not in _HEADERS:
        raise ValueError(f"its version is {version}")
    shape, _, dtype = _HEADERS[version](file)
    if dtype.hasobject:
        raise ValueError("it holds objects")
    if (
        not all(type(n) is int and n >= 0 for n in shape)
        or math.prod(shape) * dtype.itemsize != len(data) - file.tell()
    ):
        raise ValueError("it is cut off, or holds more than it says")
    file.seek(0)
    return np.lib.format.read_array(file, allow_pickle=False)  # a pickle could run code


def write_codes(path: Path, codes: np.ndarray) -> None:
    """Write codes `(n_codebooks, n_frames)` to `path`, whole or not at all. Raises `OutputError`."""
    from engine.audio.writing import replacing

    with replacing(path) as file:
        np.lib.format.write_array(file, codes, allow_pickle=False)
