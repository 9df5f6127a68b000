"""The parts of a Word document: which file is which, and what those around the text say."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.narration.document import OmissionReason
from engine.narration.readers.archive import Archive, attribute, local, value_of
from engine.narration.readers.building import Gathering, one_line
from engine.narration.readers.docx_numbering import Numbering

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_USUAL_MAIN = "word/document.xml"
_OTHER_PARTS = {
    "header": OmissionReason.PAGE_HEADER,
    "footer": OmissionReason.PAGE_FOOTER,
    "comments": OmissionReason.HIDDEN,
}


@dataclass(frozen=True, slots=True)
class Style:
    """Hold what a style says of its paragraphs; `level` is a heading's, 0 for text. `number` is a list's numId."""

    name: str = ""
    level: int = 0
    based_on: str = ""
    language: str = ""
    number: str = ""
    number_level: int | None = None


class Parts:
    """Find the parts of `archive` by what the package says that they are, else by their usual names."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        package = self._related("_rels/.rels", "")
        self.main = next(iter(package.get("officeDocument", ())), _USUAL_MAIN)
        self._folder, _, file = self.main.rpartition("/")
        self._kinds = self._related(posixpath.join(self._folder, "_rels", f"{file}.rels"), self._folder)
        self._core = next(iter(package.get("core-properties", ())), "docProps/core.xml")

    def _related(self, name: str, folder: str) -> dict[str, list[str]]:
        """The files that one is related to, by the last part of the relationship's type."""
        kinds: dict[str, list[str]] = {}
        if name not in self._archive.names:
            return kinds
        for element in self._archive.read_xml(name):
            if element.get("TargetMode") == "External":
                continue
            target = element.get("Target", "")
            path = target[1:] if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            if path in self._archive.names:
                kinds.setdefault(element.get("Type", "").rpartition("/")[2], []).append(path)
        return kinds

    def names(self, kind: str) -> list[str]:
        """List the files of a kind, "header" and the like."""
        if kind in self._kinds:
            return self._kinds[kind]
        usual = (name for name in self._archive.names if posixpath.dirname(name) == self._folder)
        return sorted(name for name in usual if posixpath.basename(name).startswith(kind) and name.endswith(".xml"))

    def styles(self) -> tuple[dict[str, Style], str]:
        """Read the styles by id, with what they inherit, and the language of the document's defaults."""
        styles: dict[str, Style] = {}
        language = ""
        for name in self.names("styles")[:1]:
            for element in self._archive.read_xml(name):
                if local(element.tag) == "docDefaults":
                    language = next((value_of(e) for e in element.iter() if local(e.tag) == "lang"), "")
                elif local(element.tag) == "style":
                    styles[attribute(element, "styleId")] = _style(element)
        return {key: _inherited(style, styles) for key, style in styles.items()}, language

    def numbering(self) -> Numbering:
        """Read how lists are numbered."""
        names = self.names("numbering")
        return Numbering.of(self._archive.read_xml(names[0])) if names else Numbering()

    def notes(self) -> dict[tuple[str, str], str]:
        """Read the text of footnotes and endnotes, by kind and id."""
        texts: dict[tuple[str, str], str] = {}
        for kind in ("footnote", "endnote"):
            for name in self.names(f"{kind}s")[:1]:
                for note in self._archive.read_xml(name):
                    texts[kind, attribute(note, "id")] = " ".join(_all_text(note).split())
        return texts

    def omit_others(self, gathering: Gathering) -> None:
        """Note the text of pages' headers and footers, and of comments, as left out."""
        for kind, reason in _OTHER_PARTS.items():
            for name in self.names(kind):
                gathering.omit(reason, _all_text(self._archive.read_xml(name)), posixpath.basename(name))

    def fields(self) -> dict[str, str]:
        """Read the document's properties: "title", "creator", "language"."""
        if self._core not in self._archive.names:
            return {}
        root = self._archive.read_xml(self._core)
        return {local(element.tag): one_line(element.text or "") for element in root}


def _style(element: Element) -> Style:
    parts = {local(part.tag): part for part in element.iter()}
    values = {kind: value_of(parts[kind]) for kind in parts}
    name, outline = values.get("name", "").lower(), values.get("outlineLvl", "")
    level = int(name[8:]) if name.startswith("heading ") and name[8:].isdecimal() else 0
    level = level or (int(outline) + 1 if outline.isdecimal() and int(outline) < 6 else 0)
    depth = values.get("ilvl", "")
    return Style(
        name,
        level,
        values.get("basedOn", ""),
        values.get("lang", ""),
        values.get("numId", ""),
        int(depth) if depth.isdecimal() and len(depth) < 3 else None,
    )


def _inherited(style: Style, styles: dict[str, Style]) -> Style:
    level, language, number, number_level = style.level, style.language, style.number, style.number_level
    ancestor = style
    for _ in range(20):  # a chain that is longer is a circle
        if ancestor.based_on not in styles:
            break
        ancestor = styles[ancestor.based_on]
        level = level or ancestor.level
        language = language or ancestor.language
        if not number:
            number, number_level = ancestor.number, ancestor.number_level
    return Style(style.name, level, style.based_on, language, number, number_level)


def _all_text(element: Element) -> str:
    texts = (e.text or "" for e in element.iter() if local(e.tag) in ("t", "delText", "instrText"))
    return " ".join(texts)
