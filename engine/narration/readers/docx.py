"""Word documents: zip and XML, read directly, because footnotes, deleted and hidden text must be told apart.

The source's characters are those of all runs (`w:t`, `w:delText`, `w:instrText`) in the text, its notes, headers,
footers and comments; numbers that Word itself counts, and formulas, count as what is said of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import DocumentError
from engine.narration.document import Document, OmissionReason
from engine.narration.readers.archive import Archive, attribute, local, value_of
from engine.narration.readers.building import Gathering, language_of, make_chapters, one_line, title_of
from engine.narration.readers.docx_parts import Parts, Style
from engine.narration.readers.docx_runs import RunReader, children_of
from engine.narration.readers.lists import with_label
from engine.narration.readers.paragraph import Paragraph
from engine.narration.readers.rows import Row
from engine.narration.styles import StyleKind, StyleSpan, moved

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def read(path: Path, data: bytes, footnotes: bool) -> Document:
    """Read a Word document. See `engine.narration.reading.read_document`."""
    if data.startswith(_OLE):  # before 2007, or encrypted
        raise DocumentError("encrypted" if _ENCRYPTED in data else "format", path)
    archive = Archive(path, data)
    parts = Parts(archive)
    gathering = Gathering()
    notes = parts.notes()
    fields = parts.fields()
    reader = _BodyReader(gathering, parts, notes if footnotes else {}, fields.get("language", ""))
    for body in archive.read_xml(parts.main):
        if local(body.tag) == "body":
            reader.read(body)
    reader.finish()
    for note in notes.values():  # those that were not read
        gathering.omit(OmissionReason.FOOTNOTE, note)
    parts.omit_others(gathering)
    title = fields.get("title") or reader.title or title_of(path)
    return Document(
        title,
        fields.get("creator", ""),
        language_of(reader.language),
        make_chapters(gathering.blocks, title, reader.language),
        omissions=tuple(gathering.omissions),
    )


class _BodyReader:
    """Paragraphs and tables in order."""

    def __init__(self, gathering: Gathering, parts: Parts, notes: dict[tuple[str, str], str], language: str) -> None:
        self.title = ""
        self._gathering, self._notes = gathering, notes
        self._styles, default = parts.styles()
        self.language = language if language_of(language) else default
        self._numbering = parts.numbering()
        self._runs = RunReader(gathering, self.language)
        self._paragraph = Paragraph()  # goes on in the next where the mark at its end was deleted
        self._rows: list[Row] = []
        self._waiting: list[str] = []  # notes of a row's cells

    def read(self, body: Element) -> None:
        """Read the paragraphs and tables of a body or a cell."""
        for element in _blocks(body):
            if local(element.tag) == "p":
                self._read_paragraph(element)
            else:
                self._read_table(element)

    def finish(self) -> None:
        """Take what is left."""
        self._add(self._paragraph, Style(), 0, "")
        self._gathering.end_part()

    def _read_table(self, table: Element) -> None:
        for element in children_of(table, "tr"):
            row = Row(len(self._gathering.blocks))
            self._rows.append(row)
            for cell in children_of(element, "tc"):
                row.cells.append(len(self._gathering.blocks))
                self.read(cell)
            self._rows.pop()
            if (line := row.merged(self._gathering.blocks)) is not None:
                self._gathering.blocks[row.first :] = [line]
            if not self._rows:
                waiting, self._waiting = self._waiting, []
                for note in waiting:
                    self._gathering.add(note)

    def _read_paragraph(self, element: Element) -> None:
        properties = next((child for child in element if local(child.tag) == "pPr"), None)
        own = {local(part.tag): part for part in properties} if properties is not None else {}
        key = value_of(own["pStyle"]) if "pStyle" in own else ""
        style = self._styles.get(key, Style())
        self._runs.read(element, self._paragraph, style.language)
        if "framePr" in own and attribute(own["framePr"], "dropCap") in ("drop", "margin"):
            return  # an initial, whose word goes on in the next paragraph
        marks = {local(part.tag) for part in own["rPr"]} if "rPr" in own else set[str]()
        if "del" in marks or "moveFrom" in marks:
            return
        outline = value_of(own["outlineLvl"]) if "outlineLvl" in own else ""
        level = int(outline) + 1 if outline.isdecimal() and int(outline) < 6 else style.level
        paragraph, self._paragraph = self._paragraph, Paragraph()
        is_item = "numPr" in own or bool(style.number)
        self._add(paragraph, style, level, self._label(own, style, key) if paragraph.words else "", is_item=is_item)
        for part in element.iter():
            if local(part.tag) == "docPr":
                self._gathering.add_picture(part.get("descr", ""))
            note = self._notes.pop((local(part.tag).removesuffix("Reference"), attribute(part, "id")), "")
            if note and self._rows:
                self._waiting.append(note)
            else:
                self._gathering.add(note)

    def _label(self, own: dict[str, Element], style: Style, key: str) -> str:
        number, depth = style.number, style.number_level
        if "numPr" in own:
            values = {local(part.tag): value_of(part) for part in own["numPr"]}
            number = values.get("numId", number)
            depth = int(values["ilvl"]) if values.get("ilvl", "").isdecimal() else depth
        return self._numbering.next_label(number, depth, key)

    def _add(self, paragraph: Paragraph, style: Style, level: int, label: str, *, is_item: bool = False) -> None:
        styled, texts = paragraph.take_styles(), list(paragraph.take())
        fitted = styled.fit([text for text, _ in texts]) if styled else [[]] * len(texts)
        for (text, spans), styles in zip(texts, fitted, strict=True):
            if style.name.startswith(("toc", "table of")):
                self._gathering.omit(OmissionReason.CONTENTS, text)
                continue
            if style.name == "title":
                self.title = self.title or one_line(text)
            labelled = with_label(label, text) if text else ""
            shift = len(labelled) - len(text)
            languages = [replace(span, start=span.start + shift, end=span.end + shift) for span in spans]
            kind = (StyleKind.ITEM if label else StyleKind.BULLET) if is_item and not level else _KINDS.get(style.name)
            whole = [StyleSpan(0, len(labelled), kind, 1)] if kind else []
            self._gathering.add(labelled, level, languages=languages, styles=[*whole, *moved(styles, shift)])
            label = "" if text else label


_KINDS = {
    **dict.fromkeys(("quote", "intense quote", "block text"), StyleKind.QUOTATION),
    **dict.fromkeys(("html preformatted", "preformatted text", "source code"), StyleKind.PREFORMATTED),
    "caption": StyleKind.CAPTION,
}
"""Of paragraphs, by the names of Word's own styles and LibreOffice's."""
_SKIPPED = ("Fallback", "pPr", "sectPr", "tblPr", "tcPr", "trPr")  # Fallback: the same again, for older programs


def _blocks(element: Element) -> Iterator[Element]:
    """The paragraphs and tables of a body, also those in content controls and the like."""
    for child in element:
        kind = local(child.tag)
        if kind in ("p", "tbl"):
            yield child
            if kind == "p":
                yield from _boxes(child)
        elif kind not in _SKIPPED:
            yield from _blocks(child)


def _boxes(element: Element) -> Iterator[Element]:
    """Find what stands in text boxes that are anchored in `element`."""
    for child in element:
        kind = local(child.tag)
        if kind == "txbxContent":
            yield from _blocks(child)
        elif kind not in _SKIPPED and len(child):
            yield from _boxes(child)
