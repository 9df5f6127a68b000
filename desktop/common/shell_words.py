"""Writes commands as a person can paste them at this system's prompt."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Sequence

IS_WINDOWS = os.name == "nt"
_SAID_TO_CMD = frozenset("&<>^|();,")
"""Part words or programs in cmd.exe or PowerShell, where a word is not in double quotes."""


def quote(word: str) -> str:
    """Quote one word of a command: for sh, or for cmd.exe and PowerShell, which know no single quotes alike."""
    if not IS_WINDOWS:
        return shlex.quote(word)
    quoted = subprocess.list2cmdline([word])
    return f'"{quoted}"' if _SAID_TO_CMD & set(word) and not quoted.startswith('"') else quoted


def join(words: Sequence[str]) -> str:
    return " ".join(map(quote, words))


def one_after_the_other(first: str, second: str) -> str:
    """Write two commands, the second for when the first went well; Windows PowerShell knows no `&&`."""
    return f"{first}, and after it: {second}" if IS_WINDOWS else f"{first} && {second}"
