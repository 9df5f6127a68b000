"""Word documents: zip and XML, read directly, because footnotes, deleted and hidden text must be told apart.

The source's characters are those of all runs (`w:t`, `w:delText`, `w:instrText`) in the text, its notes, headers,
footers and comments; numbers that Word itself counts are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import DocumentError
from engine.narration.document import Document, OmissionReason
from engine.narration.readers.archive import Archive, local
from engine.narration.readers.building import Gathering, language_of, make_chapters, one_line, title_of

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MAIN = "word/document.xml"
_OTHER_PARTS = {
    "header": OmissionReason.PAGE_HEADER,
    "footer": OmissionReason.PAGE_FOOTER,
    "comments": OmissionReason.HIDDEN,
}


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    level: int  # of a heading; 0 for text
    based_on: str


def read(path: Path, data: bytes, footnotes: bool) -> Document:
    """Read a Word document. See `engine.narration.reading.read_document`."""
    if data.startswith(_OLE):  # before 2007, or encrypted
        raise DocumentError("encrypted" if _ENCRYPTED in data else "format", path)
    archive = Archive(path, data)
    gathering = Gathering()
    styles, default_language = _styles(archive)
    notes = _notes(archive)
    reader = _BodyReader(gathering, styles, notes if footnotes else {})
    root = archive.read_xml(_MAIN)
    for body in root:
        if local(body.tag) == "body":
            reader.read(body)
    for note in notes.values():  # those that were not read
        gathering.omit(OmissionReason.FOOTNOTE, note)
    _omit_other_parts(archive, gathering)
    fields = _fields(archive)
    title = fields.get("title") or reader.title or title_of(path)
    return Document(
        title,
        fields.get("creator", ""),
        language_of(fields.get("language")) or language_of(default_language),
        make_chapters(gathering.blocks, title),
        omissions=tuple(gathering.omissions),
    )


class _BodyReader:
    """Paragraphs and tables in order."""

    def __init__(self, gathering: Gathering, styles: dict[str, _Style], notes: dict[tuple[str, str], str]) -> None:
        self.title = ""
        self._gathering, self._styles, self._notes = gathering, styles, notes

    def read(self, body: Element) -> None:
        for element in _blocks(body):
            if local(element.tag) == "p":
                self._read_paragraph(element)
            else:
                self._read_table(element)

    def _read_table(self, table: Element) -> None:
        """Its rows, each a paragraph with tabs between the cells, and the tables in a row's cells after it."""
        for row in _children(table, "tr"):
            cells = list(_children(row, "tc"))
            texts = [" ".join(self._text(cell).split()) for cell in cells]
            self._gathering.add("\t".join(filter(None, texts)))
            for cell in cells:
                self._add_notes(cell)
                for inner in _blocks(cell):
                    if local(inner.tag) == "tbl":
                        self._read_table(inner)

    def _read_paragraph(self, paragraph: Element) -> None:
        style = self._styles.get(_style_of(paragraph), _Style("", 0, ""))
        text = self._text(paragraph)
        if style.name.startswith(("toc", "table of")):
            self._gathering.omit(OmissionReason.CONTENTS, text)
            return
        if style.name == "title":
            self.title = self.title or one_line(text)
        own_level = next((_value(e) for e in paragraph.iter() if local(e.tag) == "outlineLvl"), "9")
        level = int(own_level) + 1 if own_level.isdigit() and int(own_level) < 6 else style.level
        self._gathering.add(text, level)
        self._add_notes(paragraph)

    def _add_notes(self, element: Element) -> None:
        """The text of the notes that are referred to there."""
        for part in element.iter():
            key = (local(part.tag).removesuffix("Reference"), _attribute(part, "id"))
            self._gathering.add(self._notes.pop(key, ""))

    def _text(self, element: Element) -> str:
        """What is shown of it; what is not is left out."""
        words: list[str] = []
        for run in _runs(element):
            properties = next((child for child in run if local(child.tag) == "rPr"), ())
            hidden = any(local(e.tag) == "vanish" and _value(e) not in ("0", "false") for e in properties)
            for part in run:
                kind, text = local(part.tag), part.text or ""
                if kind == "instrText":
                    self._gathering.omit(OmissionReason.CODE, text)
                elif kind == "delText" or (kind == "t" and hidden):
                    self._gathering.omit(OmissionReason.HIDDEN, text)
                elif kind == "t":
                    words.append(text)
                else:
                    words.append(_SIGNS.get(kind, ""))
        return "".join(words)


_SIGNS = {"tab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "\u2011"}
_SKIPPED = ("Fallback", "pPr", "sectPr", "tblPr", "tcPr", "trPr")  # Fallback: the same again, for older programs


def _blocks(element: Element) -> Iterator[Element]:
    """The paragraphs and tables of a body, also those in content controls and the like."""
    for child in element:
        kind = local(child.tag)
        if kind in ("p", "tbl"):
            yield child
            yield from _boxes(child)
        elif kind not in _SKIPPED:
            yield from _blocks(child)


def _children(element: Element, kind: str) -> Iterator[Element]:
    """The rows of a table or the cells of a row, also those in content controls."""
    for child in element:
        if local(child.tag) == kind:
            yield child
        elif local(child.tag) in ("sdt", "sdtContent", "customXml", "ins"):
            yield from _children(child, kind)


def _boxes(element: Element) -> Iterator[Element]:
    """Find what stands in text boxes that are anchored in `element`."""
    for child in element:
        kind = local(child.tag)
        if kind == "txbxContent":
            yield from _blocks(child)
        elif kind not in _SKIPPED and len(child):
            yield from _boxes(child)


def _runs(element: Element) -> Iterator[Element]:
    """The runs of a paragraph or cell, without those of text boxes and inner tables' layout."""
    for child in element:
        kind = local(child.tag)
        if kind == "r":
            yield child
            yield from _runs_of_objects(child)
        elif kind not in (*_SKIPPED, "txbxContent", "tbl"):
            yield from _runs(child)


def _runs_of_objects(run: Element) -> Iterator[Element]:
    """Ruby's base text stands in runs within a run."""
    for child in run:
        if local(child.tag) == "ruby":
            for part in child:
                if local(part.tag) == "rubyBase":
                    yield from _runs(part)


def _style_of(paragraph: Element) -> str:
    return next((_value(element) for element in paragraph.iter() if local(element.tag) == "pStyle"), "")


def _value(element: Element) -> str:
    return _attribute(element, "val")


def _attribute(element: Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if local(key) == name), "")


def _styles(archive: Archive) -> tuple[dict[str, _Style], str]:
    """The styles by id, with the heading levels that they inherit, and the language of the document's defaults."""
    if "word/styles.xml" not in archive.names:
        return {}, ""
    styles: dict[str, _Style] = {}
    language = ""
    for element in archive.read_xml("word/styles.xml"):
        parts = {local(part.tag): part for part in element.iter()}
        if local(element.tag) == "docDefaults" and "lang" in parts:
            language = _value(parts["lang"])
        if local(element.tag) != "style":
            continue
        name = _value(parts["name"]).lower() if "name" in parts else ""
        outline = _value(parts["outlineLvl"]) if "outlineLvl" in parts else ""
        level = int(name[8:]) if name.startswith("heading ") and name[8:].isdigit() else 0
        level = level or (int(outline) + 1 if outline.isdigit() and int(outline) < 6 else 0)
        based_on = _value(parts["basedOn"]) if "basedOn" in parts else ""
        styles[_attribute(element, "styleId")] = _Style(name, level, based_on)
    return {key: _inherited(style, styles) for key, style in styles.items()}, language


def _inherited(style: _Style, styles: dict[str, _Style]) -> _Style:
    level, ancestor = style.level, style
    for _ in range(20):  # a chain that is longer is a circle
        if level or ancestor.based_on not in styles:
            break
        ancestor = styles[ancestor.based_on]
        level = ancestor.level
    return _Style(style.name, level, style.based_on)


def _notes(archive: Archive) -> dict[tuple[str, str], str]:
    """The text of footnotes and endnotes, by kind and id."""
    texts: dict[tuple[str, str], str] = {}
    for kind in ("footnote", "endnote"):
        name = f"word/{kind}s.xml"
        if name not in archive.names:
            continue
        for note in archive.read_xml(name):
            texts[kind, _attribute(note, "id")] = " ".join(_all_text(note).split())
    return texts


def _omit_other_parts(archive: Archive, gathering: Gathering) -> None:
    for name in sorted(archive.names):
        folder, _, file = name.rpartition("/")
        if folder != "word" or not file.endswith(".xml"):
            continue
        for kind, reason in _OTHER_PARTS.items():
            if file.startswith(kind):
                gathering.omit(reason, _all_text(archive.read_xml(name)), file)


def _all_text(element: Element) -> str:
    texts = (e.text or "" for e in element.iter() if local(e.tag) in ("t", "delText", "instrText"))
    return " ".join(texts)


def _fields(archive: Archive) -> dict[str, str]:
    if "docProps/core.xml" not in archive.names:
        return {}
    root = archive.read_xml("docProps/core.xml")
    return {local(element.tag): one_line(element.text or "") for element in root}
