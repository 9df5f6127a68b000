"""Reads documents in a process of its own: work in pure Python would take the GUI thread's turns, and a file that
hangs or crashes a library ends only that process. No Qt here."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

import engine
import engine.files
import engine.narration
from desktop.common.content_key import key_of
from desktop.reader.book import Book, make_book
from desktop.reader.covers import small_picture

POLL_S = 0.05


def read_apart(path: Path, cancel: engine.CancelToken) -> Iterator[Book | bytes]:
    """Yield the book in the file `path`, and after it, where it has a cover, a small picture of it as a file's bytes;
    once `cancel` is set the process is ended. Blocks: for a thread. Raises `engine.DocumentError`."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_send_book, args=(path, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        while not cancel.cancelled:
            if not ours.poll(POLL_S):
                continue
            match ours.recv():
                case None:
                    return
                case (str() as problem, str() as detail):
                    raise engine.DocumentError(problem, path, detail)
                case found:
                    yield found
    except EOFError as error:
        raise engine.DocumentError("damaged", path, "reading it failed") from error
    finally:
        child.kill()
        child.join()
        child.close()
        ours.close()


def _send_book(path: Path, pipe: Connection) -> None:
    with suppress(BrokenPipeError):  # nobody waits for it any more
        try:
            document = _read(path)
            pipe.send(make_book(key_of(path), path, document))
            if document.cover is not None and (picture := small_picture(document.cover)) is not None:
                pipe.send(picture)
            pipe.send(None)
        except engine.DocumentError as error:
            pipe.send((error.problem, error.detail))
        except OSError as error:
            pipe.send(("failed", error.strerror or ""))
        except MemoryError:
            pipe.send(("too_large", ""))


def _read(path: Path) -> engine.narration.Document:
    """Read a document, or what is text whatever its name. Raises `engine.DocumentError`."""
    if path.suffix.lower() in ("", *engine.narration.document_endings()):
        return engine.narration.read_document(path)
    text, warnings = engine.narration.read_text(path)
    title = engine.files.readable_name(path.stem)
    return engine.narration.Document(title, "", None, (engine.narration.Chapter("", text),), warnings=warnings)
