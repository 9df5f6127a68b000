"""Reads documents in a process of its own: work in pure Python would take the GUI thread's turns, and a file that
hangs or crashes a library ends only that process. No Qt here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import engine
import engine.files
import engine.narration
from desktop.common.apart import EndedEarlyError, found_apart
from desktop.common.content_key import key_of
from desktop.reader.book import Book, make_book
from desktop.reader.covers import small_picture


def read_apart(path: Path, cancel: engine.CancelToken) -> Iterator[Book | bytes]:
    """Yield the book in the file `path`, and after it, where it has a cover, a small picture of it as a file's bytes;
    once `cancel` is set the process is ended. Blocks: for a thread. Raises `engine.DocumentError`."""
    try:
        for found in found_apart(_find_book, path, cancel=cancel):
            match found:
                case (str() as problem, str() as detail):
                    raise engine.DocumentError(problem, path, detail)
                case _:
                    yield found
    except EndedEarlyError as error:
        raise engine.DocumentError("damaged", path, "reading it failed") from error


def _find_book(path: Path) -> Iterator[Book | bytes | tuple[str, str]]:
    """What `read_apart` yields; or a document's problem and its details."""
    try:
        document = _read(path)
        yield make_book(key_of(path), path, document)
        if document.cover is not None and (picture := small_picture(document.cover)) is not None:
            yield picture
    except engine.DocumentError as error:
        yield error.problem, error.detail
    except OSError as error:
        yield "failed", error.strerror or ""
    except MemoryError:
        yield "too_large", ""


def _read(path: Path) -> engine.narration.Document:
    """Read a document, or what is text whatever its name. Raises `engine.DocumentError`."""
    if path.suffix.lower() in ("", *engine.narration.document_endings()):
        return engine.narration.read_document(path)
    text, warnings = engine.narration.read_text(path)
    title = engine.files.readable_name(path.stem)
    return engine.narration.Document(title, "", None, (engine.narration.Chapter("", text),), warnings=warnings)
