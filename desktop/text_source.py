"""Where the text to speak comes from: the command line, a file, or standard input."""

from __future__ import annotations

import codecs
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from desktop.errors import InputError

TEXT_ENDINGS = (".txt", ".md")
STANDARD_INPUT = "standard input"
MAX_BYTES = 64 * 2**20
"""More than any text that can be spoken; an endless input (`yes | lectern say`) ends here."""


def find_text(words: Sequence[str], file: Path | None) -> str:
    """What the command line asks to speak: see the help of `say`. Raises `InputError`."""
    if file is not None:
        return read_text_file(file)
    if not words or list(words) == ["-"]:
        return read_text(sys.stdin.buffer, STANDARD_INPUT) if sys.stdin is not None else ""
    if len(words) == 1 and names_a_file(words[0]):
        return read_text_file(Path(words[0]))
    return " ".join(words)


def names_a_file(text: str) -> bool:
    """Whether a TEXT argument means a file: it ends in .txt or .md and exists, or is one word without a file."""
    if not text.lower().endswith(TEXT_ENDINGS):
        return False
    try:
        return Path(text).is_file() or not any(sign.isspace() for sign in text)
    except OSError:  # too long for a path
        return False


def read_text_file(path: Path) -> str:
    """The text in `path`. Raises `InputError`."""
    try:
        with path.open("rb") as file:
            return read_text(file, str(path))
    except FileNotFoundError as error:
        raise InputError("missing", str(path)) from error
    except IsADirectoryError as error:
        raise InputError("is_folder", str(path)) from error
    except PermissionError as error:
        raise InputError("not_allowed", str(path)) from error
    except OSError as error:
        raise InputError("failed", str(path), detail=error.strerror or "") from error


def read_text(file: IO[bytes], source: str) -> str:
    """Everything in `file`, as UTF-8 or, after its byte order mark, UTF-16. Raises `InputError`."""
    data = file.read(MAX_BYTES)
    encoding = "utf-16" if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "utf-8-sig"
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        text = decoder.decode(data, final=len(data) < MAX_BYTES)
    except UnicodeDecodeError as error:
        has_mark = data.startswith(codecs.BOM_UTF8)
        raise InputError("encoding", source, offset=error.start + (3 if has_mark else 0)) from error
    return text.replace("\r\n", "\n")
