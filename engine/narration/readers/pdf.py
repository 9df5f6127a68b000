"""PDF: lines of pages put together to paragraphs; running headers, footers, page numbers and notes left out.

The source's characters are those of the text that pypdf finds on the pages. A PDF knows no paragraphs or order: both
are found by where the lines stand, and what is uncertain is a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.errors import DocumentError
from engine.files.foreign import Library, faults_of, foreign
from engine.narration.document import Document
from engine.narration.readers.building import Block, Gathering, join, language_of, make_chapters, one_line, title_of
from engine.narration.readers.headings import is_heading
from engine.narration.readers.pdf_layout import Line, Page, Work, page_of, paragraphs_of, ranges
from engine.narration.readers.pdf_margins import strip_margins

if TYPE_CHECKING:
    from pypdf import PdfReader

MAX_PAGES = 20_000
MAX_OUTLINE, MAX_PLACES = 10_000, 200
"""Entries of a table of contents, and lines of a page that one of them is looked for in."""
_NUMBERS = ("", "", "Two", "Three", "Four", "Five", "Six")
FREE_STEPS, STEPS_PER_BYTE, MAX_STEPS = 200_000, 4, 50_000_000
"""Operators of all pages, each page's counted though many may share them. A page of text has a few thousand, and a
compressed one takes a byte or more; pypdf does 100 000 in a second."""


def read(path: Path, data: bytes, footnotes: bool) -> Document:
    """Read a PDF. See `engine.narration.reading.read_document`."""
    with foreign(Library.PDF, lambda error: _refusal(path, error)):
        reader, pages = _pages(path, data)
    if not any(page.lines for page in pages):
        pictures = any(page.has_pictures for page in pages)
        raise DocumentError("no_text", path, "its pages are pictures" if pictures else "")
    outline: list[_Entry] = []
    fields: dict[str, str] = {}
    with suppress(*faults_of(Library.PDF)):  # a text without them is still a text
        fields = _fields(reader)
        outline = _outline(reader, reader.outline, 1)
    gathering = Gathering()
    pages = strip_margins(pages, gathering, footnotes=footnotes)
    blocks = _blocks(pages, outline, gathering)
    title = fields.get("title") or title_of(path)
    return Document(
        title,
        fields.get("author", ""),
        language_of(fields.get("language")),
        make_chapters(blocks, title),
        omissions=tuple(gathering.omissions),
        warnings=_warnings(pages),
    )


def _pages(path: Path, data: bytes) -> tuple[PdfReader, list[Page]]:
    """The open file and its pages, read. Raises `DocumentError`, and what pypdf does."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise DocumentError("encrypted", path)
    if len(reader.pages) > MAX_PAGES:
        raise DocumentError("too_large", path)
    work = Work(min(MAX_STEPS, FREE_STEPS + STEPS_PER_BYTE * len(data)))
    pages: list[Page] = []
    for number, page in enumerate(reader.pages, 1):
        pages.append(page_of(number, page, work))
        if work.n_left < 0:
            raise DocumentError("too_large", path)
    return reader, pages


def _refusal(path: Path, error: BaseException) -> DocumentError:
    from pypdf.errors import LimitReachedError

    if isinstance(error, LimitReachedError):
        return DocumentError("too_large", path)
    return DocumentError("damaged", path, "it is no PDF that can be read")


def _blocks(pages: Sequence[Page], outline: Sequence[_Entry], gathering: Gathering) -> list[Block]:
    """Paragraphs and headings in order, with the outline's titles where they lead."""
    lines = [line for page in pages for line in page.lines]
    n_chars = Counter[float]()
    for line in lines:
        n_chars[line.size] += len(line.text)
    body_size = max(n_chars, key=n_chars.__getitem__, default=0.0)
    heading_sizes = sorted((size for size in n_chars if size >= 1.15 * body_size), reverse=True)
    level_of = {size: min(place, 6) for place, size in enumerate(heading_sizes, 1)}
    titles = _places(outline, pages)
    blocks: list[Block] = []
    for paragraph in paragraphs_of(pages, set(titles)):
        first = paragraph[0]
        text = join([line.text for line in paragraph], gathering, f"page {first.page}")
        level = level_of.get(first.size, 0) or (6 if len(paragraph) <= 2 and is_heading(text) else 0)
        own = Gathering()
        own.add(text, level)
        gathering.omissions += own.omissions
        blocks += [replace(block, title=titles.get(first, "")) for block in own.blocks]
    return blocks


class _Entry(NamedTuple):
    """Hold an entry of the outline; `page` counts from 1, `height` is in points, infinite where it says none."""

    title: str
    page: int
    height: float
    depth: int


def _outline(reader: PdfReader, items: Iterable[Any], depth: int) -> list[_Entry]:
    entries: list[_Entry] = []
    for item in items:
        if isinstance(item, list):
            entries += _outline(reader, item, depth + 1) if depth < 20 else []
            continue
        number = reader.get_destination_page_number(item)
        if number is None or number < 0:
            continue
        top = item.get("/Top")
        height = float(top) if isinstance(top, int | float) else float("inf")
        entries.append(_Entry(one_line(str(item.title)), number + 1, height, depth))
    return entries


def _places(outline: Sequence[_Entry], pages: Sequence[Page]) -> dict[Line, str]:
    """The lines that chapters begin with: those of their titles, else the first one below where the outline points."""
    by_number = {page.number: page for page in pages}
    letters: dict[int, list[str]] = {}
    n_top = sum(entry.depth == 1 for entry in outline)
    titles: dict[Line, list[str]] = {}
    for title, number, height, depth in outline[:MAX_OUTLINE]:
        page = by_number.get(number)
        if page is None or not page.lines or (depth > 1 and n_top >= 3) or depth > 2 or not title:
            continue
        if number not in letters:
            letters[number] = [_letters(line.text) for line in page.lines[:MAX_PLACES]]
        wanted = _letters(title)
        lines = zip(page.lines, letters[number], strict=False)
        same = next((line for line, words in lines if words and wanted.startswith(words)), None)
        below = next((line for line in page.lines[:MAX_PLACES] if line.y <= height), page.lines[0])
        titles.setdefault(same or below, []).append(title)
    return {line: " – ".join(dict.fromkeys(names)) for line, names in titles.items()}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _warnings(pages: Sequence[Page]) -> tuple[str, ...]:
    warnings: list[str] = []
    for n, from_right in sorted({(page.n_columns, page.is_from_right) for page in pages if page.n_columns > 1}):
        numbers = [page.number for page in pages if (page.n_columns, page.is_from_right) == (n, from_right)]
        side = "right" if from_right else "left"
        warnings.append(f"{_NUMBERS[n]} columns on {ranges(numbers)}: the {side} one was read first.")
    turned = [page.number for page in pages if page.is_from_right]
    if turned:
        warnings.append(
            f"Text that runs from right to left on {ranges(turned)}: a PDF keeps it as it looks, and words may stand "
            "in another order than they are read. Listen to some of it first."
        )
    pictures = [page.number for page in pages if page.is_picture]
    if pictures:
        warnings.append(f"No text on {ranges(pictures)}, only pictures.")
    failed = [page.number for page in pages if page.is_damaged]
    if failed:
        warnings.append(f"The text of {ranges(failed)} could not be read.")
    return tuple(warnings)


def _fields(reader: PdfReader) -> dict[str, str]:
    metadata = reader.metadata
    root = reader.root_object
    fields = {"language": str(root.get("/Lang", ""))}
    if metadata is not None:
        title = one_line(metadata.title or "")
        is_file_name = title.lower().endswith((".doc", ".docx", ".pdf", ".tex", ".indd", ".dvi"))
        fields["title"] = "" if is_file_name or title.lower().startswith("untitled") else title
        fields["author"] = one_line(metadata.author or "")
    return fields
