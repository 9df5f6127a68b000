"""Says which Lectern runs on what: all that a report of a fault needs, and nothing of what was read. No Qt, no PyTorch.

`lectern --version` prints it, the doctor begins with it, and the window about Lectern shows it.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from desktop.common.nvidia import ask_driver, find_nvidia_smi
from desktop.common.origin import find_origin
from desktop.common.paths import constraints_path

MAX_NAMED = 3
"""How many packages that are not as locked are named."""
_MAKERS = {"pip", "setuptools", "wheel", "uv"}
"""Belong to whoever made the environment: Lectern does not run with them."""
_LOCKED = re.compile(r"([\w.-]+)==([\w.+!-]+)")


@dataclass(frozen=True, slots=True)
class Fact:
    subject: str
    words: str


def own_version() -> str:
    """Return the version of Lectern; "" where nobody knows."""
    return _version("lectern")


def program_facts() -> list[Fact]:
    """List what is known at once: Lectern, Python, system, desktop, Qt."""
    return _look(
        ("origin", lambda: find_origin().words),
        ("packages", _packages),
        ("Python", lambda: f"{platform.python_version()} ({sys.executable})"),
        ("system", _system),
        ("desktop", _desktop),
        ("Qt", _qt),
        ("onnxruntime", lambda: _version("onnxruntime") or "not installed"),
    )


def computer_facts() -> list[Fact]:
    """List what speaks there, as far as that is known without loading it: PyTorch, and the GPU. Asks the driver."""
    return _look(("PyTorch", _torch), ("GPU", _gpu))


def system_report() -> str:
    """Write all of it, a line for each thing; the first is "lectern" and the version."""
    facts = [*program_facts(), *computer_facts()]
    return "\n".join([f"lectern {own_version()}", *(f"{fact.subject}: {fact.words}" for fact in facts), ""])


def _look(*questions: tuple[str, Callable[[], str]]) -> list[Fact]:
    """Answers, without the person's name, which is in the path of a home."""
    home = str(Path.home())
    facts = []
    for subject, ask in questions:
        words = ask()
        facts.append(Fact(subject, words.replace(home, "~") if len(home) > 1 else words))
    return facts


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _packages() -> str:
    """Whether what is installed is what this Lectern was tried with."""
    path = constraints_path()
    if path is None:
        return "no lock to compare with"
    locked: dict[str, set[str]] = {}
    for name, number in _LOCKED.findall(re.sub(r"(?m)[#;].*$", "", path.read_text(encoding="utf-8"))):
        locked.setdefault(name, set()).add(number)
    others = []
    for name, numbers in locked.items():
        here = "" if name in _MAKERS else _version(name)
        if here and here.partition("+")[0] not in numbers:
            others.append(f"{name} {here}")
    if not others:
        return "as locked"
    more = f" and {len(others) - MAX_NAMED} more" if len(others) > MAX_NAMED else ""
    return f"not as locked: {', '.join(others[:MAX_NAMED])}{more}"


def _system() -> str:
    if sys.platform != "linux":
        return f"{platform.platform()}, {platform.machine()}"
    try:
        name = platform.freedesktop_os_release().get("PRETTY_NAME", "Linux")
    except OSError:
        name = "Linux"
    facts = os.uname()
    within = ", in WSL" if "microsoft" in facts.release.lower() else ""
    return f"{name}, Linux {facts.release} {facts.machine}{within}"


def _desktop() -> str:
    if sys.platform != "linux":
        return "Windows" if sys.platform == "win32" else "macOS"
    session = os.environ.get("XDG_SESSION_TYPE", "")
    if session not in ("x11", "wayland"):
        session = "wayland" if os.environ.get("WAYLAND_DISPLAY") else "x11" if os.environ.get("DISPLAY") else "none"
    name = os.environ.get("XDG_CURRENT_DESKTOP") or "unnamed"
    return f"{name}, {session}" if session != "none" else "none in this session"


def _qt() -> str:
    """Qt's own version, asked of its library: PySide's may differ, and importing that takes as long as all the rest."""
    own = _version("PySide6-Essentials")
    return f"{_qt_version() or 'unknown'}, PySide {own}" if own else "not installed"


def _qt_version() -> str:
    import ctypes

    names = ("Qt6Core.dll", "Qt/lib/libQt6Core.so.6", "Qt/lib/QtCore.framework/Versions/A/QtCore")
    places = [Path(str(distribution("PySide6-Essentials").locate_file("PySide6"))) / name for name in names]
    path = next((place for place in places if place.is_file()), None)
    try:
        ask = ctypes.CDLL(str(path)).qVersion
    except (OSError, AttributeError):
        return ""
    ask.restype = ctypes.c_char_p
    return (ask() or b"").decode("ascii", "replace")


def _torch() -> str:
    """What is installed of PyTorch. Its own file says for which CUDA, and is read: importing it takes seconds."""
    number = _version("torch")
    if not number:
        return "not installed"
    try:
        source = Path(str(distribution("torch").locate_file("torch/version.py"))).read_text(encoding="utf-8")
    except OSError:
        return f"{number}, damaged"
    cuda = re.search(r"^cuda\b[^=\n]*=\s*['\"]([\d.]+)", source, re.MULTILINE)
    return f"{number}, for {f'CUDA {cuda[1]}' if cuda else 'the CPU'}"


def _gpu() -> str:
    program = find_nvidia_smi()
    if program is None:
        return "none of NVIDIA's (no nvidia-smi)"
    answers = ask_driver(program, "name,memory.total,driver_version")
    if answers is None:
        return "nvidia-smi does not answer"
    return "; ".join(", ".join((*words[:-1], f"driver {words[-1]}")) for words in answers)
