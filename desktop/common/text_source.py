"""Reads the text to speak: from the command line, a file, or standard input."""

from __future__ import annotations

import codecs
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

import engine
import engine.narration
import engine.text
from desktop.common.errors import InputError

STANDARD_INPUT = "standard input"
MAX_BYTES = 64 * 2**20
"""More than any text that can be spoken; an endless input (`yes | lectern say`) ends here."""
_OF_THE_FILE = ("missing", "is_folder", "not_allowed", "failed")

Warn = Callable[[str], object]
"""Is given what a person should know about a text: that its encoding was guessed, for example."""


def find_text(words: Sequence[str], file: Path | None, warn: Warn = lambda _: None) -> str:
    """Find what the command line asks to speak, as the help of `say` describes. Raises `InputError`,
    `engine.DocumentError`."""
    if file is not None:
        return read_text_file(file, warn)
    if not words or list(words) == ["-"]:
        return read_text(sys.stdin.buffer, STANDARD_INPUT, warn) if sys.stdin is not None else ""
    if len(words) == 1 and names_a_file(words[0]):
        return read_text_file(Path(words[0]), warn)
    return " ".join(words)


def names_a_file(text: str) -> bool:
    """Decide whether a TEXT argument means a file: it is there and has an ending or a folder in its name, or it is one
    word with the ending of a document and nothing is there."""
    try:
        path = Path(text)
        has_ending = path.suffix not in ("", ".") and not path.suffix[1:].isspace()
        if (has_ending or os.sep in text or "/" in text) and path.is_file():
            return True
        return path.suffix.lower() in engine.narration.document_endings() and not any(sign.isspace() for sign in text)
    except (OSError, ValueError):  # too long for a path, or with a NUL byte in it
        return False


def read_text_file(path: Path, warn: Warn = lambda _: None) -> str:
    """Read `path`, a text or any document that can be narrated. Raises `InputError`, `engine.DocumentError`."""
    try:
        text, warnings = engine.narration.read_text(path)
    except engine.DocumentError as error:
        if error.problem in _OF_THE_FILE:
            raise InputError(error.problem, str(path), detail=error.detail) from error
        raise
    for warning in warnings:
        warn(warning)
    return text


def read_text(file: IO[bytes], source: str, warn: Warn = lambda _: None) -> str:
    """Read everything in `file`, as UTF-8, after its byte order mark UTF-16, or in an older encoding that is guessed.
    Raises `InputError` where it is not as its mark says, `engine.DocumentError` where it is no text."""
    data = file.read(MAX_BYTES)
    has_mark = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF8))
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(data, final=len(data) < MAX_BYTES)
    except UnicodeDecodeError as error:
        if has_mark:
            n_mark = 3 if data.startswith(codecs.BOM_UTF8) else 0
            raise InputError("encoding", source, offset=error.start + n_mark) from error
        text, warnings = engine.text.decode_text(Path(source), data)
        for warning in warnings:
            warn(warning)
    return text.replace("\r\n", "\n")
