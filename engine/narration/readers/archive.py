"""A zip file that may be hostile: what is read of it is bounded, whatever its headers promise."""

from __future__ import annotations

import zipfile
import zlib
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import DocumentError

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

MAX_MEMBER_BYTES = 50_000_000
MAX_TOTAL_BYTES = 200_000_000
MAX_MEMBERS = 20_000
MAX_XML_DEPTH = 150


class Archive:
    """Raises `DocumentError` when it is damaged, encrypted or too large."""

    def __init__(self, path: Path, data: bytes) -> None:
        self._path = path
        self._left_bytes = MAX_TOTAL_BYTES
        try:
            self._zip = zipfile.ZipFile(BytesIO(data))
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise DocumentError("damaged", path, "it cannot be unpacked") from error
        if len(self._zip.infolist()) > MAX_MEMBERS:
            raise DocumentError("too_large", path)
        self.names = frozenset(self._zip.namelist())

    def read(self, name: str) -> bytes:
        """The file `name` in it. Raises `DocumentError`."""
        try:
            info = self._zip.getinfo(name)
            if info.flag_bits & 1:
                raise DocumentError("encrypted", self._path)
            limit = min(MAX_MEMBER_BYTES, self._left_bytes)
            with self._zip.open(info) as file:
                data = file.read(limit + 1)
        except KeyError as error:
            raise DocumentError("damaged", self._path, f"{name} is missing") from error
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError) as error:
            raise DocumentError("damaged", self._path, f"{name} cannot be unpacked") from error
        if len(data) > limit:
            raise DocumentError("too_large", self._path)
        self._left_bytes -= len(data)
        return data

    def read_xml(self, name: str) -> Element:
        """The root of the XML file `name`; entities that it defines are refused. Raises `DocumentError`."""
        from xml.etree.ElementTree import ParseError

        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import fromstring

        try:
            root = fromstring(self.read(name))
        except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
            raise DocumentError("damaged", self._path, f"{name} is not well-formed") from error
        level = [root]
        for _ in range(MAX_XML_DEPTH):
            level = [child for element in level for child in element]
        if level:
            raise DocumentError("damaged", self._path, f"{name} is nested too deeply")
        return root


def local(tag: object) -> str:
    """An element's name without its namespace."""
    return str(tag).rpartition("}")[2]
