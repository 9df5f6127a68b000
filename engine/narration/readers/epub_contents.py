"""An EPUB's own table of contents: the navigation document of EPUB 3, or the NCX file of EPUB 2."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from engine.errors import DocumentError
from engine.narration.readers.archive import Archive, local
from engine.narration.readers.building import one_line
from engine.narration.readers.tags import read_tags

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element


@dataclass(frozen=True, slots=True)
class Entry:
    """Hold an entry of a table of contents. `page` is a name in the archive; `depth` begins at 1."""

    title: str
    page: str
    anchor: str
    depth: int


def contents_of(path: Path, archive: Archive, nav: str | None, ncx: str | None) -> tuple[Entry, ...]:
    """Read the entries in order; none where the book has no table of contents that can be read."""
    for name, entries_of in ((nav, _of_nav), (ncx, _of_ncx)):
        if name in archive.names and name is not None:
            try:
                if entries := entries_of(path, archive, name):
                    return entries
            except DocumentError:
                continue  # its chapters are then found by headings
    return ()


def _of_nav(path: Path, archive: Archive, name: str) -> tuple[Entry, ...]:
    reader = _NavReader(name)
    read_tags(path, archive.read(name).decode("utf-8", errors="replace"), reader)
    return tuple(reader.entries)


class _NavReader:
    """The links in the list of `<nav epub:type="toc">`."""

    def __init__(self, name: str) -> None:
        self.entries: list[Entry] = []
        self._name = name
        self._depth: int | None = None  # of lists; None outside the table of contents
        self._link: str | None = None
        self._words: list[str] = []

    def start(self, tag: str, values: dict[str, str]) -> None:
        if tag == "nav" and "toc" in values.get("epub:type", values.get("role", "")).replace("doc-", "").split():
            self._depth = 0
        elif tag == "ol" and self._depth is not None:
            self._depth += 1
        elif tag == "a" and self._depth:
            self._link, self._words = values.get("href"), []

    def end(self, tag: str) -> None:
        if tag == "nav":
            self._depth = None
        elif tag == "ol" and self._depth:
            self._depth -= 1
        elif tag == "a" and self._link is not None and self._depth:
            self.entries.append(_entry("".join(self._words), self._name, self._link, self._depth))
            self._link = None

    def text(self, text: str) -> None:
        if self._link is not None:
            self._words.append(text)


def _of_ncx(_path: Path, archive: Archive, name: str) -> tuple[Entry, ...]:
    entries: list[Entry] = []
    waiting: list[tuple[Element, int]] = [(archive.read_xml(name), 0)]
    while waiting:
        element, depth = waiting.pop()
        depth += local(element.tag) == "navPoint"
        if local(element.tag) == "navPoint":
            children = {local(child.tag): child for child in element}
            title = "".join(children["navLabel"].itertext()) if "navLabel" in children else ""
            source = children["content"].get("src") if "content" in children else None
            if source:
                entries.append(_entry(title, name, source, depth))
        waiting += [(child, depth) for child in reversed(element) if local(child.tag) in ("navMap", "navPoint")]
    return tuple(entries)


def _entry(title: str, base: str, reference: str, depth: int) -> Entry:
    target, _, anchor = reference.partition("#")
    page = posixpath.normpath(posixpath.join(posixpath.dirname(base), unquote(target)))
    return Entry(one_line(title), page if target else base, unquote(anchor), depth)
