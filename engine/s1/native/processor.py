"""What the processor of this computer can do that the kernels make use of, and the compiler's flags for it."""

from __future__ import annotations

import ctypes
import platform
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

X86, ARM = "x86_64", "arm64"
_NAMES = {"x86_64": X86, "amd64": X86, "x64": X86, "aarch64": ARM, "arm64": ARM}
_MACOS_NAMES = {"dotprod": "hw.optional.arm.FEAT_DotProd", "i8mm": "hw.optional.arm.FEAT_I8MM"}
_LINUX_NAMES = {"asimddp": "dotprod", "i8mm": "i8mm"}
_WINDOWS_DOTPROD = 43
"""PF_ARM_V82_DP_INSTRUCTIONS_AVAILABLE of IsProcessorFeaturePresent. It knows i8mm on new releases only: not asked."""


@dataclass(frozen=True)
class Processor:
    """`architecture`: `X86`, `ARM`, or another's name; `features` of ARM: "dotprod", "i8mm" (products of bytes)."""

    system: str
    architecture: str
    features: frozenset[str]
    description: str
    """Another for each kind of processor, as well as the system tells them apart."""

    @property
    def flags(self) -> tuple[str, ...]:
        """Give the compiler's flags for the instructions that this processor has.

        x86 processors differ in more than is used by name, and compilers find out themselves. Those for ARM do so from
        lists of processors, which a new one is not in.
        """
        if self.architecture == X86:
            return ("-march=native",)
        extensions = [f"+{name}" for name in ("dotprod", "i8mm") if name in self.features]
        return ("-march=armv8.2-a" + "".join(extensions),) if extensions else ("-march=armv8-a",)


def find_processor() -> Processor:
    """Ask the system."""
    system = sys.platform
    # On Windows the machine's name is not that of an interpreter for x86 that an ARM computer translates.
    name = sysconfig.get_platform().partition("-")[2] if system == "win32" else platform.machine()
    architecture = _NAMES.get(name.lower(), name)
    if sys.maxsize < 2**32:
        architecture = f"{name}, 32 bits"
    features: set[str] = set()
    description = f"{name} {platform.processor()}"
    if system == "linux":
        lines = _first_of_cpuinfo()
        description = "\n".join((name, *lines))
        words = {word for line in lines if line.startswith("Features") for word in line.split()}
        features = {feature for word, feature in _LINUX_NAMES.items() if word in words}
    elif system == "darwin":
        features = {feature for feature, name in _MACOS_NAMES.items() if _is_set_on_macos(name)}
    elif system == "win32" and architecture == ARM:
        kernel32 = getattr(ctypes, "windll").kernel32  # noqa: B009 (the types of other systems have none)
        features = {"dotprod"} if kernel32.IsProcessorFeaturePresent(_WINDOWS_DOTPROD) else set()
    return Processor(system, architecture, frozenset(features) if architecture == ARM else frozenset(), description)


def _first_of_cpuinfo() -> list[str]:
    """What /proc/cpuinfo says of the first processor, which speaks for all: the kernel tells only what all have."""
    lines: list[str] = []
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        if not line:
            break
        if line.startswith(("flags", "Features", "model name", "CPU part")):
            lines.append(line)
    return lines


def _is_set_on_macos(name: str) -> bool:
    value, size = ctypes.c_int32(0), ctypes.c_size_t(4)
    status = ctypes.CDLL(None).sysctlbyname(name.encode(), ctypes.byref(value), ctypes.byref(size), None, 0)
    return status == 0 and value.value == 1
