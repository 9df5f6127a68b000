"""Writes the text of a .desktop file, and quotes a command in one (Desktop Entry Specification 1.5)."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

_RESERVED = frozenset(" \t\n\"'\\><~|&;$*?#()`")
_PROGRAM = "lectern.exe" if sys.platform == "win32" else "lectern"


def entry(values: Sequence[tuple[str, str]], group: str = "Desktop Entry") -> str:
    """Write one group; each value is escaped as a string of the specification."""
    return "\n".join([f"[{group}]", *(f"{key}={_escape(value)}" for key, value in values), ""])


def command_line(words: Sequence[str]) -> str:
    """Write the value of an Exec key, not yet escaped as a string: `entry` does that."""
    return " ".join(_quote(word) for word in words)


def lectern_command() -> list[str]:
    """Find the installed program of this very Lectern; `python -m desktop` where there is none.

    uv tool, pipx and the installers link it into a folder on PATH. That link stays where it is when the environment
    behind it is replaced, so it is preferred.
    """
    script = _script()
    if script is None:
        return [sys.executable, "-P", "-m", "desktop"]
    link = shutil.which(_PROGRAM)
    is_ours = link is not None and Path(link).is_absolute() and Path(link).resolve() == script.resolve()
    return [str(link) if is_ours else str(script)]


def _script() -> Path | None:
    """The program as the installer wrote it, wherever that puts programs; beside Python where it did not note that."""
    try:
        noted = distribution("lectern").files or ()
    except PackageNotFoundError:
        noted = ()
    # bin/lectern for lib/python3/site-packages/../../../bin/lectern; links stay as they are
    places = [Path(os.path.normpath(str(file.locate()))) for file in noted if file.name == _PROGRAM]
    places.append(Path(sys.executable).parent / _PROGRAM)
    return next((place for place in places if place.is_file()), None)


def _quote(word: str) -> str:
    word = word.replace("%", "%%")  # a lone one begins a field code
    if word and not _RESERVED & set(word):
        return word
    for sign in '\\"`$':
        word = word.replace(sign, f"\\{sign}")
    return f'"{word}"'


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
