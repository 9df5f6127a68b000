"""Codes in a `.npy` file: int `(n_codebooks, n_frames)`, as `lectern codec` and voices keep them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.errors import CodesFileError


def read_codes(path: Path, n_codebooks: int | None) -> np.ndarray:
    """The codes in `path`, int64 `(n_codebooks, n_frames)` with at least one frame; `n_codebooks` None takes any
    number. Raises `CodesFileError`.

    Whether each code lies within its codebook is the codec's to say.
    """
    try:
        with path.open("rb") as file:
            codes = np.lib.format.read_array(file, allow_pickle=False)  # a pickle could run code
    except FileNotFoundError as error:
        raise CodesFileError("missing", path) from error
    except (OSError, ValueError, EOFError, MemoryError) as error:
        raise CodesFileError("unreadable", path, found=str(error)) from error
    if codes.dtype.kind not in "iu":
        raise CodesFileError("dtype", path, found=str(codes.dtype), expected="integers")
    if codes.ndim != 2 or codes.shape[0] != (n_codebooks or codes.shape[0]) or codes.size == 0:
        raise CodesFileError("shape", path, found=str(codes.shape), expected=f"({n_codebooks or 10}, at least 1)")
    return codes.astype(np.int64)


def write_codes(path: Path, codes: np.ndarray) -> None:
    """Write codes `(n_codebooks, n_frames)` beside `path`, then in its place. Raises `OutputError`."""
    from engine.audio import replacing

    with replacing(path) as file:
        np.lib.format.write_array(file, codes, allow_pickle=False)
