"""The queue of books, in a file: it is there again after a restart. No Qt here."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import engine
from desktop.narration.values import JobPhase

QUEUE_NAME = "queue.json"
KEPT = (JobPhase.READY, JobPhase.WAITING, JobPhase.PAUSED, JobPhase.DONE, JobPhase.FAILED)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class QueuedBook:
    """`identity` is that of the engine that spoke it last, by which its sounds are found."""

    folder: Path
    target: Path
    phase: JobPhase
    identity: str = ""


def load_queue(folder: Path) -> list[QueuedBook]:
    """What is in the file, without books whose project is gone."""
    try:
        values = json.loads((folder / QUEUE_NAME).read_bytes())
        books = [
            QueuedBook(Path(v["folder"]), Path(v["target"]), JobPhase(v["phase"]), str(v["identity"]))
            for v in values["books"]
        ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("the queue of narrations cannot be read: %s", error)
        return []
    return [book for book in books if engine.is_narration(book.folder)]


def save_queue(folder: Path, books: Iterable[QueuedBook]) -> None:
    """Raises `engine.OutputError`."""
    values = [
        {"folder": str(b.folder), "target": str(b.target), "phase": b.phase.value, "identity": b.identity}
        for b in books
    ]
    data = json.dumps({"books": values}, ensure_ascii=False, indent=1).encode()
    engine.write_whole(folder / QUEUE_NAME, data, make_folders=True)
