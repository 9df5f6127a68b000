"""The memory that is used, and getting it back when it runs out."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

import torch

from engine.machine.process_memory import peak_resident_bytes


def memory_bytes(device: torch.device) -> int | None:
    """Return the GPU memory that this process's allocator holds, in bytes; None on a CPU."""
    return torch.cuda.memory_reserved(device) if device.type == "cuda" else None


def peak_memory_bytes(device: torch.device) -> int | None:
    """Return the most bytes that were held so far: of the GPU's memory by this process's allocator; on a CPU, of the
    computer's by this process. None where the system does not say."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device)
    return peak_resident_bytes()


def is_out_of_memory(error: BaseException) -> bool:
    """Return whether `error` means that the device, or the computer, had no memory left, which PyTorch says in several
    ways."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def give_back_memory(device: torch.device) -> None:
    """Give memory that is held and not used back to the device, and to the system."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    trim_heap()


def trim_heap() -> None:
    """Give memory back to the system that glibc keeps because it was freed between things in use: gigabytes after
    loading."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another library's heap is its own business
            ctypes.CDLL(None).malloc_trim(0)
