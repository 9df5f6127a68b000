"""Any document, read: the one function that everything else in narration calls."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from engine.errors import DocumentError
from engine.narration.document import Document

MAX_FILE_BYTES = 300_000_000
MAX_TEXT_BYTES = 64_000_000
"""Of what is text and nothing else: ten times the longest novel."""
_TEXTS = ("text", "markdown", "html", "subtitles")

_READERS = {
    ".txt": "text",
    ".text": "text",
    "": "text",
    **dict.fromkeys((".md", ".markdown", ".mkd"), "markdown"),
    **dict.fromkeys((".html", ".htm", ".xhtml"), "html"),
    ".epub": "epub",
    ".pdf": "pdf",
    ".docx": "docx",
    ".srt": "subtitles",
    ".vtt": "subtitles",
}

SUFFIXES = tuple(suffix for suffix in _READERS if suffix)
"""The endings of the files that can be read."""


def read_document(path: Path, *, footnotes: bool = False) -> Document:
    """The document in the file `path`, whatever its format; with `footnotes` their text too, where they stand.

    Raises `DocumentError`.
    """
    name = _READERS.get(path.suffix.lower())
    if name is None and path.is_file():
        raise DocumentError("format", path)
    data = _bytes_of(path, MAX_TEXT_BYTES if name in _TEXTS else MAX_FILE_BYTES)
    read: Callable[[Path, bytes, bool], Document] = import_module(f"engine.narration.readers.{name}").read
    document = read(path, data, footnotes)
    if not any(map(str.isalnum, "".join(chapter.text for chapter in document.chapters))):
        raise DocumentError("no_text", path)
    return document


def _bytes_of(path: Path, max_bytes: int) -> bytes:
    try:
        if path.stat().st_size > max_bytes:
            raise DocumentError("too_large", path)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise DocumentError("missing", path) from error
    except IsADirectoryError as error:
        raise DocumentError("is_folder", path) from error
    except PermissionError as error:
        raise DocumentError("is_folder" if path.is_dir() else "not_allowed", path) from error
    except OSError as error:
        raise DocumentError("failed", path, error.strerror or "") from error
