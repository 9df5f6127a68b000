"""Decides where a book's narration is kept, and where its audiobook goes when nobody says. No Qt here."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import engine
import engine.narration
from desktop.common.paths import narrations_folder


def project_folder(book: Path) -> Path:
    """Return the folder of the narration of the file `book`, whether or not there is one yet."""
    where = str(book.resolve())
    name = re.sub(r"[^\w-]+", "-", book.stem).strip("-")[:60] or "book"
    return narrations_folder() / f"{name}-{hashlib.blake2b(os.fsencode(where), digest_size=4).hexdigest()}"


def usual_target(source: str, folder: Path, settings: engine.narration.NarrationSettings) -> Path:
    """Return where an audiobook goes: beside the book, or in the project's `folder` where that is gone."""
    book = Path(source)
    base = book if book.parent.is_dir() else folder / book.name
    return base.with_suffix("") if settings.per_chapter else base.with_suffix(f".{settings.format}")
