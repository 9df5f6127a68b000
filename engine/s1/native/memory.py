"""Memory for what is read again and again from its beginning to its end."""

from __future__ import annotations

import contextlib
import mmap

import torch
from torch import Tensor


def on_large_pages(n_bytes: int) -> Tensor:
    """Allocate so many zeros, uint8, on pages of 2 MB where the system has any.

    To look up a page of 4 kB for every 64th line that is read costs a third of what memory can deliver. Raises
    `MemoryError`.
    """
    try:
        memory = mmap.mmap(-1, max(n_bytes, 1), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    except OSError as error:
        raise MemoryError(f"no {n_bytes} bytes: {error}") from error
    with contextlib.suppress(OSError):  # a kernel without them
        memory.madvise(mmap.MADV_HUGEPAGE)
    return torch.frombuffer(memory, dtype=torch.uint8)[:n_bytes]  # keeps `memory`
