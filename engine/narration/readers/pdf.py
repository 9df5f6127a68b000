"""PDF: lines of pages put together to paragraphs; running headers, footers, page numbers and notes left out.

The source's characters are those that PDFium finds on the pages, each accent put to its letter. A PDF knows no
paragraphs or order: both are found by where the lines stand, and what is uncertain is a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from engine.errors import DocumentError
from engine.narration.document import Document, OmissionReason
from engine.narration.readers.building import Block, Gathering, join, language_of, make_chapters, one_line, title_of
from engine.narration.readers.headings import is_heading
from engine.narration.readers.pdf_columns import in_reading_order
from engine.narration.readers.pdf_contents import strip_contents
from engine.narration.readers.pdf_hyphens import Hyphens
from engine.narration.readers.pdf_initials import made_even
from engine.narration.readers.pdf_layout import Line, Page, body_size_of, ranges
from engine.narration.readers.pdf_margins import strip_margins, strip_notes
from engine.narration.readers.pdf_paragraphs import paragraphs_of
from engine.narration.readers.pdf_worker import PdfFile, read_file

MAX_PLACES = 200
"""Lines of a page that an entry of the table of contents is looked for in."""
_NUMBERS = ("", "", "Two", "Three", "Four", "Five", "Six")
_MAX_HEADING_LINES = 4


def read(path: Path, data: bytes, footnotes: bool) -> Document:
    """Read a PDF. See `engine.narration.reading.read_document`."""
    return document_of(path, read_file(path, data), footnotes=footnotes)


def document_of(path: Path, file: PdfFile, *, footnotes: bool = False) -> Document:
    """Make a document of what was found in the PDF `path`. Raises `DocumentError`."""
    if not any(page.lines for page in file.pages):
        if any(page.is_unreadable for page in file.pages):
            raise DocumentError("no_text", path, "its fonts do not say which letters they show")
        pictures = any(page.has_pictures for page in file.pages)
        raise DocumentError("no_text", path, "its pages are pictures" if pictures else "")
    gathering = Gathering()
    pages = _ordered(strip_margins(made_even(file.pages), gathering))
    pages = strip_contents(pages, gathering)
    if not footnotes:
        pages = strip_notes(pages, gathering)
    _omit_small_things(pages, gathering)
    blocks = _blocks(pages, _places(file, pages), gathering)
    title = _title(file) or title_of(path)
    return Document(
        title,
        one_line(file.author),
        language_of(file.language),
        make_chapters(blocks, title),
        omissions=tuple(gathering.omissions),
        warnings=_warnings(pages),
    )


def _ordered(pages: Sequence[Page]) -> list[Page]:
    ordered: list[Page] = []
    for page in pages:
        found = in_reading_order(page.lines, from_right=page.is_from_right)
        ordered.append(replace(page, lines=found.lines, n_columns=found.n_columns, is_uncertain=found.is_uncertain))
    return ordered


def _omit_small_things(pages: Sequence[Page], gathering: Gathering) -> None:
    """Note the raised marks of notes that the lines are without, and what ran in another direction."""
    for page in pages:
        for line in page.lines:
            for mark in line.marks:
                gathering.omit(OmissionReason.FOOTNOTE, mark, f"page {page.number}")
        gathering.omit(OmissionReason.TURNED, page.turned, f"page {page.number}")


def _blocks(pages: Sequence[Page], titles: dict[Line, str], gathering: Gathering) -> list[Block]:
    """Paragraphs and headings in order, with the outline's titles where they lead."""
    lines = [line for page in pages for line in page.lines]
    body_size = body_size_of(lines)
    sizes = {line.size for line in lines}
    heading_sizes = sorted((size for size in sizes if size >= 1.15 * body_size), reverse=True)
    level_of = {size: min(place, 6) for place, size in enumerate(heading_sizes, 1)}
    hyphens = Hyphens(lines)
    blocks: list[Block] = []
    for paragraph in paragraphs_of(pages, set(titles), body_size):
        first = paragraph[0]
        place = f"page {first.page}"
        text = join(hyphens.settled([line.text for line in paragraph if line.text], gathering, place), gathering, place)
        is_long = len(paragraph) > _MAX_HEADING_LINES
        level = 0 if is_long else level_of.get(first.size, 0)
        level = level or (6 if len(paragraph) <= 2 and is_heading(text) else 0)
        own = Gathering()
        own.add(text, level)
        gathering.omissions += own.omissions
        blocks += [replace(block, title=titles.get(first, "")) for block in own.blocks]
    return blocks


def _places(file: PdfFile, pages: Sequence[Page]) -> dict[Line, str]:
    """The lines that chapters begin with: those of their titles, else the first one below where the outline points."""
    by_number = {page.number: page for page in pages}
    letters: dict[int, list[str]] = {}
    n_top = sum(depth == 1 for _, _, _, depth in file.outline)
    titles: dict[Line, list[str]] = {}
    for raw_title, number, height, depth in file.outline:
        page, title = by_number.get(number), one_line(raw_title)
        if page is None or not page.lines or (depth > 1 and n_top >= 3) or depth > 2 or not title:
            continue
        if number not in letters:
            letters[number] = [_letters(line.text) for line in page.lines[:MAX_PLACES]]
        wanted = _letters(title)
        lines = zip(page.lines, letters[number], strict=False)
        same = next((line for line, words in lines if words and wanted.startswith(words)), None)
        below = (line for line in page.lines[:MAX_PLACES] if height is None or line.y <= height)
        titles.setdefault(same or next(below, page.lines[0]), []).append(title)
    return {line: " – ".join(dict.fromkeys(names)) for line, names in titles.items()}


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.casefold()))


def _warnings(pages: Sequence[Page]) -> tuple[str, ...]:
    warnings: list[str] = []
    for n, from_right in sorted({(page.n_columns, page.is_from_right) for page in pages if page.n_columns > 1}):
        numbers = [page.number for page in pages if (page.n_columns, page.is_from_right) == (n, from_right)]
        side = "right" if from_right else "left"
        name = _NUMBERS[n] if n < len(_NUMBERS) else str(n)
        warnings.append(f"{name} columns on {ranges(numbers)}: the {side} one was read first.")
    told = (
        (
            [page.number for page in pages if page.is_from_right],
            "Text that runs from right to left on {}: a PDF keeps it as it looks, and words may stand in another order "
            "than they are read. Listen to some of it first.",
        ),
        (
            [page.number for page in pages if page.is_uncertain],
            "Something stands beside the text on {}: it was read after it, where a paragraph ends.",
        ),
        ([page.number for page in pages if page.turned], "Text at another angle on {} was left out."),
        (
            [page.number for page in pages if page.is_unreadable],
            "The fonts on {} do not say which letters they show, so it was left out.",
        ),
        ([page.number for page in pages if page.has_pictures and _is_empty(page)], "No text on {}, only pictures."),
        ([page.number for page in pages if page.is_damaged], "The text of {} could not be read."),
    )
    return (*warnings, *(words.format(ranges(numbers)) for numbers, words in told if numbers))


def _is_empty(page: Page) -> bool:
    return not (page.lines or page.is_unreadable or page.is_damaged)


def _title(file: PdfFile) -> str:
    title = one_line(file.title)
    is_file_name = title.lower().endswith((".doc", ".docx", ".pdf", ".tex", ".indd", ".dvi"))
    return "" if is_file_name or title.lower().startswith("untitled") else title
