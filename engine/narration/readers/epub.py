"""EPUB 2 and 3: the spine's files in order, chapters by the book's own table of contents.

The source's characters are those of the spine's files, as `markup` counts them.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from itertools import accumulate, compress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from engine.errors import DocumentError
from engine.narration.document import Document, Omission, OmissionReason, n_chars
from engine.narration.readers.archive import Archive, local
from engine.narration.readers.building import (
    Block,
    Gathering,
    language_of,
    make_chapters,
    one_line,
    primary_code,
    title_of,
)
from engine.narration.readers.css import level_classes, style_classes
from engine.narration.readers.epub_contents import Entry, contents_of
from engine.narration.readers.gutenberg import Licence
from engine.narration.readers.html import decode_markup
from engine.narration.readers.markup import MarkupReader
from engine.narration.readers.notes import without_notes
from engine.narration.styles import StyleKind
from engine.types import LanguageSpan

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_FONT_METHODS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
_PAGE_TYPES = ("application/xhtml+xml", "text/html", "application/xml", "text/x-oeb1-document", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class _Item:
    name: str  # in the archive
    media_type: str
    properties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Package:
    """Hold what the OPF file says. `spine`: the names of the files in order, and whether each is main text."""

    fields: dict[str, str]
    items: dict[str, _Item]
    spine: tuple[tuple[str, bool], ...]
    cover: str | None
    nav: str | None
    ncx: str | None
    contents_pages: frozenset[str]


def read(path: Path, data: bytes, footnotes: bool) -> Document:
    """Read an EPUB. See `engine.narration.reading.read_document`."""
    archive = Archive(path, data)
    package = _package(archive, path)
    _refuse_encrypted(archive, package, path)
    gathering = Gathering()
    pages: dict[str, _Page] = {}
    warnings: list[str] = []
    licence = Licence()
    sheets = _sheets(archive, package)
    for name, is_main in package.spine:
        if name in pages:
            continue
        if name not in archive.names:
            warnings.append(f"The book names a part that is not in it: {name}.")
            continue
        pages[name] = _read_page(archive, path, name, is_main, package, gathering, licence, sheets, footnotes)
    if not footnotes:
        _leave_out_notes(gathering, pages)
    entries = contents_of(path, archive, package.nav, package.ncx)
    blocks = _with_titles(gathering.blocks, entries, pages)
    title = package.fields.get("title") or title_of(path)
    return Document(
        title,
        package.fields.get("creator", ""),
        language_of(package.fields.get("language")),
        make_chapters(blocks, title, package.fields.get("language")),
        _cover(archive, package, pages),
        tuple(gathering.omissions),
        tuple(warnings),
    )


@dataclass(frozen=True, slots=True)
class _Page:
    """Say where a file's blocks begin and its anchors stand, in the book's blocks."""

    first: int
    anchors: dict[str, int]
    images: tuple[str, ...]
    note_links: tuple[tuple[str, str, int], ...] = ()
    """Files and anchors where marks of notes lead, and the blocks that they stand in."""


def _read_page(
    archive: Archive,
    path: Path,
    name: str,
    is_main: bool,
    package: Package,
    gathering: Gathering,
    licence: Licence,
    sheets: _Sheets,
    footnotes: bool,
) -> _Page:
    text, _ = decode_markup(path, archive.read(name))
    own = Gathering()
    reader = MarkupReader(own, footnotes=footnotes, place=name, levels=sheets.levels, styles=sheets.styles)
    reader.read(path, text)
    reader.keep(licence.kept(own.blocks), OmissionReason.LICENCE)
    first = len(gathering.blocks)
    gathering.omissions += own.omissions
    n_text = sum(n_chars(block.text) for block in own.blocks)
    is_contents = (
        name == package.nav or name in package.contents_pages or (n_text > 20 and reader.n_link_chars > 0.8 * n_text)
    )
    if is_contents or not is_main:
        reason = OmissionReason.CONTENTS if is_contents else OmissionReason.HIDDEN
        gathering.omissions += [Omission(reason, block.text, name) for block in own.blocks]
        return _Page(first, {}, tuple(reader.images))
    language = primary_code(reader.language)
    is_books = not language or language == primary_code(package.fields.get("language"))
    gathering.blocks += own.blocks if is_books else [_in_language(block, language) for block in own.blocks]
    anchors = {anchor: first + place for anchor, place in reader.anchors.items()}
    links = tuple(
        (_resolve(name, link), unquote(link.partition("#")[2]), first + place) for link, place in reader.note_links
    )
    return _Page(first, anchors, tuple(_resolve(name, image) for image in reader.images), links)


def _leave_out_notes(gathering: Gathering, pages: dict[str, _Page]) -> None:
    """Leave out the notes that marks lead to, wherever in the book they stand."""
    links = [link for page in pages.values() for link in page.note_links]
    targets = {pages[name].anchors.get(anchor, -1) for name, anchor, _ in links if name in pages}
    notes = targets - {place for _, _, place in links} - {-1}
    kept = without_notes(gathering.blocks, notes)
    if all(kept):
        return
    moved = [0, *accumulate(map(int, kept))]
    for block, is_kept in zip(gathering.blocks, kept, strict=True):
        if not is_kept:
            gathering.omit(OmissionReason.FOOTNOTE, block.text)
    gathering.blocks[:] = compress(gathering.blocks, kept)
    for name, page in pages.items():
        anchors = {anchor: moved[place] for anchor, place in page.anchors.items()}
        pages[name] = replace(page, first=moved[page.first], anchors=anchors)


@dataclass(frozen=True, slots=True)
class _Sheets:
    """Say which classes of the book's style sheets raise or lower signs, and which emphasise."""

    levels: dict[str, str]
    styles: dict[str, tuple[StyleKind, ...]]


def _sheets(archive: Archive, package: Package) -> _Sheets:
    sheets = _Sheets({}, {})
    for item in package.items.values():
        if item.media_type == "text/css" and item.name in archive.names:
            css = archive.read(item.name).decode("utf-8", errors="replace")
            sheets.levels.update(level_classes(css))
            sheets.styles.update(style_classes(css))
    return sheets


def _in_language(block: Block, code: str) -> Block:
    """The block of a file that says which language it is in."""
    return replace(block, languages=(LanguageSpan(0, len(block.text), code), *block.languages))


def _with_titles(blocks: list[Block], entries: tuple[Entry, ...], pages: dict[str, _Page]) -> list[Block]:
    """The blocks, with the titles of the table of contents where its entries lead; without one, as they are."""
    n_top = sum(entry.depth == 1 for entry in entries)
    titles: dict[int, list[str]] = {}
    for entry in entries:
        page = pages.get(entry.page)
        if page is None:
            continue
        place = page.anchors.get(entry.anchor, page.first) if entry.anchor else page.first
        if entry.depth == 1 or place == page.first or n_top < 3:  # sections within a chapter's file are none
            titles.setdefault(place, []).append(entry.title)
    if not titles and not any(block.level for block in blocks):
        titles = {page.first: [""] for page in pages.values()}
    titled = list(blocks)
    for i, names in titles.items():
        if i < len(blocks):
            titled[i] = replace(blocks[i], title=_joined(names) or one_line(blocks[i].text[:80]))
    return titled


def _joined(titles: list[str]) -> str:
    return " – ".join(dict.fromkeys(title for title in titles if title))


def _package(archive: Archive, path: Path) -> Package:
    root_name = next(
        (
            element.get("full-path", "")
            for element in archive.read_xml("META-INF/container.xml").iter()
            if local(element.tag) == "rootfile"
        ),
        "",
    )
    if not root_name:
        raise DocumentError("damaged", path, "it names no contents")
    root = archive.read_xml(root_name)
    elements: dict[str, list[Element]] = {}
    for element in root.iter():
        elements.setdefault(local(element.tag), []).append(element)
    items = {
        element.get("id", ""): _Item(
            _resolve(root_name, element.get("href", "")),
            element.get("media-type", ""),
            tuple(element.get("properties", "").split()),
        )
        for element in elements.get("item", ())
    }
    spine = tuple(
        (item.name, element.get("linear") != "no")
        for element in elements.get("itemref", ())
        if (item := items.get(element.get("idref", ""))) and item.media_type in _PAGE_TYPES
    )
    if not spine:
        raise DocumentError("damaged", path, "it has no reading order")
    ncx_id = next((element.get("toc", "") for element in elements.get("spine", ())), "")
    ncx = items.get(ncx_id) or next((item for item in items.values() if item.media_type.endswith("dtbncx+xml")), None)
    guide = {
        element.get("type", ""): _resolve(root_name, element.get("href", ""))
        for element in elements.get("reference", ())
    }
    return Package(
        _fields(elements),
        items,
        spine,
        _cover_name(elements, items, guide),
        next((item.name for item in items.values() if "nav" in item.properties), None),
        ncx.name if ncx else None,
        frozenset(name for kind, name in guide.items() if kind == "toc"),
    )


def _fields(elements: dict[str, list[Element]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name in ("title", "language"):
        values = [one_line("".join(element.itertext())) for element in elements.get(name, ())]
        fields[name] = next(filter(None, values), "")
    roles = {
        element.get("refines", ""): (element.text or "").strip()
        for element in elements.get("meta", ())
        if element.get("property") == "role"
    }
    creators = [
        one_line("".join(element.itertext()))
        for element in elements.get("creator", ())
        if _role(element, roles) in ("", "aut")
    ]
    fields["creator"] = ", ".join(filter(None, creators))
    return fields


def _role(element: Element, roles: dict[str, str]) -> str:
    own = next((value for name, value in element.attrib.items() if local(name) == "role"), "")
    return own or roles.get(f"#{element.get('id', '')}", "")


def _cover_name(elements: dict[str, list[Element]], items: dict[str, _Item], guide: dict[str, str]) -> str | None:
    marked = next((item.name for item in items.values() if "cover-image" in item.properties), None)
    named = next((e.get("content", "") for e in elements.get("meta", ()) if e.get("name") == "cover"), "")
    return marked or (items[named].name if named in items else None) or guide.get("cover")


def _cover(archive: Archive, package: Package, pages: dict[str, _Page]) -> bytes | None:
    """The cover's bytes, where it is a JPEG or PNG; a page named as the cover has it as its first picture."""
    name = package.cover
    if name in pages:
        name = next(iter(pages[name].images), None)
    if name is None or name not in archive.names:
        return None
    data = archive.read(name)
    return data if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) else None


def _refuse_encrypted(archive: Archive, package: Package, path: Path) -> None:
    """Raise when more than fonts is encrypted."""
    if "META-INF/encryption.xml" not in archive.names:
        return
    names = {page for page, _ in package.spine}
    for data in archive.read_xml("META-INF/encryption.xml").iter():
        if local(data.tag) != "EncryptedData":
            continue
        parts = {local(element.tag): element for element in data.iter()}
        method = parts["EncryptionMethod"].get("Algorithm", "") if "EncryptionMethod" in parts else ""
        name = unquote(parts["CipherReference"].get("URI", "")) if "CipherReference" in parts else ""
        if method not in _FONT_METHODS and name.lstrip("/") in names:
            raise DocumentError("protected", path)


def _resolve(base: str, reference: str) -> str:
    """The name in the archive that `reference` in the file `base` leads to, without its anchor."""
    target = unquote(reference.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), target)) if target else base
