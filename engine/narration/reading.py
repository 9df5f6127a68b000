"""Any document, read: the one function that everything else in narration calls."""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from engine.errors import DocumentError
from engine.narration.document import Document

MAX_FILE_BYTES = 300_000_000
MAX_TEXT_BYTES = 64_000_000
"""Of what is text and nothing else: ten times the longest novel."""
_N_PLACES, _PLACE_CHARS = 5, 2000
"""How much of a document is asked for its language."""
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
    """Read the document in the file `path`, whatever its format; with `footnotes` their text too, where they stand.

    A language that the file names and its text is not in is replaced by that of the text, with a warning. Raises
    `DocumentError`.
    """
    name = _READERS.get(path.suffix.lower())
    if name is None and path.is_file():
        raise DocumentError("format", path)
    data = _bytes_of(path, MAX_TEXT_BYTES if name in _TEXTS else MAX_FILE_BYTES)
    read: Callable[[Path, bytes, bool], Document] = import_module(f"engine.narration.readers.{name}").read
    document = read(path, data, footnotes)
    if not any(map(str.isalnum, "".join(chapter.text for chapter in document.chapters))):
        raise DocumentError("no_text", path)
    return _with_checked_language(document)


def _with_checked_language(document: Document) -> Document:
    """Many converters write the same language into every file, so that the text decides: most places in it."""
    from engine.text.detection import Told, document_language
    from engine.text.other_languages import name_of_language

    if document.language is None:
        return document
    told = [document_language(place, document.language) for place in _places(document)]
    (most, n), *_ = Counter(told).most_common(1)
    if most == Told(document.language) or n <= len(told) / 2:
        return document
    named, found = (name_of_language(code) for code in (document.language, most.unvoiced or most.language))
    warning = f"The file says that it is in {named}, and its text is in {found}."
    return replace(document, language=None if most.unvoiced else most.language, warnings=(*document.warnings, warning))


def _places(document: Document) -> list[str]:
    """Pieces of text from all over the document; of a short one all of it."""
    text = "\n\n".join(chapter.text for chapter in document.chapters)
    starts = range(0, len(text), max(_PLACE_CHARS, -(-len(text) // _N_PLACES)))
    return [text[start : start + _PLACE_CHARS] for start in starts]


def read_text(path: Path) -> tuple[str, tuple[str, ...]]:
    """Read the text of any file that is to be read aloud or edited, and warnings about it.

    What is text already, whatever its name, comes as it is written; of other documents what their readers find. Raises
    `DocumentError`.
    """
    name = _READERS.get(path.suffix.lower(), "text")
    if name not in ("text", "markdown"):
        document = read_document(path)
        return "\n\n".join(chapter.text for chapter in document.chapters), document.warnings
    from engine.text.decoding import decode_text

    data = _bytes_of(path, MAX_TEXT_BYTES)
    if data.startswith(_NO_TEXTS):
        raise DocumentError("format", path)
    text, warnings = decode_text(path, data)
    return text.replace("\r\n", "\n"), warnings


def read_page(html: str) -> str:
    """Return what is there to read of a web page, or of a part of one, as it is copied from a browser; "" where there
    is nothing. Raises `DocumentError`."""
    from engine.narration.readers.html import read
    from engine.text.markdown import unescape_markup

    data = codecs.BOM_UTF8 + html.encode("utf-8", "replace")  # the mark, since the page may declare another encoding
    document = read(Path("page.html"), data, False)
    return unescape_markup("\n\n".join(chapter.text for chapter in document.chapters))


_NO_TEXTS = (b"{\\rtf", b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
"""How documents begin that are not what their names say."""


def _bytes_of(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(max_bytes + 1)  # what is no regular file says no size
    except FileNotFoundError as error:
        raise DocumentError("missing", path) from error
    except IsADirectoryError as error:
        raise DocumentError("is_folder", path) from error
    except PermissionError as error:
        raise DocumentError("is_folder" if path.is_dir() else "not_allowed", path) from error
    except OSError as error:
        raise DocumentError("failed", path, error.strerror or "") from error
    if len(data) > max_bytes:
        raise DocumentError("too_large", path)
    return data


def document_endings() -> tuple[str, ...]:
    """List the endings of the files that `read_document` takes: ".epub" and others."""
    return SUFFIXES
