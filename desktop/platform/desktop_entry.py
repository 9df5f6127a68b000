"""Writes the text of a .desktop file, and quotes a command in one (Desktop Entry Specification 1.5)."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

_RESERVED = frozenset(" \t\n\"'\\><~|&;$*?#()`")


def entry(values: Sequence[tuple[str, str]], group: str = "Desktop Entry") -> str:
    """Write one group; each value is escaped as a string of the specification."""
    return "\n".join([f"[{group}]", *(f"{key}={_escape(value)}" for key, value in values), ""])


def command_line(words: Sequence[str]) -> str:
    """Write the value of an Exec key, not yet escaped as a string: `entry` does that."""
    return " ".join(_quote(word) for word in words)


def lectern_command() -> list[str]:
    """Find the installed program of this very Python; `python -m desktop` where there is none."""
    script = Path(sys.executable).parent / ("lectern.exe" if sys.platform == "win32" else "lectern")
    return [str(script)] if script.is_file() else [sys.executable, "-P", "-m", "desktop"]


def _quote(word: str) -> str:
    word = word.replace("%", "%%")  # a lone one begins a field code
    if word and not _RESERVED & set(word):
        return word
    for sign in '\\"`$':
        word = word.replace(sign, f"\\{sign}")
    return f'"{word}"'


def _escape(value: str) -> str:
    return value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
