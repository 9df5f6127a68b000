"""A zip file that may be hostile: what is read of it is bounded, whatever its headers promise."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import DocumentError
from engine.files.foreign import Library, foreign

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_MEMBER_BYTES = 50_000_000
MAX_TOTAL_BYTES = 200_000_000
FREE_BYTES, MAX_RATIO = 10_000_000, 100
"""Beyond so many bytes, what is unpacked may be so much larger than the archive. Text shrinks to a twentieth at best;
what shrinks to a thousandth is made to fill a memory."""
MAX_MEMBERS = 20_000
MAX_XML_DEPTH = 150
MAX_XML_ELEMENTS = 1_500_000
"""Ten times those of a Word document of 1000 pages; 0.4 GB."""


class Archive:
    """Open a ZIP archive that may be hostile. Raises `DocumentError` when it is damaged, encrypted or too large."""

    def __init__(self, path: Path, data: bytes) -> None:
        self._path = path
        self._left_bytes = min(MAX_TOTAL_BYTES, FREE_BYTES + MAX_RATIO * len(data))
        self._left_elements = MAX_XML_ELEMENTS
        with foreign(Library.ZIP, lambda _: DocumentError("damaged", path, "it cannot be unpacked")):
            self._zip = zipfile.ZipFile(BytesIO(data))
        if len(self._zip.infolist()) > MAX_MEMBERS:
            raise DocumentError("too_large", path)
        self.names = frozenset(self._zip.namelist())

    def read(self, name: str) -> bytes:
        """Unpack the file `name`. Raises `DocumentError`."""
        if name not in self.names:
            raise DocumentError("damaged", self._path, f"{name} is missing")
        info = self._zip.getinfo(name)
        if info.flag_bits & 1:
            raise DocumentError("encrypted", self._path)
        limit = min(MAX_MEMBER_BYTES, self._left_bytes)
        with (
            foreign(Library.ZIP, lambda _: DocumentError("damaged", self._path, f"{name} cannot be unpacked")),
            self._zip.open(info) as file,
        ):
            data = file.read(limit + 1)
        if len(data) > limit:
            raise DocumentError("too_large", self._path)
        self._left_bytes -= len(data)
        return data

    def read_xml(self, name: str) -> Element:
        """Parse the XML file `name`; entities that it defines are refused. Raises `DocumentError`."""
        from defusedxml.ElementTree import DefusedXMLParser

        data = self.read(name)
        builder = _BoundedBuilder(self._path, name, self._left_elements)
        with foreign(Library.XML, lambda _: DocumentError("damaged", self._path, f"{name} is not well-formed")):
            parser = DefusedXMLParser(target=builder)
            parser.feed(data)
            root: Element = parser.close()
        self._left_elements = builder.n_left
        return root


class _BoundedBuilder:
    """Make elements of what a parser finds, so many and so deep."""

    def __init__(self, path: Path, name: str, n_left: int) -> None:
        from xml.etree.ElementTree import TreeBuilder

        self._path, self._name = path, name
        self._tree = TreeBuilder()
        self.n_left = n_left
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> Any:
        self.n_left -= 1
        self._depth += 1
        if self.n_left < 0:
            raise DocumentError("too_large", self._path)
        if self._depth > MAX_XML_DEPTH:
            raise DocumentError("damaged", self._path, f"{self._name} is nested too deeply")
        return self._tree.start(tag, attributes)

    def end(self, tag: str) -> Any:
        self._depth -= 1
        return self._tree.end(tag)

    def data(self, data: str) -> Any:
        return self._tree.data(data)

    def close(self) -> Any:
        return self._tree.close()


def local(tag: object) -> str:
    """Return an element's name without its namespace."""
    return str(tag).rpartition("}")[2]


def attribute(element: Element, name: str) -> str:
    """Return an element's attribute by its name without a namespace; "" where it has none."""
    return next((value for key, value in element.attrib.items() if local(key) == name), "")


def value_of(element: Element) -> str:
    """Return the attribute `val`, in which Word keeps what an element says."""
    return attribute(element, "val")
