"""A pronunciation dictionary's file: JSON that a person can read and edit too.

{"version": 1, "entries": [{"written": "GIF", "spoken": "jif"}, {"written": "\\\\bv(\\\\d+)", "spoken": "version \\\\1",
"pattern": true, "language": "en"}, {"written": "Nguyen", "spoken": "win", "ipa": "ŋwiən"}, ...]}; what is left out has
its default.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.errors import PronunciationError
from engine.files.disk import read_whole, write_whole
from engine.files.json_files import json_bytes, parse_object
from engine.text.pronunciation import check_pronunciation
from engine.types import Pronunciation

VERSION = 1
MAX_BYTES = 20_000_000
_FIELDS = {"written": str, "spoken": str, "language": str, "pattern": bool, "match_case": bool, "ipa": str}


def read_dictionary(path: Path) -> tuple[Pronunciation, ...]:
    """The entries in order; none where there is no file. Raises `PronunciationError`: "damaged" where it is none,
    "unreadable", and what `check_pronunciation` finds in an entry."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PronunciationError("damaged", path=path, detail="it is too large")
        values = parse_object(read_whole(path).decode("utf-8-sig"))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise PronunciationError("unreadable", path=path, detail=error.strerror or "") from error
    except ValueError as error:
        raise PronunciationError("damaged", path=path, detail="it is not JSON") from error
    entries = values.get("entries")
    if not isinstance(entries, list) or values.get("version") != VERSION:
        raise PronunciationError("damaged", path=path, detail="it has no entries of version 1")
    return tuple(_entry(value, path, number) for number, value in enumerate(entries, 1))


def _entry(value: Any, path: Path, number: int) -> Pronunciation:
    is_known = isinstance(value, dict) and value.keys() <= _FIELDS.keys() and {"written", "spoken"} <= value.keys()
    if not is_known or not all(type(value[name]) is _FIELDS[name] for name in value):
        raise PronunciationError("damaged", path=path, detail=f"entry {number} is not understood")
    entry = Pronunciation(
        value["written"],
        value["spoken"],
        value.get("language") or None,
        value.get("pattern", False),
        value.get("match_case", False),
        value.get("ipa", ""),
    )
    check_pronunciation(entry, try_out=False)  # that was done when it was put in, and takes its time
    return entry


def write_dictionary(path: Path, entries: Sequence[Pronunciation]) -> None:
    """Replace what `path` holds, whole or not at all. Raises `OutputError`."""
    values = [
        {
            "written": entry.written,
            "spoken": entry.spoken,
            **({"language": entry.language} if entry.language else {}),
            **({"pattern": True} if entry.is_pattern else {}),
            **({"match_case": True} if entry.match_case else {}),
            **({"ipa": entry.ipa} if entry.ipa else {}),
        }
        for entry in entries
    ]
    write_whole(path, json_bytes({"version": VERSION, "entries": values}) + b"\n", make_folders=True)


def with_pronunciation(entries: Sequence[Pronunciation], entry: Pronunciation) -> tuple[Pronunciation, ...]:
    """With `entry`, in the place of one for the same writing, else at the end. Raises `PronunciationError`."""
    check_pronunciation(entry)
    same = [i for i, other in enumerate(entries) if _what(other) == _what(entry)]
    if not same:
        return (*entries, entry)
    return tuple(entry if i == same[0] else other for i, other in enumerate(entries) if i not in same[1:])


def without_pronunciation(
    entries: Sequence[Pronunciation], written: str, language: str | None = None
) -> tuple[Pronunciation, ...]:
    """Without the entries for `written`, in `language` alone where it is given. Raises `PronunciationError`
    ("unknown")."""
    kept = tuple(e for e in entries if e.written != written or (language is not None and e.language != language))
    if len(kept) == len(entries):
        raise PronunciationError("unknown", written)
    return kept


def _what(entry: Pronunciation) -> tuple[str, str | None, bool]:
    return entry.written, entry.language, entry.is_pattern
