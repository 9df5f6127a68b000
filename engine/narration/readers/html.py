"""A page in a file: HTML, XHTML."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from urllib.parse import unquote

from engine.narration.document import Document, OmissionReason
from engine.narration.readers.building import Gathering, language_of, make_chapters, one_line, title_of
from engine.narration.readers.gutenberg import Licence
from engine.narration.readers.markup import MarkupReader
from engine.narration.readers.notes import without_notes
from engine.narration.readers.web_page import main_content
from engine.text.decoding import decode_text

_DECLARED = re.compile(
    rb"<\?xml[^>]{0,200}encoding=[\"']([\w-]{2,40})|<meta[^>]{0,200}charset=[\"']?([\w-]{2,40})", re.I
)

# What Python can decode and texts are in: not its own escapes, names of hosts and the like.
_OF_TEXTS = re.compile(
    r"utf-(?:8|16|32)(?:-(?:le|be|sig))?|ascii|iso8859-\d+|cp\d+|koi8-\w|gb\w+|big5\w*|euc_\w+|shift_\w+|iso2022_\w+|"
    r"mac-\w+|johab|hz|tis-620"
)

# As browsers take them.
_ALIASES = {"iso-8859-1": "cp1252", "latin1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}


def read(path: Path, data: bytes, footnotes: bool) -> Document:
    """Read an HTML page. See `engine.narration.reading.read_document`."""
    text, warnings = decode_markup(path, data)
    gathering = Gathering()
    reader = MarkupReader(gathering, footnotes=footnotes, is_page=True)
    reader.read(path, text)
    reader.keep(Licence().kept(gathering.blocks), OmissionReason.LICENCE)
    if not footnotes:
        targets = {reader.anchors.get(unquote(link[1:]), -1) for link, _ in reader.note_links if link[0] == "#"}
        notes = targets - {place for _, place in reader.note_links} - {-1}
        reader.keep(without_notes(gathering.blocks, notes), OmissionReason.FOOTNOTE)
    reader.keep(main_content(gathering.blocks, reader.zones), OmissionReason.FURNITURE)
    title = one_line(reader.meta.get("og:title", "")) or reader.title or title_of(path)
    author = one_line(reader.meta.get("author", "") or reader.meta.get("dc.creator", ""))
    tag = reader.language or reader.meta.get("dc.language")
    chapters = make_chapters(gathering.blocks, title, tag)
    return Document(title, author, language_of(tag), chapters, omissions=tuple(gathering.omissions), warnings=warnings)


def decode_markup(path: Path, data: bytes) -> tuple[str, tuple[str, ...]]:
    """Decode a file as `decode_text` does, but what the file declares comes before a guess."""
    declared = _DECLARED.search(data[:2048])
    if declared and not data.startswith((b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")):
        encoding = (declared[1] or declared[2]).decode().lower()
        try:
            encoding = codecs.lookup(_ALIASES.get(encoding, encoding)).name
            if _OF_TEXTS.fullmatch(encoding):
                return data.decode(encoding), ()
        except (LookupError, ValueError):
            pass
    return decode_text(path, data)
