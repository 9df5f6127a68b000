"""Books made in the tests: a few paragraphs of Alice in each format."""

from __future__ import annotations

import zipfile
from html import escape
from pathlib import Path

from alice import AUTHOR, CHAPTERS, TITLE

PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)

CONTAINER = """<?xml version="1.0"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>"""

_XHTML = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'


def page(body: str, title: str = "") -> str:
    """A well-formed XHTML file, so that ElementTree can read it as well."""
    head = f"<head><title>{escape(title)}</title><style>p {{ margin: 0 }}</style></head>"
    return f'<?xml version="1.0" encoding="utf-8"?>\n<html {_XHTML}>{head}<body>{body}</body></html>'


def chapter_page(number: int, extra: str = "") -> str:
    title, paragraphs = CHAPTERS[number]
    body = "".join(f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs)
    return page(f"<h1 id='start'>{escape(title)}</h1>\n{body}{extra}", title)


def nav(entries: list[tuple[str, str]]) -> str:
    items = "".join(f'<li><a href="{href}">{escape(title)}</a></li>' for title, href in entries)
    return page(f'<nav epub:type="toc"><h1>Contents</h1><ol>{items}</ol></nav>')


def ncx(entries: list[tuple[str, str]]) -> str:
    points = "".join(
        f'<navPoint id="n{i}" playOrder="{i}"><navLabel><text>{escape(title)}</text></navLabel>'
        f'<content src="{href}"/></navPoint>'
        for i, (title, href) in enumerate(entries)
    )
    doctype = '<!DOCTYPE ncx PUBLIC "-//NISO//DTD ncx 2005-1//EN" "http://www.daisy.org/z3986/2005/ncx-2005-1.dtd">'
    return f'<?xml version="1.0"?>{doctype}<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'


def opf(version: int, names: list[str], spine: list[str], metadata: str = "") -> str:
    types = {"xhtml": "application/xhtml+xml", "ncx": "application/x-dtbncx+xml", "png": "image/png"}
    items = "".join(
        f'<item id="{name}" href="{name}" media-type="{types[name.rpartition(".")[2]]}"'
        f"{' properties=' + chr(34) + 'nav' + chr(34) if name == 'nav.xhtml' else ''}"
        f"{' properties=' + chr(34) + 'cover-image' + chr(34) if name == 'cover.png' and version == 3 else ''}/>"
        for name in names
    )
    itemrefs = "".join(f'<itemref idref="{name}"/>' for name in spine)
    cover = '<meta name="cover" content="cover.png"/>' if version == 2 else ""
    return (
        f'<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="{version}.0">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:opf="http://www.idpf.org/2007/opf">'
        f"<dc:title>{TITLE}</dc:title><dc:creator opf:role='aut'>{AUTHOR}</dc:creator>"
        "<dc:contributor opf:role='bkp'>A Tool</dc:contributor><dc:creator opf:role='ill'>John Tenniel</dc:creator>"
        f"<dc:language>en-GB</dc:language>{cover}{metadata}</metadata>"
        f'<manifest>{items}</manifest><spine toc="toc.ncx">{itemrefs}</spine></package>'
    )


def write_zip(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def epub_files(
    version: int, pages: dict[str, str], entries: list[tuple[str, str]] | None = None
) -> dict[str, str | bytes]:
    """The files of an EPUB whose spine is `pages`; `entries` of its table of contents, None for one a page."""
    if entries is None:
        entries = [(CHAPTERS[i][0], name) for i, name in enumerate(pages)]
    contents: dict[str, str | bytes] = {"nav.xhtml": nav(entries)} if version == 3 else {"toc.ncx": ncx(entries)}
    files = {**pages, **contents, "cover.png": PNG}
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OPS/book.opf": opf(version, list(files), list(pages)),
        **{f"OPS/{name}": content for name, content in files.items()},
    }


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def paragraph(text: str, style: str = "", extra: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r>{extra}</w:p>'


def part(root: str, body: str) -> str:
    return f'<?xml version="1.0"?><w:{root} {_W} {_MC}>{body}</w:{root}>'


def docx_files(body: str, **parts: str) -> dict[str, str | bytes]:
    """The files of a Word document; `parts` are further ones in its folder."""
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/>{more}</w:style>'
        for key, name, more in (
            ("Titel", "Title", ""),
            ("H1", "heading 1", ""),
            ("H2", "heading 2", ""),
            ("Mine", "My chapter", '<w:basedOn w:val="H1"/>'),
            ("Circle", "Circle", '<w:basedOn w:val="Circle"/>'),
            ("TOC1", "toc 1", ""),
        )
    )
    defaults = '<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="en-GB"/></w:rPr></w:rPrDefault></w:docDefaults>'
    core = (
        '<?xml version="1.0"?><c xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:title>{TITLE}</dc:title><dc:creator>{AUTHOR}</dc:creator></c>"
    )
    return {
        "word/document.xml": part("document", f"<w:body>{body}<w:sectPr/></w:body>"),
        "word/styles.xml": part("styles", defaults + styles),
        "docProps/core.xml": core,
        **{f"word/{name}.xml": content for name, content in parts.items()},
    }
