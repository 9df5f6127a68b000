"""The files of a narration project but for its sounds: JSON, each written whole, each with a version."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from engine.audio.codes import read_array
from engine.errors import NarrationError, OptionError, PronunciationError
from engine.files.disk import read_whole, write_whole
from engine.files.foreign import Library, foreign
from engine.files.json_files import build_from_json, checked, json_bytes, parse_object
from engine.narration.document import Document, n_chars
from engine.narration.sentences import Edit
from engine.types import LANGUAGES, LanguageSpan, Reference, Voice

PROJECT_VERSION = 2
"""2: chapters consist of pieces of those that were read."""
BOOK_NAME = "book.json"
CHAPTERS_NAME = "chapters.json"
SETTINGS_NAME = "settings.json"
EDITS_NAME = "edits.json"
COVER_NAME = "cover"
VOICE_NAME = "voice.npz"
LOCK_NAME = "lock"
BOOK_DICTIONARY = "dictionary.json"
"""The book's own pronunciations, in the form of `engine.text.dictionary`."""
FILE_MODE = 0o644

MAX_JSON_BYTES = 400_000_000
"""The largest text that is read, with each of its characters an escape."""
MAX_VOICE_BYTES = 64 * 2**20

_HALF_SIGNS = re.compile("[\ud800-\udfff]")
_T = TypeVar("_T")

Edits = Mapping[int, Mapping[str, Edit]]
"""By chapter, then by `sentences.place_of`."""


@dataclass(frozen=True, slots=True)
class Book:
    """Hold what was read: `texts` and `titles` by chapter; `left_out` counts, by reason, what the reader left out;
    `warnings` say what it was not sure of; `languages` are by chapter what the file declares of parts of its text."""

    title: str
    author: str
    language: str | None
    source: str
    titles: tuple[str, ...]
    texts: tuple[str, ...]
    left_out: Mapping[str, int]
    warnings: tuple[str, ...]
    languages: tuple[tuple[LanguageSpan, ...], ...] = ()

    def declared(self, number: int) -> tuple[LanguageSpan, ...]:
        """Return what the file declares of the languages of the chapter `number`, the whole first."""
        whole = LanguageSpan(0, len(self.texts[number]), self.language) if self.language else None
        parts = self.languages[number] if self.languages else ()
        return (whole, *parts) if whole else parts

    @property
    def n_chars(self) -> int:
        """Count all characters of the file, without white space: those in the texts and those that were left out."""
        return sum(map(n_chars, self.texts)) + sum(self.left_out.values())


def book_of(document: Document, source: Path) -> Book:
    """Make the book of a `document` that was read from the file `source`."""
    left_out: dict[str, int] = {}
    for omission in document.omissions:
        left_out[str(omission.reason)] = left_out.get(str(omission.reason), 0) + n_chars(omission.text)
    return Book(
        document.title or source.stem,
        document.author,
        document.language,
        str(source),
        tuple(chapter.title for chapter in document.chapters),
        tuple(chapter.text for chapter in document.chapters),
        left_out,
        document.warnings,
        tuple(chapter.languages for chapter in document.chapters),
    )


def write_json(path: Path, values: dict[str, Any]) -> None:
    """Write `values` with the version of this form, whole or not at all. Raises `OutputError`."""
    write_whole(path, json_bytes({"version": PROJECT_VERSION, **values}), mode=FILE_MODE)


def read_json(folder: Path, name: str, make: Callable[[dict[str, Any]], _T]) -> _T | None:
    """Read the file `name` in `folder`, and make a value of it with `make`; None where there is no such file.

    Raises `NarrationError` ("newer", "damaged").
    """
    path = folder / name
    try:
        values = parse_object(read_whole(path, MAX_JSON_BYTES))
        if checked(int, values.pop("version", None), "version") > PROJECT_VERSION:
            raise NarrationError("newer", folder, str(path))
        return make(values)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, OptionError, PronunciationError) as error:
        raise NarrationError("damaged", folder, str(path)) from error


def book_to_json(book: Book) -> dict[str, Any]:
    """Make the JSON values of `book`."""
    values = asdict(book)
    values["doubts"] = values.pop("warnings")  # as it has always been written
    return values


def book_from_json(values: dict[str, Any]) -> Book:
    """Read what `book_to_json` made. Raises ValueError."""
    book = build_from_json(Book, {**values, "warnings": values.get("doubts")})
    if len(book.titles) != len(book.texts):
        raise ValueError(f"{len(book.titles)} titles")
    if book.languages and len(book.languages) != len(book.texts):
        raise ValueError(f"languages of {len(book.languages)} chapters")
    if any(_HALF_SIGNS.search(text) for text in (book.title, book.author, *book.titles, *book.texts)):
        raise ValueError("half of a sign")
    if book.language is not None and book.language not in LANGUAGES:
        raise ValueError(f"language {book.language}")
    return book


def edits_to_json(edits: Mapping[int, Mapping[str, Edit]]) -> dict[str, Any]:
    """Make the JSON values of `edits`."""
    return {"edits": {str(number): {p: asdict(e) for p, e in by.items()} for number, by in edits.items() if by}}


def edits_from_json(values: dict[str, Any]) -> dict[int, dict[str, Edit]]:
    """Read what `edits_to_json` made. Raises ValueError."""
    by_chapter = checked(Mapping[str, Mapping[str, Edit]], values.get("edits"), "edits")
    return {int(number): edits for number, edits in by_chapter.items()}


def write_voice(path: Path, engine: str, voice: Voice) -> None:
    """Write a voice with the identity of the engine that improvised it. Raises `OutputError`."""
    buffer = io.BytesIO()
    arrays: dict[str, Any] = {f"codes{i}": reference.codes for i, reference in enumerate(voice.references)}
    arrays["texts"] = np.array([reference.text for reference in voice.references], dtype=np.str_)
    arrays["engine"], arrays["name"] = np.array(engine), np.array(voice.name)
    np.savez(buffer, **arrays)
    write_whole(path, buffer.getvalue(), mode=FILE_MODE)


def read_voice(path: Path, engine: str) -> Voice | None:
    """Read the voice that `engine` has improvised; None where there is none. Raises `NarrationError` ("damaged")."""
    if not path.exists():
        return None
    with foreign(Library.NUMPY, lambda _: NarrationError("damaged", path.parent, str(path))):
        arrays = _arrays(path)
        if str(arrays["engine"]) != engine:
            return None
        texts = [str(text) for text in arrays["texts"]]
        references = tuple(Reference(text, _codes(arrays[f"codes{i}"])) for i, text in enumerate(texts))
        return Voice(str(arrays["name"]), references)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an `.npz` file. Raises what zipfile and NumPy do."""
    arrays: dict[str, np.ndarray] = {}
    left_bytes = MAX_VOICE_BYTES
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            with archive.open(info) as file:  # its true size may be another than the stated one
                data = file.read(left_bytes + 1)
            left_bytes -= len(data)
            if left_bytes < 0:
                raise ValueError("it is too large")
            arrays[info.filename.removesuffix(".npy")] = read_array(data)
    return arrays


def _codes(array: np.ndarray) -> np.ndarray:
    if array.dtype.kind not in "iu" or array.ndim != 2:
        raise ValueError("codes are a matrix of integers")
    return array
