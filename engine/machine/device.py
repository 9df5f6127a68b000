"""Which device and precision to run on, and what a device has."""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import torch

from engine.errors import DeviceError, OptionError
from engine.machine.torch_check import GpuReport, TorchReport
from engine.registry import PRECISIONS


def choose_device(name: str) -> torch.device:
    """Choose the device called `name`: "auto" (CUDA where it works, else the CPU), "cuda" or "cpu". Raises
    `DeviceError`."""
    if name == "cpu":
        return torch.device("cpu")
    assert name in ("auto", "cuda"), name
    if torch.cuda.is_available():
        return torch.device("cuda")
    if name == "cuda":
        raise DeviceError("no_cuda", "cuda")
    return torch.device("cpu")


_BITS = {"mixed": 8, "int8": 8, "int4": 4}


@dataclass(frozen=True, slots=True)
class Precision:
    """Describe how weights are stored: those of the stacks in `bits` (None: in `dtype`), all others in `dtype`; those
    of the fast stack, which says the timbre and not the words, in `fast_bits` (None: as the others)."""

    name: str
    dtype: torch.dtype
    bits: int | None = None
    fast_bits: int | None = None


def choose_precision(device: torch.device, name: str = "auto", with_kernels: str | None = None) -> Precision:
    """Choose how weights are stored on `device`, by `name`, one of `PRECISIONS`.

    "auto": bf16 as published where the GPU has it, fp16 on older ones. On a CPU `with_kernels`, to which a precision is
    only how weights are stored (None: there are no kernels); else fp32, because not every CPU is quick in bf16. "mixed"
    has 8 bits in the slow stack and 4 in the fast one. Low-bit weights stand beside bf16 (fp16 on older GPUs). Raises
    `OptionError`.
    """
    if name not in PRECISIONS:
        raise OptionError("precision", name, ", ".join(PRECISIONS))
    if name == "auto" and device.type == "cpu":
        name = with_kernels or "float32"
    if device.type == "cuda":
        half = torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16
    else:
        half = torch.bfloat16
    if name in _BITS:
        return Precision(name, half, _BITS[name], 4 if name == "mixed" else None)
    dtype = half if name == "auto" else getattr(torch, name)
    return Precision(str(dtype).removeprefix("torch."), dtype)


def report_torch() -> TorchReport:
    """Report which PyTorch this is, and which GPUs it sees."""
    gpus: list[GpuReport] = []
    with warnings.catch_warnings(record=True) as caught:  # of a driver that is too old
        warnings.simplefilter("always")
        has_cuda = torch.cuda.is_available()
    if has_cuda:
        majors = {int(arch.split("_")[1].rstrip("af")) // 10 for arch in torch.cuda.get_arch_list() if "_" in arch}
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            free_bytes, memory_bytes = torch.cuda.mem_get_info(index)
            gpus.append(
                GpuReport(
                    properties.name,
                    memory_bytes,
                    free_bytes,
                    f"{properties.major}.{properties.minor}",
                    properties.major in majors,
                )
            )
    said = str(caught[0].message).splitlines()[0] if caught else ""
    return TorchReport(torch.__version__, torch.version.cuda, tuple(gpus), said)


def describe(device: torch.device) -> str:
    """Name the device as a person knows it: the GPU's model, or "CPU"."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else "CPU"
