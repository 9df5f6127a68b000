"""Names files by what is in them, so that they are known again wherever they lie. No Qt here."""

from __future__ import annotations

import hashlib
from pathlib import Path


def key_of(path: Path) -> str:
    """Name the content of the file `path`. Reads all of it. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def key_of_words(words: str) -> str:
    """Name what has no file by `words` that tell it from others."""
    return hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
