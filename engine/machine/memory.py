"""What memory is used, and what can be had back when it runs out."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import sys

import torch

from engine.machine.process_memory import peak_resident_bytes


def memory_bytes(device: torch.device) -> int | None:
    """GPU memory that this process's allocator holds; None on a CPU."""
    return torch.cuda.memory_reserved(device) if device.type == "cuda" else None


def peak_memory_bytes(device: torch.device) -> int | None:
    """The most that was held so far: of the GPU's memory by this process's allocator; on a CPU, of the computer's by
    this process. None where the system does not say."""
    if device.type == "cuda":
        return torch.cuda.max_memory_reserved(device)
    return peak_resident_bytes()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the device, or the computer, had no memory left: PyTorch says so in its own ways."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def give_back_memory(device: torch.device) -> None:
    """What is held and not used goes back to the device, or to the system."""
    gc.collect()
    if device.type == "cuda":
        torch.cuda.empty_cache()
    trim_heap()


def trim_heap() -> None:
    """What was freed between two things in use, which glibc keeps, goes back to the system: gigabytes after loading."""
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another library's heap is its own business
            ctypes.CDLL(None).malloc_trim(0)
