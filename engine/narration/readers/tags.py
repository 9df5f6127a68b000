"""HTML and XHTML as a stream of tags and text, in linear time however broken they are.

lxml's libxml2 reads as HTML 5 says, from broken pages too; unlike a browser it takes `<title/>` and `<a id="p1"/>` for
whole elements, as the XHTML of books means them. It opens no file or address and expands no entity of a file's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from engine.errors import DocumentError
from engine.files.foreign import Library, foreign

_CHUNK_CHARS = 1 << 16
_RAW_OR_CDATA = re.compile(r"<(?P<raw>script|style)\b|<!\[CDATA\[", re.IGNORECASE)
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)


class TagListener(Protocol):
    """Take what stands in a file, in order. Each tag that begins also ends, at the latest with the file."""

    def start(self, tag: str, values: dict[str, str]) -> None:
        """Take a tag that begins, with its attributes."""
        ...

    def end(self, tag: str) -> None:
        """Take a tag that ends."""
        ...

    def text(self, text: str) -> None:
        """Take all text between two tags, at once."""
        ...


def read_tags(path: Path, text: str, listener: TagListener) -> None:
    """Read `text`, the markup of `path` or of a part of it. Raises `DocumentError`."""
    from lxml.etree import HTMLParser

    if not text.strip():
        return  # libxml2 takes it for a mistake
    events = _Events()
    with foreign(Library.HTML, lambda _: DocumentError("damaged", path, "its markup cannot be read")):
        parser = HTMLParser(target=events, encoding="utf-8", huge_tree=True)
    pieces: list[str] = []
    for chunk in _chunks(text):
        with foreign(Library.HTML, lambda _: DocumentError("damaged", path, "its markup cannot be read")):
            parser.feed(chunk) if chunk else parser.close()
        _tell(events.take(), pieces, listener)
    if pieces:
        listener.text("".join(pieces))


class _Events:
    """Keep what lxml finds for a moment: a mistake in a listener is then none of the file's."""

    def __init__(self) -> None:
        self._events: list[tuple[str, Any]] = []

    def start(self, tag: str, attributes: Any) -> None:
        self._events.append((tag, dict(attributes)))

    def end(self, tag: str) -> None:
        self._events.append((tag, None))

    def data(self, data: str) -> None:
        self._events.append(("", data))

    def close(self) -> None:
        pass

    def take(self) -> list[tuple[str, Any]]:
        events, self._events = self._events, []
        return events


def _tell(events: list[tuple[str, Any]], pieces: list[str], listener: TagListener) -> None:
    for tag, content in events:
        if not tag:
            pieces.append(content)
            continue
        if pieces:
            listener.text("".join(pieces))
            pieces.clear()
        if content is None:
            listener.end(tag)
        else:
            listener.start(tag, content)


def _chunks(text: str) -> Iterator[bytes]:
    """The bytes to feed, and nothing in the end, for `close`."""
    for piece in _plain(text):
        for start in range(0, len(piece), _CHUNK_CHARS):
            yield piece[start : start + _CHUNK_CHARS].encode("utf-8", "replace")
    yield b""


def _plain(text: str) -> Iterator[str]:
    """`text` with the two things of XML that HTML does not know written as it does: what stands in CDATA as characters,
    and a document type without its inner part."""
    done = 0
    doctype = _DOCTYPE.search(text, 0, 2000)
    if doctype is not None:
        end = text.find(">", doctype.end())
        subset = text.find("[", doctype.end(), max(end, 0))
        if subset >= 0 and (end_of_subset := text.find("]", subset)) >= 0:
            yield text[: doctype.start()]
            done = text.find(">", end_of_subset) + 1 or len(text)
    while found := _RAW_OR_CDATA.search(text, done):
        yield text[done : found.start()]
        if found["raw"]:
            end = _end_of(text, f"</{found['raw']}", found.end())
            yield text[found.start() : end]
            done = end
            continue
        end = text.find("]]>", found.end())
        end = len(text) if end < 0 else end
        yield text[found.end() : end].replace("&", "&amp;").replace("<", "&lt;")
        done = end + 3
    yield text[done:]


def _end_of(text: str, words: str, start: int) -> int:
    """Find where `words` stand, in small letters or capitals or as they are; the end of `text` where they do not."""
    found = re.compile(re.escape(words), re.IGNORECASE).search(text, start)
    return found.start() if found else len(text)
