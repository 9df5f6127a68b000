"""stack.cpp and codec.cpp become libraries for this very CPU, once; it is kept in the user's cache folder.

There need be no compiler: then the reason is said, and PyTorch's own operators do the work.
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from engine.files.disk import move
from engine.machine.console import NO_CONSOLE
from engine.s1.native.processor import ARM, X86, Processor, find_processor

FOLDER = Path(__file__).parent
COMPILERS = {"linux": ("c++", "g++", "clang++"), "darwin": ("c++", "clang++"), "win32": ("clang++",)}
"""On Windows GCC keeps vectors of 32 bytes where the stack is aligned to 16, and the program ends there."""
ENDINGS = {"linux": ".so", "darwin": ".dylib", "win32": ".dll"}
LINKING = {
    "linux": ("-shared", "-fPIC", "-pthread"),
    "darwin": ("-shared", "-fPIC", "-pthread"),
    "win32": ("-shared", "-static"),  # with what the compiler brings: it is not on Windows' path
}
FLAGS = (
    *("-O3", "-std=c++17"),
    # What of -ffast-math helps; the whole of it would make all code of this process flush small numbers to zero.
    *("-fno-math-errno", "-fno-trapping-math", "-fno-signed-zeros", "-fassociative-math", "-ffp-contract=fast"),
)
TIMEOUT_S = 300  # it is 8 s of work; a busy computer takes minutes


class NoKernelsError(Exception):
    """There is no library. `reason`: "no_compiler", "compiler_failed", "not_loadable", "not_writable", "not_here"
    (a system or processor for which it was never built); `detail` is what was said."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason, self.detail = reason, detail


def open_library(cache_folder: Path, name: str = "stack") -> ctypes.CDLL:
    """Open the library of `name`.cpp; compile it when `cache_folder` has none for this source, compiler and processor.

    That takes 4 s. Raises `NoKernelsError`.
    """
    processor = find_processor()
    if not _is_known(processor):
        raise NoKernelsError("not_here", f"{processor.system} {processor.architecture}")
    compiler = _find_compiler(processor.system)
    flags = (*FLAGS, *processor.flags, *LINKING[processor.system])
    target = cache_folder / f"{name}-{_fingerprint(compiler, name, flags, processor)}{ENDINGS[processor.system]}"
    if not target.exists():
        _compile(compiler, flags, FOLDER / f"{name}.cpp", target)
    try:
        return ctypes.CDLL(str(target))
    except OSError as error:
        raise NoKernelsError("not_loadable", str(error)) from error


def _is_known(processor: Processor) -> bool:
    is_known = processor.system in COMPILERS and processor.architecture in (X86, ARM)
    return is_known and sys.byteorder == "little"


def _find_compiler(system: str) -> str:
    for name in (os.environ.get("CXX"), *COMPILERS[system]):
        if name and (path := shutil.which(name)):
            return path
    raise NoKernelsError("no_compiler", ", ".join(COMPILERS[system]))


def _fingerprint(compiler: str, name: str, flags: tuple[str, ...], processor: Processor) -> str:
    """Other for each source, compiler and kind of processor: home folders travel between machines."""
    digest = hashlib.blake2b(digest_size=12)
    for source in (FOLDER / f"{name}.cpp", *sorted(FOLDER.glob("*.h"))):
        digest.update(source.read_bytes())
    real = Path(compiler).resolve()
    digest.update(f"{flags} {real} {real.stat().st_size} {real.stat().st_mtime_ns}".encode())
    digest.update(processor.description.encode())
    return digest.hexdigest()


def _compile(compiler: str, flags: tuple[str, ...], source: Path, target: Path) -> None:
    """Beside, then in its place: two processes may do so at once."""
    beside = target.with_suffix(f".{os.getpid()}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        run = subprocess.run(
            [compiler, *flags, str(source), "-o", str(beside)],
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=TIMEOUT_S,
            check=False,
            creationflags=NO_CONSOLE,
        )
        if run.returncode != 0:
            raise NoKernelsError("compiler_failed", run.stderr.strip()[:2000])
        move(beside, target)
    except subprocess.TimeoutExpired as error:
        raise NoKernelsError("compiler_failed", f"not done after {TIMEOUT_S} s") from error
    except OSError as error:
        raise NoKernelsError("not_writable", str(error)) from error
    finally:
        beside.unlink(missing_ok=True)
