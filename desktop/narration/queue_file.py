"""Keeps the queue of books in a file, so that it is there again after a restart. No Qt here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import engine
import engine.files
import engine.narration
from desktop.common.messages import Message
from desktop.narration.values import JobPhase

QUEUE_NAME = "queue.json"
KEPT = (JobPhase.READY, JobPhase.WAITING, JobPhase.PAUSED, JobPhase.DONE, JobPhase.FAILED)
MAX_BYTES = 10_000_000


@dataclass(frozen=True, slots=True)
class QueuedBook:
    """Describes a book in the queue. `identity` is that of the engine that spoke it last, by which its sounds are
    found."""

    folder: Path
    target: Path
    phase: JobPhase
    identity: str = ""


def load_queue(folder: Path) -> tuple[list[QueuedBook], Message | None]:
    """Read the file; return its books but those whose project is gone, and what was wrong with it. A file that is no
    queue is set aside; of one that has entries which cannot be, the others are kept."""
    path = folder / QUEUE_NAME
    try:
        entries = engine.files.parse_object(engine.files.read_whole(path, MAX_BYTES)).get("books")
        if not isinstance(entries, list):
            raise ValueError("it has no books")
    except (FileNotFoundError, NotADirectoryError):
        return [], None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        sentence = f"The list of books in {path} cannot be read ({reason})."
        return [], Message(sentence, "Change its permissions, then start Lectern again.")
    except ValueError:
        return [], _set_aside(path, f"The list of books in {path} is damaged, so it begins anew.")
    books: list[QueuedBook] = []
    n_bad = 0
    for entry in entries:
        try:
            books.append(engine.files.build_from_json(QueuedBook, entry))
        except ValueError:
            n_bad += 1
    problem = None
    if n_bad:
        problem = _set_aside(path, f"In the list of books in {path}, {n_bad} of {len(entries)} cannot be understood.")
    return [book for book in books if engine.narration.is_project(book.folder)], problem


def _set_aside(path: Path, sentence: str) -> Message:
    aside = engine.files.set_aside(path)
    kept = f"What was there is kept in {aside.name}, in the same folder. " if aside is not None else ""
    return Message(sentence, f"{kept}Add the books again: what is spoken of them is still there.")


def save_queue(folder: Path, books: Iterable[QueuedBook]) -> None:
    """Write the file. Raises `engine.OutputError`."""
    values = [
        {"folder": str(b.folder), "target": str(b.target), "phase": b.phase.value, "identity": b.identity}
        for b in books
    ]
    engine.files.write_whole(folder / QUEUE_NAME, engine.files.json_bytes({"books": values}), make_folders=True)
