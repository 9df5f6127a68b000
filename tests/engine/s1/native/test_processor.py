"""Which processor there is, and how a compiler is called for it: on machines that this one plays."""

from __future__ import annotations

import ctypes
import mmap
import platform
import sys
import sysconfig
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.s1.native import build, memory, processor
from engine.s1.native.build import NoKernelsError, open_library
from engine.s1.native.processor import ARM, X86, Processor, find_processor

CPUINFO = {
    "x86 without AVX2": "processor\t: 0\nmodel name\t: Pentium\nflags\t\t: fpu sse2\n\nprocessor\t: 1\n",
    "Cortex-A72": "processor\t: 0\nFeatures\t: fp asimd evtstrm crc32 cpuid\nCPU part\t: 0xd08\n",
    "Cortex-A76": "processor\t: 0\nFeatures\t: fp asimd fphp asimdhp asimddp\nCPU part\t: 0xd0b\n",
    "Neoverse-V1": "processor\t: 0\nFeatures\t: fp asimd asimddp i8mm bf16\n\nFeatures\t: sve\n",
}
DOTPROD, I8MM = "-march=armv8.2-a+dotprod", "-march=armv8.2-a+dotprod+i8mm"


@pytest.mark.parametrize(
    ("machine", "kind", "flag"),
    [
        ("x86_64", "x86 without AVX2", "-march=native"),
        ("aarch64", "Cortex-A72", "-march=armv8-a"),
        ("aarch64", "Cortex-A76", DOTPROD),
        ("aarch64", "Neoverse-V1", I8MM),
    ],
)
def test_linux_tells_what_a_processor_can_do(
    machine: str, kind: str, flag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(Path, "read_text", lambda path, **_: {Path("/proc/cpuinfo"): CPUINFO[kind]}[path])
    found = find_processor()
    assert found.architecture == (X86 if machine == "x86_64" else ARM)
    assert found.flags == (flag,)
    assert "sve" not in found.description  # the first speaks for all


@pytest.mark.parametrize(
    ("has", "flag"), [({"DotProd": 1, "I8MM": 1}, I8MM), ({"DotProd": 1, "I8MM": 0}, DOTPROD), ({}, "-march=armv8-a")]
)
def test_macos_tells_what_a_processor_can_do(has: dict[str, int], flag: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An M2, an M1, and a system that knows neither name."""

    def sysctlbyname(name: bytes, value: object, size: object, *_: object) -> int:
        assert size._obj.value == 4  # type: ignore[attr-defined]
        feature = name.decode().removeprefix("hw.optional.arm.FEAT_")
        value._obj.value = has.get(feature, 0)  # type: ignore[attr-defined]
        return 0 if feature in has else -1

    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(platform, "machine", lambda: "arm64")
    monkeypatch.setattr(ctypes, "CDLL", lambda _: SimpleNamespace(sysctlbyname=sysctlbyname))
    assert (find_processor().architecture, find_processor().flags) == (ARM, (flag,))


@pytest.mark.parametrize(
    ("interpreter", "present", "flag"),
    [
        ("win-amd64", {43}, "-march=native"),
        ("win-arm64", {43}, DOTPROD),
        ("win-arm64", set(), "-march=armv8-a"),
    ],
)
def test_windows_tells_what_a_processor_can_do(
    interpreter: str, present: set[int], flag: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On an ARM computer, whose name the machine has even where an interpreter for x86 is translated."""
    kernel32 = SimpleNamespace(IsProcessorFeaturePresent=lambda number: int(number in present))
    monkeypatch.setattr(ctypes, "windll", SimpleNamespace(kernel32=kernel32), raising=False)
    monkeypatch.setattr(platform, "machine", lambda: "ARM64")
    monkeypatch.setattr(platform, "processor", lambda: "ARMv8 (64-bit) Family 8")
    monkeypatch.setattr(sysconfig, "get_platform", lambda: interpreter)
    monkeypatch.setattr(sys, "platform", "win32")
    found = find_processor()
    assert found.architecture == (X86 if interpreter == "win-amd64" else ARM)
    assert found.flags == (flag,)


LINUX, MACOS, WINDOWS = (Processor(system, ARM, frozenset({"dotprod"}), "") for system in ("linux", "darwin", "win32"))


@pytest.mark.parametrize(
    ("kind", "compiler", "ending", "has_pic"),
    [
        (LINUX, "c++", ".so", True),
        (MACOS, "c++", ".dylib", True),
        (WINDOWS, "clang++", ".dll", False),
        (Processor("win32", X86, frozenset(), ""), "clang++", ".dll", False),
    ],
)
def test_a_compiler_is_called_as_its_system_wants_it(
    kind: Processor, compiler: str, ending: str, has_pic: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clang alone on Windows; and what cannot be loaded here is told."""
    for name in ("c++", "clang++", "g++"):
        (tmp_path / name).write_text(
            f'#!/bin/sh\necho {name} "$@" >"{tmp_path}/called"\nfor target; do :; done\necho none >"$target"\n'
        )
        (tmp_path / name).chmod(0o755)
    monkeypatch.delenv("CXX", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(build, "find_processor", lambda: kind)
    with pytest.raises(NoKernelsError) as caught:
        open_library(tmp_path / "cache", "codec")
    assert caught.value.reason == "not_loadable"
    called = (tmp_path / "called").read_text().split()
    assert called[0] == compiler
    assert kind.flags[0] in called
    assert ("-fPIC" in called) is has_pic
    assert ("-static" in called) is (kind.system == "win32")
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [ending]


@pytest.mark.parametrize(
    ("system", "architecture"), [("linux", "riscv64"), ("freebsd14", X86), ("linux", "arm64, 32 bits")]
)
def test_another_computer_is_named(
    system: str, architecture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "find_processor", lambda: Processor(system, architecture, frozenset(), ""))
    with pytest.raises(NoKernelsError) as caught:
        open_library(tmp_path)
    assert (caught.value.reason, caught.value.detail) == ("not_here", f"{system} {architecture}")


def test_libraries_of_other_processors_are_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home folder that travels."""
    compiler = tmp_path / "c++"
    compiler.write_text('#!/bin/sh\nfor target; do :; done\necho none >"$target"\n')
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    for lines in (["model name: one"], ["model name: other"], ["model name: one", "flags: avx"]):
        monkeypatch.setattr(processor, "_first_of_cpuinfo", lambda lines=lines: lines)
        with pytest.raises(NoKernelsError):
            open_library(tmp_path / "cache")
    assert len(list((tmp_path / "cache").iterdir())) == 3


def test_memory_where_the_system_knows_no_large_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """macOS has no such wish, Windows no flags either; pages may be of any size."""
    monkeypatch.delattr(mmap, "MADV_HUGEPAGE", raising=False)
    assert memory.on_large_pages(100_000).sum() == 0
    monkeypatch.setattr(memory, "sys", SimpleNamespace(platform="win32"))
    zeros = memory.on_large_pages(100_000)
    assert (len(zeros), int(zeros.sum())) == (100_000, 0)
