"""Memory for what is read again and again from its beginning to its end."""

from __future__ import annotations

import contextlib
import mmap
import sys

import torch
from torch import Tensor


def on_large_pages(n_bytes: int) -> Tensor:
    """Allocate so many zeros, uint8, on pages of 2 MB where the system has any.

    To look up a page of 4 kB for every 64th line that is read costs a third of what memory can deliver. Raises
    `MemoryError`.
    """
    try:
        memory = _anonymous(max(n_bytes, 1))
    except OSError as error:
        raise MemoryError(f"no {n_bytes} bytes: {error}") from error
    if (wish := getattr(mmap, "MADV_HUGEPAGE", None)) is not None:  # Linux alone has it
        with contextlib.suppress(OSError):  # a kernel without them
            memory.madvise(wish)
    return torch.frombuffer(memory, dtype=torch.uint8)[:n_bytes]  # keeps `memory`


def _anonymous(n_bytes: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, n_bytes)
    return mmap.mmap(-1, n_bytes, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
